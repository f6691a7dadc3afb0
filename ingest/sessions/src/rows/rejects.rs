//! `rejects`.

use arrow::array::RecordBatch;
use schemas::table::REJECTS;
use schemas::{Code, Reject, computed_id};

use super::{Read, RowError, Write};

/// A reject with the version of the object that it stands in: one row of `rejects`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectRow {
    /// What was refused, and where.
    pub reject: Reject,
    /// Version of the object.
    pub object_version: String,
}

impl RejectRow {
    /// Computed from source, object, version, place and code.
    #[must_use]
    pub fn id(&self) -> String {
        let Reject { source, object, at, code, .. } = &self.reject;
        computed_id(&[source.as_bytes(), object.as_bytes(), self.object_version.as_bytes(), at.as_bytes(), code.as_str().as_bytes()])
    }
}

/// Rejects as rows of `rejects`, in their order.
///
/// # Errors
/// Where the code and the contract of the table have come apart.
pub fn rejects_batch(rejects: &[RejectRow]) -> Result<RecordBatch, RowError> {
    let ids: Vec<(String, &RejectRow)> = rejects.iter().map(|row| (row.id(), row)).collect();
    Write::new(&REJECTS, &ids)
        .text("reject_id", |(id, _)| Some(id))?
        .text("source", |(_, row)| Some(&row.reject.source))?
        .text("object", |(_, row)| Some(&row.reject.object))?
        .text("object_version", |(_, row)| Some(&row.object_version))?
        .text("at", |(_, row)| Some(&row.reject.at))?
        .text("code", |(_, row)| Some(row.reject.code.as_str()))?
        .text("detail", |(_, row)| Some(&row.reject.detail))?
        .finish()
}

/// Rows of `rejects` as rejects, in their order.
///
/// # Errors
/// Where a column is missing, or holds what the contract does not allow.
pub fn rejects_from(batch: &RecordBatch) -> Result<Vec<RejectRow>, RowError> {
    let read = Read::new(&REJECTS, batch);
    let source = read.texts("source")?;
    let object = read.texts("object")?;
    let object_version = read.texts("object_version")?;
    let at = read.texts("at")?;
    let code = read.texts("code")?;
    let detail = read.texts("detail")?;
    let reject = |row| {
        let reject = Reject {
            source: source.required(row)?,
            object: object.required(row)?,
            at: at.required(row)?,
            code: code.required_word(row, Code::parse)?,
            detail: detail.required(row)?,
        };
        Ok(RejectRow { reject, object_version: object_version.required(row)? })
    };
    (0..batch.num_rows()).map(reject).collect()
}
