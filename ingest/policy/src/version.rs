//! One dated version of the policy: its default, its tiers, its exceptions, and the ruling they give.

use schemas::Timestamp;

use crate::matcher::{Matchers, Subject};

/// The name of the tier of everything that no tier matches.
pub const DEFAULT_TIER: &str = "default";

/// Limits in seconds; `None` where the policy sets none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Longest allowed duration.
    pub max_duration_seconds: Option<i64>,
    /// Longest allowed idle time.
    pub idle_timeout_seconds: Option<i64>,
    /// Target of the time from breach to end.
    pub terminate_within_seconds: Option<i64>,
}

impl Limits {
    /// These limits; what they omit comes from `others`.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            max_duration_seconds: self.max_duration_seconds.or(others.max_duration_seconds),
            idle_timeout_seconds: self.idle_timeout_seconds.or(others.idle_timeout_seconds),
            terminate_within_seconds: self.terminate_within_seconds.or(others.terminate_within_seconds),
        }
    }

    /// Whether none is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Its name, unique within the version.
    pub name: String,
    /// Whether it is labelled break-glass.
    pub break_glass: bool,
    /// What it matches.
    pub matchers: Matchers,
    /// Its limits; what the file omits is filled in from the version's default.
    pub limits: Limits,
    /// Its line in the policy file.
    pub line: usize,
}

/// A dated exception from the limits of whatever tier a session falls into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Holds for sessions that start from here.
    pub from: Timestamp,
    /// And before here.
    pub until: Timestamp,
    /// What it matches.
    pub matchers: Matchers,
    /// The limits that it changes; `None` leaves the tier's.
    pub limits: Limits,
    /// Its line in the policy file.
    pub line: usize,
}

impl Exception {
    /// Whether it holds for sessions that start at `started_at`.
    #[must_use]
    pub fn holds(&self, started_at: Timestamp) -> bool {
        self.from <= started_at && started_at < self.until
    }
}

/// One version of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub(crate) effective_from: Timestamp,
    pub(crate) default: Limits,
    pub(crate) tiers: Vec<Tier>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) line: usize,
}

/// What the policy says of one session or instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ruling<'p> {
    /// Name of the tier; `default` where none matches.
    pub tier: &'p str,
    /// The limits, with the version's default and the exception applied.
    pub limits: Limits,
    /// Whether the tier is labelled break-glass.
    pub break_glass: bool,
    /// The exception that was applied.
    pub exception: Option<&'p Exception>,
    /// The version that says so.
    pub version: &'p Version,
}

impl Version {
    /// From when it rules the sessions that start.
    #[must_use]
    pub const fn effective_from(&self) -> Timestamp {
        self.effective_from
    }

    /// The limits of what no tier matches.
    #[must_use]
    pub const fn default_limits(&self) -> Limits {
        self.default
    }

    /// The tiers, in order: the first match wins.
    #[must_use]
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// The exceptions, in order: the first that matches and holds applies.
    #[must_use]
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// Its line in the policy file.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// What this version says of a session that started at `started_at`, whether or not it was in force then.
    #[must_use]
    pub fn rule<'p>(&'p self, subject: &Subject<'_>, started_at: Timestamp) -> Ruling<'p> {
        let ruling = self.of_tier(self.tiers.iter().find(|tier| tier.matchers.matches(subject)));
        let exception = self.exceptions.iter().find(|exception| exception.holds(started_at) && exception.matchers.matches(subject));
        Ruling { limits: exception.map_or(ruling.limits, |exception| exception.limits.or(ruling.limits)), exception, ..ruling }
    }

    /// What this version says of an instance: the tiers that name neither principals nor documents, and no exceptions.
    #[must_use]
    pub fn rule_instance<'p>(&'p self, instance: &Subject<'_>) -> Ruling<'p> {
        self.of_tier(self.tiers.iter().find(|tier| tier.matchers.fit_instances() && tier.matchers.matches(instance)))
    }

    fn of_tier<'p>(&'p self, tier: Option<&'p Tier>) -> Ruling<'p> {
        let (name, limits, break_glass) = tier.map_or((DEFAULT_TIER, self.default, false), |tier| (tier.name.as_str(), tier.limits, tier.break_glass));
        Ruling { tier: name, limits, break_glass, exception: None, version: self }
    }
}
