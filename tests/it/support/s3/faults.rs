//! What goes wrong, and when: a plan of faults, of which each knows its calls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// GetObject.
    Get,
    /// HeadObject.
    Head,
    /// ListObjectsV2.
    List,
    /// PutObject, and the end of a multipart upload.
    Put,
    /// DeleteObject and DeleteObjects.
    Delete,
    /// Each of these.
    Any,
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// `SlowDown`, status 503.
    SlowDown,
    /// `InternalError`, status 500.
    Fails,
    /// Nothing is answered for so long; then it is done as if nothing were.
    Waits(Duration),
    /// The connection is cut, and nothing is answered or done.
    Resets,
    /// The body of a Get or List ends after so many bytes of it, and its connection with it.
    Tears(usize),
    /// The body of a Get or List stops after so many bytes of it, and its connection stays.
    Stalls(usize),
    /// One byte of the body of a Get is another.
    Flips,
    /// It is done, and the answer is lost.
    Swallowed,
    /// A Put is answered as done, and nothing is stored.
    Forgets,
    /// Nothing is done or answered until the plan is replaced, and nothing then.
    HeldBefore,
    /// It is done, and nothing is answered until the plan is replaced, and nothing then.
    HeldAfter,
    /// A List shows what there was when [`StandIn::remember`](super::StandIn::remember) was called.
    Stale,
}

/// A fault at some calls.
#[derive(Debug, Clone)]
pub struct Fault {
    /// At which calls.
    pub call: Call,
    /// Only where the key, or the prefix of a List, holds this text.
    pub at: String,
    /// How many such calls go well before.
    pub after: usize,
    /// How many it happens to.
    pub times: usize,
    /// What happens.
    pub what: What,
}

impl Fault {
    /// A fault at every call of a kind.
    pub fn always(call: Call, what: What) -> Self {
        Self { call, at: String::new(), after: 0, times: usize::MAX, what }
    }

    /// A fault at the first calls of a kind.
    pub fn first(times: usize, call: Call, what: What) -> Self {
        Self { times, ..Self::always(call, what) }
    }

    /// The same, only where the key holds a text.
    pub fn at(self, at: &str) -> Self {
        Self { at: at.to_owned(), ..self }
    }
}

/// Faults, and every call that was made.
#[derive(Debug, Default)]
pub(super) struct Plan {
    faults: Mutex<Vec<Fault>>,
    calls: Mutex<Vec<(Call, String)>>,
    /// Calls that were held since the plan was made.
    waiting: AtomicUsize,
    replaced: Notify,
}

impl Plan {
    pub(super) fn set(&self, faults: Vec<Fault>) {
        *held(&self.faults) = faults;
        self.waiting.store(0, Ordering::SeqCst);
        self.replaced.notify_waiters();
    }

    /// Waits until the plan is replaced.
    pub(super) async fn is_replaced(&self) {
        let replaced = self.replaced.notified();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        replaced.await;
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Notes a call, and says what happens at it: the first fault that is due.
    pub(super) fn meets(&self, call: Call, key: &str) -> Option<What> {
        held(&self.calls).push((call, key.to_owned()));
        let mut due = None;
        for fault in held(&self.faults).iter_mut().filter(|fault| [call, Call::Any].contains(&fault.call) && key.contains(&fault.at)) {
            if fault.after > 0 {
                fault.after -= 1;
            } else if fault.times > 0 && due.is_none() {
                fault.times -= 1;
                due = Some(fault.what);
            }
        }
        due
    }

    /// The calls since the last time that somebody asked.
    pub(super) fn calls(&self) -> Vec<(Call, String)> {
        std::mem::take(&mut held(&self.calls))
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
