//! What can be wrong with a settings file, and where.

use std::fmt;

use schemas::TimeError;

use crate::duration::DurationError;

/// Where a setting stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Name of the file, as it was given.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Key with the tables that hold it (`policy.tier.max_duration`); empty where the file is no TOML.
    pub key: String,
}

/// `policy.toml:14: policy.tier.max_duration`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if self.key.is_empty() { Ok(()) } else { write!(f, ": {}", self.key) }
    }
}

/// A setting that cannot be used: what, where, and what to do. `Display` leaves the hint to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct SettingsError {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Box<Problem>,
    /// What to do, in one sentence without a full stop.
    pub hint: Option<Box<str>>,
}

impl SettingsError {
    /// The problem at its place, without a hint.
    #[must_use]
    pub fn new(place: Place, problem: Problem) -> Self {
        Self { place, problem: Box::new(problem), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What is wrong with a setting. Texts from the file are shown escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is no TOML.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// Nothing reads this key.
    #[error("unknown key")]
    UnknownKey,
    /// The key must be there.
    #[error("missing")]
    Missing,
    /// The value has another type.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// With its article.
        expected: &'static str,
        /// With its article.
        found: &'static str,
    },
    /// The value is empty.
    #[error("empty")]
    Empty,
    /// The value has control characters.
    #[error("has control characters: {0:?}")]
    ControlCharacters(String),
    /// The value is no time.
    #[error(transparent)]
    NotATime(TimeError),
    /// The value is no duration.
    #[error(transparent)]
    NotADuration(DurationError),
    /// A limit of zero.
    #[error("an impossible limit: it must be longer than nothing")]
    NotPositive,
    /// The interval is empty.
    #[error("never holds: it must be later than `from`")]
    NeverHolds,
    /// The name means something else.
    #[error("{0:?} is a name that sessiontrail gives itself")]
    ReservedName(String),
    /// What must be unique stands twice.
    #[error("{what:?} stands twice, first on line {first}")]
    Repeated {
        /// The value.
        what: String,
        /// Line of the first.
        first: usize,
    },
    /// The value is none of those that are known.
    #[error("{found:?} is none of {allowed}")]
    NotOneOf {
        /// The value.
        found: String,
        /// The known ones, separated by commas.
        allowed: String,
    },
    /// The value has not the form of what it should be.
    #[error("{found:?} is not {expected}")]
    NotA {
        /// With its article.
        expected: &'static str,
        /// The value.
        found: String,
    },
    /// Two keys exclude each other.
    #[error("cannot stand beside `{0}`")]
    Contradicts(&'static str),
    /// The key has no meaning for a source of this kind.
    #[error("has no meaning for a source of kind {0}")]
    NotForKind(&'static str),
    /// The file that the setting names is not there, or is no file.
    #[error("there is no file {0:?}")]
    NoSuchFile(String),
}
