//! An answer, and the forms in which it is written.
//!
//! An answer is a stream of rows: an export is never cut short, and never held in memory as a whole. Cells can hold hostile text
//! (session ids, reasons and tags are written by whoever calls), so no form that is text lets a control character through. Parquet is
//! no text: there values are exactly what is stored.

mod cell;
mod csv;
mod json;
mod parquet;
mod table;
#[cfg(test)]
mod tests;
mod visible;

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
pub(crate) use json::json_objects;
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

/// Writes all rows of an answer; says how many there were.
///
/// # Errors
/// Where the rows could not be worked out or written: what was written until then stands. Where two columns have one name and the form
/// would hold a value under each name: then nothing is written.
pub async fn write(mut answer: Answer, format: Format, out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    if matches!(format, Format::Json | Format::Ndjson | Format::Parquet) {
        told_apart(&answer.schema())?;
    }
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
pub async fn write_parquet(mut answer: Answer, metadata: &[(&str, String)], out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    told_apart(&answer.schema())?;
    parquet::write(&mut answer, metadata, out).await
}

/// Readers keep one of two values under one name, and which of them is theirs to choose.
fn told_apart(schema: &SchemaRef) -> Result<(), QueryError> {
    let mut names = BTreeSet::new();
    match schema.fields().iter().find(|field| !names.insert(field.name())) {
        None => Ok(()),
        Some(twice) => Err(QueryError::Sql { message: format!("two columns are named {:?}", twice.name()), hint: Some("name them apart with AS".to_owned()) }),
    }
}
