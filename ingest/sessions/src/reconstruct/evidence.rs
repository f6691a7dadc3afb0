//! The evidence of one session, sorted by what it says and cut at `as_of`.

use std::collections::BTreeSet;

use schemas::{Event, EventKind, Timestamp};

use super::copies::Elsewhere;

/// A streaming event that has a usable time.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) at: Timestamp,
    pub(super) bytes: i64,
}

/// A listing that names the session; some of what it says can be dated before it was observed.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
}

/// What a session is, apart from when (ruling R3).
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub(super) target_id: Option<String>,
    pub(super) document_name: Option<String>,
    pub(super) principal_arn: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) source_ip: Option<String>,
    pub(super) mfa: Option<bool>,
    pub(super) run_as_user: Option<String>,
    pub(super) access_type: Option<String>,
    pub(super) listed_max_duration_seconds: Option<i64>,
    pub(super) ecs: bool,
}

/// All that counts for one session by `as_of`. Every list is sorted by time.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) session_id: String,
    pub(super) attributes: Attributes,
    pub(super) service_status: Option<String>,
    pub(super) start_calls: Vec<Timestamp>,
    pub(super) resumes: Vec<Timestamp>,
    /// Time and caller.
    pub(super) terminates: Vec<(Timestamp, Option<String>)>,
    /// The newest first; History before Active where both were observed at once.
    pub(super) listings: Vec<Listing>,
    /// Active listings that name it: time, and status.
    pub(super) listed_active: Vec<(Timestamp, Option<String>)>,
    pub(super) streams: Vec<Stream>,
    /// The sources that hold a copy of a streaming event of the last time.
    pub(super) activity_sources: BTreeSet<String>,
    /// Those of headers; those of footers where no text has a header.
    pub(super) stamps: Vec<Timestamp>,
    /// Time, and whether it is an object's `LastModified` rather than an upload-at-end event.
    pub(super) uploads: Vec<(Timestamp, bool)>,
    pub(super) exit_line: bool,
    pub(super) has_transcript: bool,
    /// When the first text or streaming event was received.
    pub(super) text_arrived_at: Option<Timestamp>,
    /// Of the largest transcript object.
    pub(super) stored_bytes: i64,
    pub(super) streamed: bool,
    pub(super) log_bytes: i64,
    pub(super) first_fact_at: Option<Timestamp>,
    pub(super) last_fact_at: Option<Timestamp>,
}

impl Evidence {
    /// Collects what is dated no later than `as_of`; `None` where nothing is.
    pub(super) fn collect(mut events: Vec<Event>, elsewhere: &Elsewhere, as_of: Option<Timestamp>) -> Option<Self> {
        let by = |at: Timestamp| as_of.is_none_or(|limit| at <= limit);
        let session_id = events.first()?.session_id.clone()?;
        events.sort_by(|a, b| (date(a), &a.event_id).cmp(&(date(b), &b.event_id)));
        let dates: Vec<Timestamp> =
            events.iter().flat_map(|event| [date(event), event.listed_start, event.listed_end]).flatten().filter(|at| by(*at)).collect();
        if dates.is_empty() {
            return None;
        }
        let mut listed: Vec<&Event> = events.iter().filter(|event| is_listing(event)).collect();
        listed.sort_by_key(|event| (std::cmp::Reverse(event.event_time), event.kind != EventKind::ListedHistory));
        let status = listed.iter().filter(|event| event.event_time.is_some_and(by)).find_map(|event| event.service_status.clone());
        let attributes = attributes(&events, &listed, &by);
        let mut evidence = Self {
            session_id,
            attributes,
            service_status: status,
            start_calls: Vec::new(),
            resumes: Vec::new(),
            terminates: Vec::new(),
            listings: listed
                .iter()
                .map(|event| Listing { start: event.listed_start.filter(|at| by(*at)), end: event.listed_end.filter(|at| by(*at)) })
                .collect(),
            listed_active: Vec::new(),
            streams: Vec::new(),
            activity_sources: BTreeSet::new(),
            stamps: Vec::new(),
            uploads: Vec::new(),
            exit_line: false,
            has_transcript: false,
            text_arrived_at: None,
            stored_bytes: 0,
            streamed: false,
            log_bytes: 0,
            first_fact_at: dates.iter().min().copied(),
            last_fact_at: dates.iter().max().copied(),
        };
        evidence.sort_in(&events, elsewhere, &by);
        Some(evidence)
    }

