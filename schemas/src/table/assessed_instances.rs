//! `assessed_instances`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// One row per instance that coverage counts, in the newest snapshot of each day and account-region.
pub const ASSESSED_INSTANCES: Table = Table {
    name: "assessed_instances",
    doc: "One row per instance that coverage counts, in the newest snapshot of each day and account-region.",
    columns: &[
        Column::required("observed_on", Date, "Local date of the snapshot."),
        Column::required("account_id", Text, "The account that was asked."),
        Column::required("region", Text, "The region that was asked."),
        Column::required("observed_at", Instant, "When it was asked: the time of the snapshot."),
        Column::required("instance_id", Text, "i-… or mi-…."),
        Column::optional("tier", Text, "The policy tier that rules it; null without a policy in force."),
        Column::required(
            "result",
            Text,
            "covered, or the first cause why not: not_assessed, not_managed, no_max_duration, max_duration_too_long, idle_timeout_too_long.",
        ),
    ],
};
