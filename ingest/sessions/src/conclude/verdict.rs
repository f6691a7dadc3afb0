//! What the policy says of a session (SPEC §5, rulings R17, R18, R21, R23).

use schemas::{Tier, Timestamp};

use super::{Conclusion, Status};
use crate::reconstruct::{EndMethod, Facts};

/// The limits that rule a session, exceptions applied, in seconds; `None` where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Longest allowed duration.
    pub max_duration_seconds: Option<i64>,
    /// Longest allowed idle time.
    pub idle_timeout_seconds: Option<i64>,
    /// AWS cuts and logs late: over a limit means alive later than limit + grace.
    pub grace_seconds: i64,
    /// Whether the tier is labelled break-glass.
    pub break_glass: bool,
    /// Whether the principal is automation.
    pub automation: bool,
}

/// A session over its maximum duration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverLimit {
    /// When it passed the limit.
    pub at: Timestamp,
    /// Whether that is certain; else only possible.
    pub certain: bool,
    /// Proven exposure in seconds, for certain ones.
    pub seconds: Option<f64>,
    /// Tier of the strongest of the facts that prove it, for certain ones.
    pub tier: Option<Tier>,
    /// Whether nothing but a TerminateSession proves it that no text, streamed or stored, bears out (ruling R16).
    pub uncorroborated: bool,
}

/// A story that many sessions tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// A break-glass session that stayed open.
    BreakGlassLeftOpen,
    /// Automation that never hung up.
    ZombieAutomation,
    /// A terminal that nobody came back to.
    ForgottenTerminal,
}

impl Pattern {
    /// The word of the `pattern` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BreakGlassLeftOpen => "break_glass_left_open",
            Self::ZombieAutomation => "zombie_automation",
            Self::ForgottenTerminal => "forgotten_terminal",
        }
    }
}

/// What the policy says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// Over the maximum duration, certainly or possibly.
    pub over_limit: Option<OverLimit>,
    /// Longest gap without activity, in seconds; `None` without streaming events.
    pub longest_idle_seconds: Option<f64>,
    /// When the first gap longer than the idle limit and grace passed the limit.
    pub idle_breach_at: Option<Timestamp>,
    /// When that gap ended: the next activity, or e; `None` where it is the last one of an open session.
    pub idle_breach_until: Option<Timestamp>,
    /// The story, where one fits.
    pub pattern: Option<Pattern>,
    /// Every gap longer than the idle limit and grace: when it passed the limit, and its end.
    pub idle: Vec<(Timestamp, Timestamp)>,
}

/// Judges a concluded session by the limits that rule it.
#[must_use]
pub fn judge(facts: &Facts, conclusion: &Conclusion, limits: &Limits, as_of: Timestamp) -> Verdict {
    let over_limit = over_limit(facts, conclusion, limits, as_of);
    let gaps = gaps(facts, conclusion);
    let last_gap = last_gap(facts, conclusion);
    let too_long = |(from, to): &(Timestamp, Timestamp)| {
        let limit = limits.idle_timeout_seconds?;
        (*to > from.plus_seconds(limit + limits.grace_seconds)).then(|| from.plus_seconds(limit))
    };
    let last_gap_broke = last_gap.is_some_and(|gap| too_long(&gap).is_some());
    let breach = gaps.iter().find(|gap| too_long(gap).is_some());
    let goes_on = |gap: &(Timestamp, Timestamp)| conclusion.status == Status::Open && last_gap == Some(*gap);
    let certain = over_limit.is_some_and(|over| over.certain);
    let pattern = match (certain, limits) {
        (true, limits) if limits.break_glass => Some(Pattern::BreakGlassLeftOpen),
        (true, limits) if limits.automation => Some(Pattern::ZombieAutomation),
        _ => last_gap_broke.then_some(Pattern::ForgottenTerminal),
    };
    Verdict {
        over_limit,
        longest_idle_seconds: facts.has_stream().then(|| gaps.iter().map(|(from, to)| to.seconds_since(*from)).fold(0.0, f64::max)),
        idle_breach_at: breach.and_then(too_long),
        idle_breach_until: breach.filter(|gap| !goes_on(gap)).map(|(_, until)| *until),
        pattern,
        idle: gaps.iter().filter_map(|gap| Some((too_long(gap)?, gap.1))).collect(),
    }
}

impl Conclusion {
    /// When the session passed the limit that a later policy version, in force from `effective_from`, sets for it; `None` where it did not outlive it.
    #[must_use]
    pub fn outlived_at(&self, started_at: Timestamp, own: &Limits, effective_from: Timestamp, later_max_seconds: Option<i64>) -> Option<Timestamp> {
        let at = effective_from.max(started_at.plus_seconds(later_max_seconds?));
        let stricter = own.max_duration_seconds.is_none_or(|seconds| at < started_at.plus_seconds(seconds));
        (stricter && self.ended_after.is_some_and(|alive| alive > at.plus_seconds(own.grace_seconds))).then_some(at)
    }
}

fn over_limit(facts: &Facts, conclusion: &Conclusion, limits: &Limits, as_of: Timestamp) -> Option<OverLimit> {
    let at = facts.started_at?.plus_seconds(limits.max_duration_seconds?);
    let late = at.plus_seconds(limits.grace_seconds);
    if conclusion.ended_after.is_some_and(|alive| alive > late) {
        let seconds = conclusion.alive_until().map(|until| until.seconds_since(at));
        let proves = |at: Option<Timestamp>| at.is_some_and(|at| at > late);
        let vouched = facts.vouched_proof_tier.filter(|_| proves(facts.vouched_proof_at));
        // A is the smallest of the tiers.
        let tier = [conclusion.life_tier, vouched].into_iter().flatten().min();
        let by_call = conclusion.end_method == Some(EndMethod::TerminateCall) && !facts.corroborated;
        return Some(OverLimit { at, certain: true, seconds, tier, uncorroborated: by_call && !proves(facts.last_proof_at) });
    }
    let latest = if conclusion.status == Status::Open { Some(as_of) } else { conclusion.ended_before };
    latest.is_some_and(|latest| latest > late).then_some(OverLimit { at, certain: false, seconds: None, tier: None, uncorroborated: false })
}

/// The gaps that matter, in order: those of the facts, and the last one; as far as they lie before e, since by a clock that
/// is ahead a line can seem to be from after the end.
fn gaps(facts: &Facts, conclusion: &Conclusion) -> Vec<(Timestamp, Timestamp)> {
    let end = conclusion.alive_until();
    let clipped = |(from, to): (Timestamp, Timestamp)| (from, end.map_or(to, |end| to.min(end)));
    let told = facts.gap_starts.iter().copied().zip(facts.gap_ends.iter().copied()).map(clipped).filter(|(from, to)| to > from);
    told.chain(last_gap(facts, conclusion)).collect()
}

fn last_gap(facts: &Facts, conclusion: &Conclusion) -> Option<(Timestamp, Timestamp)> {
    let last = facts.last_activity_at?;
    Some((facts.started_at.map_or(last, |start| last.max(start)), conclusion.alive_until()?)).filter(|(from, to)| to > from)
}
