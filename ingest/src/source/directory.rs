//! A folder that mirrors what a service holds: same key layout, time of modification = `LastModified`.

use std::fs::{self, File, Metadata, ReadDir};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use schemas::Timestamp;
use sessions::decode::{Interest, Object, SourceKind, interest};
use tokio::sync::mpsc;

use super::metadata::{self, SUFFIX};
use super::{Body, Custody, Kind, Listed, Source, SourceError};

/// A source that is a folder.
#[derive(Debug, Clone)]
pub struct Directory {
    name: String,
    kind: SourceKind,
    root: PathBuf,
    account_id: Option<String>,
    region: Option<String>,
}

impl Directory {
    /// The folder `root` as the source `name`; `account_id` and `region` are those of its configuration.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: SourceKind, root: impl Into<PathBuf>, account_id: Option<String>, region: Option<String>) -> Self {
        Self { name: name.into(), kind, root: root.into(), account_id, region }
    }

    fn listed(&self, path: &Path, found: &Metadata) -> Result<Option<Listed>, SourceError> {
        let key = key(&self.root, path)?;
        if key.ends_with(SUFFIX) || interest(self.kind, &key) == Interest::Skip {
            return Ok(None);
        }
        let at = |source| SourceError::at(key.clone(), source);
        let kept = metadata::beside(path).map_err(at)?;
        let modified = match kept.as_ref().and_then(|kept| kept.last_modified) {
            Some(modified) => Some(modified),
            None => modified(found),
        };
        let custody = kept.map(|kept| kept.custody).unwrap_or_default();
        let version = custody.version_id.clone().unwrap_or_else(|| format!("{}-{}", found.len(), modified.map_or(0, Timestamp::micros)));
        let object = Object {
            source: self.name.clone(),
            kind: self.kind,
            key,
            object_version: version,
            size: found.len(),
            last_modified: modified,
            account_id: self.account_id.clone(),
            region: self.region.clone(),
        };
        Ok(Some(Listed { object, custody }))
    }

    /// Walks the tree with a stack of its own: however deep it is, it overflows nothing.
    fn walk(&self, found: &mpsc::Sender<Result<Listed, SourceError>>) {
        // Nobody listens any more: there is nothing left to do.
        let tell = |item| found.blocking_send(item).is_ok();
        let mut open: Vec<(PathBuf, ReadDir)> = Vec::new();
        match fs::read_dir(&self.root) {
            Ok(entries) => open.push((self.root.clone(), entries)),
            Err(error) => {
                tell(Err(SourceError::at(self.root.to_string_lossy(), error)));
                return;
            }
        }
        while let Some((folder, entries)) = open.last_mut() {
            let entry = match entries.next() {
                None => {
                    open.pop();
                    continue;
                }
                Some(Err(error)) => {
                    let place = key(&self.root, folder).unwrap_or_default();
                    open.pop();
                    if !tell(Err(SourceError::at(place, error))) {
                        return;
                    }
                    continue;
                }
                Some(Ok(entry)) => entry.path(),
            };
            match self.visit(&entry) {
                Ok(Visit::Folder(entries)) => open.push((entry, entries)),
                Ok(Visit::Object(listed)) if !tell(Ok(listed)) => return,
                Ok(Visit::Object(_) | Visit::Nothing) => {}
                Err(error) if !tell(Err(error)) => return,
                Err(_) => {}
            }
        }
    }

    fn visit(&self, path: &Path) -> Result<Visit, SourceError> {
        let place = || key(&self.root, path).unwrap_or_else(|error| error.place);
        let at = |error| SourceError::at(place(), error);
        let found = match fs::symlink_metadata(path) {
            // It was there a moment ago; what is deleted while we look is no gap.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Visit::Nothing),
            found => found.map_err(at)?,
        };
        if found.is_dir() {
            return fs::read_dir(path).map(Visit::Folder).map_err(at);
        }
        if !found.is_file() {
            let what = if found.is_symlink() { "a symbolic link, which is not followed" } else { "not a regular file" };
            return Err(SourceError { kind: Kind::Unreachable, place: place(), source: io::Error::other(what) });
        }
        Ok(self.listed(path, &found)?.map_or(Visit::Nothing, Visit::Object))
    }
}

enum Visit {
    Folder(ReadDir),
    Object(Listed),
    Nothing,
}

#[async_trait]
impl Source for Directory {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> SourceKind {
        self.kind
    }

    fn objects(&self) -> BoxStream<'_, Result<Listed, SourceError>> {
        let (sender, receiver) = mpsc::channel(LISTED_AHEAD);
        let directory = self.clone();
        tokio::task::spawn_blocking(move || directory.walk(&sender));
        futures::stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|item| (item, receiver)) }).boxed()
    }

    async fn open(&self, object: &Object) -> Result<Body, SourceError> {
        let path = self.root.join(&object.key);
        let key = object.key.clone();
        let opened = tokio::task::spawn_blocking(move || File::open(path)).await;
        let file = opened.map_err(io::Error::other).and_then(|file| file).map_err(|error| SourceError::at(key, error))?;
        Ok(Box::new(file))
    }
}

/// How many objects the walk may be ahead of whoever reads them.
const LISTED_AHEAD: usize = 1024;

/// The key of a path below `root`: its parts joined by `/`.
fn key(root: &Path, path: &Path) -> Result<String, SourceError> {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/")).ok_or_else(|| SourceError {
        kind: Kind::Corrupt,
        place: below.to_string_lossy().into_owned(),
        source: io::Error::other("its name is not UTF-8"),
    })
}

/// The time of modification, in microseconds; `None` before 1970.
fn modified(found: &Metadata) -> Option<Timestamp> {
    let since = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Timestamp::from_micros)
}
