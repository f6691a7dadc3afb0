//! `idle_spells`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// Every time that a session seems to have been idle for longer than its limit and grace.
pub const IDLE_SPELLS: Table = Table {
    name: "idle_spells",
    doc: "Every time that a session seems to have been idle for longer than its limit and grace; always a suspicion, since input without output leaves no trace.",
    columns: &[
        Column::required("session_id", Text, "The session. Hostile text: written by whoever called."),
        Column::optional("account_id", Text, "The account."),
        Column::optional("region", Text, "The region."),
        Column::optional("owner", Text, "From the target's tags. Hostile text."),
        Column::optional("cost_center", Text, "From the target's tags. Hostile text."),
        Column::required("idle_from", Instant, "When it passed the limit: the last activity before, or the start, plus the limit."),
        Column::required("idle_until", Instant, "The next activity, or e."),
    ],
};
