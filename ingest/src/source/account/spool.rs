//! Answers that were given, kept until they are read: in memory while they are few, then in a temporary file without a name.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

/// Where the answers of one listing lie. Shared by all who write them, and by the readers of each.
#[derive(Debug, Clone)]
pub(super) struct Spool(Arc<Mutex<Heap>>);

#[derive(Debug)]
struct Heap {
    file: SpooledTempFile,
    length: u64,
}

/// An answer as it is written, a page after the other.
#[derive(Debug)]
pub(super) struct Draft {
    spool: Spool,
    extents: Vec<Extent>,
    digest: Sha256,
}

/// An answer that is whole.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    spool: Spool,
    extents: Vec<Extent>,
    pub(super) size: u64,
    /// Half a digest of its bytes: no two answers to one question meet by chance.
    pub(super) version: String,
}

/// Some bytes of the spool.
#[derive(Debug, Clone, Copy)]
struct Extent {
    offset: u64,
    length: u64,
}

impl Default for Spool {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Heap { file: SpooledTempFile::new(IN_MEMORY), length: 0 })))
    }
}

impl Spool {
    /// An answer without a word.
    pub(super) fn draft(&self) -> Draft {
        Draft { spool: self.clone(), extents: Vec::new(), digest: Sha256::new() }
    }

    /// Runs work that may wait for a disk where that is allowed.
    async fn append(&self, bytes: Vec<u8>) -> io::Result<Extent> {
        let heap = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || heap.lock().unwrap_or_else(PoisonError::into_inner).append(&bytes));
        done.await.map_err(io::Error::other)?
    }
}

impl Heap {
    fn append(&mut self, bytes: &[u8]) -> io::Result<Extent> {
        let extent = Extent { offset: self.length, length: bytes.len() as u64 };
        self.file.seek(SeekFrom::Start(extent.offset))?;
        self.file.write_all(bytes)?;
        self.length += extent.length;
        Ok(extent)
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read(buffer)
    }
}

impl Draft {
    /// Writes on.
    pub(super) async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.digest.update(&bytes);
        self.extents.push(self.spool.append(bytes).await?);
        Ok(())
    }

    /// Nothing more is to come.
    pub(super) fn finish(self) -> Answer {
        let size = self.extents.iter().map(|extent| extent.length).sum();
        Answer { spool: self.spool, extents: self.extents, size, version: schemas::hex(&self.digest.finalize()[..16]) }
    }
}

impl Answer {
    /// Its bytes from the beginning.
    pub(super) fn reader(&self) -> Reader {
        Reader { spool: self.spool.clone(), rest: self.extents.clone().into_iter(), open: None }
    }
}

/// Reads an answer.
#[derive(Debug)]
pub(super) struct Reader {
    spool: Spool,
    rest: std::vec::IntoIter<Extent>,
    open: Option<Extent>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(extent) = self.open.filter(|extent| extent.length > 0) else {
                self.open = self.rest.next();
                if self.open.is_none() {
                    return Ok(0);
                }
                continue;
            };
            let wanted = buffer.len().min(usize::try_from(extent.length).unwrap_or(usize::MAX));
            let read = self.spool.0.lock().unwrap_or_else(PoisonError::into_inner).read(extent.offset, &mut buffer[..wanted])?;
            if read == 0 && wanted > 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
            let length = read as u64;
            self.open = Some(Extent { offset: extent.offset + length, length: extent.length - length });
            return Ok(read);
        }
    }
}

/// Bytes that are held in memory before they go into a file. There is a spool for each account that is asked.
const IN_MEMORY: usize = 1 << 20;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[tokio::test]
    async fn answers_that_are_written_by_turns_are_read_whole() {
        let spool = Spool::default();
        let (mut long, mut short, none) = (spool.draft(), spool.draft(), spool.draft());
        for page in 0..5_u8 {
            long.write(vec![page; 1 << 19]).await.unwrap();
            short.write(vec![b'a' + page]).await.unwrap();
        }
        let (long, short, none) = (long.finish(), short.finish(), none.finish());
        let read = |answer: &Answer| {
            let mut bytes = Vec::new();
            answer.reader().read_to_end(&mut bytes).unwrap();
            bytes
        };
        assert_eq!((read(&short), short.size), (b"abcde".to_vec(), 5));
        assert_eq!((read(&long).len() as u64, long.size), (5 << 19, 5 << 19));
        assert!(read(&long).chunks(1 << 19).enumerate().all(|(page, bytes)| bytes.iter().all(|byte| usize::from(*byte) == page)));
        assert_eq!((read(&none).len(), none.size), (0, 0));
        assert!(spool.0.lock().unwrap().file.is_rolled(), "more than a megabyte is not held in memory");
        assert_ne!(short.version, none.version);
        let mut again = Spool::default().draft();
        again.write(b"abcde".to_vec()).await.unwrap();
        assert_eq!(again.finish().version, short.version, "a version is of the bytes, however they came");
    }
}
