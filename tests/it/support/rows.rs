//! Rows as JSON, and how two sets of them differ.

use serde_json::{Map, Value};

/// A row.
pub type Row = Map<String, Value>;

/// Reads one JSON object per line.
///
/// # Panics
/// Where a line is none.
pub fn ndjson(text: &str) -> Vec<Row> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// What differs between both sets of rows, in the columns that `expected` has; empty where nothing does.
pub fn differences(what: &str, expected: &[Row], actual: &[Row], key: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let name = |row: &Row| key.iter().map(|column| row.get(*column).map_or_else(|| "—".to_owned(), told)).collect::<Vec<_>>().join(" ");
    let by_name = |rows: &[Row]| rows.iter().map(|row| (name(row), row.clone())).collect::<std::collections::BTreeMap<_, _>>();
    let (expected_rows, actual_rows) = (by_name(expected), by_name(actual));
    if expected_rows.len() != expected.len() || actual_rows.len() != actual.len() {
        found.push(format!("{what}: a key stands twice: {} rows of {} and {} of {}", expected_rows.len(), expected.len(), actual_rows.len(), actual.len()));
    }
    for (name, row) in &expected_rows {
        match actual_rows.get(name) {
            None => found.push(format!("{what} [{name}]: missing; expected {}", Value::Object(row.clone()))),
            Some(other) => {
                for (column, value) in row {
                    let actual = other.get(column).unwrap_or(&Value::Null);
                    if !other.contains_key(column) {
                        found.push(format!("{what}: no column {column}"));
                    } else if !same(value, actual) {
                        found.push(format!("{what} [{name}].{column}: expected {value}, found {actual}"));
                    }
                }
            }
        }
    }
    found.extend(actual_rows.keys().filter(|name| !expected_rows.contains_key(*name)).map(|name| format!("{what} [{name}]: not expected")));
    found
}

/// A value of a key; 60 and 60.0 are one number.
fn told(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string())
}

/// Equal; numbers within a billionth, since sums of floats depend on their order.
fn same(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => (left - right).abs() <= 1e-9 * left.abs().max(right.abs()).max(1.0),
        _ => left == right,
    }
}
