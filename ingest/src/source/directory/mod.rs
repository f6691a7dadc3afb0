//! A folder on disk as a source: the mirror that `aws s3 sync` leaves, export tasks, snapshots of the AWS CLI.
//!
//! The key of an object is its path below the folder, its version the version id of its side file, else its size and modification
//! time. What is no plain file is not read: pipes and devices are errors, and so is a link that leads out of the folder; a
//! link that stays inside is passed over, because what it leads to is listed at its own place.

mod held;
mod walk;

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use sessions::decode::{Object, SourceKind};

use super::{Body, Custody, ErrorKind, Listed, Opened, Origin, Resume, SIDE_FILE, Source, SourceError};
use held::Held;
use walk::Walk;

/// A folder on disk.
#[derive(Debug, Clone)]
pub struct Directory {
    folder: Arc<Folder>,
}

/// A folder and what its configuration says of the objects in it.
#[derive(Debug)]
struct Folder {
    origin: Origin,
    root: PathBuf,
}

impl Directory {
    /// The folder at `root`; nothing is read yet, and it need not exist.
    #[must_use]
    pub fn new(origin: Origin, root: impl Into<PathBuf>) -> Self {
        Self { folder: Arc::new(Folder { origin, root: root.into() }) }
    }

    /// Runs blocking work on a thread that may block.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&Arc<Folder>) -> T + Send + 'static) -> Result<T, SourceError> {
        let folder = self.folder.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        done.map_err(|error| self.folder.origin.error(ErrorKind::Bug, "", "a task of the listing broke off").caused_by(io::Error::other(error)))
    }
}

#[async_trait]
impl Source for Directory {
    fn name(&self) -> &str {
        &self.folder.origin.name
    }

    fn kind(&self) -> SourceKind {
        self.folder.origin.kind
    }

    fn objects(&self, _: Resume) -> BoxStream<'_, Result<Listed, SourceError>> {
        let walk = Walk::new(self.folder.clone(), NAMES_HELD);
        let batches = stream::unfold(Some(walk), move |walk| async move {
            let mut walk = walk?;
            let batch = self.blocking(move |_| {
                let batch: Vec<_> = walk.by_ref().take(BATCH).collect();
                (batch, walk)
            });
            match batch.await {
                Ok((batch, walk)) => (!batch.is_empty()).then_some((batch, Some(walk))),
                Err(error) => Some((vec![Err(error)], None)),
            }
        });
        batches.flat_map(stream::iter).boxed()
    }

    async fn open(&self, listed: &Listed) -> Result<Opened, SourceError> {
        let object = listed.object.clone();
        self.blocking(move |folder| folder.open(&object)).await?
    }
}

impl Folder {
    fn open(&self, object: &Object) -> Result<Opened, SourceError> {
        let key = &object.key;
        if key.split('/').any(|segment| matches!(segment, "" | "." | "..")) || key.contains('\0') {
            return Err(self.origin.error(ErrorKind::Bug, key, "is no path below the folder"));
        }
        let changed = || self.origin.error(ErrorKind::Conflict, key, "changed since it was listed");
        let gone = || self.origin.error(ErrorKind::NotFound, key, "is not there any more");
        // Looked at before it is opened: even to open a pipe or a device is felt on its other side.
        let listed = self.look(key, true)?.ok_or_else(gone)?;
        if listed.object != *object {
            return Err(changed());
        }
        let unopened = |error| self.refused(key, "could not be opened", error);
        // What counts is what was opened, whatever has happened to the name since it was looked at.
        let (file, metadata) = open_plain(&self.root.join(key)).map_err(unopened)?.ok_or_else(changed)?;
        if self.origin.object(key.clone(), metadata.len(), micros(&metadata).map_err(unopened)?, &listed.custody) != *object {
            return Err(changed());
        }
        let held = Held::new(file, &metadata, self.origin.clone(), key).map_err(unopened)?;
        Ok(Opened { body: Body::from_reader(held), custody: listed.custody })
    }

    /// A plain file as an object; `None` where nothing is there. `has_side_files`: whether the file could have one.
    fn look(&self, key: &str, has_side_files: bool) -> Result<Option<Listed>, SourceError> {
        let metadata = match fs::symlink_metadata(self.root.join(key)) {
            Ok(metadata) => metadata,
            Err(error) if ErrorKind::of(&error) == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.refused(key, "could not be looked at", error)),
        };
        if !metadata.is_file() {
            return Err(self.origin.error(ErrorKind::Corrupt, key, "is no plain file"));
        }
        let stored = micros(&metadata).map_err(|error| self.refused(key, "has no modification time", error))?;
        let custody = if has_side_files { self.custody(key)? } else { Custody::default() };
        Ok(Some(Listed { object: self.origin.object(key.to_owned(), metadata.len(), stored, &custody), custody }))
    }

    /// What the side file of a key says. One that cannot be used withholds its object, whose version and time would be guessed: it is
    /// the object that is missing then.
    fn custody(&self, key: &str) -> Result<Custody, SourceError> {
        let path = self.root.join(format!("{key}{SIDE_FILE}"));
        let corrupt = |detail: String| self.origin.error(ErrorKind::Corrupt, key, detail);
        let no_plain_file = || corrupt(format!("its side file {SIDE_FILE} is no plain file"));
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(no_plain_file()),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename) => return Ok(Custody::default()),
            Err(error) => return Err(self.refused(key, "its side file could not be looked at", error)),
        }
        let unread = |error| self.refused(key, "its side file could not be read", error);
        let (file, _) = open_plain(&path).map_err(unread)?.ok_or_else(no_plain_file)?;
        let mut bytes = Vec::new();
        file.take(SIDE_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unread)?;
        if bytes.len() as u64 > SIDE_FILE_BYTES {
            return Err(corrupt("its side file is larger than a head-object answer can be".to_owned()));
        }
        Custody::parse(&bytes).map_err(corrupt)
    }

    fn refused(&self, place: &str, detail: &str, error: io::Error) -> SourceError {
        self.origin.error(ErrorKind::of(&error), place, detail).caused_by(error)
    }

    fn root(&self) -> &Path {
        &self.root
    }
}

/// Opens a plain file and nothing else; `None` for a link, a pipe, a device or a folder. Does not wait, as the opening of a pipe would.
fn open_plain(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    let file = match OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW).open(path) {
        Ok(file) => file,
        // A link, and a socket: what is not to be opened is refused in more than one way.
        Err(error) if matches!(error.raw_os_error(), Some(libc::ELOOP | libc::ENXIO)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

/// The modification time in whole microseconds since the epoch, rounded down; earlier ones are negative.
fn micros(metadata: &Metadata) -> io::Result<i128> {
    let modified = metadata.modified()?;
    let nanos = match modified.duration_since(std::time::SystemTime::UNIX_EPOCH) {
        Ok(after) => i128::try_from(after.as_nanos()).unwrap_or(i128::MAX),
        Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap_or(i128::MAX),
    };
    Ok(nanos.div_euclid(1_000))
}

/// Objects that one turn of the listing hands over.
const BATCH: usize = 1_024;
/// File names that a listing holds at a time.
const NAMES_HELD: usize = 400_000;
/// S3 allows 2 KB of user metadata; the whole answer is far below this.
const SIDE_FILE_BYTES: u64 = 64 * 1024;

#[cfg(test)]
mod tests;
