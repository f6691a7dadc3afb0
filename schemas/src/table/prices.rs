//! `prices`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// What logs cost, as the configuration says it: one row.
pub const PRICES: Table = Table {
    name: "prices",
    doc: "What logs cost, as `[cost]` of the configuration says it: one row, in the currency of whoever wrote it. No price is built in.",
    columns: &[
        Column::optional("cloudwatch_ingest_per_gb", Double, "Price of a GB that CloudWatch Logs takes in; null where none is configured."),
        Column::optional("s3_storage_per_gb_month", Double, "Price of a GB that lies on S3 for a month; null where none is configured."),
    ],
};
