//! Writing the estate's files, each with the modification time that a mirror of the service would have.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::moment::Moment;

#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
}

impl Disk {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Writes a file below the root; its folders are made.
    pub(super) fn file(&self, key: &str, modified: Moment, bytes: &[u8]) -> io::Result<()> {
        let path = self.root.join(key);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::create(&path)?;
        file.write_all(bytes)?;
        let millis = u64::try_from(modified.millis()).unwrap_or(0);
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
    }

    /// The same, compressed. The header of the gzip stream holds no time, so the bytes are the same on every run.
    pub(super) fn gzip(&self, key: &str, modified: Moment, bytes: &[u8]) -> io::Result<()> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes)?;
        self.file(key, modified, &encoder.finish()?)
    }

    /// An answer of the AWS CLI.
    pub(super) fn json(&self, key: &str, modified: Moment, answer: &Value) -> io::Result<()> {
        self.file(key, modified, format!("{answer:#}\n").as_bytes())
    }
}
