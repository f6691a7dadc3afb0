//! The rows that only the write side makes: what was read, what should be there and is not, and the runs.
//!
//! Events and the other rows that come out of objects are turned into Arrow by `sessions::rows`; both are driven by the contracts in
//! `schemas::table`.

use arrow::array::RecordBatch;
use schemas::table::{GAPS, OBJECTS, RUNS};
use schemas::{Timestamp, computed_id};
use sessions::rows::{RowError, Write};

use crate::source::Custody;

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It was read.
    Read,
    /// Nothing in it could be understood.
    Rejected,
}

impl Status {
    /// The word of the `status` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Rejected => "rejected",
        }
    }
}

/// One row of `objects`, but for the number of the batch, which the commit gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRow {
    /// Name of the configured source.
    pub source: String,
    /// Key of the object within the source.
    pub object: String,
    /// Version id where known, else size and time of modification.
    pub object_version: String,
    /// Bytes, as stored.
    pub size: i64,
    /// `LastModified`, or the file's time of modification.
    pub last_modified: Option<Timestamp>,
    /// SHA-256 of the bytes as stored; `None` where they could not be read to their end.
    pub sha256: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Events read from it.
    pub events: i64,
    /// Rejects in it.
    pub rejects: i64,
    /// Time of its oldest event.
    pub oldest_event_at: Option<Timestamp>,
    /// Time of its newest event.
    pub newest_event_at: Option<Timestamp>,
    /// Latest time in it that AWS itself vouches for.
    pub vouched_at: Option<Timestamp>,
    /// Gzip members in it; `None` where it is not compressed.
    pub gzip_members: Option<i64>,
    /// What its store vouches for.
    pub custody: Custody,
}

/// A gap: a place that could be named and not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GapRow {
    /// Name of the configured source.
    pub source: String,
    /// The object, or the folder (ending with a slash), that is missing; empty for the whole source.
    pub place: String,
    /// `denied`, `missing`, `unreadable`, `changed` or `skipped`.
    pub cause: String,
    /// A fragment for people.
    pub detail: String,
}

impl GapRow {
    /// Computed from source, place and cause: the same gap found again has the same id.
    #[must_use]
    pub fn id(&self) -> String {
        computed_id(&[self.source.as_bytes(), self.place.as_bytes(), self.cause.as_bytes()])
    }
}

/// One row of `gaps`, but for the number of the batch, which the commit gives it: that a gap is open, or closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GapNote {
    pub(crate) gap: GapRow,
    pub(crate) is_closed: bool,
}

/// One row of `runs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Computed from start, end and process.
    pub run_id: String,
    /// When the run began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Version of sessiontrail.
    pub tool_version: String,
    /// Objects read.
    pub objects_read: i64,
    /// Bytes read, as stored.
    pub bytes_read: i64,
    /// Facts committed.
    pub events: i64,
    /// Rejects committed.
    pub rejects: i64,
    /// Places that could be named and not be read.
    pub gaps: i64,
    /// Sessions whose facts were refreshed.
    pub sessions_refreshed: i64,
}

/// Rows of `objects`, all committed by `batch`.
pub(crate) fn objects_batch(objects: &[ObjectRow], batch: i64) -> Result<RecordBatch, RowError> {
    Write::new(&OBJECTS, objects)
        .text("source", |row| Some(&row.source))?
        .text("object", |row| Some(&row.object))?
        .text("object_version", |row| Some(&row.object_version))?
        .integer("size", |row| Some(row.size))?
        .instant("last_modified", |row| row.last_modified)?
        .text("sha256", |row| row.sha256.as_deref())?
        .text("status", |row| Some(row.status.as_str()))?
        .integer("events", |row| Some(row.events))?
        .integer("rejects", |row| Some(row.rejects))?
        .instant("oldest_event_at", |row| row.oldest_event_at)?
        .instant("newest_event_at", |row| row.newest_event_at)?
        .instant("vouched_at", |row| row.vouched_at)?
        .integer("gzip_members", |row| row.gzip_members)?
        .text("version_id", |row| row.custody.version_id.as_deref())?
        .text("etag", |row| row.custody.etag.as_deref())?
        .text("checksum", |row| row.custody.checksum.as_deref())?
        .text("lock_mode", |row| row.custody.lock_mode.as_deref())?
        .instant("retain_until", |row| row.custody.retain_until)?
        .text("user_metadata", |row| row.custody.user_metadata.as_deref())?
        .integer("batch", |_| Some(batch))?
        .finish()
}

/// Rows of `gaps`, all noted by `batch`.
pub(crate) fn gaps_batch(notes: &[GapNote], batch: i64) -> Result<RecordBatch, RowError> {
    let ids: Vec<(String, &GapNote)> = notes.iter().map(|note| (note.gap.id(), note)).collect();
    Write::new(&GAPS, &ids)
        .text("gap_id", |(id, _)| Some(id))?
        .text("source", |(_, note)| Some(&note.gap.source))?
        .text("place", |(_, note)| Some(&note.gap.place))?
        .text("cause", |(_, note)| Some(&note.gap.cause))?
        .text("detail", |(_, note)| Some(&note.gap.detail))?
        .integer("batch", |_| Some(batch))?
        .boolean("is_closed", |(_, note)| Some(note.is_closed))?
        .finish()
}

/// Rows of `runs`.
pub(crate) fn runs_batch(runs: &[RunRow]) -> Result<RecordBatch, RowError> {
    Write::new(&RUNS, runs)
        .text("run_id", |row| Some(&row.run_id))?
        .instant("started_at", |row| Some(row.started_at))?
        .instant("ended_at", |row| Some(row.ended_at))?
        .text("tool_version", |row| Some(&row.tool_version))?
        .integer("objects_read", |row| Some(row.objects_read))?
        .integer("bytes_read", |row| Some(row.bytes_read))?
        .integer("events", |row| Some(row.events))?
        .integer("rejects", |row| Some(row.rejects))?
        .integer("gaps", |row| Some(row.gaps))?
        .integer("sessions_refreshed", |row| Some(row.sessions_refreshed))?
        .finish()
}
