//! `destination_spells`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// Where the preferences sent session logs, and how they were kept there, from observation to observation.
pub const DESTINATION_SPELLS: Table = Table {
    name: "destination_spells",
    doc: "Where the preferences sent session logs, and how they were kept there, from observation to observation.",
    columns: &[
        Column::required("account_id", Text, "The account that was asked."),
        Column::required("region", Text, "The region that was asked."),
        Column::required("name", Text, "Name of the bucket or log group."),
        Column::required("kind", Text, "bucket or log_group."),
        Column::required("observed_from", Instant, "The first observation that shows it so."),
        Column::optional("observed_until", Instant, "The first assessed observation that does not; null where the newest still does."),
        Column::required("encryption_demanded", Boolean, "Whether the preferences refuse to log there unless it is encrypted."),
        Column::optional("encrypted", Boolean, "Whether it is: a bucket by any algorithm, a log group by a KMS key; null where that was never answered."),
        Column::optional("versioned", Boolean, "Buckets: whether every version of an object is kept; null where that was never answered."),
        Column::optional("locked", Boolean, "Buckets: whether object lock is enabled; null where that was never answered."),
        Column::optional("found", Boolean, "Log groups: whether there is one of this name; null for buckets, and where no whole answer has told."),
        Column::optional("retention_days", Integer, "Log groups: for how many days events are kept; null where for ever, or where that was not answered."),
    ],
};
