//! Which instances the limits cover, and if not, why (SPEC §6 `kpi_coverage`, ruling R29).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use policy::{Policy, Subject};
use schemas::{Answer, Observation, Timestamp};
use sessions::conclude::DEFAULT_IDLE_SECONDS;

use super::fleet::Tags;
use super::preferences::{Documents, Snapshot, Timeout};
use super::snapshots::Named;

/// One instance that coverage counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assessed {
    pub(super) instance_id: String,
    pub(super) tier: Option<String>,
    pub(super) result: &'static str,
}

/// What one snapshot's answers say of the fleet.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// EC2 instances: name of the state, and the tags as JSON.
    pub(super) listed: BTreeMap<String, (Option<String>, Option<String>)>,
    /// Managed nodes and their `PingStatus`.
    pub(super) managed: HashMap<String, Option<String>>,
}

impl Roster {
    /// Adds what one answer says of one instance. Where two rows name an instance (ruling R33), the greater counts.
    pub(super) fn add(&mut self, named: &Named<'_>) {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        if named.is_node {
            let ping = self.managed.entry(named.instance_id.to_owned()).or_default();
            *ping = owned(named.ping_status).max(ping.take());
        } else {
            let listed = self.listed.entry(named.instance_id.to_owned()).or_default();
            *listed = (owned(named.state), owned(named.tags)).max(std::mem::take(listed));
        }
    }

    /// What coverage counts: running EC2 instances and managed `mi-` nodes, by id, with the tags of the former.
    pub(super) fn counted(&self) -> Vec<(&String, Option<&String>)> {
        let running = self.listed.iter().filter(|(_, (state, _))| state.as_deref() == Some("running")).map(|(id, (_, tags))| (id, tags.as_ref()));
        let nodes = self.managed.keys().filter(|node| node.starts_with("mi-")).map(|node| (node, None));
        let mut counted: Vec<_> = running.chain(nodes).collect();
        counted.sort();
        counted
    }

    pub(super) fn is_online(&self, instance_id: &str) -> bool {
        self.managed.get(instance_id).is_some_and(|ping| ping.as_deref() == Some("Online"))
    }
}

/// The newest snapshot of each local day and account-region, where it holds a whole answer to `DescribeInstances`.
pub(super) fn counted(observations: &[Observation], as_of: Timestamp, local_date: impl Fn(Timestamp) -> i32) -> BTreeMap<Snapshot, i32> {
    let mut newest: BTreeMap<(String, String, i32), Timestamp> = BTreeMap::new();
    for observation in observations.iter().filter(|observation| observation.observed_at <= as_of) {
        let day = (observation.account_id.clone(), observation.region.clone(), local_date(observation.observed_at));
        let at = newest.entry(day).or_insert(observation.observed_at);
        *at = (*at).max(observation.observed_at);
    }
    let answered = whole(observations, Answer::Instances);
    newest.into_iter().map(|((account_id, region, day), at)| ((account_id, region, at), day)).filter(|(snapshot, _)| answered.contains(snapshot)).collect()
}

/// The snapshots that hold a whole answer.
pub(super) fn whole(observations: &[Observation], answer: Answer) -> BTreeSet<Snapshot> {
    observations
        .iter()
        .filter(|observation| observation.answer == answer && observation.complete)
        .map(|observation| (observation.account_id.clone(), observation.region.clone(), observation.observed_at))
        .collect()
}

/// Assesses every instance of one snapshot.
pub(super) fn assess(snapshot: &Snapshot, roster: &Roster, nodes_answered: bool, documents: Option<&Documents<'_>>, policy: &Policy) -> Vec<Assessed> {
    let (account_id, region, observed_at) = snapshot;
    let versions = documents.and_then(in_force);
    roster
        .counted()
        .into_iter()
        .map(|(instance_id, tags)| {
            let tags = tags.map(|json| Tags::parse(json));
            let subject = Subject {
                principal_arn: None,
                account_id: Some(account_id),
                region: Some(region),
                target_id: Some(instance_id),
                document_name: None,
                tags: tags.as_ref().map(|tags| &tags.map),
            };
            let ruling = policy.rule_instance(&subject, *observed_at);
            let limits = ruling.as_ref().map(|ruling| ruling.limits).unwrap_or_default();
            let result = match &versions {
                _ if !nodes_answered => "not_assessed",
                None => "not_assessed",
                Some(_) if !roster.is_online(instance_id) => "not_managed",
                Some(versions) => first_cause(versions, limits.max_duration_seconds, limits.idle_timeout_seconds),
            };
            Assessed { instance_id: instance_id.clone(), tier: ruling.map(|ruling| ruling.tier.to_owned()), result }
        })
        .collect()
}

/// Maximum duration (`None` where there is none) and idle timeout of each version that must comply; `None` where that cannot be told.
fn in_force(documents: &Documents<'_>) -> Option<Vec<(Option<i64>, i64)>> {
    let Some(newest) = documents.preferences.last() else {
        return documents.lacks_preferences.then(|| vec![(None, DEFAULT_IDLE_SECONDS)]);
    };
    let mut versions = vec![*newest];
    if let Some(default) = documents.default_version.as_ref().filter(|default| **default != newest.document_version) {
        versions.push(documents.preferences.iter().copied().find(|preference| preference.document_version == *default)?);
    }
    versions
        .into_iter()
        .map(|version| {
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
            Some((maximum, idle))
        })
        .collect()
}

fn first_cause(versions: &[(Option<i64>, i64)], max_limit: Option<i64>, idle_limit: Option<i64>) -> &'static str {
    let longer = |seconds: i64, limit: Option<i64>| limit.is_some_and(|limit| seconds > limit);
    if versions.iter().any(|(maximum, _)| maximum.is_none()) {
        "no_max_duration"
    } else if versions.iter().any(|(maximum, _)| maximum.is_some_and(|seconds| longer(seconds, max_limit))) {
        "max_duration_too_long"
    } else if versions.iter().any(|(_, idle)| longer(*idle, idle_limit)) {
        "idle_timeout_too_long"
    } else {
        "covered"
    }
}
