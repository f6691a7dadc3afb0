//! Parts that were listed, kept until they are opened: in memory while they are few, then in temporary files without a name.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sessions::decode::Object;
use tempfile::SpooledTempFile;

/// What was listed last. Shared by the listing, which fills it, and the opening of objects.
///
/// Bounded by its shelves: the older of two is given up whole when the newer is full. What is not here any more is asked for again.
#[derive(Debug, Clone, Default)]
pub(super) struct Spool {
    shelves: Arc<Mutex<Shelves>>,
}

#[derive(Debug, Default)]
struct Shelves {
    older: Option<Shelf>,
    newer: Option<Shelf>,
}

#[derive(Debug)]
struct Shelf {
    file: SpooledTempFile,
    length: u64,
    kept: HashMap<String, Kept>,
}

#[derive(Debug)]
struct Kept {
    object: Object,
    offset: u64,
}

impl Spool {
    /// Keeps a part under its key. One that cannot be kept, where no temporary file can be written, will be asked for again.
    pub(super) async fn put(&self, object: Object, bytes: Bytes) {
        let _ = self.blocking(move |shelves| shelves.put(object, &bytes)).await;
    }

    /// What was listed last under a key, and its bytes; `None` where it is not here.
    pub(super) async fn get(&self, key: &str) -> Option<(Object, Vec<u8>)> {
        let key = key.to_owned();
        self.blocking(move |shelves| shelves.get(&key)).await.ok().flatten()
    }

    /// Bytes that are held in memory now.
    pub(super) fn in_memory(&self) -> usize {
        let shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let shelves = [&shelves.older, &shelves.newer].into_iter().flatten();
        shelves.filter(|shelf| !shelf.file.is_rolled()).map(|shelf| usize::try_from(shelf.length).unwrap_or(usize::MAX)).sum()
    }

    /// Runs work that may wait for a disk where that is allowed.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(&mut Shelves) -> io::Result<T> + Send + 'static) -> io::Result<T> {
        let shelves = Arc::clone(&self.shelves);
        let done = tokio::task::spawn_blocking(move || work(&mut shelves.lock().unwrap_or_else(PoisonError::into_inner)));
        done.await.map_err(io::Error::other)?
    }
}

impl Shelves {
    fn put(&mut self, object: Object, bytes: &[u8]) -> io::Result<()> {
        if self.newer.as_ref().is_some_and(|shelf| shelf.length >= SHELF) {
            self.older = self.newer.take();
        }
        let shelf = self.newer.get_or_insert_with(Shelf::new);
        let offset = shelf.length;
        shelf.file.seek(SeekFrom::Start(offset))?;
        shelf.file.write_all(bytes)?;
        shelf.length += bytes.len() as u64;
        shelf.kept.insert(object.key.clone(), Kept { object, offset });
        Ok(())
    }

    fn get(&mut self, key: &str) -> io::Result<Option<(Object, Vec<u8>)>> {
        for shelf in [&mut self.newer, &mut self.older].into_iter().flatten() {
            if let Some(kept) = shelf.kept.get(key) {
                let mut bytes = vec![0; usize::try_from(kept.object.size).map_err(io::Error::other)?];
                shelf.file.seek(SeekFrom::Start(kept.offset))?;
                shelf.file.read_exact(&mut bytes)?;
                return Ok(Some((kept.object.clone(), bytes)));
            }
        }
        Ok(None)
    }
}

impl Shelf {
    fn new() -> Self {
        Self { file: SpooledTempFile::new(IN_MEMORY), length: 0, kept: HashMap::new() }
    }
}

/// Bytes of a shelf: as much as a round of the pipeline opens together fits twice.
const SHELF: u64 = 128 << 20;
/// Bytes of a shelf that are held in memory before it goes into a file.
const IN_MEMORY: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use sessions::decode::SourceKind;

    fn object(key: String, size: usize) -> Object {
        let (source, object_version) = ("group".to_owned(), "1".to_owned());
        Object { source, kind: SourceKind::CloudWatch, key, object_version, size: size as u64, last_modified: None, account_id: None, region: None }
    }

    #[tokio::test]
    async fn gives_back_what_was_listed_last() {
        let spool = Spool::default();
        for n in 0..200_u8 {
            spool.put(object(n.to_string(), 1 << 17), vec![n; 1 << 17].into()).await;
        }
        assert_eq!(spool.in_memory(), 0, "25 MiB are more than is held in memory");
        for n in 0..200_u8 {
            let bytes = spool.get(&n.to_string()).await.map(|(_, bytes)| bytes);
            assert_eq!(bytes, Some(vec![n; 1 << 17]));
        }
        spool.put(object("7".to_owned(), 3), Bytes::from_static(b"new")).await;
        assert_eq!(spool.get("7").await.map(|(object, bytes)| (object.size, bytes)), Some((3, b"new".to_vec())));
        assert_eq!(spool.get("none").await, None);
    }

    #[tokio::test]
    async fn what_was_listed_long_ago_is_given_up() {
        let spool = Spool::default();
        let piece = Bytes::from(vec![7; 32 << 20]);
        for n in 0..9 {
            spool.put(object(n.to_string(), piece.len()), piece.clone()).await;
        }
        let mut kept = Vec::new();
        for n in 0..9 {
            kept.push(spool.get(&n.to_string()).await.is_some());
        }
        assert_eq!(kept, [false, false, false, false, true, true, true, true, true]);
    }
}
