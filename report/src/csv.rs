//! One table as CSV: every row, the very bytes that `query` gives for the same SQL.

use std::fmt::Write;

use crate::inert::csv_text;
use crate::{Table, Value};

/// A table as comma-separated values (RFC 4180, with bare line feeds). A text that a spreadsheet would take for a formula gets a `'` in front, and a
/// character that acts is spelt out: exact texts live in JSON.
#[must_use]
pub fn csv(table: &Table) -> String {
    let mut lines = String::new();
    for (place, column) in table.columns.iter().enumerate() {
        separate(place, &mut lines);
        csv_text(&column.name, &mut lines);
    }
    lines.push('\n');
    for row in &table.rows {
        let before = lines.len();
        for (place, value) in row.iter().enumerate() {
            separate(place, &mut lines);
            match value {
                Value::Text(text) => csv_text(text, &mut lines),
                // Writing to a String cannot fail.
                other => {
                    let _ = write!(lines, "{}", other.exact());
                }
            }
        }
        // Readers pass over empty lines.
        if lines.len() == before && row.len() == 1 {
            lines.push_str("\"\"");
        }
        lines.push('\n');
    }
    lines
}

fn separate(place: usize, lines: &mut String) {
    if place > 0 {
        lines.push(',');
    }
}
