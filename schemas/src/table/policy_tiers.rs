//! `policy_tiers`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// The policy as it was read: one row per version and tier or exception.
pub const POLICY_TIERS: Table = Table {
    name: "policy_tiers",
    doc: "The policy as it was read: one row per version and tier or exception.",
    columns: &[
        Column::required("effective_from", Instant, "From when the version is in force."),
        Column::required("ordinal", Integer, "Order within the version; the first match wins. The default comes last."),
        Column::required("kind", Text, "tier or exception."),
        Column::required("name", Text, "Name of the tier; the owner of an exception."),
        Column::required("matchers", Text, "What it matches, as JSON."),
        Column::optional("max_duration_seconds", Integer, "Longest allowed duration."),
        Column::optional("idle_timeout_seconds", Integer, "Longest allowed idle time."),
        Column::optional("terminate_within_seconds", Integer, "Target of the time from breach to end."),
        Column::required("break_glass", Boolean, "Whether the tier is labelled break-glass."),
        Column::optional("from_at", Instant, "Exceptions: holds for sessions that start from here."),
        Column::optional("until_at", Instant, "Exceptions: and before here."),
        Column::optional("reason", Text, "Exceptions: why."),
    ],
};
