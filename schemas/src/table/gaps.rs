//! `gaps`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// What should be there and is not: places that could be named and not be read.
pub const GAPS: Table = Table {
    name: "gaps",
    doc: "What should be there and is not: places that could be named and not be read.",
    columns: &[
        Column::required("gap_id", Text, "Computed from source, place and cause."),
        Column::required("source", Text, "Name of the configured source."),
        Column::required("place", Text, "The object, folder or source that is missing."),
        Column::required("cause", Text, "denied, missing, unreadable or empty."),
        Column::required("detail", Text, "A fragment for people."),
        Column::required("batch", Integer, "Number of the batch of objects that noted it."),
        Column::required("is_closed", Boolean, "Whether it was found to be closed: the place could be read again."),
    ],
};
