//! Where bytes come from: sources list their objects, and open them one by one.
//!
//! What comes in is the world: a folder, a bucket, an API. What goes out is a stream of [`Listed`] objects in the order of
//! their keys, and a [`Body`] of bytes for each that is opened. This room refuses to know what the bytes mean, which objects
//! were read before, and what time it is.
//!
//! ```text
//!   Source::objects ─▶ Listed { object, custody } ─▶ (pipeline: new or known?) ─▶ Source::open ─▶ Opened { body: Read, custody }
//!          └─────────▶ SourceError: this object or place cannot be had; the rest still comes
//! ```
//!
//! Listing and opening are asynchronous; a body is read by plain blocking code. A source whose bytes arrive on the network hands
//! them over through a bounded channel ([`Body::from_stream`]), which is what bounds memory.

mod account;
mod body;
mod cloudwatch;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod custody;
mod directory;
mod error;
mod memory;
mod pace;
mod recorded;
mod resume;
mod s3;

use std::fmt;

use async_trait::async_trait;
use futures::stream::BoxStream;
use sessions::decode::{Interest, interest};
pub use sessions::decode::{Object, SourceKind};

pub use account::{Account, Clock};
pub use body::{Body, ByteStream};
pub use cloudwatch::CloudWatch;
pub use custody::Custody;
pub use directory::Directory;
pub use error::{ErrorKind, SourceError};
pub use memory::Memory;
pub use recorded::Recorded;
pub use resume::{Positions, Resume};
pub use s3::S3;

/// The name that an object's side file has after the object's own: what a mirror lost of the object, as `aws s3api head-object` tells it.
pub const SIDE_FILE: &str = ".metadata.json";

/// Where objects of one kind come from. `contract` holds the behaviour that every source must show.
#[async_trait]
pub trait Source: Send + Sync + fmt::Debug {
    /// The source's configured name: the identity of its state.
    fn name(&self) -> &str;

    /// What its objects hold.
    fn kind(&self) -> SourceKind;

    /// Everything that is there now, each object once, in the order of the bytes of their keys. Side files, and what holds no evidence
    /// of the source's kind by its key ([`interest`]), are no objects.
    ///
    /// An object or place that cannot be had is an error among the items, and the rest still comes. An error whose place is empty means
    /// that the source was not listed to its end; one whose place ends with a slash, that this folder was not.
    ///
    /// What `resume` allows to be left out need not be listed: see [`Resume`].
    fn objects(&self, resume: Resume) -> BoxStream<'_, Result<Listed, SourceError>>;

    /// Asks ahead for what the next listing tells, where that is a long wait for distant answers. Whoever reads several sources has all of them
    /// do so side by side, and lists one after the other.
    async fn ask_ahead(&self, _resume: Resume) {}

    /// How many objects may be opened side by side. Where opening is a wait for a distant store, waits should overlap.
    fn opens_at_once(&self) -> usize {
        1
    }

    /// The bytes of an object as it was listed, compressed or not as they are stored; and what its store vouches for, now that it was asked.
    ///
    /// # Errors
    /// Where the object is gone, denied, unreachable, or not the same any more. The body itself fails with an
    /// [`io::Error`](std::io::Error) that carries a [`SourceError`] where the object changes or breaks off while it is read.
    async fn open(&self, listed: &Listed) -> Result<Opened, SourceError>;
}

/// One object as listed, with what its store vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object.
    pub object: Object,
    /// What the object's store says of it; all of it null where nothing is verified.
    pub custody: Custody,
}

/// An object that is open.
#[derive(Debug)]
pub struct Opened {
    /// Its bytes.
    pub body: Body,
    /// What its store says of it: what the listing told, and what only an open object tells.
    pub custody: Custody,
}

/// What a source's configuration says of all of its objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The source's configured name.
    pub name: String,
    /// What its objects hold.
    pub kind: SourceKind,
    /// The account that its objects stand under where nothing else ties them to one.
    pub account_id: Option<String>,
    /// The region, likewise.
    pub region: Option<String>,
}

impl Origin {
    /// Whether something of this name is an object of the source.
    fn has_object(&self, key: &str) -> bool {
        !key.ends_with(SIDE_FILE) && interest(self.kind, key) == Interest::Read
    }

    /// The object of a key, as it stands in this source.
    fn object(&self, key: String, size: u64, stored_micros: i128, custody: &Custody) -> Object {
        let stored = i64::try_from(stored_micros).ok().and_then(schemas::Timestamp::plausible);
        Object {
            source: self.name.clone(),
            kind: self.kind,
            key,
            object_version: custody.version_id.clone().unwrap_or_else(|| format!("{size}-{stored_micros}")),
            size,
            last_modified: custody.last_modified.or(stored),
            account_id: self.account_id.clone(),
            region: self.region.clone(),
        }
    }

    fn error(&self, kind: ErrorKind, place: &str, detail: impl Into<String>) -> SourceError {
        SourceError { kind, source_name: self.name.clone(), place: place.to_owned(), detail: detail.into(), source: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_storage_that_cannot_be_is_none() {
        let origin = Origin { name: "mirror".to_owned(), kind: SourceKind::Transcripts, account_id: None, region: None };
        let stored = |micros| origin.object("a.log".to_owned(), 1, micros, &Custody::default());
        assert_eq!(stored(7_258_118_399_999_999).last_modified.map(|at| at.to_string()).as_deref(), Some("2199-12-31T23:59:59.999999Z"));
        for micros in [-1, 7_258_118_400_000_000, i128::from(i64::MAX), i128::MAX] {
            let object = stored(micros);
            assert_eq!((object.last_modified, object.object_version), (None, format!("1-{micros}")), "the version still tells it apart");
        }
    }
}
