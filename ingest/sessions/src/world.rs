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
