//! One fact, however often it was delivered (ruling R5).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemas::{Delivery, Event};

/// The sources of copies that were left out, by the content that all copies of an event share.
#[derive(Debug, Default)]
pub(super) struct Elsewhere(HashMap<String, BTreeSet<String>>);

impl Elsewhere {
    fn note(&mut self, event: Event) {
        if let Some(content_id) = event.content_id {
            self.0.entry(content_id).or_default().insert(event.source);
        }
    }

    /// The configured sources that hold a copy of an event, its own among them.
    pub(super) fn sources<'e>(&'e self, event: &'e Event) -> impl Iterator<Item = &'e str> {
        let others = event.content_id.as_ref().and_then(|content_id| self.0.get(content_id));
        others.into_iter().flatten().map(String::as_str).chain([event.source.as_str()])
    }
}

/// Keeps one copy of each event id, and of each CloudWatch Logs event that both the API and an export delivered; and tells where the
/// others stand.
///
/// The copy kept is the first by (source, object, version, position) of those that say when AWS received the event, if any does: so the
/// order of arrival makes no difference, and a time that cannot be true is not believed for want of the copy that shows it.
pub(super) fn one_of_each(events: Vec<Event>) -> (Vec<Event>, Elsewhere) {
    let mut first: BTreeMap<String, Event> = BTreeMap::new();
    let mut elsewhere = Elsewhere::default();
    for event in events {
        let left_out = match first.get_mut(&event.event_id) {
            Some(first) if origin(first) <= origin(&event) => event,
            Some(first) => std::mem::replace(first, event),
            None => {
                first.insert(event.event_id.clone(), event);
                continue;
            }
        };
        if first.get(&left_out.event_id).is_some_and(|kept| kept.source != left_out.source) {
            elsewhere.note(left_out);
        }
    }
    let mut by_api: HashMap<String, usize> = HashMap::new();
    for event in first.values().filter(|event| event.delivery == Some(Delivery::Api)) {
        *by_api.entry(delivered(event)).or_default() += 1;
    }
    // As many exported copies go as the API has delivered; what an export holds beyond that are further events of the same text.
    let mut kept = Vec::with_capacity(first.len());
    for event in first.into_values() {
        match by_api.get_mut(&delivered(&event)) {
            Some(left) if event.delivery == Some(Delivery::Export) && *left > 0 => {
                *left -= 1;
                elsewhere.note(event);
            }
            _ => kept.push(event),
        }
    }
    (kept, elsewhere)
}

fn origin(event: &Event) -> (bool, &str, &str, &str, i64) {
    (event.ingestion_time.is_none(), &event.source, &event.object, &event.object_version, event.position)
}

/// What both deliveries of an event share. A text gives two events, its upload and its stamp, which must not stand for each other.
fn delivered(event: &Event) -> String {
    format!("{} {}", event.kind.as_str(), event.content_id.as_deref().unwrap_or_default())
}
