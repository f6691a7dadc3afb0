//! `calendar`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// Every week, month and quarter from the first session to as_of, in the report's time zone.
pub const CALENDAR: Table = Table {
    name: "calendar",
    doc: "Every week, month and quarter from the first session to as_of, in the report's time zone.",
    columns: &[
        Column::required("period_kind", Text, "week, month or quarter."),
        Column::required("period_index", Integer, "Ordinal of the period within its kind: what week_index(), month_index() and quarter_index() give."),
        Column::required("period_start", Date, "Local date on which it begins."),
        Column::required("label", Text, "2026-W28, 2026-07, 2026-Q3 or FY2027-Q1."),
        Column::required("start_at", Instant, "The instant at which it begins."),
        Column::required("end_at", Instant, "The instant at which it ends; not part of it."),
    ],
};
