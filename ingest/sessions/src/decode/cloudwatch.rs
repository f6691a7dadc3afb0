//! One log group of Session Manager: streaming events and transcripts uploaded at the end, from the API or from export tasks.

use std::collections::HashMap;

use schemas::{Code, SessionId, Timestamp};

use super::docket::Docket;
use super::export;
use super::json::Json;
use super::log::{ApiEvent, api_event};
use super::object::is_export_file;
use super::record::{LogEvent, Record};
use super::scan::{self, Broken};
use super::text::{LINE_CAP, RECORD_CAP, Text, UTF16};
use super::transcript::Transcript;
use super::values::{self, Place, Torn, join};

pub(super) fn read(docket: &mut Docket<'_>, mut text: Text<'_, '_>) {
    let object = docket.object;
    let mut copies = Copies::default();
    if text.is_utf16() {
        docket.refuse("", Code::JsonInvalid, UTF16);
    } else if !is_export_file(object.name()) {
        values::read(&mut text, docket, &mut |text, at, place, docket| value(text, at, place, &mut copies, docket));
    } else if let Some(stream) = object.folder() {
        export::read(&mut text, docket, &mut |timestamp, message, number, docket| {
            let event = ApiEvent { timestamp, ingestion_time: None, event_id: None, stream: Some(stream), message: "" };
            take(&event, stream, message, Place::Line(number), &mut copies, docket);
        });
    } else {
        docket.refuse("", Code::KeyUnexpected, "an export file outside of a folder named like a log stream");
    }
}

/// An event, or an answer of `GetLogEvents` or `FilterLogEvents` with a list of them.
fn value(text: &[u8], at: usize, place: &str, copies: &mut Copies, docket: &mut Docket<'_>) -> Result<usize, Torn> {
    match text.get(at) {
        Some(b'[') => list(text, at, place, None, copies, docket),
        Some(b'{') => answer(text, at, place, copies, docket),
        _ => values::refuse_scalar(text, at, place, docket),
    }
}

/// The stream may be named after the events, so the object is walked before its events are read.
fn answer(text: &[u8], at: usize, place: &str, copies: &mut Copies, docket: &mut Docket<'_>) -> Result<usize, Torn> {
    let (mut events, mut stream) = (None, None);
    let (mut lists, mut streams) = (0, 0);
    let end = scan::members(text, at, |key, at| {
        let key = Json::key(key);
        lists += i32::from(key == "events");
        if key == "events" && text.get(at) == Some(&b'[') {
            events = Some(at);
        }
        let end = scan::value(text, at)?;
        if key == "logStreamName" {
            streams += 1;
            stream = if end - at <= RECORD_CAP { Json::parse(&text[at..end]).ok() } else { None };
        }
        Ok(end)
    });
    match (events, end) {
        (Some(_), Ok(end)) if lists > 1 || streams > 1 => {
            docket.whole += 1;
            docket.refuse_duplicate(place, if lists > 1 { "events" } else { "logStreamName" });
            Ok(end)
        }
        (Some(events), end) => {
            // Where the text is torn within the list, its whole events stand all the same.
            list(text, events, &join(place, "events"), stream.as_ref().and_then(Json::text), copies, docket)?;
            Ok(end?)
        }
        (None, end) => {
            let end = end?;
            one(&text[at..end], place, None, copies, docket);
            Ok(end)
        }
    }
}

fn list(text: &[u8], at: usize, name: &str, stream: Option<&str>, copies: &mut Copies, docket: &mut Docket<'_>) -> Result<usize, Torn> {
    let mut index = 0_u64;
    let end = scan::elements(text, at, |at| {
        let end = scan::value(text, at)?;
        one(&text[at..end], &format!("{name}[{index}]"), stream, copies, docket);
        index += 1;
        Ok::<_, Broken>(end)
    });
    end.map_err(|broken| Torn { place: format!("{name}[{index}]"), broken })
}

fn one(bytes: &[u8], place: &str, stream: Option<&str>, copies: &mut Copies, docket: &mut Docket<'_>) {
    if bytes.len() > LINE_CAP {
        docket.whole += 1;
        return docket.refuse_size(place, "an event", LINE_CAP);
    }
    let json = match Json::parse(bytes) {
        Ok(json) => json,
        Err(malformed) => {
            docket.whole += 1;
            return docket.refuse(place, Code::JsonInvalid, format!("no JSON at its byte {}", malformed.at));
        }
    };
    if json.get("message").is_none() && json.get("timestamp").is_none() {
        docket.whole += 1;
        return docket.refuse(place, Code::JsonUnexpected, "neither an event nor an answer with events");
    }
    let event = api_event(&json, place, docket);
    match event.as_ref().map(|event| (event, event.stream.or(stream))) {
        Some((event, Some(stream))) => take(event, stream, event.message.as_bytes(), Place::Named(place), copies, docket),
        Some((_, None)) => {
            docket.whole += 1;
            docket.refuse(join(place, "logStreamName"), Code::FieldInvalid, "neither the event nor the answer names the stream");
        }
        None => docket.whole += 1,
    }
}

