//! What the instance made: streaming events, transcripts uploaded at the end, transcript objects, and their stamps (ruling R6).

use schemas::{Code, Delivery, Event, EventKind, SessionId, Timestamp, computed_id};

use super::{account_of, blank, count, filled, keep};
use crate::decode::{Docket, Json, LogEvent, Place, Stamp, Transcript, TranscriptObject, ends_in_exit, join};

/// A streaming event.
pub(super) fn output(event: &LogEvent<'_>, json: &Json<'_>, docket: &mut Docket<'_>) {
    let refused = |field: &str| join(&join(&event.place.to_string(), "message"), field);
    // Whoever is root on the instance writes these lines: what has not the form of AWS's ids is none.
    let Some(session_id) = filled(json, &["sessionId"]).filter(|text| SessionId::parse(text).is_some()) else {
        return docket.refuse(refused("sessionId"), Code::FieldInvalid, "a streaming event without a session id");
    };
    if session_id != event.stream && SessionId::parse(event.stream).is_some() {
        return docket.refuse(refused("sessionId"), Code::FieldInvalid, "another session's than the log stream's");
    }
    let Some(lines) = json.get("sessionData").and_then(Json::items) else {
        return docket.refuse(refused("sessionData"), Code::FieldInvalid, "not a list of lines");
    };
    if lines.iter().any(|line| line.text().is_none()) {
        docket.refuse(refused("sessionData"), Code::FieldInvalid, "some of its lines are no texts");
    }
    let mut fact = logged(docket, EventKind::Stream, event);
    fact.session_id = Some(session_id);
    fact.principal_arn = filled(json, &["userIdentity", "arn"]);
    fact.account_id = fact.principal_arn.as_deref().and_then(account_of);
    fact.region = filled(json, &["awsRegion"]);
    fact.target_id = filled(json, &["target", "id"]);
    fact.run_as_user = filled(json, &["runAsUser"]);
    fact.lines = Some(count(lines.len() as u64));
    fact.exit_line = Some(ends_in_exit(lines.iter().filter_map(Json::text)));
    keep(fact, event.place, docket);
}

/// An upload-at-end event: a transcript, or one part of a long one.
pub(super) fn text(event: &LogEvent<'_>, text: &Transcript, docket: &mut Docket<'_>) {
    let mut upload = logged(docket, EventKind::UploadAtEnd, event);
    upload.session_id = Some(event.stream.to_owned());
    upload.target_id = target(text, event.stream);
    upload.lines = Some(count(text.lines));
    upload.exit_line = Some(text.exit_line);
    let stamped = stamp(&upload, text, event.ingestion_time, || join(&event.place.to_string(), "message"), docket);
    for fact in [Some(upload), stamped].into_iter().flatten() {
        keep(fact, event.place, docket);
    }
}

/// A transcript object. One that nothing dates could be in no session's row, and is refused.
pub(super) fn transcript(transcript: &TranscriptObject<'_>, docket: &mut Docket<'_>) {
    let object = docket.object;
    let event_id = computed_id(&[b"upload", object.source.as_bytes(), object.key.as_bytes(), object.object_version.as_bytes()]);
    let mut upload = blank(object, EventKind::Upload, event_id, 0, transcript.sha256.clone().unwrap_or_default());
    upload.event_time = object.last_modified;
    upload.session_id = Some(transcript.session_id.to_owned());
    upload.bytes = Some(count(transcript.bytes));
    let mut stamped = None;
    if let Some(text) = &transcript.text {
        upload.target_id = target(text, transcript.session_id);
        upload.lines = Some(count(text.lines));
        upload.exit_line = Some(text.exit_line);
        stamped = stamp(&upload, text, object.last_modified, String::new, docket);
    }
    if object.last_modified.is_none() {
        docket.refuse("", Code::TimeInvalid, "the object has no LastModified of the years 1970 to 2199");
    }
    if upload.event_time.is_some() || stamped.is_some() {
        for event in [Some(upload), stamped].into_iter().flatten() {
            keep(event, Place::Named(""), docket);
        }
    }
}

/// An event of CloudWatch Logs, with a time only where it is not later than its own ingestion.
fn logged(docket: &Docket<'_>, kind: EventKind, event: &LogEvent<'_>) -> Event {
    let event_id = match (event.event_id, event.ordinal) {
        (Some(id), _) => format!("cw:{id}"),
        (None, 0) => format!("cx:{}", event.content_id),
        (None, ordinal) => format!("cx:{}:{ordinal}", event.content_id),
    };
    let mut fact = blank(docket.object, kind, event_id, event.position, event.sha256.clone());
    fact.event_time = not_after(event.timestamp, event.ingestion_time);
    fact.bytes = Some(count(event.message.len() as u64));
    fact.delivery = Some(if event.event_id.is_some() { Delivery::Api } else { Delivery::Export });
    fact.content_id = Some(event.content_id.clone());
    fact.ingestion_time = event.ingestion_time;
    fact
}

/// The stamp of a text: `Script started`, else `Script done` (ruling R9). One that is later than AWS had the text cannot be true, and has
/// no time.
fn stamp(upload: &Event, text: &Transcript, known_at: Option<Timestamp>, place: impl Fn() -> String, docket: &mut Docket<'_>) -> Option<Event> {
    let mut stamps = Vec::new();
    for (stamp, kind, name) in [(text.started, EventKind::Stamp, "header"), (text.done, EventKind::DoneStamp, "footer")] {
        match stamp {
            None => {}
            Some(Stamp::At(time)) => stamps.push((kind, not_after(time, known_at))),
            Some(Stamp::Impossible) => docket.refuse(join(&place(), name), Code::TimeInvalid, "a stamp with a time that does not exist"),
        }
    }
    let (kind, event_time) = *stamps.iter().find(|(_, time)| time.is_some()).or_else(|| stamps.first())?;
    Some(Event {
        event_id: computed_id(&[kind.as_str().as_bytes(), upload.event_id.as_bytes()]),
        kind,
        event_time,
        // What the header says of the target is dated by the upload, as is all that the text holds.
        target_id: None,
        lines: None,
        bytes: None,
        exit_line: None,
        ..upload.clone()
    })
}

/// The target in the header, where the header is about this session.
fn target(text: &Transcript, session_id: &str) -> Option<String> {
    text.command.as_ref().filter(|command| command.session_id == session_id).map(|command| command.target_id.clone())
}

fn not_after(time: Timestamp, limit: Option<Timestamp>) -> Option<Timestamp> {
    limit.is_none_or(|limit| time <= limit).then_some(time)
}
