//! From records, each in the shape of its format, to facts, all in one shape.
//!
//! In: a [`Record`] with its place. Out, through the [`Docket`]: facts, and refusals of what a record should hold and does not. A record
//! is refused where the fact could not be dated or tied to anything; where only an attribute is wrong, or longer than any can be, the
//! attribute is refused and the fact stays. This room reads no bytes, and compares no fact with another.

mod answer;
mod call;
mod document;
mod fleet;
mod instant;
mod listing;
mod output;
mod yaml;

use schemas::{Event, EventKind};

use crate::decode::{Docket, Json, Object, Place, Record, join};

/// Turns a record into facts and refusals.
pub(crate) fn normalise(record: Record<'_>, docket: &mut Docket<'_>) {
    match record {
        Record::Call(record) => call::call(&record, docket),
        Record::Output(event, json) => output::output(&event, &json, docket),
        Record::Text(event, text) => output::text(&event, &text, docket),
        Record::Transcript(transcript) => output::transcript(&transcript, docket),
        Record::Answer(file) => answer::answer(&file, docket),
        Record::Unanswered(file) => answer::unanswered(&file.snapshot, &file.question, file.bytes, docket),
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

/// The longest text of a field, in bytes. AWS takes 256 characters as a reason and 2,048 as an ARN; nobody writes longer ones in good
/// faith, and millions of facts are held at a time.
const FIELD_CAP: usize = 8 << 10;

/// Hands on a fact, without those of its texts that are too long; their places are named like the columns.
fn keep(mut event: Event, place: Place<'_>, docket: &mut Docket<'_>) {
    let fields = [
        ("session_id", &mut event.session_id),
        ("account_id", &mut event.account_id),
        ("region", &mut event.region),
        ("target_id", &mut event.target_id),
        ("document_name", &mut event.document_name),
        ("principal_arn", &mut event.principal_arn),
        ("reason", &mut event.reason),
        ("source_ip", &mut event.source_ip),
        ("run_as_user", &mut event.run_as_user),
        ("access_type", &mut event.access_type),
        ("service_status", &mut event.service_status),
        ("event_name", &mut event.event_name),
        ("event_source", &mut event.event_source),
        ("error_code", &mut event.error_code),
        ("error_message", &mut event.error_message),
        ("user_agent", &mut event.user_agent),
        ("document_version", &mut event.document_version),
    ];
    for (name, field) in fields {
        if field.take_if(|text| text.len() > FIELD_CAP).is_some() {
            docket.refuse_size(join(&place.to_string(), name), "a field", FIELD_CAP);
        }
    }
    docket.event(event);
}

/// The text at the end of a path; `None` where it is absent, empty, or no text.
fn filled(json: &Json<'_>, path: &[&str]) -> Option<String> {
    json.filled(path).map(str::to_owned)
}

/// The name of a document that a caller may have named by its ARN, `arn:partition:ssm:region:account:document/name`: listings, policies and limits know names.
fn document_name(told: String) -> Option<String> {
    match told.strip_prefix("arn:").and_then(|arn| arn.split_once(":document/")) {
        Some((_, name)) => Some(name.to_owned()).filter(|name| !name.is_empty()),
        None => Some(told),
    }
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

#[cfg(test)]
mod tests {
    #[test]
    fn a_document_that_is_named_by_its_arn_has_the_name_in_it() {
        for (told, name) in [
            ("Team-Shell", Some("Team-Shell")),
            ("arn:aws:ssm:eu-west-1:111122223333:document/Team-Shell", Some("Team-Shell")),
            ("arn:aws:ssm:us-east-1::document/AWS-StartSSHSession", Some("AWS-StartSSHSession")),
            ("arn:aws:ssm:us-east-1::document/", None),
            ("arn:aws:ssm:us-east-1::parameter/x", Some("arn:aws:ssm:us-east-1::parameter/x")),
        ] {
            assert_eq!(super::document_name(told.to_owned()).as_deref(), name, "{told}");
        }
    }
}
