//! Session documents by spells: the limits and logs that the versions in force set.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{Answer, PREFERENCES_DOCUMENT, Preference, Timestamp};
use serde_json::Value;
use sessions::conclude::DEFAULT_IDLE_SECONDS;

use super::{Spell, State, Watches};
use crate::ledger::answers::Answers;
use crate::ledger::preferences::{Documents, Snapshot, Timeout, number};

/// What a document sets: of the preferences the newest version and the default one where it differs, of another document the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ledger) struct Document {
    /// The newest version; `None` where there is no document, so that AWS's own defaults hold.
    pub(in crate::ledger) version: Option<String>,
    /// The default version, where it is another.
    pub(in crate::ledger) default_version: Option<String>,
    /// Maximum duration and idle timeout; `None` where no observation could read them.
    pub(in crate::ledger) timeouts: Option<Timeouts>,
    /// Whether every version in force names a bucket or a log group.
    pub(in crate::ledger) logs: bool,
    /// Whether every version in force encrypts the session with a KMS key.
    pub(in crate::ledger) encrypts: bool,
    pub(in crate::ledger) s3_bucket_name: Option<String>,
    pub(in crate::ledger) cloud_watch_log_group_name: Option<String>,
    pub(in crate::ledger) kms_key_id: Option<String>,
    pub(in crate::ledger) session_type: Option<String>,
    /// SHA-256 of the newest version's content.
    pub(in crate::ledger) content_sha256: Option<String>,
}

/// The longest that a version in force allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) struct Timeouts {
    /// In seconds; `None` where a version sets none.
    pub(in crate::ledger) max_duration_seconds: Option<i64>,
    /// In seconds.
    pub(in crate::ledger) idle_timeout_seconds: i64,
}

impl State for Document {
    fn or_as(self, before: &Self) -> Self {
        Self { timeouts: self.timeouts.or(before.timeouts), ..self }
    }
}

/// The spells of every Session document.
pub(in crate::ledger) fn documents(answers: &Answers, of_preferences: &BTreeMap<Snapshot, Documents<'_>>, as_of: Timestamp) -> Vec<Spell<Document>> {
    let mut others: BTreeMap<Snapshot, BTreeMap<&str, &Preference>> = BTreeMap::new();
    for preference in answers.preferences.iter().filter(|preference| preference.document_name != PREFERENCES_DOCUMENT && preference.observed_at <= as_of) {
        let snapshot = (preference.account_id.clone(), preference.region.clone(), preference.observed_at);
        let newest = others.entry(snapshot).or_default().entry(&preference.document_name).or_insert(preference);
        if number(&preference.document_version) > number(&newest.document_version) {
            *newest = preference;
        }
    }
    let listed = listed(answers);
    let snapshots: BTreeSet<&Snapshot> = of_preferences.keys().chain(others.keys()).chain(listed.keys()).filter(|snapshot| snapshot.2 <= as_of).collect();
    let mut watches: Watches<Document> = Watches::new();
    for snapshot in snapshots {
        let (account_id, region, at) = snapshot;
        let mut seen: BTreeMap<String, Document> =
            others.get(snapshot).into_iter().flatten().map(|(name, version)| ((*name).to_owned(), of_versions(&[version], None))).collect();
        let preferences = of_preferences.get(snapshot).and_then(in_force);
        let assessed = preferences.is_some();
        seen.extend(preferences.map(|document| (PREFERENCES_DOCUMENT.to_owned(), document)));
        // A document that was listed and could not be read is there all the same; where nothing was listed, nothing is known to be gone.
        let may_be_there = |name: &str| listed.get(snapshot).is_none_or(|names| names.contains(name));
        watches.of(account_id, region).observe(*at, seen, |name| if name == PREFERENCES_DOCUMENT { !assessed } else { may_be_there(name) });
    }
    watches.finish()
}

/// The documents that each complete list names.
fn listed(answers: &Answers) -> BTreeMap<Snapshot, BTreeSet<String>> {
    let lists = answers.observations.iter().filter(|seen| seen.answer == Answer::ListDocuments && seen.complete);
    let named = lists.map(|seen| {
        let detail: Value = seen.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok()).unwrap_or_default();
        let names = detail["documents"].as_array().into_iter().flatten().filter_map(|document| document["name"].as_str().map(str::to_owned)).collect();
        ((seen.account_id.clone(), seen.region.clone(), seen.observed_at), names)
    });
    named.collect()
}

/// What the preferences document sets; `None` where an observation cannot tell.
fn in_force(documents: &Documents<'_>) -> Option<Document> {
    let Some(newest) = documents.preferences.last() else {
        return documents.lacks_preferences.then(|| Document {
            version: None,
            default_version: None,
            timeouts: Some(Timeouts { max_duration_seconds: None, idle_timeout_seconds: DEFAULT_IDLE_SECONDS }),
            logs: false,
            encrypts: false,
            s3_bucket_name: None,
            cloud_watch_log_group_name: None,
            kms_key_id: None,
            session_type: None,
            content_sha256: None,
        });
    };
    match documents.default_version.as_ref().filter(|default| **default != newest.document_version) {
        Some(default) => {
            let version = documents.preferences.iter().copied().find(|preference| preference.document_version == *default)?;
            Some(of_versions(&[newest, version], Some(default.clone())))
        }
        None => Some(of_versions(&[newest], None)),
    }
}

/// What versions set together, the newest first: the longest of their timeouts, and only what all of them do.
fn of_versions(versions: &[&Preference], default_version: Option<String>) -> Document {
    let newest = versions.first();
    let field = |field: fn(&Preference) -> &Option<String>| newest.and_then(|version| field(version).clone());
    let is_set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    Document {
        version: newest.map(|version| version.document_version.clone()),
        default_version,
        timeouts: timeouts(versions),
        logs: versions.iter().all(|version| is_set(&version.s3_bucket_name) || is_set(&version.cloud_watch_log_group_name)),
        encrypts: versions.iter().all(|version| is_set(&version.kms_key_id)),
        s3_bucket_name: field(|version| &version.s3_bucket_name),
        cloud_watch_log_group_name: field(|version| &version.cloud_watch_log_group_name),
        kms_key_id: field(|version| &version.kms_key_id),
        session_type: field(|version| &version.session_type),
        content_sha256: newest.map(|version| version.content_sha256.clone()),
    }
}

fn timeouts(versions: &[&Preference]) -> Option<Timeouts> {
    let mut longest = Timeouts { max_duration_seconds: Some(0), idle_timeout_seconds: 0 };
    for version in versions {
        let maximum = match Timeout::parse(version.max_session_duration.as_deref()) {
            Timeout::Unset => None,
            Timeout::Seconds(seconds) => Some(seconds),
            Timeout::Unreadable => return None,
        };
        let idle = match Timeout::parse(version.idle_session_timeout.as_deref()) {
            Timeout::Unset => DEFAULT_IDLE_SECONDS,
            Timeout::Seconds(seconds) => seconds,
            Timeout::Unreadable => return None,
        };
        longest.max_duration_seconds = longest.max_duration_seconds.zip(maximum).map(|(one, other)| one.max(other));
        longest.idle_timeout_seconds = longest.idle_timeout_seconds.max(idle);
    }
    Some(longest)
}
