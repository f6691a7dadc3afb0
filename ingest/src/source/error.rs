//! What can go wrong between a source and the world, told in few meanings.

use std::io;

use thiserror::Error;

/// What a failure means for the one who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// The source itself is not there: its folder or bucket does not exist.
    Missing,
    /// The object was listed and is gone.
    NotFound,
    /// The object or place is there, and may not be read.
    Denied,
    /// The service asks for fewer calls.
    Throttled,
    /// What is there is not what can hold evidence: no plain file, a name that is no text, a side file that says nothing.
    Corrupt,
    /// The object is not the one that was listed any more; another run will list the new one.
    Conflict,
    /// What is there was not asked for, and no run would come back to it by itself.
    Skipped,
    /// The store could not be reached, or broke off.
    Unreachable,
    /// A call that this program must not make.
    Bug,
}

impl ErrorKind {
    /// The word of the `cause` column of `gaps`, as summaries count by it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing | Self::NotFound => "missing",
            Self::Denied => "denied",
            Self::Conflict => "changed",
            Self::Skipped => "skipped",
            Self::Throttled | Self::Corrupt | Self::Unreachable | Self::Bug => "unreadable",
        }
    }

    pub(crate) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::InvalidData => Self::Corrupt,
            _ => Self::Unreachable,
        }
    }
}

/// One object, place or source that could not be had. Its text may hold a key: escape it before it reaches a terminal.
#[derive(Debug, Error)]
#[error("{detail}: {place} (source {source_name})")]
pub struct SourceError {
    /// What it means.
    pub kind: ErrorKind,
    /// Name of the configured source.
    pub source_name: String,
    /// The key of an object, or a folder within the source, which ends with a slash; empty for the source itself.
    pub place: String,
    /// A sentence fragment for people.
    pub detail: String,
    /// What the world said.
    #[source]
    pub source: Option<io::Error>,
}

impl SourceError {
    pub(super) fn caused_by(mut self, error: io::Error) -> Self {
        self.source = Some(error);
        self
    }

    /// What went wrong, and what the world said of it; without the place.
    pub(crate) fn told(&self) -> String {
        self.source.as_ref().map_or_else(|| self.detail.clone(), |cause| format!("{}: {cause}", self.detail))
    }

    /// The same error, to be carried through a reader. [`io::Error::kind`] keeps the difference between denied and other.
    #[must_use]
    pub fn into_io(self) -> io::Error {
        let kind = match self.kind {
            ErrorKind::Missing | ErrorKind::NotFound => io::ErrorKind::NotFound,
            ErrorKind::Denied => io::ErrorKind::PermissionDenied,
            ErrorKind::Corrupt => io::ErrorKind::InvalidData,
            ErrorKind::Throttled | ErrorKind::Conflict | ErrorKind::Skipped | ErrorKind::Unreachable | ErrorKind::Bug => io::ErrorKind::Other,
        };
        io::Error::new(kind, self)
    }

    /// The source error that a reader carried, where it is one.
    #[must_use]
    pub fn carried_by(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}
