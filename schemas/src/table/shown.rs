//! `shown`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// What every rule of the findings gives: each row is one thing that was so from opened_at to closed_at.
pub const SHOWN: Table = Table {
    name: "shown",
    doc: "What every rule of the findings gives: each row is one thing that was so from opened_at to closed_at.",
    columns: &[
        Column::optional("account_id", Text, "The account."),
        Column::optional("region", Text, "The region."),
        Column::required("subject_kind", Text, "session, event, document, bucket, log_group or instance."),
        Column::required("subject", Text, "Which one: its id or name."),
        Column::optional("session_id", Text, "The session, where it is one."),
        Column::optional("tier", Text, "The policy tier, where the rule looks at one."),
        Column::optional("owner", Text, "Who owns the target, by its tags."),
        Column::required("opened_at", Instant, "When it began."),
        Column::optional("closed_at", Instant, "When it ended; null while it lasts."),
        Column::optional("closed_by", Text, "end (of the session), activity, arrival (of the transcript), observation or acknowledged; null while it lasts."),
        Column::required("detail", Text, "What was found, as JSON."),
        Column::required("evidence", Text, "Where it can be seen, as JSON: the table, and what names the row in it."),
    ],
};
