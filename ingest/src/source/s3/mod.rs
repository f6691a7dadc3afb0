//! A prefix of a bucket as a source.
//!
//! The key of an object is what follows the prefix, so it is the key that the object has in a mirror made with `aws s3 sync`; and so is its
//! version, which is its size and time (`docs/decisions/005-an-s3-object-is-its-size-and-time.md`). What S3 tells of an object only when it is
//! read (version id, checksum, lock, user metadata) comes with its bytes.
//!
//! ```text
//!   listing ─▶ parts: folders of a layout, ranges of keys; some of them at a time, handed over in the order of the keys
//!   open    ─▶ GetObject of the ETag that was listed ─▶ bytes, begun again where they break off
//! ```

mod bucket;
mod custody;
mod error;
mod fetch;
mod layout;
mod listing;
mod part;
mod range;

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use futures::StreamExt;
use futures::stream::BoxStream;
use sessions::decode::SourceKind;

use super::{Listed, Opened, Origin, Resume, Source, SourceError};
use bucket::Bucket;
pub(super) use bucket::home;
pub(super) use error::causes;

/// A prefix of a bucket.
#[derive(Debug, Clone)]
pub struct S3 {
    bucket: Arc<Bucket>,
}

impl S3 {
    /// What lies below `prefix/` in the bucket `name`, or all of it where the prefix is empty. Nothing is asked yet, and the bucket need not exist.
    #[must_use]
    pub fn new(origin: Origin, config: &SdkConfig, name: &str, prefix: &str) -> Self {
        Self { bucket: Arc::new(Bucket::new(origin, config, name, prefix)) }
    }
}

#[async_trait]
impl Source for S3 {
    fn name(&self) -> &str {
        &self.bucket.origin.name
    }

    fn kind(&self) -> SourceKind {
        self.bucket.origin.kind
    }

    fn objects(&self, resume: Resume) -> BoxStream<'_, Result<Listed, SourceError>> {
        listing::listing(Arc::clone(&self.bucket), resume).boxed()
    }

    fn opens_at_once(&self) -> usize {
        OPENS_AT_ONCE
    }

    async fn open(&self, listed: &Listed) -> Result<Opened, SourceError> {
        fetch::open(&self.bucket, listed).await
    }
}

/// Requests of objects under way. S3 answers one in some tens of milliseconds, so a small object a request is some hundreds a second by each ten.
const OPENS_AT_ONCE: usize = 32;
