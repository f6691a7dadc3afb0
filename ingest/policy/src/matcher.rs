//! What a tier or an exception matches on: fields and tag keys are ANDed, the values of one are ORed.

use std::collections::BTreeMap;

use crate::pattern::Pattern;

/// What the policy is asked about: a session, or an instance. A field that is not known does not match any pattern.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// Who started the session.
    pub principal_arn: Option<&'a str>,
    /// The account.
    pub account_id: Option<&'a str>,
    /// The region.
    pub region: Option<&'a str>,
    /// The target, or the instance itself.
    pub target_id: Option<&'a str>,
    /// The document that the session ran.
    pub document_name: Option<&'a str>,
    /// The target's tags.
    pub tags: Option<&'a BTreeMap<String, String>>,
}

/// A field that a tier can match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `principal_arn`.
    Principals,
    /// `account_id`.
    Accounts,
    /// `region`.
    Regions,
    /// `target_id`.
    Targets,
    /// `document_name`.
    Documents,
}

impl Field {
    /// Every field, in the order in which they are tried.
    pub const ALL: [Self; 5] = [Self::Principals, Self::Accounts, Self::Regions, Self::Targets, Self::Documents];

    /// The key of the policy file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Principals => "principals",
            Self::Accounts => "accounts",
            Self::Regions => "regions",
            Self::Targets => "targets",
            Self::Documents => "documents",
        }
    }

    const fn of<'a>(self, subject: &Subject<'a>) -> Option<&'a str> {
        match self {
            Self::Principals => subject.principal_arn,
            Self::Accounts => subject.account_id,
            Self::Regions => subject.region,
            Self::Targets => subject.target_id,
            Self::Documents => subject.document_name,
        }
    }
}

/// The matchers of one tier or exception.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matchers {
    /// In the order of [`Field::ALL`].
    pub(crate) fields: Vec<(Field, Vec<Pattern>)>,
    /// By key, ascending.
    pub(crate) tags: Vec<(String, Vec<Pattern>)>,
}

/// The first matcher that a subject failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The key of the policy file: `accounts`, or `tags.Environment`.
    pub key: String,
    /// The patterns, any of which would have done.
    pub patterns: Vec<String>,
    /// What the subject has there.
    pub found: Option<String>,
}

impl Matchers {
    /// Whether `subject` meets every matcher. Does not allocate.
    #[must_use]
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.fields.iter().all(|(field, patterns)| any(patterns, field.of(subject))) && self.tags.iter().all(|(key, patterns)| any(patterns, tag(subject, key)))
    }

    /// The first matcher that `subject` does not meet; `None` where it meets them all.
    #[must_use]
    pub fn first_failure(&self, subject: &Subject<'_>) -> Option<Failure> {
        let fields = self.fields.iter().map(|(field, patterns)| (field.key().to_owned(), patterns, field.of(subject)));
        let tags = self.tags.iter().map(|(key, patterns)| (format!("tags.{key}"), patterns, tag(subject, key)));
        fields.chain(tags).find(|(_, patterns, found)| !any(patterns, *found)).map(|(key, patterns, found)| Failure {
            key,
            patterns: patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect(),
            found: found.map(str::to_owned),
        })
    }

    /// Whether these match everything.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.tags.is_empty()
    }

    /// Whether they can be asked of an instance, which has neither principal nor document.
    #[must_use]
    pub fn fit_instances(&self) -> bool {
        !self.fields.iter().any(|(field, _)| matches!(field, Field::Principals | Field::Documents))
    }

    /// Whether everything that `other` matches is matched here too, as far as can be told from the patterns.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        let fields = self.fields.iter().all(|(field, wide)| other.fields.iter().any(|(same, narrow)| same == field && each_covered(wide, narrow)));
        fields && self.tags.iter().all(|(key, wide)| other.tags.iter().any(|(same, narrow)| same == key && each_covered(wide, narrow)))
    }

    /// The matchers as a JSON object with the keys of the policy file, sorted; `{}` where there are none.
    #[must_use]
    pub fn to_json(&self) -> String {
        let texts = |patterns: &[Pattern]| patterns.iter().map(|pattern| pattern.as_str()).collect::<serde_json::Value>();
        let mut object: BTreeMap<&str, serde_json::Value> = self.fields.iter().map(|(field, patterns)| (field.key(), texts(patterns))).collect();
        if !self.tags.is_empty() {
            let tags: BTreeMap<&str, serde_json::Value> = self.tags.iter().map(|(key, patterns)| (key.as_str(), texts(patterns))).collect();
            object.insert("tags", serde_json::json!(tags));
        }
        serde_json::json!(object).to_string()
    }
}

fn any(patterns: &[Pattern], value: Option<&str>) -> bool {
    value.is_some_and(|value| patterns.iter().any(|pattern| pattern.matches(value)))
}

fn tag<'a>(subject: &Subject<'a>, key: &str) -> Option<&'a str> {
    subject.tags.and_then(|tags| tags.get(key)).map(String::as_str)
}

fn each_covered(wide: &[Pattern], narrow: &[Pattern]) -> bool {
    narrow.iter().all(|pattern| wide.iter().any(|covering| covering.covers(pattern)))
}
