//! A bucket as an object store: what the lake is written to and read from.

use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, resolve_bucket_region};
use object_store::{ClientOptions, ObjectStore};

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
    /// The settings do not make a client.
    #[error("the bucket {bucket} cannot be reached with these settings")]
    Settings {
        /// The bucket.
        bucket: String,
        /// Why.
        source: object_store::Error,
    },
}

/// The store of a whole bucket. What is put only where nothing is yet is refused by the bucket where somebody was faster (`If-None-Match`),
/// which is what keeps writers of one lake apart.
///
/// # Errors
/// Where no region is named and the bucket does not tell its own; where the settings do not make a client.
pub async fn bucket_store(access: &Access, bucket: &str) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let config = connect(access, LAKE).await;
    let region = match (region(access).await, &access.endpoint_url) {
        (Some(region), _) => region.to_string(),
        // An emulator, or another store that speaks as S3 does, has no regions to find out.
        (None, Some(_)) => super::FALLBACK_REGION.to_owned(),
        (None, None) => {
            resolve_bucket_region(bucket, &ClientOptions::new()).await.map_err(|source| StoreError::Region { bucket: bucket.to_owned(), source })?
        }
    };
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_region(region);
    if let Some(chain) = Chain::of(&config) {
        builder = builder.with_credentials(Arc::new(chain));
    }
    if let Some(endpoint_url) = &access.endpoint_url {
        builder = builder.with_endpoint(endpoint_url).with_allow_http(endpoint_url.starts_with("http://"));
    }
    let store = builder.build().map_err(|source| StoreError::Settings { bucket: bucket.to_owned(), source })?;
    Ok(Arc::new(store))
}

/// The name under which the lake's calls show, where a role is assumed for it.
const LAKE: &str = "lake";