/// Tells the agent's JSON from a text. What begins like the agent's JSON and is none must not be taken for the end of a session.
fn take(event: &ApiEvent<'_>, stream: &str, message: &[u8], place: Place<'_>, copies: &mut Copies, docket: &mut Docket<'_>) {
    let position = docket.whole;
    docket.whole += 1;
    // The message is hashed once: its hash stands for it in what is computed further.
    let sha256 = schemas::sha256(message);
    let content = schemas::computed_digest(&[stream.as_bytes(), &event.timestamp.micros().to_le_bytes(), &sha256]);
    // An id tells events apart that say the same; without one their ordinal must.
    let Some(ordinal) = (if event.event_id.is_some() { Some(0) } else { copies.count(event.timestamp, content) }) else {
        return docket.refuse(place.to_string(), Code::TooLarge, format!("more than {TOGETHER} events without an id at one time"));
    };
    let (sha256, content_id) = (schemas::hex(&sha256), schemas::hex(&content));
    let ApiEvent { timestamp, ingestion_time, event_id, .. } = *event;
    let event = LogEvent { stream, timestamp, ingestion_time, event_id, message, place, position, sha256, content_id, ordinal };
    if message.trim_ascii_start().first() == Some(&b'{') {
        match Json::parse(message) {
            Ok(json) if ["eventVersion", "sessionId", "sessionData"].into_iter().all(|key| json.get(key).is_some()) => {
                // Its keys are written on the instance, and so are not told.
                return match json.duplicate_key() {
                    Some(_) => docket.refuse(join(&place.to_string(), "message"), Code::JsonDuplicateKey, "a key stands twice"),
                    None => docket.record(Record::Output(event, json)),
                };
            }
            Err(malformed) if message.trim_ascii_start().starts_with(b"{\"eventVersion\"") => {
                let detail = format!("a streaming event that is no JSON at byte {}", malformed.at);
                return docket.refuse(join(&place.to_string(), "message"), Code::JsonInvalid, detail);
            }
            _ => {}
        }
    }
    if SessionId::parse(stream).is_some() {
        docket.record(Record::Text(event, Transcript::of(message)));
    } else {
        docket.refuse(place.to_string(), Code::StreamNotSessionId, "a text in a stream that is not named like a session");
    }
}

/// How often each event without an id stands in the object.
#[derive(Default)]
struct Copies {
    newest: Option<Timestamp>,
    seen: HashMap<[u8; 32], (Timestamp, u64)>,
}

/// So many events without an id are remembered; then only those of the present time, beside which copies stand in every file of AWS.
const REMEMBERED: usize = 1 << 16;
/// So many different ones are remembered of one time; a log group takes fewer in the millisecond that times are told in.
const TOGETHER: usize = 1 << 18;

impl Copies {
    /// How many of the same event came before this one; `None` where there are more of its time than can be remembered.
    fn count(&mut self, timestamp: Timestamp, content: [u8; 32]) -> Option<u64> {
        if self.seen.len() >= REMEMBERED && self.newest != Some(timestamp) {
            self.seen.retain(|_, (at, _)| *at == timestamp);
        }
        self.newest = Some(timestamp);
        if self.seen.len() >= TOGETHER && !self.seen.contains_key(&content) {
            return None;
        }
        let (_, count) = self.seen.entry(content).or_insert((timestamp, 0));
        *count += 1;
        Some(*count - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_remembered_within_bounds() {
        let mut copies = Copies::default();
        let (now, later) = (Timestamp::from_micros(1), Timestamp::from_micros(2));
        let content = |n: usize| schemas::computed_digest(&[n.to_string().as_bytes()]);
        for n in 0..TOGETHER {
            assert_eq!(copies.count(now, content(n)), Some(0));
        }
        assert_eq!((copies.count(now, content(TOGETHER)), copies.count(now, content(7))), (None, Some(1)));
        assert_eq!((copies.count(later, content(TOGETHER)), copies.seen.len()), (Some(0), 1));
    }
}
