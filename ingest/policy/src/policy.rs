//! The policy as a whole: its versions by date, and what stands beside them.

use schemas::{Timestamp, sha256_hex};

use crate::matcher::Subject;
use crate::pattern::Pattern;
use crate::read::{PolicyError, read};
use crate::version::{Ruling, Version};
use crate::warning::Warning;

/// Which tag gives which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagNames {
    /// Key of the tag that gives `environment`.
    pub environment: String,
    /// Key of the tag that gives `owner`.
    pub owner: String,
    /// Key of the tag that gives `cost_center`.
    pub cost_center: String,
}

impl Default for TagNames {
    fn default() -> Self {
        Self { environment: "Environment".to_owned(), owner: "Owner".to_owned(), cost_center: "CostCenter".to_owned() }
    }
}

/// A finding that somebody closed by taking note of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Id of the finding.
    pub finding: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What they say to it.
    pub note: Option<String>,
}

/// A parsed policy. It never changes: a new text is a new policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub(crate) digest: String,
    pub(crate) grace_seconds: i64,
    pub(crate) versions: Vec<Version>,
    pub(crate) automation: Vec<Pattern>,
    pub(crate) tags: TagNames,
    pub(crate) acknowledged: Vec<Acknowledged>,
}

impl Policy {
    /// Parses a policy file; `file` is only for messages.
    ///
    /// # Errors
    /// At the first thing that is wrong, with file, line and key: no TOML, an unknown key, a missing field, a bad time or duration, an impossible
    /// limit, two versions of one date, a tier with a reserved name or one that is taken.
    pub fn parse(text: &str, file: &str) -> Result<(Self, Vec<Warning>), PolicyError> {
        read(text, file)
    }

    /// The policy of those who have none: no versions, hence no limits. Its digest is that of an empty file.
    #[must_use]
    pub fn none() -> Self {
        Self {
            digest: sha256_hex(b""),
            grace_seconds: DEFAULT_GRACE_SECONDS,
            versions: Vec::new(),
            automation: Vec::new(),
            tags: TagNames::default(),
            acknowledged: Vec::new(),
        }
    }

    /// SHA-256 of the policy's text, in lower-case hexadecimal: what `sha256sum` says of the file.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest.clone()
    }

    /// How many seconds beyond a limit a session may be alive without being over it.
    #[must_use]
    pub const fn grace_seconds(&self) -> i64 {
        self.grace_seconds
    }

    /// Which tag gives which column.
    #[must_use]
    pub const fn tag_names(&self) -> &TagNames {
        &self.tags
    }

    /// Whether the policy says that this principal is a machine.
    #[must_use]
    pub fn is_automation(&self, principal_arn: &str) -> bool {
        self.automation.iter().any(|pattern| pattern.matches(principal_arn))
    }

    /// The versions, ascending by `effective_from`.
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The version that is in force at `at`: the last that begins then or before.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Option<&Version> {
        self.begun(at).checked_sub(1).and_then(|index| self.versions.get(index))
    }

    /// The versions that begin after `at`, ascending.
    #[must_use]
    pub fn versions_after(&self, at: Timestamp) -> &[Version] {
        &self.versions[self.begun(at)..]
    }

    /// What rules a session that started at `started_at`; `None` before the first version.
    #[must_use]
    pub fn rule<'p>(&'p self, subject: &Subject<'_>, started_at: Timestamp) -> Option<Ruling<'p>> {
        self.in_force(started_at).map(|version| version.rule(subject, started_at))
    }

    /// What rules an instance that was observed at `at`: tiers that name neither principals nor documents, and no exceptions.
    #[must_use]
    pub fn rule_instance<'p>(&'p self, instance: &Subject<'_>, at: Timestamp) -> Option<Ruling<'p>> {
        self.in_force(at).map(|version| version.rule_instance(instance))
    }

    /// The findings that were acknowledged, in the order of the file; each at most once.
    #[must_use]
    pub fn acknowledged(&self) -> &[Acknowledged] {
        &self.acknowledged
    }

    fn begun(&self, at: Timestamp) -> usize {
        self.versions.partition_point(|version| version.effective_from <= at)
    }
}

/// AWS cuts late and logs later.
pub(crate) const DEFAULT_GRACE_SECONDS: i64 = 120;
