//! The ids of the last events: pages may repeat some, and a listing that is taken up again does.

use std::collections::{HashSet, VecDeque};

/// Ids of the last events, so many that several pages may be repeated. Should an event come again after more, another copy of it is stored; what
/// is counted is one, by its id.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ids: HashSet<Id>,
    order: VecDeque<Id>,
}

/// The first half of a digest: ids are 56 digits.
type Id = [u8; 16];

impl Seen {
    /// Whether an event comes for the first time.
    pub(super) fn add(&mut self, event_id: &str) -> bool {
        let digest = schemas::computed_digest(&[event_id.as_bytes()]);
        let id = std::array::from_fn(|index| digest[index]);
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

/// A page holds 10,000 events at most.
const REMEMBERED: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_some_pages_and_no_more() {
        let mut seen = Seen::default();
        assert!((0..REMEMBERED + 1).all(|n| seen.add(&n.to_string())));
        assert!(!seen.add("1") && !seen.add(&REMEMBERED.to_string()));
        assert!(seen.add("0"), "the oldest is forgotten");
        assert_eq!((seen.ids.len(), seen.order.len()), (REMEMBERED, REMEMBERED));
    }
}
