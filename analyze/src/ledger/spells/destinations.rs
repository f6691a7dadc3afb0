//! The buckets and log groups that the preferences name, by spells: encrypted, locked, kept for how long.

use std::collections::{BTreeMap, HashMap};

use schemas::{Answer, Observation, Timestamp};
use serde_json::Value;

use super::{Spell, State, Watches};
use crate::ledger::answers::Answers;
use crate::ledger::preferences::{Documents, Snapshot};

/// Where session logs go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ledger) struct Destination {
    /// `bucket` or `log_group`.
    pub(in crate::ledger) kind: &'static str,
    /// Whether the preferences refuse to log there unless it is encrypted.
    pub(in crate::ledger) encryption_demanded: bool,
    /// Whether it is: a bucket by any algorithm, a log group by a KMS key; `None` where no observation has told.
    pub(in crate::ledger) encrypted: Option<bool>,
    /// A bucket: whether it keeps every version of an object.
    pub(in crate::ledger) versioned: Option<bool>,
    /// A bucket: whether object lock is enabled.
    pub(in crate::ledger) locked: Option<bool>,
    /// A log group: whether there is one of this name; `None` of a bucket, and where no whole answer has told.
    pub(in crate::ledger) found: Option<bool>,
    /// A log group: how long it keeps events; `None` where it keeps them, or where no observation has told.
    pub(in crate::ledger) retention_days: Option<i64>,
}

impl Destination {
    /// The name of the bucket or log group that a spell is about.
    pub(in crate::ledger) fn name(subject: &str) -> &str {
        subject.split_once('/').map_or(subject, |(_, name)| name)
    }
}

impl State for Destination {
    fn or_as(self, before: &Self) -> Self {
        Self {
            encrypted: self.encrypted.or(before.encrypted),
            versioned: self.versioned.or(before.versioned),
            locked: self.locked.or(before.locked),
            found: self.found.or(before.found),
            ..self
        }
    }
}

/// The spells of every bucket and log group that the preferences in force name. The subject is `<kind>/<name>`, since a bucket and a group may share a name;
/// [`Destination::name`] takes it apart.
pub(in crate::ledger) fn destinations(answers: &Answers, of_preferences: &BTreeMap<Snapshot, Documents<'_>>, as_of: Timestamp) -> Vec<Spell<Destination>> {
    let settings = Settings::of(answers);
    let mut watches: Watches<Destination> = Watches::new();
    for (snapshot, documents) in of_preferences.iter().filter(|(snapshot, _)| snapshot.2 <= as_of) {
        let (account_id, region, at) = snapshot;
        let Some(newest) = documents.preferences.last() else {
            if documents.lacks_preferences {
                watches.of(account_id, region).observe(*at, BTreeMap::new(), |_| false);
            }
            continue;
        };
        let default = documents.default_version.as_ref().filter(|default| **default != newest.document_version);
        let other = documents.preferences.iter().find(|version| default == Some(&version.document_version));
        if default.is_some() && other.is_none() {
            // What the default version names was not told.
            continue;
        }
        let mut seen: BTreeMap<String, Destination> = BTreeMap::new();
        for version in [Some(newest), other].into_iter().flatten() {
            let named = [
                (&version.s3_bucket_name, version.s3_encryption_enabled, "bucket"),
                (&version.cloud_watch_log_group_name, version.cloud_watch_encryption_enabled, "log_group"),
            ];
            for (name, demanded, kind) in named {
                let Some(name) = name.as_ref().filter(|name| !name.is_empty()) else { continue };
                let found = settings.destination(snapshot, name, kind, demanded == Some(true));
                let known = seen.entry(format!("{kind}/{name}")).or_insert_with(|| found.clone());
                known.encryption_demanded &= found.encryption_demanded;
            }
        }
        watches.of(account_id, region).observe(*at, seen, |_| false);
    }
    watches.finish()
}

/// The answers about buckets and log groups, by snapshot.
struct Settings<'a>(HashMap<(&'a str, &'a str, Timestamp), Vec<&'a Observation>>);

impl<'a> Settings<'a> {
    fn of(answers: &'a Answers) -> Self {
        let mut settings: HashMap<_, Vec<&Observation>> = HashMap::new();
        let asked = [Answer::BucketVersioning, Answer::BucketEncryption, Answer::ObjectLock, Answer::LogGroups];
        for observation in answers.observations.iter().filter(|observation| asked.contains(&observation.answer)) {
            settings.entry((observation.account_id.as_str(), observation.region.as_str(), observation.observed_at)).or_default().push(observation);
        }
        Self(settings)
    }

    fn destination(&self, snapshot: &Snapshot, name: &str, kind: &'static str, encryption_demanded: bool) -> Destination {
        let answered = self.0.get(&(snapshot.0.as_str(), snapshot.1.as_str(), snapshot.2)).map(Vec::as_slice).unwrap_or_default();
        let told = |answer: Answer| -> Option<Value> {
            let found = answered.iter().find(|seen| seen.answer == answer && (answer == Answer::LogGroups || seen.subject.as_deref() == Some(name)))?;
            serde_json::from_str(found.detail.as_deref()?).ok()
        };
        let mut destination = Destination { kind, encryption_demanded, encrypted: None, versioned: None, locked: None, found: None, retention_days: None };
        if kind == "bucket" {
            destination.versioned = told(Answer::BucketVersioning).map(|answer| answer["Status"] == "Enabled");
            destination.locked = told(Answer::ObjectLock).map(|answer| answer["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled");
            destination.encrypted = told(Answer::BucketEncryption).map(|answer| {
                let rules = answer["ServerSideEncryptionConfiguration"]["Rules"].as_array();
                rules.is_some_and(|rules| rules.iter().any(|rule| rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"].is_string()))
            });
        } else if let Some(groups) = told(Answer::LogGroups).as_ref().and_then(|answer| answer["logGroups"].as_array()) {
            let group = groups.iter().find(|group| group["logGroupName"] == name);
            let is_whole = answered.iter().any(|seen| seen.answer == Answer::LogGroups && seen.complete);
            destination.found = if group.is_some() { Some(true) } else { is_whole.then_some(false) };
            if let Some(group) = group {
                destination.encrypted = Some(group["kmsKeyId"].is_string());
                destination.retention_days = group["retentionInDays"].as_i64();
            }
        }
        destination
    }
}
