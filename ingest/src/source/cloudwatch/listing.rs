//! A log group, listed: pages are asked for one after the other, cut into windows, and each window is kept until it is opened.

use std::collections::VecDeque;

use schemas::Timestamp;

use super::CloudWatch;
use super::cut::Cutter;
use super::group::{Failure, Group, Page, Refused, Span};
use super::key::{self, Line, OVERLAP, window_of};
use super::seen::Seen;
use crate::source::{ErrorKind, Listed, Resume, SourceError};

type Item = Result<Listed, SourceError>;

/// A listing under way, through one region after the other.
pub(super) struct Listing<'s> {
    source: &'s CloudWatch,
    resume: Resume,
    groups: std::slice::Iter<'s, Group>,
    walk: Option<Walk<'s>>,
    ready: VecDeque<Item>,
}

/// The way through one group.
struct Walk<'s> {
    group: &'s Group,
    folder: String,
    from: i64,
    token: Option<String>,
    cutter: Cutter,
    seen: Seen,
    /// The newest time seen.
    newest: i64,
    /// How often it was begun anew since it last came further.
    begun_anew: u32,
}

impl<'s> Listing<'s> {
    pub(super) fn new(source: &'s CloudWatch, resume: Resume) -> Self {
        Self { source, resume, groups: source.groups.iter(), walk: None, ready: VecDeque::new() }
    }

    /// The next object, or the next place that cannot be had.
    pub(super) async fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            match self.walk.take() {
                None => {
                    let group = self.groups.next()?;
                    match Walk::begin(group, &self.resume).await {
                        Ok(walk) => self.walk = Some(walk),
                        Err(error) => self.ready.push_back(Err(error)),
                    }
                }
                Some(mut walk) => match walk.turn().await {
                    Ok(has_more) => {
                        self.list(&mut walk).await;
                        self.walk = has_more.then_some(walk);
                    }
                    // What is still open may lack events that the next run sees: it is not listed by halves.
                    Err(failure) => self.ready.push_back(Err(self.source.lost(walk.group, failure))),
                },
            }
        }
    }

    /// Lists the parts that are done.
    async fn list(&mut self, walk: &mut Walk<'s>) {
        self.source.note_held(walk.cutter.held());
        while let Some(part) = walk.cutter.pop() {
            let object = self.source.object(walk.group, &walk.folder, &part);
            self.source.spool.put(object.clone(), part.bytes).await;
            self.ready.push_back(Ok(Listed { object, custody: Default::default() }));
        }
    }
}

impl<'s> Walk<'s> {
    async fn begin(group: &'s Group, resume: &Resume) -> Result<Self, SourceError> {
        let in_line = group.folder(Line::InLine);
        let known = resume.known.last_below(&in_line).await?.and_then(|key| key::parse(key.strip_prefix(&in_line)?)).map(|(window, _)| window);
        // What was missing is asked for again, however long ago it was.
        let missing = resume.gaps.iter().filter_map(|gap| key::parse(gap.strip_prefix(&in_line)?)).map(|(window, _)| window).min();
        let (line, from) = begins(known, missing, resume.from);
        let folder = group.folder(line);
        Ok(Self { group, folder, from, token: None, cutter: Cutter::default(), seen: Seen::default(), newest: from, begun_anew: 0 })
    }

    /// Asks for a page; tells whether there is another.
    async fn turn(&mut self) -> Result<bool, Failure> {
        let span = Span { from: self.from, to: None };
        match self.group.page(span, self.token.as_deref()).await {
            Ok(page) => self.take(page),
            Err(Refused::Token(_)) if self.begun_anew < TRIES => {
                // From the newest event on, that itself included: others may share its time.
                (self.from, self.token) = (self.newest, None);
                self.begun_anew += 1;
                Ok(true)
            }
            Err(Refused::Token(failure) | Refused::Failed(failure)) => Err(failure),
        }
    }

    fn take(&mut self, page: Page) -> Result<bool, Failure> {
        if page.token.is_some() && page.token == self.token {
            let detail = "the service gives the same page again and again".to_owned();
            return Err(Failure { kind: ErrorKind::Unreachable, detail, cause: None });
        }
        for event in page.events {
            if event.event_id.as_deref().is_none_or(|id| self.seen.add(id)) {
                self.newest = self.newest.max(event.timestamp.unwrap_or_default());
                self.begun_anew = 0;
                self.cutter.add(&event);
            }
        }
        self.token = page.token;
        if self.token.is_none() {
            self.cutter.end();
        }
        Ok(self.token.is_some())
    }
}

/// Where a listing begins, in milliseconds, and whether what it lists is in line with what is known.
///
/// From a time that was asked for it begins there, less the overlap: what was taken from then on may be dated earlier. Where everything before that time is
/// known already, it stays in line; else what is between would be taken for read by every run after it.
fn begins(known: Option<i64>, missing: Option<i64>, from: Option<Timestamp>) -> (Line, i64) {
    match (from.map(|from| window_of(from.micros() / 1_000)), known) {
        (Some(from), Some(known)) if from <= known => (Line::InLine, window_of(from - OVERLAP)),
        (Some(from), _) => (Line::Ahead, window_of(from - OVERLAP)),
        (None, Some(known)) => (Line::InLine, window_of(known - OVERLAP).min(missing.unwrap_or(known))),
        (None, None) => (Line::InLine, 0),
    }
}

/// So often a listing is begun anew without coming any further.
const TRIES: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_behind_what_is_known_and_never_beyond_it() {
        const HOUR: i64 = 3_600_000;
        let at = |hour: i64| Some(Timestamp::from_micros(hour * HOUR * 1_000));
        assert_eq!(begins(None, None, None), (Line::InLine, 0));
        assert_eq!(begins(Some(100 * HOUR), None, None), (Line::InLine, 94 * HOUR));
        assert_eq!(begins(Some(100 * HOUR), Some(7 * HOUR), None), (Line::InLine, 7 * HOUR), "a window that was missing, and what came after it");
        assert_eq!(begins(Some(100 * HOUR), Some(99 * HOUR), None), (Line::InLine, 94 * HOUR));
        assert_eq!(begins(Some(2 * HOUR), None, None), (Line::InLine, 0));
        assert_eq!(begins(Some(100 * HOUR), None, at(50)), (Line::InLine, 44 * HOUR), "further back");
        assert_eq!(begins(Some(100 * HOUR), None, at(200)), (Line::Ahead, 194 * HOUR), "what is between stays unread, and must not be taken for read");
        assert_eq!(begins(None, None, at(200)), (Line::Ahead, 194 * HOUR));
    }
}
