//! `runs`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// Every run that read sources: when, and what it did. Not part of the evidence: times of reading differ.
pub const RUNS: Table = Table {
    name: "runs",
    doc: "Every run that read sources: when, and what it did. Not part of the evidence: times of reading differ.",
    columns: &[
        Column::required("run_id", Text, "Computed from start, end and process."),
        Column::required("started_at", Instant, "When the run began."),
        Column::required("ended_at", Instant, "When it ended."),
        Column::required("tool_version", Text, "Version of sessiontrail."),
        Column::required("objects_read", Integer, "Objects read."),
        Column::required("bytes_read", Integer, "Bytes read, as stored."),
        Column::required("events", Integer, "Facts committed: events, observations, instances and document versions."),
        Column::required("rejects", Integer, "Rejects committed."),
        Column::required("gaps", Integer, "Places that could be named and not be read."),
        Column::required("sessions_refreshed", Integer, "Sessions whose facts were refreshed."),
    ],
};
