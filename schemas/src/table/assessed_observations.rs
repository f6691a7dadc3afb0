//! `assessed_observations`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// One row per snapshot that coverage counts: the newest of each day and account-region, even where it names no instance.
pub const ASSESSED_OBSERVATIONS: Table = Table {
    name: "assessed_observations",
    doc: "One row per snapshot that coverage counts: the newest of each day and account-region, even where it names no instance.",
    columns: &[
        Column::required("observed_on", Date, "Local date of the snapshot."),
        Column::required("account_id", Text, "The account that was asked."),
        Column::required("region", Text, "The region that was asked."),
        Column::required("observed_at", Instant, "When it was asked: the time of the snapshot."),
    ],
};
