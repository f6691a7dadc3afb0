//! Between decoding, which blocks, and staging, which does not: what is found in an object, in portions of bounded size.
//!
//! What costs time is done on this side, where there are several workers: most events reach staging as Arrow already.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use arrow::array::RecordBatch;
use schemas::{Event, Reject};
use sessions::decode::{Desk, Explained, Fact, Object, Sink};
use sessions::rows::{RowError, events_batch};
use tokio::sync::mpsc;

use super::round::Broken;
use super::tally::Tally;
use crate::bulk::Bulk;
use crate::source::{Body, Custody, ErrorKind, Opened, SourceError};

/// Facts and rejects in a portion …
const PORTION: usize = 1_024;
/// … or their bytes, as values; one of them may be larger by itself.
const PORTION_BYTES: usize = 512 << 10;
/// So many events are worth a batch of their own; fewer are gathered with those of other objects first, since every batch has a size that
/// does not depend on its rows.
const OWN_BATCH: usize = 128;

/// Some of what an object holds, on its way from decoding to staging; the last portion carries the end.
#[derive(Debug)]
pub(super) struct Portion {
    /// The object's place in its round.
    pub(super) index: usize,
    pub(super) events: Events,
    /// Facts of other kinds.
    pub(super) others: Vec<Fact>,
    pub(super) rejects: Vec<Reject>,
    pub(super) end: Option<End>,
}

/// Events of a portion.
#[derive(Debug)]
pub(super) enum Events {
    Few(Vec<Event>),
    /// Rows of `events`.
    Many(Result<RecordBatch, RowError>),
}

/// How an object ended.
#[derive(Debug)]
pub(super) enum End {
    /// It was read to its end, or to where it was refused: what was found in it, and what its store vouches for.
    Explained(Explained, Tally, Custody),
    /// It could not be opened.
    Unopened(SourceError),
    /// It broke off while it was read.
    Broken(Broken),
}

/// The desks of the workers: who decodes takes one, and puts it back. There are never more of them than workers at one time.
#[derive(Debug, Default)]
pub(super) struct Desks(Mutex<Vec<Desk>>);

impl Desks {
    fn take(&self) -> Desk {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn put_back(&self, desk: Desk) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(desk);
    }
}

/// Decodes an object, and sends what is found; waits while staging is behind.
pub(super) fn pour(index: usize, object: &Object, opened: Result<Opened, SourceError>, desks: &Desks, sender: mpsc::Sender<Portion>) {
    let mut outlet = Outlet::new(index, sender);
    let end = match opened {
        Err(error) => End::Unopened(error),
        Ok(Opened { body, custody }) => {
            let mut watched = Watched { body, sender: outlet.sender.clone(), failure: None };
            let mut desk = desks.take();
            let explained = desk.decode(object, &mut watched, &mut outlet);
            desks.put_back(desk);
            match (explained.unreadable, watched.failure) {
                (None, _) => End::Explained(explained, std::mem::take(&mut outlet.tally), custody),
                (Some(_), Some((kind, detail))) => End::Broken(Broken { index, kind, detail }),
                (Some(kind), None) => End::Broken(Broken { index, kind: ErrorKind::of(&kind.into()), detail: "reading it broke off".to_owned() }),
            }
        }
    };
    outlet.send(Some(end));
}

/// Takes what decoding finds.
struct Outlet {
    index: usize,
    sender: mpsc::Sender<Portion>,
    tally: Tally,
    events: Vec<Event>,
    others: Vec<Fact>,
    rejects: Vec<Reject>,
    bytes: usize,
}

impl Outlet {
    fn new(index: usize, sender: mpsc::Sender<Portion>) -> Self {
        Self { index, sender, tally: Tally::default(), events: Vec::new(), others: Vec::new(), rejects: Vec::new(), bytes: 0 }
    }

    fn send(&mut self, end: Option<End>) {
        self.bytes = 0;
        let events = if self.events.len() < OWN_BATCH {
            Events::Few(std::mem::take(&mut self.events))
        } else {
            let rows = events_batch(&self.events);
            self.events.clear();
            Events::Many(rows)
        };
        let (others, rejects) = (std::mem::take(&mut self.others), std::mem::take(&mut self.rejects));
        // Nobody receives any more only where staging has failed; that failure is what the run ends with.
        let _ = self.sender.blocking_send(Portion { index: self.index, events, others, rejects, end });
    }

    fn took(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.events.len() + self.others.len() + self.rejects.len() >= PORTION || self.bytes >= PORTION_BYTES {
            self.send(None);
        }
    }
}

impl Sink for Outlet {
    fn fact(&mut self, fact: Fact) {
        self.tally.note(&fact);
        let bytes = fact.bytes();
        match fact {
            Fact::Event(event) => self.events.push(*event),
            other => self.others.push(other),
        }
        self.took(bytes);
    }

    fn reject(&mut self, reject: Reject) {
        self.tally.rejects += 1;
        let bytes = reject.bytes();
        self.rejects.push(reject);
        self.took(bytes);
    }
}

/// A body that remembers why it failed, where decoding only says that it did; and that ends where nobody waits for it any more.
struct Watched {
    body: Body,
    sender: mpsc::Sender<Portion>,
    failure: Option<(ErrorKind, String)>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.sender.is_closed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let read = self.body.read(buffer);
        if let Err(error) = &read {
            self.failure = Some(match SourceError::carried_by(error) {
                Some(error) => (error.kind, error.told()),
                None => (ErrorKind::of(error), format!("reading it broke off: {error}")),
            });
        }
        read
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use schemas::Code;

    #[test]
    fn many_events_arrive_as_rows_and_are_counted_all_the_same() {
        let (sender, mut portions) = mpsc::channel(1_000);
        let mut outlet = Outlet::new(3, sender);
        for number in 0..2 * PORTION + 1 {
            outlet.fact(Fact::Event(Box::new(Event::blank(schemas::EventKind::Stream, number.to_string()))));
        }
        outlet.send(None);
        drop(outlet);
        let (mut rows, mut values) = (0, 0);
        while let Some(portion) = portions.blocking_recv() {
            assert_eq!(portion.index, 3);
            match portion.events {
                Events::Few(events) => values += events.len(),
                Events::Many(batch) => rows += batch.unwrap().num_rows(),
            }
        }
        assert_eq!(rows + values, 2 * PORTION + 1);
        assert!(values < OWN_BATCH, "{values} events are left to be encoded by one thread");
    }

    #[test]
    fn a_portion_is_cut_by_its_bytes_too() {
        let (sender, mut portions) = mpsc::channel(1_000);
        let mut outlet = Outlet::new(0, sender);
        for _ in 0..100 {
            let detail = "x".repeat(100 << 10);
            outlet.reject(Reject { source: String::new(), object: String::new(), at: String::new(), code: Code::LineUnexpected, detail });
        }
        outlet.send(None);
        drop(outlet);
        let mut sizes = Vec::new();
        while let Some(portion) = portions.blocking_recv() {
            sizes.push(portion.rejects.len());
        }
        assert_eq!((sizes.iter().sum::<usize>(), sizes.iter().max().copied().unwrap()), (100, PORTION_BYTES / (100 << 10) + 1));
    }
}
