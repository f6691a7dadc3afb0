//! An answer, and the forms in which it is written.
//!
//! An answer is a stream of rows: an export is never cut short, and never held in memory as a whole. Cells can hold hostile text
//! (session ids, reasons and tags are written by whoever calls), so no form lets a control character through.

mod cell;
mod csv;
mod json;
mod parquet;
mod table;
#[cfg(test)]
mod tests;
mod visible;

use std::fmt;
use std::io;
use std::str::FromStr;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
pub use visible::visible;

use crate::engine::QueryError;

/// The rows that answer a question, as they come.
pub struct Answer {
    stream: SendableRecordBatchStream,
    /// Tables are looked up while rows come, so that the session must outlive its answers.
    _session: Option<SessionContext>,
}

impl Answer {
    pub(crate) fn new(stream: SendableRecordBatchStream) -> Self {
        Self { stream, _session: None }
    }

    /// Keeps the session alive for as long as rows are asked for.
    pub(crate) fn of(self, session: SessionContext) -> Self {
        Self { _session: Some(session), ..self }
    }

    /// Names and types of the columns.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }

    /// The next rows; `None` after the last.
    ///
    /// # Errors
    /// Where they could not be worked out.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, QueryError> {
        Ok(self.stream.next().await.transpose()?)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({})", self.schema())
    }
}

/// A form in which an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns, for people.
    Table,
    /// Comma-separated values, for spreadsheets.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// The names of all forms.
    pub const NAMES: [&'static str; 5] = ["table", "csv", "json", "ndjson", "parquet"];
}

/// There is no such form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no format; formats are table, csv, json, ndjson and parquet")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        match name {
            "table" => Ok(Self::Table),
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            "ndjson" => Ok(Self::Ndjson),
            "parquet" => Ok(Self::Parquet),
            _ => Err(UnknownFormat(name.to_owned())),
        }
    }
}

/// Writes all rows of an answer; says how many there were.
///
/// # Errors
/// Where the rows could not be worked out or written. What was written until then stands.
pub async fn write(mut answer: Answer, format: Format, out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    match format {
        Format::Table => table::write(&mut answer, out).await,
        Format::Csv => csv::write(&mut answer, out).await,
        Format::Json => json::write_array(&mut answer, out).await,
        Format::Ndjson => json::write_lines(&mut answer, out).await,
        Format::Parquet => parquet::write(&mut answer, &[], out).await,
    }
}

/// Writes all rows of an answer as Parquet, with `metadata` in the file's footer; says how many there were.
///
/// # Errors
/// As [`write`].
pub async fn write_parquet(mut answer: Answer, metadata: &[(&str, &str)], out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    parquet::write(&mut answer, metadata, out).await
}
