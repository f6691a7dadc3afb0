//! A source that lives in memory: for tests, for examples, and as the contract's simplest witness.

use std::collections::BTreeMap;
use std::io::Cursor;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use schemas::Timestamp;
use sessions::decode::SourceKind;

use super::{Body, Custody, ErrorKind, Listed, Opened, Origin, Resume, Source, SourceError};

/// Objects in memory.
///
/// # Example
/// ```
/// use ingest::source::{Memory, Origin, Source};
/// use sessions::decode::SourceKind;
///
/// let origin = Origin { name: "bucket".to_owned(), kind: SourceKind::Transcripts, account_id: None, region: None };
/// let time = schemas::Timestamp::parse("2026-07-14T09:15:00Z")?;
/// let source = Memory::new(origin).with("ssm/root-0a1b2c3d4e5f60718.log", time, "Script started on 2026-07-14 09:14:58+00:00\n");
/// assert_eq!(source.name(), "bucket");
/// # Ok::<(), schemas::TimeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Memory {
    origin: Origin,
    objects: BTreeMap<String, Kept>,
}

#[derive(Debug, Clone)]
enum Kept {
    Held {
        modified: Timestamp,
        custody: Custody,
        bytes: Bytes,
    },
    /// Listed, and refused when opened.
    Closed {
        modified: Timestamp,
    },
    /// A place whose listing is refused.
    Hidden,
}

impl Memory {
    /// A source without objects.
    #[must_use]
    pub const fn new(origin: Origin) -> Self {
        Self { origin, objects: BTreeMap::new() }
    }

    /// The same source with one more object; one of the same key is replaced.
    #[must_use]
    pub fn with(self, key: &str, modified: Timestamp, bytes: impl Into<Bytes>) -> Self {
        self.with_custody(key, modified, Custody::default(), bytes)
    }

    /// The same, with what a store vouches for.
    #[must_use]
    pub fn with_custody(mut self, key: &str, modified: Timestamp, custody: Custody, bytes: impl Into<Bytes>) -> Self {
        self.objects.insert(key.to_owned(), Kept::Held { modified, custody, bytes: bytes.into() });
        self
    }

    /// The same source with an object that is listed and may not be read.
    #[must_use]
    pub fn with_denied(mut self, key: &str, modified: Timestamp) -> Self {
        self.objects.insert(key.to_owned(), Kept::Closed { modified });
        self
    }

    /// The same source with a place that may not be listed; that of a folder ends with a slash.
    #[must_use]
    pub fn with_denied_place(mut self, place: &str) -> Self {
        self.objects.insert(place.to_owned(), Kept::Hidden);
        self
    }

    /// The same source without the object of a key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.objects.remove(key);
        self
    }

    fn listed(&self, key: &str, modified: Timestamp, size: usize, custody: &Custody) -> Listed {
        let object = self.origin.object(key.to_owned(), size as u64, modified.micros().into(), custody);
        Listed { object, custody: custody.clone() }
    }
}

#[async_trait]
impl Source for Memory {
    fn name(&self) -> &str {
        &self.origin.name
    }

    fn kind(&self) -> SourceKind {
        self.origin.kind
    }

    fn objects(&self, _: Resume) -> BoxStream<'_, Result<Listed, SourceError>> {
        let objects = self.objects.iter().filter(|(key, kept)| matches!(kept, Kept::Hidden) || self.origin.has_object(key));
        let items = objects.map(|(key, kept)| match kept {
            Kept::Held { modified, custody, bytes } => Ok(self.listed(key, *modified, bytes.len(), custody)),
            Kept::Closed { modified } => Ok(self.listed(key, *modified, 1, &Custody::default())),
            Kept::Hidden => Err(self.origin.error(ErrorKind::Denied, key, "may not be listed")),
        });
        stream::iter(items).boxed()
    }

    async fn open(&self, listed: &Listed) -> Result<Opened, SourceError> {
        let object = &listed.object;
        match self.objects.get(&object.key) {
            Some(Kept::Held { modified, custody, bytes }) => {
                if self.listed(&object.key, *modified, bytes.len(), custody).object == *object {
                    Ok(Opened { body: Body::from_reader(Cursor::new(bytes.clone())), custody: custody.clone() })
                } else {
                    Err(self.origin.error(ErrorKind::Conflict, &object.key, "changed since it was listed"))
                }
            }
            Some(Kept::Closed { .. }) => Err(self.origin.error(ErrorKind::Denied, &object.key, "may not be read")),
            Some(Kept::Hidden) | None => Err(self.origin.error(ErrorKind::NotFound, &object.key, "is not there any more")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::contract::{self, Disturbance, Ground, Planted};

    #[derive(Debug)]
    struct Heap;

    #[async_trait]
    impl Ground for Heap {
        async fn plant(&self, origin: Origin, objects: &[Planted]) -> Box<dyn Source> {
            let source = objects.iter().fold(Memory::new(origin), |source, planted| {
                if planted.is_denied && planted.key.ends_with('/') {
                    source.with_denied_place(&planted.key)
                } else if planted.is_denied {
                    source.with_denied(&planted.key, planted.modified)
                } else {
                    source.with(&planted.key, planted.modified, planted.bytes.clone())
                }
            });
            Box::new(source)
        }

        /// What is open holds the bytes that it had.
        async fn disturb(&self, _key: &str, _disturbance: Disturbance) {}

        fn can_deny(&self) -> bool {
            true
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn keeps_the_contract() {
        contract::holds(&Heap).await;
    }
}
