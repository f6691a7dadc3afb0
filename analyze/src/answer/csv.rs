//! Comma-separated values (RFC 4180, with bare line feeds), safe to open in a spreadsheet.
//!
//! A text that a spreadsheet would take for a formula gets a `'` in front, and so does what follows a `;` in it, where half of the world's
//! spreadsheets begin a new cell; a character that acts is spelt out, as in `\u{1b}`. So texts may differ from what is stored: exact
//! values live in JSON. Null is an empty field, an empty text is `""`; a null that stands alone in its line is `""` too, since readers
//! pass over empty lines.

use std::borrow::Cow;
use std::io;

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;

use super::Answer;
use super::cell::{Cell, Column, double};
use super::json;
use super::visible::visible;
use crate::engine::QueryError;

pub(super) async fn write(answer: &mut Answer, out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    let mut rows = 0;
    let mut lines = String::new();
    for (place, field) in answer.schema().fields().iter().enumerate() {
        separate(place, &mut lines);
        text(field.name(), &mut lines);
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
        Cell::Text(value) => text(value, lines),
        Cell::List(_) | Cell::Record(_) => {
            let mut value = Vec::new();
            json::value(cell, &mut value);
            text(&String::from_utf8_lossy(&value), lines);
        }
    }
}

fn text(value: &str, lines: &mut String) {
    let shown = visible(value);
    let disarmed = disarmed(value, &shown);
    if let Cow::Borrowed(plain) = disarmed
        && !plain.is_empty()
        && !plain.contains([',', '"'])
        && !plain.starts_with(' ')
        && !plain.ends_with(' ')
    {
        lines.push_str(plain);
        return;
    }
    lines.push('"');
    lines.push_str(&disarmed.replace('"', "\"\""));
    lines.push('"');
}

/// The text as shown, with a `'` before everything in it that a spreadsheet would calculate. `value` is the text before anything in it was
/// spelt out: its first character decides.
fn disarmed<'t>(value: &str, shown: &'t str) -> Cow<'t, str> {
    let mut cells = shown.split(';');
    let first = cells.next().unwrap_or_default();
    let is_formula = value.starts_with(FORMULA);
    // Blanks and quotes before a formula do not keep every reader from seeing it.
    let is_later_formula = |cell: &str| cell.trim_start_matches([' ', '"']).starts_with(FORMULA);
    if !is_formula && !cells.clone().any(is_later_formula) {
        return Cow::Borrowed(shown);
    }
    let mut text = String::with_capacity(shown.len() + 8);
    text.push_str(if is_formula { "'" } else { "" });
    text.push_str(first);
    for cell in cells {
        text.push_str(if is_later_formula(cell) { ";'" } else { ";" });
        text.push_str(cell);
    }
    Cow::Owned(text)
}

/// What makes a spreadsheet calculate.
const FORMULA: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];
