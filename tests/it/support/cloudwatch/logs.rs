//! Log groups, and the calls that put into them and read from them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};

use serde_json::{Value, json};

use super::behaviour::{Behaviour, Fault};
use super::http::{Answer, Call};
use super::{Message, Put};

/// Every log group of every region.
#[derive(Default)]
pub(super) struct Logs {
    groups: BTreeMap<(String, String), Group>,
    pub(super) behaviour: Behaviour,
    pub(super) calls: u64,
    puts: u64,
}

#[derive(Default)]
struct Group {
    streams: BTreeSet<String>,
    /// In the order of `FilterLogEvents`: by time, by when they were received, by the call that put them.
    events: BTreeMap<Place, Event>,
}

/// The place of an event in the order.
type Place = (i64, i64, u64);

struct Event {
    put: Put,
    stream: String,
    id: String,
}

impl Logs {
    pub(super) fn make(&mut self, region: &str, group: &str) {
        self.groups.entry((region.to_owned(), group.to_owned())).or_default();
    }

    pub(super) fn clear(&mut self, region: &str, group: &str) {
        self.groups.remove(&(region.to_owned(), group.to_owned()));
    }

    pub(super) fn put(&mut self, region: &str, group: &str, stream: &str, put: Put, told_at: Option<i64>, id: Option<&str>) -> String {
        self.puts += 1;
        let group = self.groups.entry((region.to_owned(), group.to_owned())).or_default();
        group.streams.insert(stream.to_owned());
        // Ids have 56 digits, and grow with time.
        let id = id.map_or_else(|| format!("{:020}{:036}", put.at, self.puts), str::to_owned);
        group.events.insert((told_at.unwrap_or(put.at), put.received, self.puts), Event { put, stream: stream.to_owned(), id: id.clone() });
        id
    }

    pub(super) fn answer(&mut self, call: &Call) -> Answer {
        let name = call.body["logGroupName"].as_str().or_else(|| call.body["logGroupIdentifier"].as_str()).unwrap_or_default().to_owned();
        let stream = call.body["logStreamName"].as_str().unwrap_or_default().to_owned();
        let key = (call.region.clone(), name.clone());
        if call.operation == "FilterLogEvents" {
            return self.filter(call, &key);
        }
        match (call.operation.as_str(), self.groups.get_mut(&key)) {
            ("CreateLogGroup", Some(_)) => Answer::Refused("ResourceAlreadyExistsException", "The specified log group already exists"),
            ("CreateLogGroup", None) => {
                self.make(&call.region, &name);
                Answer::Json(json!({}))
            }
            ("DescribeLogGroups", _) => {
                let groups = self.groups.keys().filter(|(region, _)| *region == call.region);
                Answer::Json(json!({ "logGroups": groups.map(|(_, name)| json!({ "logGroupName": name })).collect::<Vec<_>>() }))
            }
            (_, None) => MISSING,
            ("CreateLogStream", Some(group)) => {
                if group.streams.insert(stream) {
                    Answer::Json(json!({}))
                } else {
                    Answer::Refused("ResourceAlreadyExistsException", "The stream exists")
                }
            }
            ("PutLogEvents", Some(group)) if !group.streams.contains(&stream) => MISSING,
            ("PutLogEvents", Some(_)) => {
                for event in call.body["logEvents"].as_array().into_iter().flatten() {
                    let (Some(at), Some(message)) = (event["timestamp"].as_i64(), event["message"].as_str()) else {
                        return Answer::Refused("InvalidParameterException", "an event has a timestamp and a message");
                    };
                    self.put(&call.region, &name, &stream, super::said(at, message), None, None);
                }
                Answer::Json(json!({ "nextSequenceToken": "0" }))
            }
            _ => Answer::Refused("UnknownOperationException", "the stand-in does not know this call"),
        }
    }

