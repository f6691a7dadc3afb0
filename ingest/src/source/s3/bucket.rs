//! The bucket, as far as we ask it: pages of names, and bytes of objects.

use std::sync::{Arc, PoisonError, RwLock};

use aws_config::{Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::operation::list_objects_v2::{ListObjectsV2Error, ListObjectsV2Output};
use aws_sdk_s3::types::{ChecksumMode, EncodingType};
use tokio::sync::Semaphore;

use super::super::{Custody, Listed, Origin, SourceError};
use super::error::{decoded, failed, micros};

#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) origin: Origin,
    pub(super) name: String,
    /// What every key of the source begins with: empty, or ending in a slash.
    pub(super) prefix: String,
    client: RwLock<Client>,
    /// Memory for objects that are read whole ahead of decoding, in KiB.
    pub(super) memory: Arc<Semaphore>,
}

/// What is asked of a listing. Keys and folders are those of the source, without the bucket's prefix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) folder: &'a str,
    /// Only what comes after this key.
    pub(super) after: Option<&'a str>,
    /// Where the page before ended.
    pub(super) token: Option<&'a str>,
    /// Whether a folder below is one name.
    pub(super) by_folder: bool,
}

/// Up to a thousand names, in the order of their bytes.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) names: Vec<Name>,
    /// Where the next page begins; `None` where this is the last.
    pub(super) next: Option<String>,
}

#[derive(Debug)]
pub(super) enum Name {
    Object(Box<Listed>),
    /// It ends with a slash.
    Folder(String),
}

impl Name {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Object(listed) => &listed.object.key,
            Self::Folder(folder) => folder,
        }
    }
}

impl Bucket {
    pub(super) fn new(origin: Origin, config: &SdkConfig, name: &str, prefix: &str) -> Self {
        let mut builder = aws_sdk_s3::config::Builder::from(config);
        if config.endpoint_url().is_some() {
            // Other stores than AWS's know no names of buckets in names of hosts.
            builder = builder.force_path_style(true);
        }
        let prefix = prefix.trim_matches('/');
        Self {
            origin,
            name: name.to_owned(),
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
            client: RwLock::new(Client::from_conf(builder.build())),
            memory: Arc::new(Semaphore::new(MEMORY_KIB)),
        }
    }

    /// One page of names.
    pub(super) async fn page(&self, asked: Asked<'_>) -> Result<Page, SourceError> {
        let plain = self.answered(|client| self.list(client, asked, None)).await;
        let answer = match plain {
            // It was answered, and that cannot be read: XML has no way to write some characters that keys may hold. Then keys are asked for in the
            // way of URLs.
            Err(error) if error.raw_response().is_some_and(|response| response.status().is_success()) => {
                self.answered(|client| self.list(client, asked, Some(EncodingType::Url))).await
            }
            answer => answer,
        };
        let answer = answer.map_err(|error| failed(&self.origin, asked.folder, "cannot be listed", true, error))?;
        let is_encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let text = |text: &str| if is_encoded { decoded(text) } else { text.to_owned() };
        let objects = answer.contents().iter().filter_map(|object| {
            let key = text(object.key()?).strip_prefix(&self.prefix)?.to_owned();
            let size = object.size().and_then(|size| u64::try_from(size).ok())?;
            Some(Name::Object(Box::new(self.listed(key, size, object.last_modified().map_or(-1, micros), object.e_tag()))))
        });
        let folders = answer.common_prefixes().iter().filter_map(|folder| Some(Name::Folder(text(folder.prefix()?).strip_prefix(&self.prefix)?.to_owned())));
        let mut names: Vec<Name> = objects.chain(folders).collect();
        names.sort_by(|a, b| a.text().cmp(b.text()));
        let next = answer.next_continuation_token().filter(|_| answer.is_truncated() == Some(true)).map(str::to_owned);
        Ok(Page { names, next })
    }

    async fn list(&self, client: Client, asked: Asked<'_>, encoding: Option<EncodingType>) -> Result<ListObjectsV2Output, SdkError<ListObjectsV2Error>> {
        let full = |key: &str| format!("{}{key}", self.prefix);
        client
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(full(asked.folder))
            .set_start_after(asked.after.map(full))
            .set_continuation_token(asked.token.map(str::to_owned))
            .set_delimiter(asked.by_folder.then(|| "/".to_owned()))
            .set_encoding_type(encoding)
            .send()
            .await
    }

    /// The object of a key as the listing tells it. Its version is its size and time, as in a mirror.
    fn listed(&self, key: String, size: u64, stored: i128, etag: Option<&str>) -> Listed {
        let last_modified = i64::try_from(stored).ok().and_then(schemas::Timestamp::plausible);
        let etag = etag.map(|etag| etag.trim_matches('"').to_owned()).filter(|etag| !etag.is_empty());
        let custody = Custody { last_modified, etag, ..Custody::default() };
        Listed { object: self.origin.object(key, size, stored, &custody), custody }
    }

    /// The bytes of an object from `from` on, as long as it is the one that was listed.
    pub(super) async fn get(&self, listed: &Listed, from: u64) -> Result<GetObjectOutput, SdkError<GetObjectError>> {
        self.answered(|client| {
            client
                .get_object()
                .bucket(&self.name)
                .key(format!("{}{}", self.prefix, listed.object.key))
                .set_if_match(listed.custody.etag.as_ref().map(|etag| format!("\"{etag}\"")))
                .set_range((from > 0).then(|| format!("bytes={from}-")))
                // A part of an object has no checksum of its own.
                .set_checksum_mode((from == 0).then_some(ChecksumMode::Enabled))
                .send()
        })
        .await
    }

    /// Asks; where the bucket lies in another region, asks there, and from then on.
    async fn answered<T, E, F>(&self, ask: impl Fn(Client) -> F) -> Result<T, SdkError<E>>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        let asked_in = client.config().region().cloned();
        let answer = ask(client).await;
        let Some(region) = answer.as_ref().err().and_then(SdkError::raw_response).and_then(home) else { return answer };
        if asked_in.as_ref() == Some(&region) {
            return answer;
        }
        let moved = {
            let mut client = self.client.write().unwrap_or_else(PoisonError::into_inner);
            *client = Client::from_conf(client.config().to_builder().region(region).build());
            client.clone()
        };
        ask(moved).await
    }
}

/// The region that a refusal names as the bucket's own.
pub(in crate::source) fn home(response: &HttpResponse) -> Option<Region> {
    response.headers().get("x-amz-bucket-region").map(|region| Region::new(region.to_owned()))
}

/// Objects that are read whole ahead of decoding hold no more than this.
const MEMORY_KIB: usize = 64 << 10;
