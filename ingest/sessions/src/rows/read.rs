//! From the columns of a batch to values, by name.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use schemas::{Column, Table, Timestamp};

use super::RowError;

/// A batch of rows of one table. Its columns may stand in any order, and texts in any of Arrow's encodings.
#[derive(Debug, Clone, Copy)]
pub struct Read<'b> {
    table: &'static Table,
    batch: &'b RecordBatch,
}

/// A column of texts.
#[derive(Debug)]
pub struct Texts(StringArray, Place);

/// A column of numbers.
#[derive(Debug)]
pub struct Integers(Int64Array, Place);

/// A column of true and false.
#[derive(Debug)]
pub struct Booleans(BooleanArray, Place);

/// A column of instants.
#[derive(Debug)]
pub struct Instants(TimestampMicrosecondArray, Place);

/// A column of lists of instants.
#[derive(Debug)]
pub struct InstantLists(ListArray, Place);

/// A column of lists of texts.
#[derive(Debug)]
pub struct TextLists(ListArray, Place);

#[derive(Debug, Clone, Copy)]
struct Place {
    table: &'static str,
    column: &'static str,
}

impl Place {
    fn empty(self) -> RowError {
        RowError::Value { table: self.table, column: self.column, word: None }
    }
}

impl<'b> Read<'b> {
    /// Reads `batch` as rows of `table`.
    #[must_use]
    pub const fn new(table: &'static Table, batch: &'b RecordBatch) -> Self {
        Self { table, batch }
    }

    /// A column of texts.
    ///
    /// # Errors
    /// Where the batch or the contract has no such column.
    pub fn texts(&self, name: &str) -> Result<Texts, RowError> {
        let (column, place) = self.column(name)?;
        column.as_string_opt::<i32>().cloned().map(|column| Texts(column, place)).ok_or_else(|| self.missing(name))
    }

    /// A column of numbers.
    ///
    /// # Errors
    /// Where the batch or the contract has no such column.
    pub fn integers(&self, name: &str) -> Result<Integers, RowError> {
        let (column, place) = self.column(name)?;
        column.as_primitive_opt::<Int64Type>().cloned().map(|column| Integers(column, place)).ok_or_else(|| self.missing(name))
    }

    /// A column of true and false.
    ///
    /// # Errors
    /// Where the batch or the contract has no such column.
    pub fn booleans(&self, name: &str) -> Result<Booleans, RowError> {
        let (column, place) = self.column(name)?;
        column.as_boolean_opt().cloned().map(|column| Booleans(column, place)).ok_or_else(|| self.missing(name))
    }

    /// A column of instants.
    ///
    /// # Errors
    /// Where the batch or the contract has no such column.
    pub fn instants(&self, name: &str) -> Result<Instants, RowError> {
        let (column, place) = self.column(name)?;
        column.as_primitive_opt::<TimestampMicrosecondType>().cloned().map(|column| Instants(column, place)).ok_or_else(|| self.missing(name))
    }

    /// A column of lists of instants.
    ///
    /// # Errors
    /// Where the batch or the contract has no such column.
    pub fn instant_lists(&self, name: &str) -> Result<InstantLists, RowError> {
        let (column, place) = self.column(name)?;
        column.as_list_opt::<i32>().cloned().map(|column| InstantLists(column, place)).ok_or_else(|| self.missing(name))
    }

    /// A column of lists of texts.
    ///
    /// # Errors
    /// Where the batch or the contract has no such column.
    pub fn text_lists(&self, name: &str) -> Result<TextLists, RowError> {
        let (column, place) = self.column(name)?;
        column.as_list_opt::<i32>().cloned().map(|column| TextLists(column, place)).ok_or_else(|| self.missing(name))
    }

    /// Engines hand over texts as views or dictionaries, and other time zones' names for UTC: all become what the contract says.
    fn column(&self, name: &str) -> Result<(ArrayRef, Place), RowError> {
        let contract = self.table.columns.iter().find(|column| column.name == name).ok_or_else(|| self.missing(name))?;
        let column = self.batch.column_by_name(name).ok_or_else(|| self.missing(name))?;
        let wanted = contract.kind.data_type();
        let column = if agrees(column.data_type(), &wanted) {
            column.clone()
        } else {
            cast(column, &wanted).map_err(|source| RowError::Arrow { table: self.table.name, source })?
        };
        Ok((column, self.place(contract)))
    }

