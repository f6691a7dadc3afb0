//! `preferences`.

use arrow::array::RecordBatch;
use schemas::Preference;
use schemas::table::PREFERENCES;

use super::{Read, RowError, Write};

/// Preferences as rows of `preferences`, in their order.
///
/// # Errors
/// Where the code and the contract of the table have come apart.
pub fn preferences_batch(preferences: &[Preference]) -> Result<RecordBatch, RowError> {
    Write::new(&PREFERENCES, preferences)
        .text("account_id", |preference| Some(&preference.account_id))?
        .text("region", |preference| Some(&preference.region))?
        .instant("observed_at", |preference| Some(preference.observed_at))?
        .text("document_name", |preference| Some(&preference.document_name))?
        .text("document_version", |preference| Some(&preference.document_version))?
        .text("session_type", |preference| preference.session_type.as_deref())?
        .text("idle_session_timeout", |preference| preference.idle_session_timeout.as_deref())?
        .text("max_session_duration", |preference| preference.max_session_duration.as_deref())?
        .text("s3_bucket_name", |preference| preference.s3_bucket_name.as_deref())?
        .text("s3_key_prefix", |preference| preference.s3_key_prefix.as_deref())?
        .boolean("s3_encryption_enabled", |preference| preference.s3_encryption_enabled)?
        .text("cloud_watch_log_group_name", |preference| preference.cloud_watch_log_group_name.as_deref())?
        .boolean("cloud_watch_encryption_enabled", |preference| preference.cloud_watch_encryption_enabled)?
        .boolean("cloud_watch_streaming_enabled", |preference| preference.cloud_watch_streaming_enabled)?
        .text("kms_key_id", |preference| preference.kms_key_id.as_deref())?
        .boolean("run_as_enabled", |preference| preference.run_as_enabled)?
        .text("run_as_default_user", |preference| preference.run_as_default_user.as_deref())?
        .text("shell_profile_linux", |preference| preference.shell_profile_linux.as_deref())?
        .text("shell_profile_windows", |preference| preference.shell_profile_windows.as_deref())?
        .instant("created_at", |preference| preference.created_at)?
        .text("content_sha256", |preference| Some(&preference.content_sha256))?
        .text("content", |preference| Some(&preference.content))?
        .text("source", |preference| Some(&preference.source))?
        .text("object", |preference| Some(&preference.object))?
        .finish()
}

/// Rows of `preferences` as preferences, in their order.
///
/// # Errors
/// Where a column is missing, or holds what the contract does not allow.
pub fn preferences_from(batch: &RecordBatch) -> Result<Vec<Preference>, RowError> {
    let read = Read::new(&PREFERENCES, batch);
    let account_id = read.texts("account_id")?;
    let region = read.texts("region")?;
    let observed_at = read.instants("observed_at")?;
    let document_name = read.texts("document_name")?;
    let document_version = read.texts("document_version")?;
    let session_type = read.texts("session_type")?;
    let idle_session_timeout = read.texts("idle_session_timeout")?;
    let max_session_duration = read.texts("max_session_duration")?;
    let s3_bucket_name = read.texts("s3_bucket_name")?;
    let s3_key_prefix = read.texts("s3_key_prefix")?;
    let s3_encryption_enabled = read.booleans("s3_encryption_enabled")?;
    let cloud_watch_log_group_name = read.texts("cloud_watch_log_group_name")?;
    let cloud_watch_encryption_enabled = read.booleans("cloud_watch_encryption_enabled")?;
    let cloud_watch_streaming_enabled = read.booleans("cloud_watch_streaming_enabled")?;
    let kms_key_id = read.texts("kms_key_id")?;
    let run_as_enabled = read.booleans("run_as_enabled")?;
    let run_as_default_user = read.texts("run_as_default_user")?;
    let shell_profile_linux = read.texts("shell_profile_linux")?;
    let shell_profile_windows = read.texts("shell_profile_windows")?;
    let created_at = read.instants("created_at")?;
    let content_sha256 = read.texts("content_sha256")?;
    let content = read.texts("content")?;
    let source = read.texts("source")?;
    let object = read.texts("object")?;
    let preference = |row| {
        Ok(Preference {
            account_id: account_id.required(row)?,
            region: region.required(row)?,
            observed_at: observed_at.required(row)?,
            document_name: document_name.required(row)?,
            document_version: document_version.required(row)?,
            session_type: session_type.owned(row),
            idle_session_timeout: idle_session_timeout.owned(row),
            max_session_duration: max_session_duration.owned(row),
            s3_bucket_name: s3_bucket_name.owned(row),
            s3_key_prefix: s3_key_prefix.owned(row),
            s3_encryption_enabled: s3_encryption_enabled.get(row),
            cloud_watch_log_group_name: cloud_watch_log_group_name.owned(row),
            cloud_watch_encryption_enabled: cloud_watch_encryption_enabled.get(row),
            cloud_watch_streaming_enabled: cloud_watch_streaming_enabled.get(row),
            kms_key_id: kms_key_id.owned(row),
            run_as_enabled: run_as_enabled.get(row),
            run_as_default_user: run_as_default_user.owned(row),
            shell_profile_linux: shell_profile_linux.owned(row),
            shell_profile_windows: shell_profile_windows.owned(row),
            created_at: created_at.get(row),
            content_sha256: content_sha256.required(row)?,
            content: content.required(row)?,
            source: source.required(row)?,
            object: object.required(row)?,
        })
    };
    (0..batch.num_rows()).map(preference).collect()
}
