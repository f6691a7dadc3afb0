//! `columns`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// What every column of every table means.
pub const COLUMNS: Table = Table {
    name: "columns",
    doc: "What every column of every table means.",
    columns: &[
        Column::required("table_name", Text, "Name of the table, view or KPI."),
        Column::required("column_name", Text, "Name of the column."),
        Column::required("data_type", Text, "text, bigint, double, boolean, timestamp (UTC, in microseconds), date or timestamp[]."),
        Column::required("doc", Text, "What it means, with its unit."),
    ],
};
