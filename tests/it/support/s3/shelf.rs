//! What the stand-in holds: buckets of keys, and of each key all versions.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use bytes::Bytes;
use s3s::S3Result;
use s3s::crypto::{Checksum as _, Md5, Sha256};
use s3s::dto::ETagCondition;
use s3s::s3_error;

/// One version of an object.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its bytes.
    pub bytes: Bytes,
    /// When it was stored, in whole seconds as S3 has it.
    pub modified: SystemTime,
    /// Its version id, where its bucket has versions.
    pub version: Option<String>,
    /// Its ETag, without quotes.
    pub etag: String,
    /// User metadata.
    pub metadata: HashMap<String, String>,
    /// Object Lock: its mode and until when.
    pub lock: Option<(String, SystemTime)>,
}

impl Kept {
    /// Bytes that are stored at a moment.
    pub fn new(bytes: impl Into<Bytes>, modified: SystemTime) -> Self {
        let bytes = bytes.into();
        let etag = hex(Md5::checksum(&bytes).as_ref());
        let seconds = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let modified = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        Self { bytes, modified, version: None, etag, metadata: HashMap::new(), lock: None }
    }

    /// Its SHA-256 as S3 writes it.
    pub fn sha256(&self) -> String {
        let mut hasher = s3s::checksum::ChecksumHasher { sha256: Some(Sha256::new()), ..Default::default() };
        hasher.update(&self.bytes);
        hasher.finalize().checksum_sha256.expect("it was asked for")
    }
}

/// Parts of an upload, by their number.
#[derive(Debug, Clone, Default)]
pub(super) struct Upload {
    pub(super) metadata: HashMap<String, String>,
    pub(super) parts: BTreeMap<i32, Bytes>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Shelf {
    pub(super) keys: BTreeMap<String, Vec<Kept>>,
    pub(super) has_versions: bool,
    pub(super) uploads: HashMap<String, Upload>,
    /// How many uploads were ever begun: no id is given twice.
    pub(super) begun: usize,
}

/// Everything that a stand-in held at one moment.
#[derive(Debug, Clone)]
pub struct State(pub(super) BTreeMap<String, Shelf>);

impl Shelf {
    pub(super) fn newest(&self, key: &str) -> S3Result<&Kept> {
        self.keys.get(key).and_then(|versions| versions.last()).ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))
    }

    /// Stores an object where the conditions hold, while nobody else does anything: this is what the emulators do not do.
    pub(super) fn put(&mut self, key: &str, mut kept: Kept, none_match: Option<&ETagCondition>, matches: Option<&ETagCondition>) -> S3Result<&Kept> {
        let found = self.newest(key).ok();
        let is_met = none_match.is_none_or(|condition| found.is_none_or(|found| !names(condition, found)))
            && matches.is_none_or(|condition| found.is_some_and(|found| names(condition, found)));
        if !is_met {
            return Err(s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold"));
        }
        let versions = self.keys.entry(key.to_owned()).or_default();
        if self.has_versions {
            kept.version = Some(format!("version-{}-of-{}", versions.len() + 1, &kept.etag[..8]));
        } else {
            versions.clear();
        }
        versions.push(kept);
        self.newest(key)
    }
}

/// Whether a condition names this version.
pub(super) fn names(condition: &ETagCondition, kept: &Kept) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == kept.etag,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
