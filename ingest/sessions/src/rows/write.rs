//! From values to the columns of a table, in the order of its contract.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder, TimestampMicrosecondArray, TimestampMicrosecondBuilder,
};
use arrow::datatypes::DataType;
use schemas::{Kind, Table, Timestamp};

use super::RowError;

/// The columns of one table, as they are written one after the other.
#[derive(Debug)]
pub struct Write<'r, T> {
    table: &'static Table,
    rows: &'r [T],
    columns: Vec<ArrayRef>,
}

impl<'r, T> Write<'r, T> {
    /// Starts with the first column of `table`.
    #[must_use]
    pub fn new(table: &'static Table, rows: &'r [T]) -> Self {
        Self { table, rows, columns: Vec::with_capacity(table.columns.len()) }
    }

    /// The next column, a text.
    ///
    /// # Errors
    /// Where the contract has another column here.
    pub fn text<'v>(self, name: &str, value: impl Fn(&'r T) -> Option<&'v str>) -> Result<Self, RowError>
    where
        'r: 'v,
    {
        let column = Arc::new(self.rows.iter().map(value).collect::<StringArray>());
        self.push(name, Kind::Text, column)
    }

    /// The next column, a number.
    ///
    /// # Errors
    /// Where the contract has another column here.
    pub fn integer(self, name: &str, value: impl Fn(&'r T) -> Option<i64>) -> Result<Self, RowError> {
        let column = Arc::new(self.rows.iter().map(value).collect::<Int64Array>());
        self.push(name, Kind::Integer, column)
    }

    /// The next column, true or false.
    ///
    /// # Errors
    /// Where the contract has another column here.
    pub fn boolean(self, name: &str, value: impl Fn(&'r T) -> Option<bool>) -> Result<Self, RowError> {
        let column = Arc::new(self.rows.iter().map(value).collect::<BooleanArray>());
        self.push(name, Kind::Boolean, column)
    }

    /// The next column, an instant.
    ///
    /// # Errors
    /// Where the contract has another column here.
    pub fn instant(self, name: &str, value: impl Fn(&'r T) -> Option<Timestamp>) -> Result<Self, RowError> {
        let column = self.rows.iter().map(|row| value(row).map(Timestamp::micros)).collect::<TimestampMicrosecondArray>();
        self.push(name, Kind::Instant, Arc::new(column.with_timezone("UTC")))
    }

    /// The next column, a list of instants.
    ///
    /// # Errors
    /// Where the contract has another column here.
    pub fn instants(self, name: &str, value: impl Fn(&'r T) -> &'r [Timestamp]) -> Result<Self, RowError> {
        let DataType::List(element) = Kind::Instants.data_type() else { return Err(self.misplaced(name)) };
        let mut lists = ListBuilder::new(TimestampMicrosecondBuilder::new().with_timezone("UTC")).with_field(element);
        for row in self.rows {
            lists.append_value(value(row).iter().map(|at| Some(at.micros())));
        }
        self.push(name, Kind::Instants, Arc::new(lists.finish()))
    }

    /// The next column, a list of texts.
    ///
    /// # Errors
    /// Where the contract has another column here.
    pub fn texts(self, name: &str, value: impl Fn(&'r T) -> &'r [String]) -> Result<Self, RowError> {
        let DataType::List(element) = Kind::Texts.data_type() else { return Err(self.misplaced(name)) };
        let mut lists = ListBuilder::new(StringBuilder::new()).with_field(element);
        for row in self.rows {
            lists.append_value(value(row).iter().map(Some));
        }
        self.push(name, Kind::Texts, Arc::new(lists.finish()))
    }

    /// The batch, once every column is there.
    ///
    /// # Errors
    /// Where a column is missing, or a column that always has a value holds a null.
    pub fn finish(self) -> Result<RecordBatch, RowError> {
        if let Some(missing) = self.table.columns.get(self.columns.len()) {
            return Err(self.misplaced(missing.name));
        }
        RecordBatch::try_new(self.table.schema(), self.columns).map_err(|source| RowError::Arrow { table: self.table.name, source })
    }

    fn push(mut self, name: &str, kind: Kind, column: ArrayRef) -> Result<Self, RowError> {
        match self.table.columns.get(self.columns.len()) {
            Some(contract) if contract.name == name && contract.kind == kind => {
                self.columns.push(column);
                Ok(self)
            }
            _ => Err(self.misplaced(name)),
        }
    }

    fn misplaced(&self, name: &str) -> RowError {
        RowError::Column { table: self.table.name, column: name.to_owned() }
    }
}
