//! A stream of events, cut into parts of windows: bytes and versions that depend on the events alone, never on how they were paged.

use std::collections::{BTreeMap, VecDeque};

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::key::{WINDOW, window_of};

/// A part of a window: what is listed as one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Start of the window.
    pub(super) window: i64,
    /// Its place in the window.
    pub(super) number: u32,
    /// One event a line, as the API tells it.
    pub(super) bytes: Bytes,
    /// A digest of the ids of its events and of when each was received.
    pub(super) version: String,
    /// When the service received the newest of them, in milliseconds.
    pub(super) received: Option<i64>,
}

/// Takes events, and gives parts in the order of their keys.
///
/// The service tells events in the order of their times. Where it does not, they are put in order as long as their windows are open; what comes
/// later still joins the newest window: it is stored there, under its own time and id, and no key is listed twice or out of order.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    open: BTreeMap<i64, Open>,
    /// Windows before this are closed.
    floor: i64,
    newest: i64,
    held: usize,
    ready: VecDeque<Part>,
}

/// A window that is still being filled.
#[derive(Debug, Default)]
struct Open {
    lines: BTreeMap<Place, Vec<u8>>,
    bytes: usize,
    parts: u32,
}

/// The order of events: by time, by when they were received, by id; events without an id by what they say, and by how often they say it.
type Place = (i64, i64, String, u32);

/// An event on the wire, with the names of the API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiEvent<'e> {
    timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ingestion_time: Option<i64>,
    message: Option<&'e str>,
    log_stream_name: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<&'e str>,
}

impl Cutter {
    /// Takes an event.
    pub(super) fn add(&mut self, event: &FilteredLogEvent) {
        let line = line(event);
        let at = event.timestamp.unwrap_or(self.newest);
        self.newest = self.newest.max(window_of(at)).max(self.floor);
        let window = if window_of(at) < self.floor { self.newest } else { window_of(at) };
        let open = self.open.entry(window).or_default();
        let is_named = event.event_id.is_some();
        let id = event.event_id.clone().unwrap_or_else(|| schemas::sha256_hex(&line));
        let mut place = (at, event.ingestion_time.unwrap_or_default(), id, 0);
        while !is_named && open.lines.contains_key(&place) {
            place.3 += 1;
        }
        open.bytes += line.len();
        self.held += line.len();
        if let Some(again) = open.lines.insert(place, line) {
            open.bytes -= again.len();
            self.held -= again.len();
        }
        let is_over = open.bytes > 2 * PART;
        let bound = if is_over { window } else { self.newest - HORIZON };
        while let Some((&oldest, _)) = self.open.first_key_value().filter(|(oldest, _)| **oldest < bound) {
            self.close(oldest);
        }
        if is_over {
            self.cut(window, 2 * PART);
        }
    }

    /// There are no more events.
    pub(super) fn end(&mut self) {
        while let Some((&oldest, _)) = self.open.first_key_value() {
            self.close(oldest);
        }
    }

    /// The next part that is done.
    pub(super) fn pop(&mut self) -> Option<Part> {
        let part = self.ready.pop_front()?;
        self.held -= part.bytes.len();
        Some(part)
    }

    /// Bytes of events that are held.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    fn close(&mut self, window: i64) {
        self.cut(window, 0);
        self.open.remove(&window);
        self.floor = self.floor.max(window + WINDOW);
    }

    /// Cuts parts off the front of a window until no more than `rest` bytes are left; each is as large as it may be.
    fn cut(&mut self, window: i64, rest: usize) {
        let Some(open) = self.open.get_mut(&window) else { return };
        while open.bytes > rest {
            let (mut bytes, mut received, mut version) = (Vec::new(), None, Sha256::new());
            while let Some(entry) = open.lines.first_entry().filter(|entry| bytes.is_empty() || bytes.len() + entry.get().len() <= PART) {
                let ((_, ingested, id, ordinal), line) = entry.remove_entry();
                version.update(format!("{id} {ordinal} {ingested}\n"));
                received = received.max(Some(ingested).filter(|at| *at > 0));
                bytes.extend_from_slice(&line);
            }
            open.bytes -= bytes.len();
            // Half a digest is enough: no two versions of a part meet by chance.
            let version = schemas::hex(&version.finalize()[..16]);
            self.ready.push_back(Part { window, number: open.parts, bytes: Bytes::from(bytes), version, received });
            open.parts += 1;
        }
    }
}

fn line(event: &FilteredLogEvent) -> Vec<u8> {
    let event = ApiEvent {
        timestamp: event.timestamp,
        ingestion_time: event.ingestion_time,
        message: event.message.as_deref(),
        log_stream_name: event.log_stream_name.as_deref(),
        event_id: event.event_id.as_deref(),
    };
    // Numbers and texts cannot fail to be written.
    let mut line = serde_json::to_vec(&event).unwrap_or_default();
    line.push(b'\n');
    line
}

/// So far behind the newest window stay windows open, for events out of order.
const HORIZON: i64 = WINDOW;
/// A part is no larger, in bytes, unless one event is: large enough for few objects, small enough to be held.
const PART: usize = 4 << 20;

#[cfg(test)]
mod tests;
