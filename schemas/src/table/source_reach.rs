//! `source_reach`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// How far each configured source reaches: the first and the last time that it holds.
pub const SOURCE_REACH: Table = Table {
    name: "source_reach",
    doc: "How far each configured source reaches: the first and the last time that it holds.",
    columns: &[
        Column::required("source", Text, "Name of the configured source."),
        Column::optional("first_at", Instant, "Its earliest event or snapshot."),
        Column::optional("last_at", Instant, "Its latest event or snapshot."),
    ],
};
