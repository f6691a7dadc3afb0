//! What decoding hands to normalising: the shapes that AWS and the agent write, each with its place.

use schemas::{Answer, Timestamp};

use super::json::Json;
use super::transcript::Transcript;
use super::values::Place;

/// One thing as its format has it.
pub(crate) enum Record<'a> {
    /// A CloudTrail record of interest.
    Call(Call<'a>),
    /// A streaming event: the agent's JSON.
    Output(LogEvent<'a>, Json<'a>),
    /// An upload-at-end event: a transcript, or a part of a long one.
    Text(LogEvent<'a>, Transcript),
    /// A transcript object.
    Transcript(TranscriptObject<'a>),
    /// An answer of a snapshot.
    Answer(AnswerFile<'a>),
    /// A file of a snapshot that should hold an answer, and was refused as a whole.
    Unanswered(Unanswered<'a>),
}

/// A CloudTrail record.
pub(crate) struct Call<'a> {
    pub(crate) json: Json<'a>,
    pub(crate) bytes: &'a [u8],
    pub(crate) place: String,
    pub(crate) position: i64,
}

/// An event of CloudWatch Logs.
pub(crate) struct LogEvent<'a> {
    pub(crate) stream: &'a str,
    pub(crate) timestamp: Timestamp,
    pub(crate) ingestion_time: Option<Timestamp>,
    /// CloudWatch's own id; export tasks have none.
    pub(crate) event_id: Option<&'a str>,
    pub(crate) message: &'a [u8],
    pub(crate) place: Place<'a>,
    pub(crate) position: i64,
    /// Of the message.
    pub(crate) sha256: String,
    /// Computed from stream, time and message: what every delivery of the event shares.
    pub(crate) content_id: String,
    /// How many events of the same stream, time and message stand before it in the object.
    pub(crate) ordinal: u64,
}

/// A transcript object, and what its text tells.
pub(crate) struct TranscriptObject<'a> {
    pub(crate) session_id: &'a str,
    /// Absent where the text could not be read to its end.
    pub(crate) text: Option<Transcript>,
    /// As stored.
    pub(crate) bytes: u64,
    pub(crate) sha256: Option<String>,
}

/// One answer of an account snapshot.
pub(crate) struct AnswerFile<'a> {
    pub(crate) snapshot: Snapshot<'a>,
    pub(crate) question: Question<'a>,
    pub(crate) json: Json<'a>,
    pub(crate) bytes: &'a [u8],
    /// The bytes of each entry of `Sessions`.
    pub(crate) entries: Vec<&'a [u8]>,
}

/// A question without an answer that could be understood.
pub(crate) struct Unanswered<'a> {
    pub(crate) snapshot: Snapshot<'a>,
    pub(crate) question: Question<'a>,
    /// As much as could be read.
    pub(crate) bytes: &'a [u8],
}

/// Where and when a snapshot was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Snapshot<'a> {
    pub(crate) account_id: &'a str,
    pub(crate) region: &'a str,
    pub(crate) observed_at: Timestamp,
}

/// What a file of a snapshot is the answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Question<'a> {
    pub(crate) answer: Answer,
    /// The document or bucket asked about.
    pub(crate) subject: Option<&'a str>,
    /// The version of the document.
    pub(crate) version: Option<&'a str>,
}
