//! The order of the rows of a table, by which readers can skip most of it.

use std::ops::Range;

use arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::error::ArrowError;
use schemas::Table;

/// Rows that are handed on at once.
const CHUNK: usize = 8_192;

/// The columns by which the rows of a table are sorted within a file.
pub(super) fn key(table: &Table) -> &'static [&'static str] {
    match table.name {
        "events" => &["bucket", "session_id", "event_time", "event_id", "source", "object", "object_version", "position"],
        "session_facts" => &["bucket", "session_id", "account_id", "region"],
        "objects" => &["source", "object", "object_version"],
        "observations" => &["account_id", "region", "observed_at", "answer", "subject", "object"],
        "instances" => &["account_id", "region", "observed_at", "instance_id", "listed_by"],
        "preferences" => &["account_id", "region", "observed_at", "document_name", "document_version"],
        "rejects" => &["source", "object", "at"],
        "gaps" => &["source", "place", "cause", "batch"],
        "runs" => &["started_at", "run_id"],
        // No columns to sort by are an error where rows are sorted: a table that is forgotten here cannot be written.
        _ => &[],
    }
}

/// Whether the rows of a table are sorted by the bucket of their session.
pub(super) fn has_buckets(table: &Table) -> bool {
    key(table).first() == Some(&"bucket")
}

/// Rows of a table, sorted.
#[derive(Debug)]
pub(super) struct Sorted {
    rows: RecordBatch,
    order: UInt32Array,
}

impl Sorted {
    /// Sorts the rows of `batches`, nulls first.
    pub(super) fn new(table: &Table, batches: Vec<RecordBatch>) -> Result<Self, ArrowError> {
        let rows = match <[RecordBatch; 1]>::try_from(batches) {
            Ok([only]) => only,
            Err(batches) => concat_batches(&table.schema(), &batches)?,
        };
        let column = |name: &&str| {
            let values = rows.column_by_name(name).cloned().ok_or_else(|| ArrowError::SchemaError(format!("the column {name} is missing")))?;
            Ok(SortColumn { values, options: None })
        };
        let columns = key(table).iter().map(column).collect::<Result<Vec<_>, ArrowError>>()?;
        let order = lexsort_to_indices(&columns, None)?;
        Ok(Self { rows, order })
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The rows in their order, some thousands at once.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
        (0..self.len()).step_by(CHUNK).map(|start| self.chunk(start..(start + CHUNK).min(self.len())))
    }

    /// These rows of the order.
    pub(super) fn chunk(&self, range: Range<usize>) -> Result<RecordBatch, ArrowError> {
        take_record_batch(&self.rows, &self.order.slice(range.start, range.len()))
    }

    /// The order cut into portions of about `rows` rows, never between two rows of the same text in `column`.
    pub(super) fn portions(&self, column: &str, rows: usize) -> Result<Vec<Range<usize>>, ArrowError> {
        let texts = self.rows.column_by_name(column).and_then(|column| column.as_string_opt::<i32>());
        let texts = texts.ok_or_else(|| ArrowError::SchemaError(format!("the column {column} is missing")))?;
        let text = |place: usize| {
            let row = self.order.value(place) as usize;
            texts.is_valid(row).then(|| texts.value(row))
        };
        let (mut portions, mut start) = (Vec::new(), 0);
        for place in 1..self.len() {
            if place - start >= rows && text(place) != text(place - 1) {
                portions.push(start..place);
                start = place;
            }
        }
        if start < self.len() {
            portions.push(start..self.len());
        }
        Ok(portions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stored_table_has_an_order_of_columns_that_it_has() {
        for table in schemas::table::STORED {
            assert!(!key(table).is_empty(), "{}", table.name);
            for name in key(table) {
                assert!(table.columns.iter().any(|column| column.name == *name), "{}.{name}", table.name);
            }
        }
    }
}
