//! `acknowledgements`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// The findings that somebody took note of, as the policy file says.
pub const ACKNOWLEDGEMENTS: Table = Table {
    name: "acknowledgements",
    doc: "The findings that somebody took note of, as the policy file says.",
    columns: &[
        Column::required("finding_id", Text, "The finding."),
        Column::required("acknowledged_by", Text, "Who."),
        Column::required("acknowledged_at", Instant, "When."),
        Column::optional("note", Text, "What they say to it."),
    ],
};
