//! `observations`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// Which questions each account snapshot answered. An answer without a row was never given: "not assessed", never "none".
pub const OBSERVATIONS: Table = Table {
    name: "observations",
    doc: "Which questions each account snapshot answered. An answer without a row was never given: \"not assessed\", never \"none\".",
    columns: &[
        Column::required("account_id", Text, "The account that was asked."),
        Column::required("region", Text, "The region that was asked."),
        Column::required("observed_at", Instant, "When it was asked: the time of the snapshot."),
        Column::required(
            "answer",
            Text,
            "sessions_active, sessions_history, instances, instance_information, list_documents, describe_document, get_document, bucket_versioning, bucket_encryption, object_lock or log_groups.",
        ),
        Column::optional("subject", Text, "The document, version or bucket asked about, where the question names one."),
        Column::required("complete", Boolean, "Whether it is whole: every page is there (no NextToken), and nothing in it was refused."),
        Column::required("items", Integer, "How many things the answer names; 0 where it could not be understood."),
        Column::optional("detail", Text, "What the answer says beyond its items, as JSON."),
        Column::required("source", Text, "Name of the configured source."),
        Column::required("object", Text, "Key of the object within the source."),
        Column::required("sha256", Text, "SHA-256 of the answer, as far as it could be read."),
    ],
};
