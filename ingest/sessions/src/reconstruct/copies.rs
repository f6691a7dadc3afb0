//! One fact, however often it was delivered (ruling R5).

use std::collections::{BTreeMap, HashMap};

use schemas::{Delivery, Event};

/// Keeps one copy of each event id, and of each CloudWatch Logs event that both the API and an export delivered.
///
/// The copy kept is the first by (source, object, version, position), so that the order of arrival makes no difference.
pub(super) fn one_of_each(events: Vec<Event>) -> Vec<Event> {
    let mut kept: BTreeMap<String, Event> = BTreeMap::new();
    for event in events {
        match kept.get_mut(&event.event_id) {
            Some(first) if origin(first) <= origin(&event) => {}
            Some(first) => *first = event,
            None => {
                kept.insert(event.event_id.clone(), event);
            }
        }
    }
    let mut by_api: HashMap<String, usize> = HashMap::new();
    for event in kept.values().filter(|event| event.delivery == Some(Delivery::Api)) {
        *by_api.entry(delivered(event)).or_default() += 1;
    }
    // As many exported copies go as the API has delivered; what an export holds beyond that are further events of the same text.
    kept.into_values()
        .filter(|event| {
            if event.delivery != Some(Delivery::Export) {
                return true;
            }
            by_api.get_mut(&delivered(event)).is_none_or(|left| {
                let stays = *left == 0;
                *left = left.saturating_sub(1);
                stays
            })
        })
        .collect()
}

fn origin(event: &Event) -> (&str, &str, &str, i64) {
    (&event.source, &event.object, &event.object_version, event.position)
}

/// What both deliveries of an event share. A text gives two events, its upload and its stamp, which must not stand for each other.
fn delivered(event: &Event) -> String {
    format!("{} {}", event.kind.as_str(), event.content_id.as_deref().unwrap_or_default())
}
