//! `document_spells`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// What each Session document set, from observation to observation: of the preferences the newest version and the default one together, of others the newest.
pub const DOCUMENT_SPELLS: Table = Table {
    name: "document_spells",
    doc: "What each Session document set, from observation to observation: of the preferences the newest version and the default one together, of others the newest.",
    columns: &[
        Column::required("account_id", Text, "The account that was asked."),
        Column::required("region", Text, "The region that was asked."),
        Column::required("document_name", Text, "Name of the document; SSM-SessionManagerRunShell holds the preferences."),
        Column::required("observed_from", Instant, "The first observation that shows it so."),
        Column::optional("observed_until", Instant, "The first assessed observation that does not; null where the newest still does."),
        Column::optional("document_version", Text, "The newest version; null where there is no document, so that the defaults of AWS hold."),
        Column::optional("default_version", Text, "The default version, where it is another."),
        Column::required("timeouts_known", Boolean, "Whether both timeouts could be read; templates cannot."),
        Column::optional("max_duration_seconds", Integer, "The longest maximum duration that they set; null where one of them sets none."),
        Column::optional("idle_timeout_seconds", Integer, "The longest idle timeout that they set; 1200 where none is."),
        Column::required("logs", Boolean, "Whether each of them names a bucket or a log group."),
        Column::required("encrypts", Boolean, "Whether each of them names a KMS key."),
        Column::optional("s3_bucket_name", Text, "s3BucketName of the newest."),
        Column::optional("cloud_watch_log_group_name", Text, "cloudWatchLogGroupName of the newest."),
        Column::optional("kms_key_id", Text, "kmsKeyId of the newest."),
        Column::optional("session_type", Text, "sessionType of the newest."),
        Column::optional("content_sha256", Text, "SHA-256 of the content of the newest."),
    ],
};
