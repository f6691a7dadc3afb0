//! The docket of one object: every record found in it goes through here to the sink, and every refusal.

use std::collections::BTreeMap;

use schemas::{Code, Event, Instance, Observation, Preference, Reject, Timestamp};

use super::body::Damage;
use super::object::Object;
use super::record::Record;

/// One thing that an object says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A normalised fact of evidence.
    Event(Box<Event>),
    /// An answer of a snapshot.
    Observation(Observation),
    /// An instance or managed node that an answer names.
    Instance(Instance),
    /// A version of a Session document.
    Preference(Box<Preference>),
}

/// Takes what decoding finds, as it is found. A sink may block: that is how whoever is behind holds decoding back.
pub trait Sink {
    /// Takes a fact.
    fn fact(&mut self, fact: Fact);
    /// Takes what could not be understood.
    fn reject(&mut self, reject: Reject);
}

/// Turns a record into facts and refusals.
pub(super) type Normalise = fn(Record<'_>, &mut Docket<'_>);

/// What is being found in one object.
pub(crate) struct Docket<'s> {
    pub(crate) object: &'s Object,
    sink: &'s mut dyn Sink,
    normalise: Normalise,
    refused: BTreeMap<Code, u64>,
    /// Records, lines and answers that were read whole so far, of interest or not.
    pub(super) whole: i64,
    /// Those of them that are none of our business.
    pub(super) passed_over: u64,
    pub(super) vouched_at: Option<Timestamp>,
}

/// So many refusals of one code are told one by one; a hostile object must not fill the lake with them.
const TOLD: u64 = 1_000;
/// So many characters of a key are told.
const SHOWN: usize = 64;

impl<'s> Docket<'s> {
    pub(super) fn new(object: &'s Object, sink: &'s mut dyn Sink, normalise: Normalise) -> Self {
        Self { object, sink, normalise, refused: BTreeMap::new(), whole: 0, passed_over: 0, vouched_at: None }
    }

    pub(super) fn record(&mut self, record: Record<'_>) {
        (self.normalise)(record, self);
    }

    pub(crate) fn fact(&mut self, fact: Fact) {
        self.sink.fact(fact);
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.fact(Fact::Event(Box::new(event)));
    }

    /// Something is understood, and is none of our business.
    pub(crate) fn pass_over(&mut self) {
        self.passed_over += 1;
    }

    /// AWS itself vouches for this time.
    pub(super) fn vouch(&mut self, at: Timestamp) {
        self.vouched_at = self.vouched_at.max(Some(at));
    }

    pub(crate) fn refuse(&mut self, at: impl Into<String>, code: Code, detail: impl Into<String>) {
        let count = self.refused.entry(code).or_default();
        *count += 1;
        if *count <= TOLD {
            self.reject(at.into(), code, detail.into());
        }
    }

    /// A key stands twice in one object, so what it says cannot be told.
    pub(crate) fn refuse_duplicate(&mut self, at: impl Into<String>, key: &str) {
        let shown: String = key.chars().take(SHOWN).collect();
        self.refuse(at, Code::JsonDuplicateKey, format!("the key {shown:?}{} stands twice", if shown.len() < key.len() { "…" } else { "" }));
    }

    /// Something is larger than anything of its kind can be.
    pub(crate) fn refuse_size(&mut self, at: impl Into<String>, what: &str, cap: usize) {
        self.refuse(at, Code::TooLarge, format!("{what} of more than {} KiB", cap >> 10));
    }

    /// The one refusal that says why an object ends before its end, and what is kept of it.
    pub(super) fn refuse_rest(&mut self, damage: &Damage) {
        self.reject(String::new(), damage.code, format!("{}; {} records before that were read whole", damage.detail, self.whole));
    }

    pub(super) fn close(&mut self) {
        for (code, count) in std::mem::take(&mut self.refused) {
            if count > TOLD {
                self.reject(format!("after {TOLD}"), code, format!("{} more like these", count - TOLD));
            }
        }
    }

    fn reject(&mut self, at: String, code: Code, detail: String) {
        self.sink.reject(Reject { source: self.object.source.clone(), object: self.object.key.clone(), at, code, detail });
    }
}
