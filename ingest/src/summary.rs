//! What a run read, explained, refused and wrote: the truth that people are told at its end.

use std::collections::BTreeMap;

use schemas::{Code, Reject};

/// Counts while a run is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects that the sources list.
    pub discovered: u64,
    /// Objects that were known already, and not read again.
    pub known: u64,
    /// Objects read.
    pub read: u64,
    /// Bytes read, as stored.
    pub bytes: u64,
    /// Bytes still to read of what has been discovered so far.
    pub bytes_ahead: u64,
    /// Facts decoded: events, observations, instances, document versions.
    pub facts: u64,
    /// Objects whose rows are committed.
    pub committed: u64,
    /// Rejects.
    pub rejected: u64,
    /// Sessions whose facts were refreshed.
    pub refreshed: u64,
}

/// Is told how a run goes. Called often, from one task; must not block.
pub trait Progress: Send + Sync {
    /// The counts as they stand, and what is being done, in a word.
    fn update(&self, doing: &str, counts: &Counts);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn update(&self, _doing: &str, _counts: &Counts) {}
}

/// Rejects of one cause, with the first of them as a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// How many.
    pub count: u64,
    /// One of them, by (object, place) the first.
    pub sample: Reject,
}

/// A place that could be named and not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Name of the source.
    pub source: String,
    /// The object or folder.
    pub place: String,
    /// `denied`, `missing`, `unreadable` or `empty`.
    pub cause: &'static str,
    /// A fragment for people.
    pub detail: String,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The counts at its end.
    pub counts: Counts,
    /// Events by source.
    pub facts_by_source: BTreeMap<String, u64>,
    /// Rejects by cause.
    pub rejects: BTreeMap<Code, Refused>,
    /// What could not be read, in order.
    pub unread: Vec<Unread>,
}

impl Summary {
    /// Whether everything that the sources hold was read and understood.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.rejects.is_empty() && self.unread.is_empty()
    }

    pub(crate) fn refuse(&mut self, reject: &Reject) {
        self.counts.rejected += 1;
        let place = |reject: &Reject| (reject.source.clone(), reject.object.clone(), reject.at.clone());
        match self.rejects.get_mut(&reject.code) {
            None => {
                self.rejects.insert(reject.code, Refused { count: 1, sample: reject.clone() });
            }
            Some(refused) => {
                refused.count += 1;
                if place(reject) < place(&refused.sample) {
                    refused.sample = reject.clone();
                }
            }
        }
    }
}
