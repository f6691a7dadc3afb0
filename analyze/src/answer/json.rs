//! JSON: one array, or one object a line. Values are exact; characters that act are written as `\uXXXX`, which means the same.

use std::io;

use arrow::array::RecordBatch;

use super::Answer;
use super::cell::{Cell, Column, double};
use super::visible::acts;
use crate::engine::QueryError;

/// One object a line.
pub(super) async fn write_lines(answer: &mut Answer, out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    let mut rows = 0;
    let mut text = Vec::new();
    while let Some(batch) = answer.next().await? {
        text.clear();
        let columns = columns(&batch)?;
        for row in 0..batch.num_rows() {
            rows += 1;
            object(&columns, row, &mut text)?;
            text.push(b'\n');
        }
        out.write_all(&text)?;
    }
    Ok(rows)
}

/// One array.
pub(super) async fn write_array(answer: &mut Answer, out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    let mut rows = 0;
    let mut text = vec![b'['];
    while let Some(batch) = answer.next().await? {
        let columns = columns(&batch)?;
        for row in 0..batch.num_rows() {
            text.extend_from_slice(if rows == 0 { b"\n" } else { b",\n" });
            rows += 1;
            object(&columns, row, &mut text)?;
        }
        out.write_all(&text)?;
        text.clear();
    }
    text.extend_from_slice(b"\n]\n");
    out.write_all(&text)?;
    Ok(rows)
}

/// Each row as an object.
pub(crate) fn json_objects(batch: &RecordBatch) -> Result<Vec<String>, QueryError> {
    let columns = columns(batch)?;
    let object = |row| {
        let mut text = Vec::new();
        object(&columns, row, &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    (0..batch.num_rows()).map(object).collect()
}

/// The columns with their names, already quoted.
fn columns(batch: &RecordBatch) -> Result<Vec<(Vec<u8>, Column)>, QueryError> {
    let schema = batch.schema();
    let named = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
        let mut name = Vec::new();
        string(field.name(), &mut name);
        Ok((name, Column::new(column)?))
    });
    named.collect::<Result<_, arrow::error::ArrowError>>().map_err(|error| QueryError::from(datafusion::error::DataFusionError::from(error)))
}

fn object(columns: &[(Vec<u8>, Column)], row: usize, text: &mut Vec<u8>) -> Result<(), QueryError> {
    text.push(b'{');
    for (place, (name, column)) in columns.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        text.extend_from_slice(name);
        text.push(b':');
        let cell = column.cell(row).map_err(|error| QueryError::from(datafusion::error::DataFusionError::from(error)))?;
        value(&cell, text);
    }
    text.push(b'}');
    Ok(())
}

/// Appends a value as JSON.
pub(super) fn value(cell: &Cell<'_>, text: &mut Vec<u8>) {
    match cell {
        Cell::Null => text.extend_from_slice(b"null"),
        Cell::Boolean(value) => text.extend_from_slice(if *value { b"true" } else { b"false" }),
        Cell::Integer(value) => text.extend_from_slice(value.to_string().as_bytes()),
        Cell::Double(value) if value.is_finite() => text.extend_from_slice(double(*value).as_bytes()),
        // JSON has no such numbers; a text says more than null.
        Cell::Double(value) => string(&double(*value), text),
        Cell::Number(number) => text.extend_from_slice(number.as_bytes()),
        Cell::Text(value) => string(value, text),
        Cell::Plain(value) => string(value, text),
        Cell::List(items) => {
            text.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(b',');
                }
                value(item, text);
            }
            text.push(b']');
        }
        Cell::Record(fields) => {
            text.push(b'{');
            for (place, (name, field)) in fields.iter().enumerate() {
                if place > 0 {
                    text.push(b',');
                }
                string(name, text);
                text.push(b':');
                value(field, text);
            }
            text.push(b'}');
        }
    }
}

fn string(value: &str, text: &mut Vec<u8>) {
    text.push(b'"');
    for letter in value.chars() {
        match letter {
            '"' => text.extend_from_slice(b"\\\""),
            '\\' => text.extend_from_slice(b"\\\\"),
            '\n' => text.extend_from_slice(b"\\n"),
            '\t' => text.extend_from_slice(b"\\t"),
            '\r' => text.extend_from_slice(b"\\r"),
            // Every acting character lies in the basic plane, so that four digits hold it.
            letter if acts(letter) => text.extend_from_slice(format!("\\u{:04x}", u32::from(letter)).as_bytes()),
            letter => text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    text.push(b'"');
}