    fn place(&self, contract: &Column) -> Place {
        Place { table: self.table.name, column: contract.name }
    }

    fn missing(&self, name: &str) -> RowError {
        RowError::Column { table: self.table.name, column: name.to_owned() }
    }
}

/// The name and the nullability of a list's elements do not matter.
fn agrees(found: &DataType, wanted: &DataType) -> bool {
    match (found, wanted) {
        (DataType::List(found), DataType::List(wanted)) => agrees(found.data_type(), wanted.data_type()),
        _ => found == wanted,
    }
}

impl Texts {
    /// The text of a row, or null.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }

    /// The text of a row, or null, as an own one.
    #[must_use]
    pub fn owned(&self, row: usize) -> Option<String> {
        self.get(row).map(str::to_owned)
    }

    /// The text of a row of a column that always has one.
    ///
    /// # Errors
    /// Where it is null.
    pub fn required(&self, row: usize) -> Result<String, RowError> {
        self.owned(row).ok_or_else(|| self.1.empty())
    }

    /// What the word of a row means, or null.
    ///
    /// # Errors
    /// Where `parse` does not know the word.
    pub fn word<W>(&self, row: usize, parse: impl Fn(&str) -> Option<W>) -> Result<Option<W>, RowError> {
        let Some(word) = self.get(row) else { return Ok(None) };
        parse(word).map(Some).ok_or_else(|| RowError::Value { table: self.1.table, column: self.1.column, word: Some(word.to_owned()) })
    }

    /// What the word of a row of a column that always has one means.
    ///
    /// # Errors
    /// Where it is null, or `parse` does not know it.
    pub fn required_word<W>(&self, row: usize, parse: impl Fn(&str) -> Option<W>) -> Result<W, RowError> {
        self.word(row, parse)?.ok_or_else(|| self.1.empty())
    }
}

impl Integers {
    /// The number of a row, or null.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<i64> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }

    /// The number of a row of a column that always has one.
    ///
    /// # Errors
    /// Where it is null.
    pub fn required(&self, row: usize) -> Result<i64, RowError> {
        self.get(row).ok_or_else(|| self.1.empty())
    }
}

impl Booleans {
    /// The truth of a row, or null.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<bool> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }

    /// The truth of a row of a column that always has one.
    ///
    /// # Errors
    /// Where it is null.
    pub fn required(&self, row: usize) -> Result<bool, RowError> {
        self.get(row).ok_or_else(|| self.1.empty())
    }
}

impl Instants {
    /// The instant of a row, or null.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Timestamp> {
        self.0.is_valid(row).then(|| Timestamp::from_micros(self.0.value(row)))
    }

    /// The instant of a row of a column that always has one.
    ///
    /// # Errors
    /// Where it is null.
    pub fn required(&self, row: usize) -> Result<Timestamp, RowError> {
        self.get(row).ok_or_else(|| self.1.empty())
    }
}

impl InstantLists {
    /// The instants of a row of a column that always has a list.
    ///
    /// # Errors
    /// Where the list or one of its elements is null.
    pub fn required(&self, row: usize) -> Result<Vec<Timestamp>, RowError> {
        if self.0.is_null(row) {
            return Err(self.1.empty());
        }
        if self.0.value_length(row) == 0 {
            return Ok(Vec::new());
        }
        let list = self.0.value(row);
        let instants = list.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(|| self.1.empty())?;
        instants.iter().map(|at| at.map(Timestamp::from_micros).ok_or_else(|| self.1.empty())).collect()
    }
}

impl TextLists {
    /// The texts of a row of a column that always has a list.
    ///
    /// # Errors
    /// Where the list or one of its elements is null.
    pub fn required(&self, row: usize) -> Result<Vec<String>, RowError> {
        if self.0.is_null(row) {
            return Err(self.1.empty());
        }
        if self.0.value_length(row) == 0 {
            return Ok(Vec::new());
        }
        let list = self.0.value(row);
        let texts = list.as_string_opt::<i32>().ok_or_else(|| self.1.empty())?;
        texts.iter().map(|text| text.map(str::to_owned).ok_or_else(|| self.1.empty())).collect()
    }
}
