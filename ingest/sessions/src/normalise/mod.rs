//! From records, each in the shape of its format, to facts, all in one shape.
//!
//! In: a [`Record`] with its place. Out, through the [`Docket`]: facts, and refusals of what a record should hold and does not. A record
//! is refused where the fact could not be dated or tied to anything; where only an attribute is wrong, the attribute is refused and the
//! fact stays. This room reads no bytes, and compares no fact with another.

mod answer;
mod call;
mod document;
mod fleet;
mod instant;
mod listing;
mod output;

use schemas::{Event, EventKind};

use crate::decode::{Docket, Json, Object, Record};

/// Turns a record into facts and refusals.
pub(crate) fn normalise(record: Record<'_>, docket: &mut Docket<'_>) {
    match record {
        Record::Call(record) => call::call(&record, docket),
        Record::Output(event, json) => output::output(&event, &json, docket),
        Record::Text(event, text) => output::text(&event, &text, docket),
        Record::Transcript(transcript) => output::transcript(&transcript, docket),
        Record::Answer(file) => answer::answer(&file, docket),
    }
}

/// An event that says nothing yet but where it comes from.
fn blank(object: &Object, kind: EventKind, event_id: String, position: i64, sha256: String) -> Event {
    Event {
        source: object.source.clone(),
        object: object.key.clone(),
        object_version: object.object_version.clone(),
        position,
        sha256,
        source_account_id: object.account_id.clone(),
        source_region: object.region.clone(),
        ..Event::blank(kind, event_id)
    }
}

/// The text at the end of a path; `None` where it is absent, empty, or no text.
fn filled(json: &Json<'_>, path: &[&str]) -> Option<String> {
    json.filled(path).map(str::to_owned)
}

/// The account in an ARN, `arn:partition:service:region:account:resource`.
fn account_of(arn: &str) -> Option<String> {
    let mut parts = arn.split(':');
    let account_id = parts.nth(4).filter(|account_id| !account_id.is_empty())?;
    parts.next().map(|_| account_id.to_owned())
}

/// A count, as the tables hold it.
fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
