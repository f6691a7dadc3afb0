//! The preferences of every account-region by observation, and what else a session's conclusion needs of the snapshots.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemas::{Answer, PREFERENCES_DOCUMENT, Preference, Timestamp};
use sessions::conclude::{Context, DEFAULT_IDLE_SECONDS, Place, Preferences};

use super::answers::Answers;

/// Account, region and time of a snapshot.
pub(super) type Snapshot = (String, String, Timestamp);

/// A timeout of the preferences, in minutes as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timeout {
    /// Absent or empty.
    Unset,
    /// In seconds.
    Seconds(i64),
    /// Not a whole number: a template, or nonsense. What is in force cannot be told.
    Unreadable,
}

impl Timeout {
    pub(super) fn parse(minutes: Option<&str>) -> Self {
        match minutes {
            None => Self::Unset,
            Some(text) if text.is_empty() || !text.bytes().all(|digit| digit.is_ascii_digit()) => Self::Unreadable,
            // More than a number can hold is longer than any limit, and stays so.
            Some(digits) => Self::Seconds(digits.parse().unwrap_or(i64::MAX).min(LONGEST_MINUTES) * 60),
        }
    }
}

/// Where a timeout stands for all that are longer: beyond every policy, and its seconds can still be added to.
const LONGEST_MINUTES: i64 = i64::MAX / 1_000_000_000;

/// The documents that a snapshot shows.
#[derive(Debug, Default)]
pub(super) struct Documents<'a> {
    /// Versions of the preferences document, ascending by number.
    pub(super) preferences: Vec<&'a Preference>,
    /// The preferences' default version, where an answer says it.
    pub(super) default_version: Option<String>,
    /// Whether a complete list of documents lacks the preferences document.
    pub(super) lacks_preferences: bool,
}

/// The documents of every snapshot by `as_of`.
pub(super) fn documents(answers: &Answers, as_of: Timestamp) -> BTreeMap<Snapshot, Documents<'_>> {
    let Answers { observations, preferences, .. } = answers;
    let mut snapshots: BTreeMap<Snapshot, Documents<'_>> = BTreeMap::new();
    for preference in preferences.iter().filter(|preference| preference.document_name == PREFERENCES_DOCUMENT && preference.observed_at <= as_of) {
        let snapshot = (preference.account_id.clone(), preference.region.clone(), preference.observed_at);
        snapshots.entry(snapshot).or_default().preferences.push(preference);
    }
    for observation in observations.iter().filter(|observation| observation.observed_at <= as_of) {
        let snapshot = (observation.account_id.clone(), observation.region.clone(), observation.observed_at);
        let detail: serde_json::Value = observation.detail.as_deref().and_then(|detail| serde_json::from_str(detail).ok()).unwrap_or_default();
        match observation.answer {
            Answer::DescribeDocument if detail["name"] == PREFERENCES_DOCUMENT => {
                let documents = snapshots.entry(snapshot).or_default();
                documents.default_version = detail["default_version"].as_str().map(str::to_owned).or_else(|| documents.default_version.take());
            }
            Answer::ListDocuments => {
                let listed = detail["documents"].as_array().and_then(|documents| documents.iter().find(|document| document["name"] == PREFERENCES_DOCUMENT));
                let documents = snapshots.entry(snapshot).or_default();
                documents.lacks_preferences = observation.complete && listed.is_none();
                if documents.default_version.is_none() {
                    documents.default_version = listed.and_then(|document| document["default_version"].as_str()).map(str::to_owned);
                }
            }
            _ => {}
        }
    }
    for documents in snapshots.values_mut() {
        documents.preferences.sort_by_key(|preference| number(&preference.document_version));
    }
    snapshots
}

/// Cuts what the snapshots say at `as_of` into the context of every session.
pub(super) fn context(
    answers: &Answers,
    newest_of_source: HashMap<String, Timestamp>,
    documents: &BTreeMap<Snapshot, Documents<'_>>,
    as_of: Timestamp,
) -> Context {
    let Answers { observations, preferences, .. } = answers;
    let mut places: HashMap<(Option<String>, Option<String>), Place> = HashMap::new();
    let key = |account_id: &str, region: &str| (Some(account_id.to_owned()), Some(region.to_owned()));
    for ((account_id, region, observed_at), documents) in documents {
        let Some(seen) = seen(documents, *observed_at) else { continue };
        places.entry(key(account_id, region)).or_default().preferences.push(seen);
    }
    for observation in
        observations.iter().filter(|observation| observation.answer == Answer::SessionsActive && observation.complete && observation.observed_at <= as_of)
    {
        places.entry(key(&observation.account_id, &observation.region)).or_default().complete_active.push(observation.observed_at);
    }
    let mut by_age: Vec<&Preference> = preferences.iter().filter(|preference| preference.observed_at <= as_of).collect();
    by_age.sort_by_key(|preference| (preference.observed_at, number(&preference.document_version)));
    for preference in by_age {
        let place = places.entry(key(&preference.account_id, &preference.region)).or_default();
        if preference.document_name != PREFERENCES_DOCUMENT {
            // Of the versions that one observation shows, the newest comes last, and counts.
            let observed = place.document_logs.entry(preference.document_name.clone()).or_default();
            observed.pop_if(|(observed_at, _)| *observed_at == preference.observed_at);
            observed.push((preference.observed_at, logs(preference)));
        }
        if let Some(session_type) = &preference.session_type {
            place.session_types.insert(preference.document_name.clone(), session_type.clone());
        }
    }
    for place in places.values_mut() {
        let times: BTreeSet<Timestamp> = place.complete_active.drain(..).collect();
        place.complete_active.extend(times);
        place.preferences.sort_by_key(|preferences| preferences.observed_at);
    }
    Context { as_of, places, newest_of_source }
}

/// The preferences in force by a snapshot: its newest version, or AWS's defaults where there is no document.
fn seen(documents: &Documents<'_>, observed_at: Timestamp) -> Option<Preferences> {
    let Some(newest) = documents.preferences.last() else {
        return documents.lacks_preferences.then_some(Preferences { observed_at, idle_seconds: DEFAULT_IDLE_SECONDS, max_seconds: None, logs: false });
    };
    let seconds = |minutes: &Option<String>| match Timeout::parse(minutes.as_deref()) {
        Timeout::Seconds(seconds) => Some(seconds),
        Timeout::Unset | Timeout::Unreadable => None,
    };
    Some(Preferences {
        observed_at,
        idle_seconds: seconds(&newest.idle_session_timeout).unwrap_or(DEFAULT_IDLE_SECONDS),
        max_seconds: seconds(&newest.max_session_duration),
        logs: logs(newest),
    })
}

fn logs(version: &Preference) -> bool {
    version.s3_bucket_name.is_some() || version.cloud_watch_log_group_name.is_some()
}

/// Versions are numbers; anything else comes before them.
pub(super) fn number(version: &str) -> i64 {
    version.parse().unwrap_or(-1)
}
