//! Between decoding, which blocks, and staging, which does not: what is found in an object, in portions of bounded size.

use std::io::{self, Read};

use schemas::Reject;
use sessions::decode::{Explained, Fact, Object, Sink, decode};
use tokio::sync::mpsc;

use super::round::Broken;
use crate::bulk::Bulk;
use crate::source::{Body, Custody, ErrorKind, Opened, SourceError};

/// Facts and rejects in a portion …
const PORTION: usize = 1_024;
/// … or their bytes, as values; one of them may be larger by itself.
const PORTION_BYTES: usize = 256 << 10;

/// Some of what an object holds, on its way from decoding to staging; the last portion carries the end.
pub(super) struct Portion {
    /// The object's place in its round.
    pub(super) index: usize,
    pub(super) facts: Vec<Fact>,
    pub(super) rejects: Vec<Reject>,
    pub(super) end: Option<End>,
}

/// How an object ended.
pub(super) enum End {
    /// It was read to its end, or to where it was refused; and what its store vouches for.
    Explained(Explained, Custody),
    /// It could not be opened.
    Unopened(SourceError),
    /// It broke off while it was read.
    Broken(Broken),
}

/// Decodes an object, and sends what is found; waits while staging is behind.
pub(super) fn pour(index: usize, object: &Object, opened: Result<Opened, SourceError>, sender: mpsc::Sender<Portion>) {
    let mut outlet = Outlet { index, sender, facts: Vec::new(), rejects: Vec::new(), bytes: 0 };
    let end = match opened {
        Err(error) => End::Unopened(error),
        Ok(Opened { body, custody }) => {
            let mut watched = Watched { body, sender: outlet.sender.clone(), failure: None };
            let explained = decode(object, &mut watched, &mut outlet);
            match (explained.unreadable, watched.failure) {
                (None, _) => End::Explained(explained, custody),
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
    facts: Vec<Fact>,
    rejects: Vec<Reject>,
    bytes: usize,
}

impl Outlet {
    fn send(&mut self, end: Option<End>) {
        self.bytes = 0;
        let portion = Portion { index: self.index, facts: std::mem::take(&mut self.facts), rejects: std::mem::take(&mut self.rejects), end };
        // Nobody receives any more only where staging has failed; that failure is what the run ends with.
        let _ = self.sender.blocking_send(portion);
    }

    fn took(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.facts.len() + self.rejects.len() >= PORTION || self.bytes >= PORTION_BYTES {
            self.send(None);
        }
    }
}

impl Sink for Outlet {
    fn fact(&mut self, fact: Fact) {
        let bytes = fact.bytes();
        self.facts.push(fact);
        self.took(bytes);
    }

    fn reject(&mut self, reject: Reject) {
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
    fn a_portion_is_cut_by_its_bytes_too() {
        let (sender, mut portions) = mpsc::channel(1_000);
        let mut outlet = Outlet { index: 0, sender, facts: Vec::new(), rejects: Vec::new(), bytes: 0 };
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
        assert_eq!((sizes.iter().sum::<usize>(), sizes.iter().max().copied().unwrap()), (100, 3));
    }
}
