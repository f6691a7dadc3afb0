//! From the bytes of one object to facts. Nothing here can fail: what is not understood becomes a reject, with its place.
//!
//! In: an [`Object`] as listed, and its stored bytes. Out, through a [`Sink`]: facts and rejects, as they are found; and at the end what
//! is to be said of the object as a whole, [`Explained`]. This room knows no clock, no files, and no other object.
//!
//! ```text
//!   bytes ─▶ body (hash, gzip members, caps) ─▶ text (lines, documents) ─▶ the kind's reader ─▶ Record ─▶ normalise ─▶ Fact
//!                 └─ damage ─▶ one reject that says what was kept            └──────────── Reject ────────────┘
//! ```
//!
//! Memory is bounded, whatever comes. Refused as too large are:
//!
//! * a body that inflates like a bomb (more than 64 MiB from 500 times fewer bytes), or has more than 65,536 gzip members;
//! * a line beyond 4 MiB, and a JSON document beyond 128 MiB; all others are held whole, lines one by one;
//! * a CloudTrail record and a message of CloudWatch Logs beyond 1 MiB, before it is parsed;
//! * an answer of a snapshot with more than 8 million JSON values, and a Session document beyond 64 KiB of text;
//! * a text field of a fact beyond 8 KiB: the fact stays without it.
//!
//! A worker's [`Desk`] holds at most 16 MiB of stored bytes that were read ahead, and the text of one document or line.

mod body;
mod cloudtrail;
mod cloudwatch;
mod desk;
mod docket;
mod export;
mod json;
mod log;
mod marks;
mod object;
mod record;
mod scan;
mod shape;
mod snapshot;
mod terminal;
mod text;
mod transcript;
mod values;
mod whole;

use std::io::{ErrorKind, Read};

use schemas::{Code, SessionId, Timestamp};

use body::Body;
use text::Text;

pub use desk::Desk;
pub(crate) use docket::Docket;
pub use docket::{Fact, Sink};
pub(crate) use json::Json;
pub use object::{Interest, Object, SourceKind, interest};
pub(crate) use record::{AnswerFile, Call, LogEvent, Question, Record, Snapshot, TranscriptObject};
pub(crate) use transcript::{Stamp, Transcript, ends_in_exit};
pub(crate) use values::{Place, join};

/// What is to be said of an object as a whole once it is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Stored bytes that were read.
    pub bytes: u64,
    /// SHA-256 of the stored bytes; `None` where they were not read to their end: unreadable, or refused as too large.
    pub sha256: Option<String>,
    /// Members of the gzip stream, damaged ones included; `None` where the object is not compressed.
    pub gzip_members: Option<i64>,
    /// Latest time in it that AWS itself vouches for: snapshot, delivery time in a CloudTrail key, CloudWatch ingestion.
    pub vouched_at: Option<Timestamp>,
    /// Records that were understood and are none of our business, such as other services' calls in a trail.
    pub passed_over: u64,
    /// Why reading failed, where it did. What was read before has been handed to the sink, so the object must be read again.
    pub unreadable: Option<ErrorKind>,
}

impl Explained {
    /// Whether the object could be listed and not be read for want of permission: a gap, rather than an error.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.unreadable == Some(ErrorKind::PermissionDenied)
    }
}

/// Decodes one object. Cannot fail: what cannot be understood becomes rejects, and an I/O error of `body` becomes
/// [`Code::Unreadable`]. The same bytes give the same facts, in the same order.
///
/// # Example
/// ```
/// use schemas::{EventKind, Reject, Timestamp};
/// use sessions::decode::{Fact, Object, Sink, SourceKind, decode};
///
/// #[derive(Default)]
/// struct Found(Vec<Fact>, Vec<Reject>);
///
/// impl Sink for Found {
///     fn fact(&mut self, fact: Fact) {
///         self.0.push(fact);
///     }
///     fn reject(&mut self, reject: Reject) {
///         self.1.push(reject);
///     }
/// }
///
/// let object = Object {
///     source: "logs".to_owned(),
///     kind: SourceKind::Transcripts,
///     key: "ssm/jane-0a1b2c3d4e5f60718.log".to_owned(),
///     object_version: "1".to_owned(),
///     size: 0,
///     last_modified: Timestamp::parse("2026-07-14T09:15:07Z").ok(),
///     account_id: None,
///     region: None,
/// };
/// let mut found = Found::default();
/// let explained = decode(&object, &mut &b"Script started on 2026-07-14 11:15:05+02:00\nsh-5.2$ exit\n"[..], &mut found);
/// let kinds: Vec<_> = found.0.iter().map(|fact| match fact { Fact::Event(event) => Some(event.kind), _ => None }).collect();
/// assert_eq!(kinds, [Some(EventKind::Upload), Some(EventKind::Stamp)]);
/// assert!(found.1.is_empty() && explained.bytes == 57);
/// ```
pub fn decode(object: &Object, body: &mut dyn Read, sink: &mut dyn Sink) -> Explained {
    Desk::default().decode(object, body, sink)
}

fn decode_on(desk: &mut Desk, object: &Object, body: &mut dyn Read, sink: &mut dyn Sink) -> Explained {
    // The one place where this room names the next one; everything else hands records on without knowing who takes them.
    let mut docket = Docket::new(object, sink, crate::normalise::normalise);
    let mut body = Body::new(body, desk);
    let mut transcript = None;
    match object.kind {
        SourceKind::Transcripts => transcript = read_transcript(&mut docket, &mut body),
        SourceKind::CloudWatch => cloudwatch::read(&mut docket, Text::after_mark(&mut body)),
        SourceKind::CloudTrail => cloudtrail::read(&mut docket, Text::after_mark(&mut body)),
        SourceKind::Account => snapshot::read(&mut docket, Text::after_mark(&mut body)),
    }
    let stored = body.close();
    if let Some((session_id, text)) = transcript {
        // The object is there and has its time, whatever can be read of it.
        let bytes = if stored.sha256.is_some() { stored.bytes } else { object.size };
        docket.record(Record::Transcript(TranscriptObject { session_id: session_id.as_str(), text, bytes, sha256: stored.sha256.clone() }));
    }
    if let Some(damage) = &stored.damage {
        docket.refuse_rest(damage);
    }
    docket.close();
    Explained {
        bytes: stored.bytes,
        sha256: stored.sha256,
        gzip_members: stored.gzip_members,
        vouched_at: docket.vouched_at,
        passed_over: docket.passed_over,
        unreadable: stored.unreadable,
    }
}

fn read_transcript(docket: &mut Docket<'_>, body: &mut Body<'_>) -> Option<(SessionId, Option<Transcript>)> {
    let Some(session_id) = docket.object.name().strip_suffix(".log").and_then(SessionId::parse) else {
        docket.refuse("", Code::KeyNotSessionId, "not named <SessionId>.log");
        return None;
    };
    Some((session_id, Transcript::read(body)))
}

#[cfg(test)]
mod tests;
