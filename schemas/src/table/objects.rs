//! `objects`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// What was read: one row per object and version, committed together with the promise that its rows follow.
pub const OBJECTS: Table = Table {
    name: "objects",
    doc: "What was read: one row per object and version, committed together with the promise that its rows follow.",
    columns: &[
        Column::required("source", Text, "Name of the configured source."),
        Column::required("object", Text, "Key of the object within the source."),
        Column::required("object_version", Text, "Version id where known, else size and time of modification."),
        Column::required("size", Integer, "Bytes, as stored."),
        Column::optional("last_modified", Instant, "LastModified, or the file's time of modification."),
        Column::optional("sha256", Text, "SHA-256 of the bytes as stored; null where they could not be read to their end."),
        Column::required("status", Text, "read, or rejected: nothing in it could be understood."),
        Column::required("events", Integer, "Events read from it."),
        Column::required("rejects", Integer, "Rejects in it."),
        Column::optional("oldest_event_at", Instant, "Time of its oldest event."),
        Column::optional("newest_event_at", Instant, "Time of its newest event."),
        Column::optional(
            "vouched_at",
            Instant,
            "Latest time in it that AWS itself vouches for: snapshot, delivery time in a CloudTrail key, CloudWatch ingestion.",
        ),
        Column::optional(
            "gzip_members",
            Integer,
            "Gzip members in it; more than one in a CloudTrail object is a sign of tampering. Null where it is not compressed.",
        ),
        Column::optional("version_id", Text, "S3 version id; null where not verified."),
        Column::optional("etag", Text, "S3 ETag, likewise."),
        Column::optional("checksum", Text, "S3 checksum with its algorithm, likewise."),
        Column::optional("lock_mode", Text, "S3 Object Lock mode, likewise."),
        Column::optional("retain_until", Instant, "S3 Object Lock: retained until, likewise."),
        Column::optional("user_metadata", Text, "S3 user metadata as JSON, likewise."),
        Column::required("batch", Integer, "Number of the batch that committed it."),
    ],
};
