//! Aligned columns, for people. The first rows set the widths; a later cell that is wider pushes its line out, and is never cut.

use std::io;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use datafusion::error::DataFusionError;

use super::Answer;
use super::cell::{Cell, Column, double};
use super::json;
use super::visible::visible;
use crate::engine::QueryError;

pub(super) async fn write(answer: &mut Answer, out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    let schema = answer.schema();
    let names: Vec<String> = schema.fields().iter().map(|field| visible(field.name()).into_owned()).collect();
    let mut first = Vec::new();
    let mut rows = 0;
    while rows < ROWS_THAT_SET_WIDTHS {
        let Some(batch) = answer.next().await? else { break };
        rows += batch.num_rows();
        first.push(lines(&batch)?);
    }
    let mut widths: Vec<usize> = names.iter().map(|name| width(name)).collect();
    for (line, _) in first.iter().flatten() {
        for (longest, cell) in widths.iter_mut().zip(line) {
            *longest = width(cell).max(*longest);
        }
    }
    let right: Vec<bool> = first.iter().flatten().next().map_or_else(|| vec![false; names.len()], |(_, right)| right.clone());
    put(&names, &vec![false; names.len()], &widths, out)?;
    put(&widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>(), &right, &widths, out)?;
    for (line, right) in first.iter().flatten() {
        put(line, right, &widths, out)?;
    }
    while let Some(batch) = answer.next().await? {
        rows += batch.num_rows();
        for (line, right) in lines(&batch)? {
            put(&line, &right, &widths, out)?;
        }
    }
    Ok(rows as u64)
}

type Line = (Vec<String>, Vec<bool>);

fn lines(batch: &RecordBatch) -> Result<Vec<Line>, QueryError> {
    let failed = |error: ArrowError| QueryError::from(DataFusionError::from(error));
    let columns = batch.columns().iter().map(Column::new).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let right: Vec<bool> = columns.iter().map(Column::is_number).collect();
    (0..batch.num_rows())
        .map(|row| {
            let cells: Result<Vec<String>, ArrowError> = columns.iter().map(|column| Ok(show(&column.cell(row)?))).collect();
            Ok((cells.map_err(failed)?, right.clone()))
        })
        .collect()
}

fn show(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null => "null".to_owned(),
        Cell::Boolean(value) => value.to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Double(value) => double(*value),
        Cell::Number(value) | Cell::Plain(value) => value.clone(),
        Cell::Text(value) => visible(value).into_owned(),
        Cell::List(_) | Cell::Record(_) => {
            let mut value = Vec::new();
            json::value(cell, &mut value);
            String::from_utf8_lossy(&value).into_owned()
        }
    }
}

fn put(cells: &[String], right: &[bool], widths: &[usize], out: &mut (dyn io::Write + Send)) -> io::Result<()> {
    let mut line = String::new();
    for (place, ((cell, right), longest)) in cells.iter().zip(right).zip(widths).enumerate() {
        if place > 0 {
            line.push_str("  ");
        }
        let room = " ".repeat(longest.saturating_sub(width(cell)));
        if *right {
            line.push_str(&room);
            line.push_str(cell);
        } else {
            line.push_str(cell);
            line.push_str(&room);
        }
    }
    writeln!(out, "{}", line.trim_end_matches(' '))
}

/// Columns that a text takes on a terminal: wide scripts take two, marks that combine take none.
fn width(text: &str) -> usize {
    let of = |letter: char| match letter {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    };
    text.chars().map(of).sum()
}

const ROWS_THAT_SET_WIDTHS: usize = 1_000;
