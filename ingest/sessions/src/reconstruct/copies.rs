//! One fact, however often it was delivered (ruling R5).

use std::collections::{BTreeSet, HashMap};

use schemas::{Delivery, Event, EventKind};

/// The sources of copies that were left out, by the content that all copies of an event share.
#[derive(Debug, Default)]
pub(super) struct Elsewhere(HashMap<String, BTreeSet<String>>);

impl Elsewhere {
    fn note(&mut self, left_out: &Event) {
        if let Some(content_id) = &left_out.content_id {
            self.0.entry(content_id.clone()).or_default().insert(left_out.source.clone());
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
pub(super) fn one_of_each(mut events: Vec<Event>) -> (Vec<Event>, Elsewhere) {
    // In place: a session may have millions of events.
    let mut elsewhere = Elsewhere::default();
    events.sort_unstable_by(|a, b| (&a.event_id, origin(a)).cmp(&(&b.event_id, origin(b))));
    events.dedup_by(|next, kept| {
        let is_copy = next.event_id == kept.event_id;
        if is_copy && next.source != kept.source {
            elsewhere.note(next);
        }
        is_copy
    });
    let mut by_api: HashMap<(EventKind, Option<&str>), usize> = HashMap::new();
    for event in events.iter().filter(|event| event.delivery == Some(Delivery::Api)) {
        *by_api.entry(delivered(event)).or_default() += 1;
    }
    // As many exported copies go as the API has delivered; what an export holds beyond that are further events of the same text.
    let goes: Vec<bool> = events
        .iter()
        .map(|event| match by_api.get_mut(&delivered(event)) {
            Some(left) if event.delivery == Some(Delivery::Export) && *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        })
        .collect();
    let mut goes = goes.into_iter();
    events.retain(|event| {
        let goes = goes.next().unwrap_or(false);
        if goes {
            elsewhere.note(event);
        }
        !goes
    });
    (events, elsewhere)
}

fn origin(event: &Event) -> (bool, &str, &str, &str, i64) {
    (event.ingestion_time.is_none(), &event.source, &event.object, &event.object_version, event.position)
}

/// What both deliveries of an event share. A text gives two events, its upload and its stamp, which must not stand for each other.
fn delivered(event: &Event) -> (EventKind, Option<&str>) {
    (event.kind, event.content_id.as_deref())
}
