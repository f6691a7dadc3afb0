//! How the stand-in behaves: how it pages, and where it fails.

use std::collections::BTreeSet;
use std::time::Duration;

/// What goes wrong at a call, each in the words of the service that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller may not.
    Denied,
    /// The service asks for fewer calls.
    Throttled,
    /// An answer with status 500.
    Broken,
    /// The connection is closed without an answer.
    HungUp,
    /// The connection is closed in the middle of the answer.
    TornOff,
}

/// Calls of one operation that fail.
#[derive(Debug, Clone)]
pub struct Failing {
    /// As [`super::CALLS`] has it.
    pub operation: &'static str,
    /// The first call that fails, counted from 0 in each region …
    pub from: u64,
    /// … and how many do.
    pub count: u64,
    pub fault: Fault,
}

/// How the services behave.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// Entries on a page; 0: as many as the caller asks for.
    pub page: usize,
    /// Every so many pages is empty, the first one too, with a token; 0: none is.
    pub empty_every: usize,
    pub failing: Vec<Failing>,
    /// Regions where nobody answers.
    pub unreachable: BTreeSet<String>,
    /// How long each answer takes.
    pub latency: Duration,
    /// The only access key that is let in.
    pub only_key: Option<String>,
}

impl Behaviour {
    /// Every call of an operation fails.
    pub fn failing(operation: &'static str, fault: Fault) -> Self {
        Self { failing: vec![Failing { operation, from: 0, count: u64::MAX, fault }], ..Self::default() }
    }

    pub(super) fn fault(&self, operation: &str, call: u64) -> Option<Fault> {
        let fails = |failing: &&Failing| failing.operation == operation && call >= failing.from && call - failing.from < failing.count;
        self.failing.iter().find(fails).map(|failing| failing.fault)
    }
}
