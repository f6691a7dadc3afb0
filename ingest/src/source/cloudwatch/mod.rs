//! A log group of CloudWatch Logs over its API: `FilterLogEvents` through the whole group, cut into windows of five minutes.
//!
//! What comes in are pages of events in the order of their times; what goes out are objects, each a part of a window: the events as lines of
//! NDJSON, in the format that a folder may hold as well. This room refuses to know what the messages mean and which windows were read before.
//!
//! ```text
//!   Group::page ─▶ Seen (each event once) ─▶ Cutter (windows, parts) ─▶ Spool ─▶ Listed … open ─▶ Body
//!                                                                         └─ given up by then: the window is asked for again
//! ```
//!
//! A window that grows is another version of the same object. Why it is so: the sixth decision record.

mod cut;
mod group;
mod key;
mod listing;
mod quota;
mod seen;
mod spool;

use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::Client;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use schemas::Timestamp;
use sessions::decode::{Object, SourceKind};

use super::{Body, ErrorKind, Listed, Opened, Origin, Resume, Source, SourceError};
use cut::{Cutter, Part};
use group::{Failure, Group, Refused, Span};
use key::{Line, WINDOW};
use listing::Listing;
use spool::Spool;

/// One log group, in one region or several.
#[derive(Debug)]
pub struct CloudWatch {
    origin: Origin,
    /// In the order of their regions.
    groups: Vec<Group>,
    spool: Spool,
    most_held: AtomicUsize,
}

impl CloudWatch {
    /// The log group of this name, or ARN, in each region; at most as many calls as the service grants there.
    #[must_use]
    pub fn new(origin: Origin, log_group: &str, regions: impl IntoIterator<Item = (String, SdkConfig)>) -> Self {
        Self::at_pace(origin, log_group, regions.into_iter().map(|(region, config)| (region, Client::new(&config))), quota::quota)
    }

    /// The same with another number of calls a second in each region, for who knows what is granted.
    #[must_use]
    pub fn at_pace(origin: Origin, log_group: &str, clients: impl IntoIterator<Item = (String, Client)>, pace: impl Fn(&str) -> f64) -> Self {
        let groups = clients.into_iter().map(|(region, client)| {
            let calls_per_second = pace(&region);
            Group::new(region, log_group.to_owned(), client, calls_per_second)
        });
        let mut groups: Vec<Group> = groups.collect();
        groups.sort_by(|a, b| a.region.cmp(&b.region));
        groups.dedup_by(|a, b| a.region == b.region);
        Self { origin, groups, spool: Spool::default(), most_held: AtomicUsize::new(0) }
    }

    /// The most bytes of events that were held in memory between two pages so far, the spool's share included.
    pub fn most_held(&self) -> usize {
        self.most_held.load(Ordering::Relaxed)
    }

    fn note_held(&self, by_cutter: usize) {
        self.most_held.fetch_max(by_cutter + self.spool.in_memory(), Ordering::Relaxed);
    }

    /// A part as an object. It was last modified when the service received the newest of its events.
    fn object(&self, group: &Group, folder: &str, part: &Part) -> Object {
        Object {
            source: self.origin.name.clone(),
            kind: self.origin.kind,
            key: format!("{folder}{}", key::name(part.window, part.number)),
            object_version: part.version.clone(),
            size: part.bytes.len() as u64,
            last_modified: part.received.and_then(Timestamp::from_millis),
            account_id: self.origin.account_id.clone(),
            region: Some(group.region.clone()),
        }
    }

    /// The error of a group: its place is its folder.
    fn lost(&self, group: &Group, failure: Failure) -> SourceError {
        self.failed(&group.folder(Line::InLine), failure)
    }

    fn failed(&self, place: &str, failure: Failure) -> SourceError {
        SourceError { source: failure.cause, ..self.origin.error(failure.kind, place, failure.detail) }
    }

    /// The group of a key, the folder in it, and the window and part.
    fn place<'k>(&self, key: &'k str) -> Option<(&Group, &'k str, i64, u32)> {
        let (folder, name) = key.split_at(key.rfind('/')? + 1);
        let group = self.groups.iter().find(|group| [Line::InLine, Line::Ahead].into_iter().any(|line| group.folder(line) == folder))?;
        key::parse(name).map(|(window, part)| (group, folder, window, part))
    }

    /// Asks for a window again, as far as the part; `None` where it has no such part.
    async fn again(&self, group: &Group, window: i64, number: u32) -> Result<Option<Part>, Failure> {
        let span = Span { from: window, to: Some(window + WINDOW - 1) };
        let (mut cutter, mut seen, mut token) = (Cutter::default(), seen::Seen::default(), None);
        loop {
            let page = group.page(span, token.as_deref()).await.map_err(|refused| match refused {
                Refused::Token(failure) | Refused::Failed(failure) => failure,
            })?;
            let events = page.events.iter().filter(|event| event.event_id.as_deref().is_none_or(|id| seen.add(id)));
            events.for_each(|event| cutter.add(event));
            let is_end = page.token.is_none() || page.token == token;
            token = page.token;
            if is_end {
                cutter.end();
            }
            while let Some(part) = cutter.pop() {
                if (part.window, part.number) == (window, number) {
                    return Ok(Some(part));
                }
            }
            if is_end {
                return Ok(None);
            }
        }
    }
}

#[async_trait]
impl Source for CloudWatch {
    fn name(&self) -> &str {
        &self.origin.name
    }

    fn kind(&self) -> SourceKind {
        self.origin.kind
    }

    fn objects(&self, resume: Resume) -> BoxStream<'_, Result<Listed, SourceError>> {
        let listing = Listing::new(self, resume);
        stream::unfold(listing, |mut listing| async move { listing.next().await.map(|item| (item, listing)) }).boxed()
    }

    async fn open(&self, listed: &Listed) -> Result<Opened, SourceError> {
        let object = &listed.object;
        let key = object.key.as_str();
        let opened = |bytes: Bytes| Opened { body: Body::from_reader(Cursor::new(bytes)), custody: listed.custody.clone() };
        let changed = || self.origin.error(ErrorKind::Conflict, key, "changed since it was listed");
        if let Some((kept, bytes)) = self.spool.get(key).await {
            return if kept == *object { Ok(opened(bytes.into())) } else { Err(changed()) };
        }
        let (group, folder, window, number) = self.place(key).ok_or_else(|| self.origin.error(ErrorKind::Bug, key, "is no window of the log group"))?;
        let part = self.again(group, window, number).await.map_err(|failure| self.failed(key, failure))?;
        let part = part.ok_or_else(|| self.origin.error(ErrorKind::NotFound, key, "is not there any more"))?;
        if self.object(group, folder, &part) == *object { Ok(opened(part.bytes)) } else { Err(changed()) }
    }
}
