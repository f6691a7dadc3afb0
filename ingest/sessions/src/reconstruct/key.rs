//! Which account and region a piece of evidence belongs to (ruling R1).

use std::collections::{BTreeMap, BTreeSet};

use schemas::Event;

/// Account and region.
pub(super) type Key = (Option<String>, Option<String>);

/// The events by key. Evidence without a key of its own joins what ties its session id to one.
pub(super) fn by_key(events: Vec<Event>) -> BTreeMap<Key, Vec<Event>> {
    let known: BTreeSet<Key> = events.iter().filter_map(own_key).collect();
    if let Some(only) = known.first().filter(|_| known.len() == 1) {
        // Almost every session: nothing is moved.
        return BTreeMap::from([(only.clone(), events)]);
    }
    let mut grouped: BTreeMap<Key, Vec<Event>> = BTreeMap::new();
    for event in events {
        let key = own_key(&event).unwrap_or_else(|| (event.source_account_id.clone(), event.source_region.clone()));
        grouped.entry(key).or_default().push(event);
    }
    grouped
}

fn own_key(event: &Event) -> Option<Key> {
    match (&event.account_id, &event.region) {
        (Some(account_id), Some(region)) => Some((Some(account_id.clone()), Some(region.clone()))),
        _ => None,
    }
}
