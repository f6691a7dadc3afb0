//! Where bytes come from. Each origin lists objects and opens them; what is in them is not its business.
//!
//! In: a place (a directory, later a bucket or a log group). Out: [`Listed`] objects, and their bytes as a reader. A place or object that
//! cannot be read is an error *item*: the rest still comes.

pub mod directory;
pub mod memory;
pub mod metadata;

#[cfg(any(test, feature = "contract"))]
pub mod contract;

use std::io::Read;

use async_trait::async_trait;
use futures::stream::BoxStream;
use schemas::Timestamp;
use sessions::decode::{Object, SourceKind};

/// An object as listed, with what is known of its keeping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What to decode.
    pub object: Object,
    /// What S3 says of its keeping; all `None` where that is not verified.
    pub custody: Custody,
}

/// What S3 says of how an object is kept; `None` is "not verified".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Custody {
    /// Version id.
    pub version_id: Option<String>,
    /// Entity tag, opaque.
    pub etag: Option<String>,
    /// Checksum with its algorithm, such as `crc64nvme:…`.
    pub checksum: Option<String>,
    /// Object Lock mode.
    pub lock_mode: Option<String>,
    /// Object Lock: retained until.
    pub retain_until: Option<Timestamp>,
    /// User metadata, as a JSON object.
    pub user_metadata: Option<String>,
}

/// What kind of failure it is, for whoever has to act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It is not there.
    NotFound,
    /// We may not read it.
    Denied,
    /// The service asks to go slower.
    Throttled,
    /// What is there cannot be what it should be.
    Corrupt,
    /// Anything else that went wrong in the world.
    Unreachable,
}

impl Kind {
    /// The word of the `cause` column of `gaps`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "missing",
            Self::Denied => "denied",
            Self::Throttled => "throttled",
            Self::Corrupt => "corrupt",
            Self::Unreachable => "unreadable",
        }
    }

    fn of(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound,
            std::io::ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Unreachable,
        }
    }
}

/// A place or object that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{place} could not be read")]
pub struct SourceError {
    /// What kind of failure it is.
    pub kind: Kind,
    /// The object or folder, relative to the source.
    pub place: String,
    /// Why.
    pub source: std::io::Error,
}

impl SourceError {
    /// An error of the file system at a place.
    #[must_use]
    pub fn at(place: impl Into<String>, source: std::io::Error) -> Self {
        Self { kind: Kind::of(&source), place: place.into(), source }
    }
}

/// The bytes of an object, read where decoding may block: never on the async runtime's own threads.
pub type Body = Box<dyn Read + Send>;

/// An origin of objects.
#[async_trait]
pub trait Source: Send + Sync {
    /// The name in the configuration: the identity of this source's state.
    fn name(&self) -> &str;

    /// What its objects hold.
    fn kind(&self) -> SourceKind;

    /// Every object there is now, each once, and an error item for each place that could not be listed.
    fn objects(&self) -> BoxStream<'_, Result<Listed, SourceError>>;

    /// The bytes of an object.
    ///
    /// # Errors
    /// Where the object is gone or may not be read.
    async fn open(&self, object: &Object) -> Result<Body, SourceError>;
}
