//! The table `calendar`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::error::ArrowError;
use schemas::table;

use super::{Calendar, Period, days_since_epoch};

struct Row {
    kind: Period,
    index: i64,
    date: i32,
    label: String,
    start: i64,
    end: i64,
}

impl Calendar {
    /// The table `calendar`: every week, month and quarter from `from` to the last instant before `as_of`; none where that is earlier.
    ///
    /// # Errors
    /// Never, unless the contract of the table and this code disagree.
    pub fn table(&self) -> Result<RecordBatch, ArrowError> {
        let rows: Vec<Row> = Period::ALL.into_iter().flat_map(|kind| self.rows(kind)).collect();
        let instants = |micros: Vec<i64>| -> ArrayRef { Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC")) };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|row| Some(row.kind.as_str())).collect::<StringArray>()),
            Arc::new(rows.iter().map(|row| Some(row.index)).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| Some(row.date)).collect::<Date32Array>()),
            Arc::new(rows.iter().map(|row| Some(row.label.as_str())).collect::<StringArray>()),
            instants(rows.iter().map(|row| row.start).collect()),
            instants(rows.iter().map(|row| row.end).collect()),
        ];
        RecordBatch::try_new(table::CALENDAR.schema(), columns)
    }

    fn rows(&self, kind: Period) -> Vec<Row> {
        let last = self.as_of.micros().saturating_sub(1);
        if self.from.micros() > last {
            return Vec::new();
        }
        let (Some(first), Some(last)) = (self.index(kind, self.from.micros()), self.index(kind, last)) else { return Vec::new() };
        (first..=last).filter_map(|index| self.row(kind, index)).collect()
    }

    /// `None` only beyond the years that a calendar has, where no instant of the ledger lies.
    fn row(&self, kind: Period, index: i64) -> Option<Row> {
        let date = self.first_date(kind, index)?;
        let (start, end) = (self.start_of(kind, index)?, self.start_of(kind, index + 1)?);
        Some(Row { kind, index, date: days_since_epoch(date), label: self.label(kind, date), start, end })
    }
}
