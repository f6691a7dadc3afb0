//! The fleet by observation: which tags a target had, and which instances the limits cover.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound::{Excluded, Unbounded};
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

/// Every EC2 instance's tags by observation. Snapshots in a row that say the same of an instance are one run, however many they are.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    /// By account, then region.
    places: HashMap<String, HashMap<String, Place>>,
    known: HashMap<String, Arc<Tags>>,
}

#[derive(Debug, Default)]
struct Place {
    /// When the fleet was asked for. Without it, nobody could tell whether two observations are neighbours or something may yet come between them.
    snapshots: BTreeSet<Timestamp>,
    /// By instance id, the runs by their first snapshot.
    instances: HashMap<String, BTreeMap<Timestamp, Run>>,
}

/// An instance in some snapshots in a row.
#[derive(Debug)]
struct Run {
    last: Timestamp,
    tags: Arc<Tags>,
}

impl Fleet {
    /// A fleet of which nothing is known but when it was asked for: account, region and time.
    pub(super) fn new<'s>(snapshots: impl Iterator<Item = (&'s str, &'s str, Timestamp)>) -> Self {
        let mut fleet = Self::default();
        for (account_id, region, at) in snapshots {
            fleet.places.entry(account_id.to_owned()).or_default().entry(region.to_owned()).or_default().snapshots.insert(at);
        }
        fleet
    }

    /// Adds what one snapshot says of one EC2 instance, in any order. Says it two things, the greater counts (ruling R33).
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
        // Names are copied only where they are new: they come with every observation.
        if let Some(place) = self.places.get_mut(account_id).and_then(|regions| regions.get_mut(region))
            && place.snapshots.contains(&observed_at)
            && let Some(runs) = place.instances.get_mut(instance_id)
        {
            return Runs { snapshots: &place.snapshots, runs }.add(observed_at, tags);
        }
        let place = self.places.entry(account_id.to_owned()).or_default().entry(region.to_owned()).or_default();
        place.snapshots.insert(observed_at);
        Runs { snapshots: &place.snapshots, runs: place.instances.entry(instance_id.to_owned()).or_default() }.add(observed_at, tags);
    }

    /// The tags of a target at `at`: of the last snapshot that names it at or before, else of the first after (ruling R20).
    #[must_use]
    pub(super) fn tags_at(&self, account_id: &str, region: &str, target_id: &str, at: Timestamp) -> Option<&Arc<Tags>> {
        let runs = self.places.get(account_id)?.get(region)?.instances.get(target_id)?;
        runs.range(..=at).next_back().or_else(|| runs.first_key_value()).map(|(_, run)| &run.tags)
    }
}

/// The runs of one instance.
struct Runs<'p> {
    snapshots: &'p BTreeSet<Timestamp>,
    runs: &'p mut BTreeMap<Timestamp, Run>,
}

impl Runs<'_> {
    fn add(&mut self, at: Timestamp, tags: Arc<Tags>) {
        if !self.make_room(at, &tags) {
            return;
        }
        let mut last = at;
        if let Some(next) = self.next(at)
            && self.runs.get(&next).is_some_and(|run| run.tags == tags)
        {
            last = self.runs.remove(&next).map_or(at, |run| run.last);
        }
        let before = self.before(at);
        match self.runs.range_mut(..at).next_back() {
            Some((_, run)) if Some(run.last) == before && run.tags == tags => run.last = last,
            _ => {
                self.runs.insert(at, Run { last, tags });
            }
        }
    }

    /// Takes the snapshot out of the run that holds it; false where what that run says of it stays.
    fn make_room(&mut self, at: Timestamp, tags: &Tags) -> bool {
        let Some((&first, run)) = self.runs.range(..=at).next_back() else { return true };
        if run.last < at {
            return true;
        }
        if run.tags.json >= tags.json {
            return false;
        }
        let (last, tags) = (run.last, Arc::clone(&run.tags));
        self.runs.remove(&first);
        if let Some(before) = self.before(at).filter(|before| first <= *before) {
            self.runs.insert(first, Run { last: before, tags: Arc::clone(&tags) });
        }
        if let Some(next) = self.next(at).filter(|next| *next <= last) {
            self.runs.insert(next, Run { last, tags });
        }
        true
    }

    fn before(&self, at: Timestamp) -> Option<Timestamp> {
        self.snapshots.range(..at).next_back().copied()
    }

    fn next(&self, at: Timestamp) -> Option<Timestamp> {
        self.snapshots.range((Excluded(at), Unbounded)).next().copied()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use proptest::prelude::*;

    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(day * 86_400)
    }

    fn owned_by(owner: &str) -> String {
        format!(r#"{{"Owner":"{owner}"}}"#)
    }

    /// A fleet of one instance.
    fn fleet(snapshots: impl Iterator<Item = i64>, observations: &[(i64, &str)]) -> Fleet {
        let mut fleet = Fleet::new(snapshots.map(|day| ("1", "r", at(day))));
        for (day, owner) in observations {
            fleet.observe("1", "r", "i-1", at(*day), Some(&owned_by(owner)));
        }
        fleet
    }

    fn runs(fleet: &Fleet) -> usize {
        fleet.places["1"]["r"].instances["i-1"].len()
    }

    #[test]
    fn the_last_snapshot_before_the_start_rules_else_the_first_after() {
        let fleet = fleet([10, 20].into_iter(), &[(10, "a"), (20, "b")]);
        let owner = |day: i64| fleet.tags_at("1", "r", "i-1", at(day)).unwrap().map.get("Owner").cloned().unwrap();
        assert_eq!([owner(5), owner(10), owner(19), owner(20), owner(99)], ["a", "a", "a", "b", "b"]);
        assert!(fleet.tags_at("2", "r", "i-1", at(5)).is_none());
    }

    #[test]
    fn what_stays_the_same_is_held_once() {
        let days: Vec<(i64, &str)> = (0..10_000).map(|day| (day, if day < 7_000 { "a" } else { "b" })).collect();
        assert_eq!(runs(&fleet(0..10_000, &days)), 2);
        let backwards: Vec<(i64, &str)> = days.iter().rev().copied().collect();
        assert_eq!(runs(&fleet(0..10_000, &backwards)), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn in_any_order_the_fleet_is_what_a_list_of_all_observations_says(
            observations in proptest::collection::vec((0..12_i64, proptest::sample::select(vec!["a", "b", "c"])), 1..40)
        ) {
            let held = fleet(0..12, &observations);
            let mut all: BTreeMap<i64, &str> = BTreeMap::new();
            for (day, owner) in &observations {
                let said = all.entry(*day).or_insert(owner);
                *said = (*said).max(owner);
            }
            for day in -1..13 {
                let expected = all.range(..=day).next_back().or_else(|| all.first_key_value()).map(|(_, owner)| owned_by(owner)).unwrap();
                prop_assert_eq!(&held.tags_at("1", "r", "i-1", at(day)).unwrap().json, &expected, "day {}", day);
            }
            let mut sorted = observations.clone();
            sorted.sort();
            prop_assert_eq!(runs(&held), runs(&fleet(0..12, &sorted)), "the order makes no difference to what is held");
        }
    }
}
