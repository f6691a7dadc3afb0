//! Why a session ended (ruling R15): AWS writes no reason anywhere, so all but a TerminateSession is inferred from times.

use schemas::Timestamp;

use super::context::Place;
use crate::reconstruct::{EndMethod, Facts};

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A TerminateSession by the principal that started it.
    TerminatedByOwner,
    /// A TerminateSession by somebody else.
    TerminatedByOther,
    /// The idle timeout.
    IdleTimeout,
    /// The maximum duration.
    MaxDuration,
    /// The shell was left.
    Exit,
    /// Nothing says.
    Unknown,
}

impl Reason {
    /// The word of the `end_reason` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TerminatedByOwner => "terminated_by_owner",
            Self::TerminatedByOther => "terminated_by_other",
            Self::IdleTimeout => "idle_timeout",
            Self::MaxDuration => "max_duration",
            Self::Exit => "exit",
            Self::Unknown => "unknown",
        }
    }
}

/// How sure a [`Reason`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// A call says so.
    Proven,
    /// Times or text say so.
    Inferred,
    /// Nothing says.
    Unknown,
}

impl Certainty {
    /// The word of the `end_reason_certainty` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Inferred => "inferred",
            Self::Unknown => "unknown",
        }
    }
}

/// How far from a limit an end may lie and still be explained by it, in seconds.
const WINDOW_SECONDS: f64 = 60.0;

pub(super) fn reason(facts: &Facts, place: &Place, ended_at: Option<Timestamp>, method: Option<EndMethod>) -> (Reason, Certainty) {
    let Some(ended_at) = ended_at else { return (Reason::Unknown, Certainty::Unknown) };
    if facts.closed_by_call && matches!(method, Some(EndMethod::History | EndMethod::TerminateCall)) {
        let by_owner = facts.closing_principal_arn.is_some() && facts.closing_principal_arn == facts.principal_arn;
        return (if by_owner { Reason::TerminatedByOwner } else { Reason::TerminatedByOther }, Certainty::Proven);
    }
    if facts.exit_line {
        return (Reason::Exit, Certainty::Inferred);
    }
    if at_maximum(facts, place, ended_at) {
        return (Reason::MaxDuration, Certainty::Inferred);
    }
    if at_idle(facts, place, ended_at) {
        return (Reason::IdleTimeout, Certainty::Inferred);
    }
    (Reason::Unknown, Certainty::Unknown)
}

fn at_maximum(facts: &Facts, place: &Place, ended_at: Timestamp) -> bool {
    let Some(start) = facts.started_at else { return false };
    let maximum = facts.listed_max_duration_seconds.or_else(|| place.preferences_at(start).and_then(|preferences| preferences.max_seconds));
    maximum.is_some_and(|seconds| ended_at.seconds_since(start.plus_seconds(seconds)).abs() <= WINDOW_SECONDS)
}

fn at_idle(facts: &Facts, place: &Place, ended_at: Timestamp) -> bool {
    facts.last_activity_at.is_some_and(|last| {
        let late = ended_at.seconds_since(last.plus_seconds(place.idle_seconds_at(last)));
        (0.0..=WINDOW_SECONDS).contains(&late)
    })
}
