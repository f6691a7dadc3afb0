//! What could not be understood: a value, never an exception, never silence.

use std::fmt;

/// Why something was refused. The text of a code is stable: people count by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The gzip stream is damaged or ends early.
    GzipCorrupt,
    /// Something is larger than its kind can be, or inflates far more than its size allows.
    TooLarge,
    /// The bytes are no JSON, or end before the value does.
    JsonInvalid,
    /// The JSON is valid, and is not what this kind of object holds.
    JsonUnexpected,
    /// The same key stands twice in one JSON object.
    JsonDuplicateKey,
    /// A field that is needed is missing, or cannot hold what it holds.
    FieldInvalid,
    /// What should be a time is none, or lies outside of the years 1970 to 2199.
    TimeInvalid,
    /// The object's name is no session id.
    KeyNotSessionId,
    /// The log stream's name is no session id, and the event names none itself.
    StreamNotSessionId,
    /// The object's place does not say what the layout of its kind says (account, region, time).
    KeyUnexpected,
    /// A line has neither a time nor a message before it that it could continue.
    LineUnexpected,
    /// The object could be listed and not be read.
    Unreadable,
}

impl Code {
    /// Every code, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::GzipCorrupt,
        Self::TooLarge,
        Self::JsonInvalid,
        Self::JsonUnexpected,
        Self::JsonDuplicateKey,
        Self::FieldInvalid,
        Self::TimeInvalid,
        Self::KeyNotSessionId,
        Self::StreamNotSessionId,
        Self::KeyUnexpected,
        Self::LineUnexpected,
        Self::Unreadable,
    ];

    /// The stable text of the code, as the `rejects` table holds it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GzipCorrupt => "gzip_corrupt",
            Self::TooLarge => "too_large",
            Self::JsonInvalid => "json_invalid",
            Self::JsonUnexpected => "json_unexpected",
            Self::JsonDuplicateKey => "json_duplicate_key",
            Self::FieldInvalid => "field_invalid",
            Self::TimeInvalid => "time_invalid",
            Self::KeyNotSessionId => "key_not_session_id",
            Self::StreamNotSessionId => "stream_not_session_id",
            Self::KeyUnexpected => "key_unexpected",
            Self::LineUnexpected => "line_unexpected",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Code {
    /// The code that a text of the `rejects` table names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }

    /// What the code says, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::GzipCorrupt => "The gzip stream is damaged or ends early.",
            Self::TooLarge => "Something is larger than its kind can be, or inflates far more than its size allows.",
            Self::JsonInvalid => "The bytes are no JSON, or end before the value does.",
            Self::JsonUnexpected => "The JSON is valid, and is not what this kind of object holds.",
            Self::JsonDuplicateKey => "The same key stands twice in one JSON object.",
            Self::FieldInvalid => "A field that is needed is missing, or cannot hold what it holds.",
            Self::TimeInvalid => "What should be a time is none, or lies outside of the years 1970 to 2199.",
            Self::KeyNotSessionId => "The object's name is no session id.",
            Self::StreamNotSessionId => "The log stream's name is no session id, and the event names none itself.",
            Self::KeyUnexpected => "The object's place does not say what the layout of its kind says (account, region, time).",
            Self::LineUnexpected => "A line has neither a time nor a message before it that it could continue.",
            Self::Unreadable => "The object could be listed and not be read.",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where in an object something stands, such as `Records[17].eventTime` or `line 4`; empty for the whole object.
pub type Place = String;

/// One thing that was refused, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Name of the configured source.
    pub source: String,
    /// Key of the object within the source.
    pub object: String,
    /// Where in the object.
    pub at: Place,
    /// Why.
    pub code: Code,
    /// A sentence fragment for people; holds no content of transcripts.
    pub detail: String,
}