    fn filter(&mut self, call: &Call, key: &(String, String)) -> Answer {
        let number = self.calls;
        self.calls += 1;
        let token = call.body["nextToken"].as_str();
        match self.behaviour.fault(number, &call.region) {
            Some(Fault::Throttled) => return Answer::Refused("ThrottlingException", "Rate exceeded"),
            Some(Fault::Denied) => return Answer::Refused("AccessDeniedException", "not authorized to perform: logs:FilterLogEvents"),
            Some(Fault::Unavailable) => return Answer::Refused("ServiceUnavailableException", "The service cannot complete the request."),
            Some(Fault::Broken) => return Answer::Status(500),
            Some(Fault::TornOff) => return Answer::TornOff,
            Some(Fault::Garbled) => return Answer::Garbled,
            Some(Fault::Silent) => return Answer::Silent,
            Some(Fault::Stalls) => return Answer::Stalls,
            Some(Fault::TokenExpired) if token.is_some() => return EXPIRED,
            Some(Fault::Stuck) if token.is_some() => return Answer::Json(json!({ "events": [], "nextToken": token })),
            _ => {}
        }
        let Some(group) = self.groups.get(key) else { return MISSING };
        let start = call.body["startTime"].as_i64().unwrap_or(0);
        let Some((page, after)) = token.map_or(Some((0, None)), place) else { return EXPIRED };
        if self.behaviour.fault(number, &call.region) == Some(Fault::Empty) {
            return Answer::Json(json!({ "events": [], "searchedLogStreams": [], "nextToken": self::token(page + 1, after.unwrap_or((start, i64::MIN, 0))) }));
        }
        group.page(&self.behaviour, page, after, start, call)
    }
}

impl Group {
    /// The page of this number, of what comes after a place.
    fn page(&self, behaviour: &Behaviour, page: u64, after: Option<Place>, start: i64, call: &Call) -> Answer {
        let end = call.body["endTime"].as_i64().unwrap_or(i64::MAX);
        let limit = call.body["limit"].as_u64().map_or(10_000, |limit| usize::try_from(limit).unwrap_or(10_000));
        let most = if behaviour.page == 0 { limit } else { limit.min(behaviour.page) };
        if behaviour.empty_every > 0 && page.is_multiple_of(behaviour.empty_every) {
            let place = after.unwrap_or((start, i64::MIN, 0));
            return Answer::Json(json!({ "events": [], "searchedLogStreams": [], "nextToken": token(page + 1, place) }));
        }
        let from = after.map_or(Included((start, i64::MIN, 0)), Excluded);
        let mut ahead = self.events.range((from, Unbounded)).take_while(|(place, _)| place.0 <= end).peekable();
        let (mut events, mut bytes, mut last) = (Vec::new(), 0, after);
        while let Some((place, event)) = ahead.peek() {
            bytes += event.put.message.length() + 26;
            if events.len() == most || bytes > PAGE_BYTES && !events.is_empty() {
                break;
            }
            events.push(event.told());
            last = Some(**place);
            ahead.next();
        }
        let next = ahead.peek().is_some().then(|| token(page + 1, last.unwrap_or((start, i64::MIN, 0))));
        if let Some(after) = after.filter(|_| behaviour.repeats > 0) {
            let before = self.events.range((Included((start, i64::MIN, 0)), Included(after))).rev().take(behaviour.repeats);
            let repeated: Vec<Value> = before.map(|(_, event)| event.told()).collect();
            events.splice(0..0, repeated.into_iter().rev());
        }
        if behaviour.is_reversed {
            events.reverse();
        }
        let mut answer = json!({ "events": events, "searchedLogStreams": [] });
        if let Some(next) = next {
            answer["nextToken"] = next.into();
        }
        Answer::Json(answer)
    }
}

impl Event {
    fn told(&self) -> Value {
        let message = match &self.put.message {
            Message::Text(text) => text.clone(),
            Message::Letters(count) => "abcdefghij".repeat(count / 10),
        };
        json!({ "logStreamName": self.stream, "timestamp": self.put.at, "message": message, "ingestionTime": self.put.received, "eventId": self.id })
    }
}

impl Message {
    fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Letters(count) => *count,
        }
    }
}

/// A token holds a place, so that what is put meanwhile shifts nothing.
fn token(page: u64, (at, received, put): Place) -> String {
    format!("Bxkq6kVGFtq2y_{page}_{at}_{received}_{put}")
}

fn place(token: &str) -> Option<(u64, Option<Place>)> {
    let mut parts = token.strip_prefix("Bxkq6kVGFtq2y_")?.split('_');
    let page = parts.next()?.parse().ok()?;
    let place = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((page, Some(place)))
}

const MISSING: Answer = Answer::Refused("ResourceNotFoundException", "The specified log group does not exist.");
const EXPIRED: Answer = Answer::Refused("InvalidParameterException", "The specified nextToken is invalid.");
/// A page holds 1 MB, counted as the service counts: 26 bytes more for each event.
const PAGE_BYTES: usize = 1 << 20;
