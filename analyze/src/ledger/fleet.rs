//! The fleet by observation: which tags a target had, and which instances the limits cover.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use schemas::Timestamp;

/// The tags of an instance, as JSON and as a map.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tags {
    /// A JSON object with sorted keys.
    pub(super) json: String,
    /// The same, for the policy.
    pub(super) map: BTreeMap<String, String>,
}

impl Tags {
    /// Reads a JSON object of texts; anything else counts as no tags.
    #[must_use]
    pub(super) fn parse(json: &str) -> Self {
        let map = serde_json::from_str(json).unwrap_or_default();
        Self { json: json.to_owned(), map }
    }
}

/// What names an instance within the estate: account, region, instance id.
type Name = (String, String, String);

/// Every EC2 instance's tags by observation. Observations that repeat the one before are not kept: they answer nothing new.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    observed: HashMap<Name, BTreeMap<Timestamp, Arc<Tags>>>,
    known: HashMap<String, Arc<Tags>>,
}

impl Fleet {
    /// Adds what one snapshot says of one EC2 instance.
    pub(super) fn observe(&mut self, account_id: &str, region: &str, instance_id: &str, observed_at: Timestamp, tags: Option<&str>) {
        let json = tags.unwrap_or("{}");
        let tags = match self.known.get(json) {
            Some(tags) => Arc::clone(tags),
            None => {
                let tags = Arc::new(Tags::parse(json));
                self.known.insert(json.to_owned(), Arc::clone(&tags));
                tags
            }
        };
        self.observed.entry((account_id.to_owned(), region.to_owned(), instance_id.to_owned())).or_default().insert(observed_at, tags);
    }

    /// The tags of a target at `at`: of the last snapshot that names it at or before, else of the first after (ruling R20).
    #[must_use]
    pub(super) fn tags_at(&self, account_id: &str, region: &str, target_id: &str, at: Timestamp) -> Option<&Arc<Tags>> {
        let observed = self.observed.get(&(account_id.to_owned(), region.to_owned(), target_id.to_owned()))?;
        observed.range(..=at).next_back().or_else(|| observed.range(at..).next()).map(|(_, tags)| tags)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_last_snapshot_before_the_start_rules_else_the_first_after() {
        let mut fleet = Fleet::default();
        let at = |day: i64| Timestamp::from_micros(0).plus_seconds(day * 86_400);
        fleet.observe("1", "r", "i-1", at(10), Some(r#"{"Owner":"a"}"#));
        fleet.observe("1", "r", "i-1", at(20), Some(r#"{"Owner":"b"}"#));
        let owner = |day: i64| fleet.tags_at("1", "r", "i-1", at(day)).unwrap().map.get("Owner").cloned().unwrap();
        assert_eq!([owner(5), owner(10), owner(19), owner(20), owner(99)], ["a", "a", "a", "b", "b"]);
        assert!(fleet.tags_at("2", "r", "i-1", at(5)).is_none());
    }
}
