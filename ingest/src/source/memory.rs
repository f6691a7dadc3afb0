//! A source that is held in memory: for documentation and tests.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use schemas::Timestamp;
use sessions::decode::{Object, SourceKind};

use super::{Body, Custody, Listed, Source, SourceError};

/// A source in memory.
#[derive(Debug, Clone)]
pub struct Memory {
    name: String,
    kind: SourceKind,
    objects: BTreeMap<String, (Bytes, Timestamp)>,
    denied: BTreeSet<String>,
}

impl Memory {
    /// An empty source.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: SourceKind) -> Self {
        Self { name: name.into(), kind, objects: BTreeMap::new(), denied: BTreeSet::new() }
    }

    /// Holds an object that was modified at `at`; one of the same key is replaced.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, bytes: impl Into<Bytes>, at: Timestamp) -> Self {
        self.objects.insert(key.into(), (bytes.into(), at));
        self
    }

    /// Denies everything whose key begins so.
    #[must_use]
    pub fn without(mut self, prefix: impl Into<String>) -> Self {
        self.denied.insert(prefix.into());
        self
    }

    fn denied(&self, key: &str) -> Option<SourceError> {
        let denied = self.denied.iter().any(|prefix| key.starts_with(prefix));
        denied.then(|| SourceError::at(key, io::Error::from(io::ErrorKind::PermissionDenied)))
    }
}

#[async_trait]
impl Source for Memory {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> SourceKind {
        self.kind
    }

    fn objects(&self) -> BoxStream<'_, Result<Listed, SourceError>> {
        let listed = self.objects.iter().map(|(key, (bytes, at))| match self.denied(key) {
            Some(error) => Err(error),
            None => {
                let object = Object {
                    source: self.name.clone(),
                    kind: self.kind,
                    key: key.clone(),
                    object_version: format!("{}-{}", bytes.len(), at.micros()),
                    size: bytes.len() as u64,
                    last_modified: Some(*at),
                    account_id: None,
                    region: None,
                };
                Ok(Listed { object, custody: Custody::default() })
            }
        });
        futures::stream::iter(listed).boxed()
    }

    async fn open(&self, object: &Object) -> Result<Body, SourceError> {
        if let Some(error) = self.denied(&object.key) {
            return Err(error);
        }
        match self.objects.get(&object.key) {
            Some((bytes, _)) => Ok(Box::new(Cursor::new(bytes.clone()))),
            None => Err(SourceError::at(&object.key, io::Error::from(io::ErrorKind::NotFound))),
        }
    }
}
