//! `gaps`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// What should be there and is not: notes on places that could be named and not be read, or be read again. Of the notes of one
/// `gap_id`, the one of the greatest batch says whether the gap is open.
pub const GAPS: Table = Table {
    name: "gaps",
    doc: "What should be there and is not: notes on places that could be named and not be read, or be read again. Of the notes of one gap_id, the one of the greatest batch says whether the gap is open.",
    columns: &[
        Column::required("gap_id", Text, "Computed from source, place and cause."),
        Column::required("source", Text, "Name of the configured source."),
        Column::required("place", Text, "The object, or the folder (ending with /), that is missing; empty for the whole source."),
        Column::required(
            "cause",
            Text,
            "denied, missing, unreadable, changed (while it was read) or skipped (by --from, between what is known and what was asked for).",
        ),
        Column::required("detail", Text, "A fragment for people."),
        Column::required("batch", Integer, "Number of the batch of objects that noted it."),
        Column::required("is_closed", Boolean, "Whether it was found to be closed: the place could be read again."),
    ],
};
