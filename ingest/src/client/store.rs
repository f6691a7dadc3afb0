//! A bucket as an object store: what the lake is written to and read from.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use object_store::aws::{AmazonS3Builder, resolve_bucket_region};
use object_store::client::HttpError;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

use super::credentials::Chain;
use super::{Access, connect, region};

/// Why a bucket cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The region of the bucket could not be found out.
    #[error("the region of the bucket {bucket} could not be found out")]
    Region {
        /// The bucket.
        bucket: String,
        /// Why.
        source: object_store::Error,
    },
    /// Nobody answers.
    #[error("the bucket {bucket} cannot be reached")]
    Unreachable {
        /// The bucket.
        bucket: String,
        /// Why.
        source: object_store::Error,
    },
    /// The settings do not make a client.
    #[error("the bucket {bucket} cannot be reached with these settings")]
    Settings {
        /// The bucket.
        bucket: String,
        /// Why.
        source: object_store::Error,
    },
}

/// The store of a whole bucket, of which what lies below `prefix` is going to be asked for. What is put only where nothing is yet is refused by
/// the bucket where somebody was faster (`If-None-Match`), which is what keeps writers of one lake apart.
///
/// Whoever works with the store is patient with it for minutes, since much work may be behind him. At the beginning nothing is: there one
/// question tells within seconds whether anybody answers at all.
///
/// # Errors
/// Where no region is named and the bucket does not tell its own; where the settings do not make a client; where nobody answers.
pub async fn bucket_store(access: &Access, bucket: &str, prefix: &str) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let config = connect(access, LAKE).await;
    let region = match (region(access).await, &access.endpoint_url) {
        (Some(region), _) => region.to_string(),
        // An emulator, or another store that speaks as S3 does, has no regions to find out.
        (None, Some(_)) => super::FALLBACK_REGION.to_owned(),
        (None, None) => resolve_bucket_region(bucket, &hasty()).await.map_err(|source| StoreError::Region { bucket: bucket.to_owned(), source })?,
    };
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_region(region);
    if let Some(chain) = Chain::of(&config) {
        builder = builder.with_credentials(Arc::new(chain));
    }
    let allows_http = access.endpoint_url.as_ref().is_some_and(|endpoint_url| endpoint_url.starts_with("http://"));
    if let Some(endpoint_url) = &access.endpoint_url {
        builder = builder.with_endpoint(endpoint_url);
    }
    let built = |builder: AmazonS3Builder| builder.build().map_err(|source| StoreError::Settings { bucket: bucket.to_owned(), source });
    let retry = RetryConfig { max_retries: HASTY_RETRIES, retry_timeout: HASTY_PATIENCE, ..RetryConfig::default() };
    let hasty = built(builder.clone().with_client_options(hasty().with_allow_http(allows_http)).with_retry(retry))?;
    match hasty.list(Some(&Path::from(prefix))).next().await {
        // Whatever else is wrong, somebody answers: what comes next tells it better.
        Some(Err(source)) if is_silence(&source) => Err(StoreError::Unreachable { bucket: bucket.to_owned(), source }),
        _ => Ok(Arc::new(built(builder.with_allow_http(allows_http))?)),
    }
}

/// How the first question is asked.
fn hasty() -> ClientOptions {
    ClientOptions::new().with_connect_timeout(HASTY_CONNECT).with_timeout(HASTY_ANSWER)
}

/// Whether there was no answer, rather than a refusal.
fn is_silence(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<HttpError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Together no more than 15 seconds: the last repetition begins before the patience ends.
const HASTY_RETRIES: usize = 4;
const HASTY_PATIENCE: Duration = Duration::from_secs(9);
const HASTY_CONNECT: Duration = Duration::from_secs(4);
const HASTY_ANSWER: Duration = Duration::from_secs(5);

/// The name under which the lake's calls show, where a role is assumed for it.
const LAKE: &str = "lake";
