//! `instance_spells`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// What each running instance and managed node was, from observation to observation; snapshots that say the same are one row.
pub const INSTANCE_SPELLS: Table = Table {
    name: "instance_spells",
    doc: "What each running instance and managed node was, from observation to observation; snapshots that say the same are one row.",
    columns: &[
        Column::required("account_id", Text, "The account that was asked."),
        Column::required("region", Text, "The region that was asked."),
        Column::required("instance_id", Text, "i-… or mi-…."),
        Column::required("observed_from", Instant, "The first observation that shows it so."),
        Column::optional("observed_until", Instant, "The first assessed observation that does not; null where the newest still does."),
        Column::optional("tier", Text, "The policy tier that ruled it then; null without a policy in force."),
        Column::optional("max_duration_seconds", Integer, "Longest duration that the tier allows."),
        Column::optional("idle_timeout_seconds", Integer, "Longest idle time that the tier allows."),
        Column::optional("managed", Boolean, "Whether it was registered with Systems Manager and online, as last assessed; null where it never was."),
        Column::optional("owner", Text, "From its tags; null where it names none."),
    ],
};
