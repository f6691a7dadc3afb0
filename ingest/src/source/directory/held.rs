//! An open file that notices when it changes under the reader's hands.

use std::fs::{File, Metadata};
use std::io::{self, Read};

use super::super::{ErrorKind, Origin};
use super::micros;

/// Reads a file to its end, which must be the end it had when it was opened.
#[derive(Debug)]
pub(super) struct Held {
    file: File,
    origin: Origin,
    key: String,
    size: u64,
    modified: i128,
    read: u64,
}

impl Held {
    /// `metadata` is that of the open file.
    pub(super) fn new(file: File, metadata: &Metadata, origin: Origin, key: &str) -> io::Result<Self> {
        Ok(Self { size: metadata.len(), modified: micros(metadata)?, file, origin, key: key.to_owned(), read: 0 })
    }

    fn is_unchanged(&self) -> io::Result<bool> {
        let metadata = self.file.metadata()?;
        Ok(self.read == self.size && metadata.len() == self.size && micros(&metadata)? == self.modified)
    }
}

impl Read for Held {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.read += length as u64;
        // At the end, and where there is more than there was: a writer that never stops must not keep us.
        let is_end = length == 0 && !buffer.is_empty();
        if self.read > self.size || (is_end && !self.is_unchanged()?) {
            return Err(self.origin.error(ErrorKind::Conflict, &self.key, "changed while it was read").into_io());
        }
        Ok(length)
    }
}
