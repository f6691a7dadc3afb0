//! What can be meant and still surprises: the policy holds, and whoever wrote it should know.

use schemas::Timestamp;

use crate::duration::written;
use crate::matcher::{Field, Matchers};
use crate::policy::Policy;
use crate::settings::Place;
use crate::version::{Exception, Version};

/// A concern, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where.
    pub place: Place,
    /// What.
    pub concern: Concern,
}

/// `policy.toml:14: policy.tier: …`.
impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.concern)
    }
}

/// What a policy warns of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Concern {
    /// There is no version.
    #[error("there is no [[policy]], so no session has a limit")]
    NoVersion,
    /// A version sets no limit at all.
    #[error("this version sets no limit at all")]
    NoLimits,
    /// AWS cannot enforce the limit.
    #[error("AWS cannot enforce {}: its preferences take {least} to {most} minutes", written(*seconds))]
    BeyondAws {
        /// The limit.
        seconds: i64,
        /// Fewest minutes that AWS takes.
        least: i64,
        /// Most minutes that AWS takes.
        most: i64,
    },
    /// A tier that nothing falls into.
    #[error("nothing falls into tier {tier:?}: whatever it matches falls into {by:?} (line {line}) before")]
    ShadowedTier {
        /// The tier.
        tier: String,
        /// The tier that comes first.
        by: String,
        /// Its line.
        line: usize,
    },
    /// An exception that is never applied.
    #[error("never applies: the exception on line {line} matches the same and holds as long")]
    ShadowedException {
        /// The line of the exception that comes first.
        line: usize,
    },
    /// An exception without matchers.
    #[error("has no matcher, so it holds for every session of its time")]
    MatchesEverything,
    /// An exception without limits.
    #[error("changes no limit")]
    ChangesNothing,
    /// An exception that is over before its version begins.
    #[error("is over before its version begins at {0}")]
    OverBeforeItsVersion(Timestamp),
    /// An exception that begins when its version is no longer in force.
    #[error("never applies: it begins when its version has given way to the next at {0}; put it there")]
    BeginsAfterItsVersion(Timestamp),
    /// An exception of a version that ends before it.
    #[error("loses its force at {0}, where the next version begins; repeat it there if it should go on")]
    CutByNextVersion(Timestamp),
    /// An account pattern that no account has.
    #[error("{0:?} matches no account: an account id has 12 digits")]
    NoAccount(String),
}

/// What AWS thinks of a limit: it takes whole minutes between two bounds, for these two limits.
pub(crate) fn beyond_aws(key: &str, seconds: i64) -> Option<Concern> {
    let (least, most) = match key {
        "max_duration" => (1, 1_440),
        "idle_timeout" => (1, 60),
        _ => return None,
    };
    (seconds < least * 60 || seconds > most * 60).then_some(Concern::BeyondAws { seconds, least, most })
}

/// The concerns that need more than one setting to see.
pub(crate) fn of(policy: &Policy, file: &str) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut warn = |line, key: &str, concern| found.push(Warning { place: Place { file: file.to_owned(), line, key: key.to_owned() }, concern });
    if policy.versions.is_empty() {
        warn(1, "policy", Concern::NoVersion);
    }
    for (index, version) in policy.versions.iter().enumerate() {
        if version.default.is_empty() && version.tiers.iter().all(|tier| tier.limits.is_empty()) {
            warn(version.line, "policy", Concern::NoLimits);
        }
        tiers(version, &mut warn);
        exceptions(version, policy.versions.get(index + 1), &mut warn);
    }
    found
}

fn tiers(version: &Version, warn: &mut impl FnMut(usize, &str, Concern)) {
    for (index, tier) in version.tiers.iter().enumerate() {
        if let Some(first) = version.tiers.iter().take(index).find(|earlier| earlier.matchers.cover(&tier.matchers)) {
            warn(tier.line, "policy.tier", Concern::ShadowedTier { tier: tier.name.clone(), by: first.name.clone(), line: first.line });
        }
        accounts(&tier.matchers, |text| warn(tier.line, "policy.tier.accounts", Concern::NoAccount(text)));
    }
}

fn exceptions(version: &Version, next: Option<&Version>, warn: &mut impl FnMut(usize, &str, Concern)) {
    let mut at = |line, concern| warn(line, "policy.exception", concern);
    for (index, exception) in version.exceptions.iter().enumerate() {
        if exception.matchers.is_empty() {
            at(exception.line, Concern::MatchesEverything);
        }
        if exception.limits.is_empty() {
            at(exception.line, Concern::ChangesNothing);
        }
        if exception.until <= version.effective_from {
            at(exception.line, Concern::OverBeforeItsVersion(version.effective_from));
        }
        let earlier = version.exceptions.iter().take(index);
        if let Some(first) = earlier.filter(|e| e.from <= exception.from && exception.until <= e.until).find(|e| e.matchers.cover(&exception.matchers)) {
            at(exception.line, Concern::ShadowedException { line: first.line });
        }
        match next {
            Some(next) if exception.from >= next.effective_from => at(exception.line, Concern::BeginsAfterItsVersion(next.effective_from)),
            Some(next) if exception.until > next.effective_from && !next.exceptions.iter().any(|other| repeats(other, exception, next)) => {
                at(exception.line, Concern::CutByNextVersion(next.effective_from));
            }
            _ => {}
        }
        accounts(&exception.matchers, |text| at(exception.line, Concern::NoAccount(text)));
    }
}

/// Whether an exception of the next version goes on where one of the version before is cut.
fn repeats(repeated: &Exception, exception: &Exception, next: &Version) -> bool {
    repeated.matchers.cover(&exception.matchers) && repeated.from <= exception.from.max(next.effective_from) && repeated.until >= exception.until
}

fn accounts(matchers: &Matchers, mut warn: impl FnMut(String)) {
    let patterns = matchers.fields.iter().filter(|(field, _)| *field == Field::Accounts).flat_map(|(_, patterns)| patterns);
    for pattern in patterns.filter(|pattern| pattern.is_exact()) {
        let text = pattern.as_str();
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            warn(text.to_owned());
        }
    }
}
