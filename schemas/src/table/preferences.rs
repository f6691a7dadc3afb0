//! `preferences`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// Versions of Session documents by observation, every input as a column.
pub const PREFERENCES: Table = Table {
    name: "preferences",
    doc: "Versions of Session documents by observation, every input as a column.",
    columns: &[
        Column::required("account_id", Text, "The account that was asked."),
        Column::required("region", Text, "The region that was asked."),
        Column::required("observed_at", Instant, "When it was asked: the time of the snapshot."),
        Column::required("document_name", Text, "Name of the document; SSM-SessionManagerRunShell holds the account-region's preferences."),
        Column::required("document_version", Text, "DocumentVersion."),
        Column::optional("session_type", Text, "sessionType: Standard_Stream, InteractiveCommands, NonInteractiveCommands or Port."),
        Column::optional("idle_session_timeout", Text, "idleSessionTimeout as written, in minutes; null where absent or empty, which AWS takes as 20."),
        Column::optional("max_session_duration", Text, "maxSessionDuration as written, in minutes; null where absent or empty, which AWS takes as none."),
        Column::optional("s3_bucket_name", Text, "s3BucketName."),
        Column::optional("s3_key_prefix", Text, "s3KeyPrefix."),
        Column::optional("s3_encryption_enabled", Boolean, "s3EncryptionEnabled."),
        Column::optional("cloud_watch_log_group_name", Text, "cloudWatchLogGroupName."),
        Column::optional("cloud_watch_encryption_enabled", Boolean, "cloudWatchEncryptionEnabled."),
        Column::optional("cloud_watch_streaming_enabled", Boolean, "cloudWatchStreamingEnabled."),
        Column::optional("kms_key_id", Text, "kmsKeyId."),
        Column::optional("run_as_enabled", Boolean, "runAsEnabled."),
        Column::optional("run_as_default_user", Text, "runAsDefaultUser."),
        Column::optional("shell_profile_linux", Text, "shellProfile.linux."),
        Column::optional("shell_profile_windows", Text, "shellProfile.windows."),
        Column::optional("created_at", Instant, "CreatedDate of this version."),
        Column::required("content_sha256", Text, "SHA-256 of the content as it was given, in JSON or YAML."),
        Column::required("content", Text, "The whole content, as JSON."),
        Column::required("source", Text, "Name of the configured source."),
        Column::required("object", Text, "Key of the object within the source."),
    ],
};
