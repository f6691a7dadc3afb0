//! Why a session or an instance is ruled as it is.

use std::fmt;

use schemas::Timestamp;

use crate::duration::written;
use crate::matcher::{Failure, Subject};
use crate::policy::Policy;
use crate::version::{Exception, Limits, Ruling, Tier, Version};

/// How a ruling comes about: every tier and exception of the version in force, in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The moment asked about: the start of a session, or the observation of an instance.
    pub at: Timestamp,
    /// When the version in force begins, and its line; `None` before the first version.
    pub version: Option<(Timestamp, usize)>,
    /// Every tier, then every exception.
    pub steps: Vec<Step>,
    /// The tier that rules; `None` before the first version.
    pub tier: Option<String>,
    /// The limits, with the exception applied.
    pub limits: Limits,
    /// Whether the tier is labelled break-glass.
    pub break_glass: bool,
}

/// One tier or exception, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `tier` or `exception`.
    pub kind: &'static str,
    /// Name of the tier; owner and reason of the exception.
    pub name: String,
    /// Its line in the policy file.
    pub line: usize,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a tier or an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It applies.
    Applies,
    /// A matcher failed; the first that did.
    Fails(Failure),
    /// The exception does not hold then: from, until.
    DoesNotHold(Timestamp, Timestamp),
    /// It can only be asked of sessions.
    OnlyForSessions,
    /// One before it applies.
    NotReached,
}

impl Policy {
    /// Why a session that started at `started_at` is ruled as it is.
    #[must_use]
    pub fn explain(&self, subject: &Subject<'_>, started_at: Timestamp) -> Explanation {
        let version = self.in_force(started_at);
        let steps = version.map_or_else(Vec::new, |version| {
            let tiers = first_applies(version.tiers.iter().map(|tier| of_tier(tier, subject)));
            let exceptions = first_applies(version.exceptions.iter().map(|exception| of_exception(exception, subject, started_at)));
            [tiers, exceptions].concat()
        });
        explanation(started_at, version, steps, self.rule(subject, started_at))
    }

    /// Why an instance that was observed at `at` is ruled as it is.
    #[must_use]
    pub fn explain_instance(&self, instance: &Subject<'_>, at: Timestamp) -> Explanation {
        let version = self.in_force(at);
        let steps = version.map_or_else(Vec::new, |version| {
            let tiers =
                version.tiers.iter().map(|tier| if tier.matchers.fit_instances() { of_tier(tier, instance) } else { step(tier, Outcome::OnlyForSessions) });
            let exceptions = version.exceptions.iter().map(|exception| step_of(exception, Outcome::OnlyForSessions));
            first_applies(tiers).into_iter().chain(exceptions).collect()
        });
        explanation(at, version, steps, self.rule_instance(instance, at))
    }
}

fn explanation(at: Timestamp, version: Option<&Version>, steps: Vec<Step>, ruling: Option<Ruling<'_>>) -> Explanation {
    Explanation {
        at,
        version: version.map(|version| (version.effective_from, version.line)),
        steps,
        tier: ruling.map(|ruling| ruling.tier.to_owned()),
        limits: ruling.map(|ruling| ruling.limits).unwrap_or_default(),
        break_glass: ruling.is_some_and(|ruling| ruling.break_glass),
    }
}

fn of_tier(tier: &Tier, subject: &Subject<'_>) -> Step {
    step(tier, tier.matchers.first_failure(subject).map_or(Outcome::Applies, Outcome::Fails))
}

fn of_exception(exception: &Exception, subject: &Subject<'_>, started_at: Timestamp) -> Step {
    let outcome = if exception.holds(started_at) {
        exception.matchers.first_failure(subject).map_or(Outcome::Applies, Outcome::Fails)
    } else {
        Outcome::DoesNotHold(exception.from, exception.until)
    };
    step_of(exception, outcome)
}

fn step(tier: &Tier, outcome: Outcome) -> Step {
    Step { kind: "tier", name: tier.name.clone(), line: tier.line, outcome }
}

fn step_of(exception: &Exception, outcome: Outcome) -> Step {
    Step { kind: "exception", name: format!("{} ({})", exception.owner, exception.reason), line: exception.line, outcome }
}

/// What stands behind the first that applies was not reached.
fn first_applies(steps: impl Iterator<Item = Step>) -> Vec<Step> {
    let mut applied = false;
    let outcome = |step: Step| {
        let outcome = if applied { Outcome::NotReached } else { step.outcome };
        applied |= outcome == Outcome::Applies;
        Step { outcome, ..step }
    };
    steps.map(outcome).collect()
}

/// A line for the version, one for each step, one for the result. Texts from the policy and the subject are shown escaped.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some((effective_from, line)), Some(tier)) = (self.version, &self.tier) else {
            return write!(f, "no version of the policy is in force at {}: no tier, no limits", self.at);
        };
        writeln!(f, "in force at {}: the version of {effective_from} (line {line})", self.at)?;
        for step in &self.steps {
            writeln!(f, "  {} {:?} (line {}): {}", step.kind, step.name, step.line, step.outcome)?;
        }
        let label = if self.break_glass { ", break-glass" } else { "" };
        write!(f, "result: tier {tier:?}{label}; {}", self.limits)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applies => f.write_str("applies"),
            Self::Fails(Failure { key, patterns, found: Some(found) }) => write!(f, "does not match, {key} is {found:?} and must be {}", either(patterns)),
            Self::Fails(Failure { key, patterns, found: None }) => write!(f, "does not match, {key} is not known and must be {}", either(patterns)),
            Self::DoesNotHold(from, until) => write!(f, "does not hold, it is for sessions that start from {from} and before {until}"),
            Self::OnlyForSessions => f.write_str("only for sessions"),
            Self::NotReached => f.write_str("not reached"),
        }
    }
}

fn either(patterns: &[String]) -> String {
    patterns.iter().map(|pattern| format!("{pattern:?}")).collect::<Vec<_>>().join(" or ")
}

/// `duration 4h, idle 15m, to be ended within 1h of a breach`.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |seconds: Option<i64>| seconds.map_or_else(|| "unlimited".to_owned(), written);
        write!(f, "duration {}, idle {}, ", shown(self.max_duration_seconds), shown(self.idle_timeout_seconds))?;
        match self.terminate_within_seconds {
            Some(seconds) => write!(f, "to be ended within {} of a breach", written(seconds)),
            None => f.write_str("no target for ending a breach"),
        }
    }
}
