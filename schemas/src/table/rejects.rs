//! `rejects`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// What could not be understood, with its place; never dropped in silence.
pub const REJECTS: Table = Table {
    name: "rejects",
    doc: "What could not be understood, with its place; never dropped in silence.",
    columns: &[
        Column::required("reject_id", Text, "Computed from source, object, version, place and code."),
        Column::required("source", Text, "Name of the configured source."),
        Column::required("object", Text, "Key of the object within the source."),
        Column::required("object_version", Text, "Version of the object."),
        Column::required("at", Text, "Where in the object, such as Records[17].eventTime; empty for the whole."),
        Column::required("code", Text, "Why: one of the codes of rejects."),
        Column::required("detail", Text, "A fragment for people; holds no content of transcripts."),
    ],
};
