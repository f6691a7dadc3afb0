//! How the stand-in behaves: where it fails, and how it tells what it holds.

use std::collections::{BTreeMap, BTreeSet};

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `ThrottlingException`.
    Throttled,
    /// `AccessDeniedException`.
    Denied,
    /// An answer with status 500.
    Broken,
    /// `ServiceUnavailableException`.
    Unavailable,
    /// The connection is closed in the middle of the answer.
    TornOff,
    /// An answer with status 200 that is no JSON.
    Garbled,
    /// The token, where there is one, is not known any more.
    TokenExpired,
    /// The answer holds the token that was asked with.
    Stuck,
    /// A page without events, with a token of its own, before the page that was asked for.
    Empty,
    /// Nothing is answered, and the connection stays.
    Silent,
    /// The answer stops in the middle, and the connection stays.
    Stalls,
}

impl Fault {
    /// Those that are told at once, to a client of any patience, and that do harm.
    pub const ALL: [Self; 8] = [Self::Throttled, Self::Denied, Self::Broken, Self::Unavailable, Self::TornOff, Self::Garbled, Self::TokenExpired, Self::Stuck];
}

/// How `FilterLogEvents` behaves. Calls are counted from 0.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// Events on a page; 0: as many as the service gives, 10,000.
    pub page: usize,
    /// Every so many pages is empty, with a token; 0: none is.
    pub empty_every: u64,
    /// So many events of the page before stand on each page again.
    pub repeats: usize,
    /// The events of a page come in the wrong order.
    pub is_reversed: bool,
    /// Faults at single calls.
    pub faults: BTreeMap<u64, Fault>,
    /// A fault at this call and every later one.
    pub from: Option<(u64, Fault)>,
    /// Regions in which everything is denied.
    pub denied: BTreeSet<String>,
}

impl Behaviour {
    pub(super) fn fault(&self, call: u64, region: &str) -> Option<Fault> {
        if self.denied.contains(region) {
            return Some(Fault::Denied);
        }
        self.faults.get(&call).copied().or_else(|| self.from.filter(|(from, _)| call >= *from).map(|(_, fault)| fault))
    }
}
