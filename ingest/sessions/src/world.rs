//! Builders for the tests of this crate: one session in one place, times in seconds after an arbitrary zero.

use schemas::{Event, EventKind, Timestamp};

/// `seconds` after 2026-07-01T00:00:00Z.
pub(crate) fn t(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_782_864_000_000_000).plus_seconds(seconds)
}

/// An event of the session that every test here is about.
pub(crate) fn event(kind: EventKind, at: i64) -> Event {
    Event {
        event_time: Some(t(at)),
        session_id: Some("jane-0a1b2c3d4e5f60718".to_owned()),
        account_id: Some("111122223333".to_owned()),
        region: Some("eu-central-1".to_owned()),
        source: "world".to_owned(),
        object: "object".to_owned(),
        object_version: "1".to_owned(),
        ..Event::blank(kind, format!("{}-{at}", kind.as_str()))
    }
}

/// The same things in another order, which `seed` fixes; 0 leaves them as they are.
pub(crate) fn shuffled<T>(mut things: Vec<T>, seed: u64) -> Vec<T> {
    if seed == 0 {
        return things;
    }
    let mut state = seed | 1;
    for i in (1..things.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        things.swap(i, (state >> 33) as usize % (i + 1));
    }
    things
}
