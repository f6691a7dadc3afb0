//! The policy as rows of `policy_tiers`.

use schemas::Timestamp;

use crate::matcher::Matchers;
use crate::policy::Policy;
use crate::version::{DEFAULT_TIER, Limits, Version};

/// One row of [`schemas::table::POLICY_TIERS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// From when the version is in force.
    pub effective_from: Timestamp,
    /// Order within the version, from 1: tiers, exceptions, and the default last.
    pub ordinal: i64,
    /// `tier` or `exception`.
    pub kind: &'static str,
    /// Name of the tier; the owner of an exception.
    pub name: String,
    /// What it matches, as JSON.
    pub matchers: String,
    /// Tiers: the limits, with what the version's default fills in; exceptions: null where the tier's stays.
    pub limits: Limits,
    /// Whether the tier is labelled break-glass.
    pub break_glass: bool,
    /// Exceptions: holds for sessions that start from here.
    pub from_at: Option<Timestamp>,
    /// Exceptions: and before here.
    pub until_at: Option<Timestamp>,
    /// Exceptions: why.
    pub reason: Option<String>,
}

impl Policy {
    /// Every tier and exception of every version, ascending by `effective_from` and `ordinal`.
    #[must_use]
    pub fn rows(&self) -> Vec<PolicyRow> {
        self.versions().iter().flat_map(of_version).collect()
    }
}

fn of_version(version: &Version) -> Vec<PolicyRow> {
    let tiers = version.tiers.iter().map(|tier| PolicyRow { break_glass: tier.break_glass, ..row(version, "tier", &tier.name, &tier.matchers, tier.limits) });
    let exceptions = version.exceptions.iter().map(|exception| PolicyRow {
        from_at: Some(exception.from),
        until_at: Some(exception.until),
        reason: Some(exception.reason.clone()),
        ..row(version, "exception", &exception.owner, &exception.matchers, exception.limits)
    });
    let default = row(version, "tier", DEFAULT_TIER, &Matchers::default(), version.default);
    (1..).zip(tiers.chain(exceptions).chain([default])).map(|(ordinal, row)| PolicyRow { ordinal, ..row }).collect()
}

fn row(version: &Version, kind: &'static str, name: &str, matchers: &Matchers, limits: Limits) -> PolicyRow {
    PolicyRow {
        effective_from: version.effective_from,
        ordinal: 0,
        kind,
        name: name.to_owned(),
        matchers: matchers.to_json(),
        limits,
        break_glass: false,
        from_at: None,
        until_at: None,
        reason: None,
    }
}
