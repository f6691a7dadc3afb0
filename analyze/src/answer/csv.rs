//! Comma-separated values (RFC 4180, with bare line feeds), safe to open in a spreadsheet.
//!
//! A text that a spreadsheet would take for a formula gets a `'` in front, and so does what follows a `;` in it, where half of the world's
//! spreadsheets begin a new cell; a character that acts is spelt out, as in `\u{1b}`. So texts may differ from what is stored: exact
//! values live in JSON. Null is an empty field, an empty text is `""`; a null that stands alone in its line is `""` too, since readers
//! pass over empty lines.

use std::io;

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use report::inert::csv_text;

use super::Answer;
use super::cell::{Cell, Column, double};
use super::json;
use crate::engine::QueryError;

pub(super) async fn write(answer: &mut Answer, out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    let mut rows = 0;
    let mut lines = String::new();
    for (place, field) in answer.schema().fields().iter().enumerate() {
        separate(place, &mut lines);
        csv_text(field.name(), &mut lines);
    }
    lines.push('\n');
    while let Some(batch) = answer.next().await? {
        let columns = batch.columns().iter().map(Column::new).collect::<Result<Vec<_>, ArrowError>>().map_err(failed)?;
        for row in 0..batch.num_rows() {
            let before = lines.len();
            for (place, column) in columns.iter().enumerate() {
                separate(place, &mut lines);
                field(&column.cell(row).map_err(failed)?, &mut lines);
            }
            if lines.len() == before && columns.len() == 1 {
                lines.push_str("\"\"");
            }
            lines.push('\n');
            rows += 1;
        }
        out.write_all(lines.as_bytes())?;
        lines.clear();
    }
    out.write_all(lines.as_bytes())?;
    Ok(rows)
}

fn failed(error: ArrowError) -> QueryError {
    DataFusionError::from(error).into()
}

fn separate(place: usize, lines: &mut String) {
    if place > 0 {
        lines.push(',');
    }
}

fn field(cell: &Cell<'_>, lines: &mut String) {
    match cell {
        Cell::Null => {}
        Cell::Boolean(value) => lines.push_str(if *value { "true" } else { "false" }),
        Cell::Integer(value) => lines.push_str(&value.to_string()),
        Cell::Double(value) => lines.push_str(&double(*value)),
        Cell::Number(value) | Cell::Plain(value) => lines.push_str(value),
        Cell::Text(value) => csv_text(value, lines),
        Cell::List(_) | Cell::Record(_) => {
            let mut value = Vec::new();
            json::value(cell, &mut value);
            csv_text(&String::from_utf8_lossy(&value), lines);
        }
    }
}
