//! From the facts of one session to what is said of it: everything that needs other sessions, listings, preferences or the policy.
//!
//! In: [`Facts`], a [`Context`] that was cut at `as_of`, and the limits that rule the session. Out: [`Conclusion`] and [`Verdict`]. Pure: the
//! caller finds the policy's ruling and the target's tags.

mod context;
mod end;
mod reason;
mod verdict;

pub use context::{Context, DEFAULT_IDLE_SECONDS, Place, Preferences};
pub use end::{Status, conclude};
pub use reason::{Certainty, Reason};
pub use verdict::{Limits, OverLimit, Pattern, Verdict, judge};

use schemas::{Tier, Timestamp};

use crate::reconstruct::EndMethod;

/// What the evidence says of a session by `as_of`, whatever the policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Conclusion {
    /// `shell`, `command`, `port`, `ssh`, `ecs` or `unknown`.
    pub session_type: &'static str,
    /// Best point estimate of the end.
    pub ended_at: Option<Timestamp>,
    /// How it is known.
    pub end_method: Option<EndMethod>,
    /// Lower bound of the end.
    pub ended_after: Option<Timestamp>,
    /// Upper bound of the end.
    pub ended_before: Option<Timestamp>,
    /// Whether the upper bound is inferred from a timeout; `None` where there is none.
    pub ended_before_inferred: Option<bool>,
    /// Open, ended, lost or failed.
    pub status: Status,
    /// Why it ended, with how sure that is.
    pub reason: (Reason, Certainty),
    /// `present`, `missing`, `not_loggable`, `not_expected` or `unknown`.
    pub transcript: &'static str,
    /// Tier of the fact that fixed `ended_at`.
    pub evidence_tier: Option<Tier>,
    /// Tier of the fact that gave `ended_after`.
    pub life_tier: Option<Tier>,
}

impl Conclusion {
    /// Until when the session is taken as alive: its end, else the last moment it is proven to have lived.
    #[must_use]
    pub fn alive_until(&self) -> Option<Timestamp> {
        self.ended_at.or(self.ended_after)
    }
}

#[cfg(test)]
mod tests;
