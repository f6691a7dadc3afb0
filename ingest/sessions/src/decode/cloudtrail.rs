//! CloudTrail: log files, and the log group that a trail can write to (ruling R2).
//!
//! A file is walked once, record by record, looking at no more than each record's own keys; only records of interest are parsed.

use schemas::Code;

use super::docket::Docket;
use super::export;
use super::json::Json;
use super::log::api_event;
use super::marks::Marks;
use super::object::{delivered_at, is_export_file};
use super::record::{Call, Record};
use super::scan::{self, Broken};
use super::text::{LINE_CAP, RECORD_CAP, Text, UTF16};
use super::values::{self, Torn, join, line_place};

/// Calls of `ssm.amazonaws.com` that make, resume or end sessions.
const SESSION_CALLS: [&str; 3] = ["StartSession", "ResumeSession", "TerminateSession"];
/// Calls of `ssm.amazonaws.com` that change documents, and so what sessions may do.
const DOCUMENT_CALLS: [&str; 5] = ["CreateDocument", "UpdateDocument", "UpdateDocumentDefaultVersion", "DeleteDocument", "ModifyDocumentPermission"];
const SSM: &str = "ssm.amazonaws.com";
const ECS: &str = "ecs.amazonaws.com";
const ECS_CALL: &str = "ExecuteCommand";

pub(super) fn read(docket: &mut Docket<'_>, mut text: Text<'_, '_>) {
    let object = docket.object;
    if text.is_utf16() {
        docket.refuse("", Code::JsonInvalid, UTF16);
    } else if !is_export_file(object.name()) {
        values::read(&mut text, docket, &mut value);
        if let Some(at) = delivered_at(&object.key).filter(|_| docket.whole > 0) {
            docket.vouch(at);
        }
    } else if object.folder().is_some_and(|stream| stream.contains("_CloudTrail_")) {
        export::read(&mut text, docket, &mut |_, message, number, docket| record_text(message, &line_place(number), docket));
    } else {
        docket.refuse("", Code::KeyUnexpected, "an export file outside of a folder named like a trail's log stream");
    }
}

/// A whole file, a line of one, or an answer of the log group's API: all of them are values.
fn value(text: &[u8], at: usize, place: &str, docket: &mut Docket<'_>) -> Result<usize, Torn> {
    match text.get(at) {
        Some(b'[') => list(text, at, place, docket),
        Some(b'{') => {
            let (mut seen, mut named, mut lists, mut torn) = (Seen::default(), 0, 0, None);
            let end = scan::members(text, at, |key, at| {
                let name = Json::key(key);
                let is_list = matches!(&*name, "Records" | "events");
                named += i32::from(is_list);
                if is_list && text.get(at) == Some(&b'[') {
                    lists += 1;
                    return list(text, at, &join(place, &name), docket).map_err(|error| {
                        let broken = error.broken;
                        torn = Some(error);
                        broken
                    });
                }
                seen.member(text, key, at)
            });
            let end = end.map_err(|broken| torn.unwrap_or_else(|| Torn::from(broken)))?;
            match (lists, named) {
                (0, _) => one(&text[at..end], &seen, place, docket),
                (_, 1) => {}
                _ => docket.refuse(place, Code::JsonDuplicateKey, "its list stands twice"),
            }
            Ok(end)
        }
        _ => values::refuse_scalar(text, at, place, docket),
    }
}

fn list(text: &[u8], at: usize, name: &str, docket: &mut Docket<'_>) -> Result<usize, Torn> {
    let mut index = 0_u64;
    let mut marks = Marks::new(text, at);
    let end = scan::elements(text, at, |at| {
        let mut seen = Seen::default();
        let is_object = text.get(at) == Some(&b'{');
        let end = if is_object { members(text, at, &mut marks, &mut seen)? } else { scan::value(text, at)? };
        if is_object && seen.is_foreign_record() {
            docket.whole += 1;
            docket.pass_over();
        } else {
            one(&text[at..end], &seen, &format!("{name}[{index}]"), docket);
        }
        index += 1;
        Ok(end)
    });
    end.map_err(|broken| Torn { place: format!("{name}[{index}]"), broken })
}

/// Walks an object: the fast way, or where that is at a loss, the one that says what is wrong.
fn members(text: &[u8], at: usize, marks: &mut Marks<'_>, seen: &mut Seen) -> Result<usize, Broken> {
    match marks.members(at, |key, value, has_escapes| seen.note(key, value, has_escapes)) {
        Some(end) => Ok(end),
        None => {
            *seen = Seen::default();
            scan::members(text, at, |key, at| seen.member(text, key, at))
        }
    }
}

/// One value that is whole: a record, or an event of a log group that holds one.
fn one(bytes: &[u8], seen: &Seen, place: &str, docket: &mut Docket<'_>) {
    if seen.is_foreign_record() {
        docket.whole += 1;
        docket.pass_over();
    } else if seen.has_name || seen.has_source {
        record(bytes, place, docket);
    } else if seen.has_message && seen.has_timestamp {
        event(bytes, place, docket);
    } else if seen.has_escapes {
        // Its keys may be those of a record, written in another way.
        record(bytes, place, docket);
    } else {
        docket.whole += 1;
        docket.refuse(place, Code::JsonUnexpected, "neither a record nor an event of a log group");
    }
}

