//! What a run read, explained, refused and wrote: the truth that people are told at its end.

use std::collections::BTreeMap;

use schemas::{Code, Reject, Timestamp};

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
    /// Objects that were listed and were gone when they were to be read.
    pub gone: u64,
    /// Facts decoded: events, observations, instances, document versions.
    pub facts: u64,
    /// Objects whose rows are committed.
    pub committed: u64,
    /// Rejects.
    pub rejected: u64,
    /// Places that could be named and not be read.
    pub unread: u64,
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
    /// The object, or the folder (ending with a slash); empty for the whole source.
    pub place: String,
    /// `denied`, `missing`, `unreadable`, `empty` (nothing was ever held) or `changed` (while it was being read).
    pub cause: &'static str,
    /// A fragment for people.
    pub detail: String,
}

/// What could not be read in one source for one cause. The places themselves are in the lake's `gaps`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// How many.
    pub count: u64,
    /// One of them, by place the first.
    pub sample: Unread,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The counts at its end.
    pub counts: Counts,
    /// Rejects by cause.
    pub rejects: BTreeMap<Code, Refused>,
    /// What could not be read, by source and cause.
    pub unread: BTreeMap<(String, &'static str), Missed>,
    /// By source, the latest time in what was read of it: of an event, or one that AWS vouches for.
    pub newest: BTreeMap<String, Timestamp>,
}

impl Summary {
    /// Whether everything that the sources hold was read and understood.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.rejects.is_empty() && self.unread.is_empty()
    }

    pub(crate) fn reach(&mut self, source: &str, at: Timestamp) {
        match self.newest.get_mut(source) {
            Some(newest) => *newest = at.max(*newest),
            None => {
                self.newest.insert(source.to_owned(), at);
            }
        }
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

    pub(crate) fn miss(&mut self, unread: Unread) {
        self.counts.unread += 1;
        match self.unread.get_mut(&(unread.source.clone(), unread.cause)) {
            None => {
                self.unread.insert((unread.source.clone(), unread.cause), Missed { count: 1, sample: unread });
            }
            Some(missed) => {
                missed.count += 1;
                if unread.place < missed.sample.place {
                    missed.sample = unread;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_counted_by_source_and_cause_with_the_first_as_a_sample() {
        let mut summary = Summary::default();
        assert!(summary.is_complete());
        let unread = |source: &str, place: &str, cause| Unread { source: source.into(), place: place.into(), cause, detail: "no".into() };
        for place in ["c", "a", "b"] {
            summary.miss(unread("one", place, "denied"));
        }
        summary.miss(unread("one", "d", "missing"));
        summary.miss(unread("other", "a", "denied"));
        let told: Vec<_> =
            summary.unread.values().map(|missed| (missed.sample.source.as_str(), missed.sample.cause, missed.count, missed.sample.place.as_str())).collect();
        assert_eq!(told, [("one", "denied", 3, "a"), ("one", "missing", 1, "d"), ("other", "denied", 1, "a")]);
        assert!(summary.counts.unread == 5 && !summary.is_complete());
    }

    #[test]
    fn what_is_refused_is_counted_by_code_with_the_first_as_a_sample() {
        let mut summary = Summary::default();
        let reject = |object: &str, at: &str, code| Reject { source: "s".into(), object: object.into(), at: at.into(), code, detail: "no".into() };
        for (object, at, code) in [("b", "line 1", Code::LineUnexpected), ("a", "line 2", Code::LineUnexpected), ("a", "line 1", Code::TimeInvalid)] {
            summary.refuse(&reject(object, at, code));
        }
        assert_eq!(summary.rejects[&Code::LineUnexpected], Refused { count: 2, sample: reject("a", "line 2", Code::LineUnexpected) });
        assert!(summary.counts.rejected == 3 && summary.rejects.len() == 2 && !summary.is_complete());
    }
}