    fn sort_in(&mut self, events: &[Event], elsewhere: &Elsewhere, by: &impl Fn(Timestamp) -> bool) {
        let (mut text_exit, mut stream_exit) = (false, false);
        let mut text_at = None;
        let mut footers = Vec::new();
        for event in events.iter().filter(|event| date(event).is_some_and(by)) {
            let exits = event.exit_line == Some(true);
            match event.kind {
                EventKind::Stream | EventKind::Upload | EventKind::UploadAtEnd => {
                    self.has_transcript = true;
                    let arrived_at = event.ingestion_time.or(event.event_time);
                    self.text_arrived_at = [self.text_arrived_at, arrived_at].into_iter().flatten().min();
                }
                _ => {}
            }
            self.streamed |= event.kind == EventKind::Stream;
            match event.kind {
                // Of several texts, or parts of one, the last has the end; events are in order of their dates.
                EventKind::UploadAtEnd | EventKind::Upload => {
                    text_exit = exits || (text_exit && date(event) == text_at);
                    text_at = date(event);
                }
                _ => {}
            }
            match event.kind {
                EventKind::Upload => self.stored_bytes = self.stored_bytes.max(event.bytes.unwrap_or(0)),
                EventKind::Stream | EventKind::UploadAtEnd => self.log_bytes += event.bytes.unwrap_or(0),
                _ => {}
            }
            // From here on only what has a usable time of its own.
            let Some(at) = event.event_time else { continue };
            match event.kind {
                EventKind::StartCall => self.start_calls.push(at),
                EventKind::ResumeCall => self.resumes.push(at),
                EventKind::TerminateCall => self.terminates.push((at, event.principal_arn.clone())),
                EventKind::ListedActive => self.listed_active.push((at, event.service_status.clone())),
                EventKind::Stream => {
                    // Events are in order of time, so the last one seen is the last there is; or one of several at once.
                    if self.streams.last().is_some_and(|last| last.at < at) {
                        self.activity_sources.clear();
                        stream_exit = false;
                    }
                    stream_exit |= exits;
                    self.activity_sources.extend(elsewhere.sources(event).map(str::to_owned));
                    self.streams.push(Stream { at, bytes: event.bytes.unwrap_or(0) });
                }
                EventKind::Upload => self.uploads.push((at, true)),
                EventKind::UploadAtEnd => self.uploads.push((at, false)),
                EventKind::Stamp => self.stamps.push(at),
                EventKind::DoneStamp => footers.push(at),
                EventKind::OtherCall | EventKind::ListedHistory => {}
            }
        }
        if self.stamps.is_empty() {
            self.stamps = footers;
        }
        self.exit_line = text_exit || stream_exit;
        self.log_bytes += self.stored_bytes;
    }
}

/// The date of a fact: its time, or, where an instance's time cannot be true, when AWS received it.
fn date(event: &Event) -> Option<Timestamp> {
    event.event_time.or(event.ingestion_time)
}

fn is_listing(event: &Event) -> bool {
    matches!(event.kind, EventKind::ListedActive | EventKind::ListedHistory)
}

/// Each attribute from the best evidence that has it: start calls, then listings from the newest, then texts and streaming events.
fn attributes(events: &[Event], listed: &[&Event], by: &impl Fn(Timestamp) -> bool) -> Attributes {
    let of = |kinds: &'static [EventKind]| events.iter().filter(move |event| kinds.contains(&event.kind) && date(event).is_some_and(by));
    let calls: Vec<&Event> = of(&[EventKind::StartCall]).collect();
    let listings: Vec<&Event> = listed.iter().copied().filter(|event| event.listed_start.or(event.event_time).is_some_and(by)).collect();
    let texts: Vec<&Event> = of(&[EventKind::Stream, EventKind::Upload, EventKind::UploadAtEnd]).collect();
    // Of an event whose time cannot be true, only what it reaches is believed (ruling R6).
    let streams: Vec<&Event> = texts.iter().copied().filter(|text| text.kind == EventKind::Stream && text.event_time.is_some()).collect();
    let named: Vec<&Event> = calls.iter().chain(&listings).copied().collect();
    let first = |events: &[&Event], field: fn(&Event) -> &Option<String>| events.iter().find_map(|event| field(event).clone());
    let target_id = first(&named, |event| &event.target_id).or_else(|| earliest(&texts, |event| &event.target_id));
    Attributes {
        ecs: calls.iter().any(|call| call.event_name.as_deref() == Some("ExecuteCommand"))
            || target_id.as_deref().is_some_and(|target| target.starts_with("ecs:")),
        target_id,
        document_name: first(&named, |event| &event.document_name),
        principal_arn: first(&named, |event| &event.principal_arn).or_else(|| earliest(&streams, |event| &event.principal_arn)),
        reason: first(&named, |event| &event.reason),
        source_ip: first(&calls, |event| &event.source_ip),
        mfa: calls.iter().find_map(|call| call.mfa),
        run_as_user: earliest(&streams, |event| &event.run_as_user),
        access_type: first(&listings, |event| &event.access_type),
        listed_max_duration_seconds: listings.iter().find_map(|listing| listing.max_duration_seconds),
    }
}

/// The earliest value that an instance wrote; of equal times the smallest, since copies in different places come in no order.
fn earliest(events: &[&Event], field: fn(&Event) -> &Option<String>) -> Option<String> {
    events.iter().filter_map(|event| Some((date(event)?, field(event).clone()?))).min().map(|(_, value)| value)
}