fn event(bytes: &[u8], place: &str, docket: &mut Docket<'_>) {
    if bytes.len() > LINE_CAP {
        docket.whole += 1;
        return docket.refuse_size(place, "an event", LINE_CAP);
    }
    match Json::parse(bytes) {
        Ok(json) => match api_event(&json, place, docket) {
            Some(event) => record_text(event.message.as_bytes(), &join(place, "message"), docket),
            None => docket.whole += 1,
        },
        Err(malformed) => {
            docket.whole += 1;
            docket.refuse(place, Code::JsonInvalid, format!("no JSON at its byte {}", malformed.at));
        }
    }
}

/// The message of a log group's event, which is a record.
fn record_text(message: &[u8], place: &str, docket: &mut Docket<'_>) {
    let start = scan::blanks(message, 0);
    let mut seen = Seen::default();
    let end = if message.get(start) == Some(&b'{') { scan::members(message, start, |key, at| seen.member(message, key, at)) } else { Err(Broken::At(start)) };
    match end {
        Ok(end) if scan::blanks(message, end) == message.len() && (seen.has_name || seen.has_source) => one(&message[start..end], &seen, place, docket),
        Ok(end) if scan::blanks(message, end) == message.len() => {
            docket.whole += 1;
            docket.refuse(place, Code::JsonUnexpected, "the message is no record");
        }
        _ => {
            docket.whole += 1;
            docket.refuse(place, Code::JsonInvalid, "the message is no JSON object");
        }
    }
}

fn record(bytes: &[u8], place: &str, docket: &mut Docket<'_>) {
    let position = docket.whole;
    docket.whole += 1;
    if bytes.len() > RECORD_CAP {
        return docket.refuse_size(place, "a record", RECORD_CAP);
    }
    let json = match Json::parse(bytes) {
        Ok(json) => json,
        Err(malformed) => return docket.refuse(place, Code::JsonInvalid, format!("no JSON at its byte {}", malformed.at)),
    };
    if let Some(key) = json.duplicate_key() {
        docket.refuse_duplicate(place, key);
    } else if let Some(field) = ["eventSource", "eventName"].into_iter().find(|field| json.filled(&[field]).is_none()) {
        docket.refuse(join(place, field), Code::FieldInvalid, "a record without it says nothing");
    } else if is_of_interest(&json) {
        docket.record(Record::Call(Call { json, bytes, place: place.to_owned(), position }));
    } else {
        docket.pass_over();
    }
}

/// Session calls, calls about documents that may be Session documents, and ECS Exec.
fn is_of_interest(json: &Json<'_>) -> bool {
    let name = json.filled(&["eventName"]).unwrap_or_default();
    match json.filled(&["eventSource"]) {
        Some(ECS) => name == ECS_CALL,
        Some(SSM) if SESSION_CALLS.contains(&name) => true,
        Some(SSM) if DOCUMENT_CALLS.contains(&name) => {
            let kinds = [&["requestParameters", "documentType"][..], &["responseElements", "documentDescription", "documentType"]];
            kinds.into_iter().find_map(|path| json.filled(path)).is_none_or(|kind| kind == "Session")
        }
        _ => false,
    }
}

/// What a walk saw of a record's own keys.
#[derive(Default)]
struct Seen {
    has_name: bool,
    has_source: bool,
    has_message: bool,
    has_timestamp: bool,
    /// Where a key, or a value looked at, has an escape in it, only parsing tells what it says.
    has_escapes: bool,
    names_a_call: bool,
    names_a_service: bool,
}

impl Seen {
    fn member(&mut self, text: &[u8], key: &[u8], at: usize) -> Result<usize, Broken> {
        let end = scan::value(text, at)?;
        self.note(key, &text[at..end], memchr::memchr(b'\\', key).is_some());
        Ok(end)
    }

    fn note(&mut self, key: &[u8], value: &[u8], key_has_escapes: bool) {
        match key {
            b"eventName" => {
                self.has_name = true;
                self.has_escapes |= value.contains(&b'\\');
                self.names_a_call |=
                    unquoted(value).is_some_and(|name| SESSION_CALLS.iter().chain(&DOCUMENT_CALLS).chain([&ECS_CALL]).any(|call| call.as_bytes() == name));
            }
            b"eventSource" => {
                self.has_source = true;
                self.has_escapes |= value.contains(&b'\\');
                self.names_a_service |= unquoted(value).is_some_and(|source| source == SSM.as_bytes() || source == ECS.as_bytes());
            }
            b"message" => self.has_message = true,
            b"timestamp" => self.has_timestamp = true,
            _ => self.has_escapes |= key_has_escapes,
        }
    }

    /// A record that cannot be of interest, and so need not be parsed.
    fn is_foreign_record(&self) -> bool {
        self.has_name && self.has_source && !self.has_escapes && !(self.names_a_call && self.names_a_service)
    }
}

fn unquoted(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}
