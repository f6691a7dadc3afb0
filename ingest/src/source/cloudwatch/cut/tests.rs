//! Cutting: whatever the order and the pages, each event once, keys in order, and the same parts of the same events.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
use super::*;

const NOON: i64 = 1_784_030_400_000;

fn event(at: i64, id: &str) -> FilteredLogEvent {
    FilteredLogEvent::builder().timestamp(at).ingestion_time(at + 500).event_id(id).log_stream_name("s").message("m").build()
}

fn large(at: i64, n: usize) -> FilteredLogEvent {
    FilteredLogEvent::builder().timestamp(at).event_id(format!("{n:05}")).log_stream_name("s").message("x".repeat(1 << 18)).build()
}

fn parts(events: &[FilteredLogEvent]) -> Vec<Part> {
    let mut cutter = Cutter::default();
    let mut parts = Vec::new();
    for event in events {
        cutter.add(event);
        parts.extend(std::iter::from_fn(|| cutter.pop()));
    }
    cutter.end();
    parts.extend(std::iter::from_fn(|| cutter.pop()));
    assert_eq!(cutter.held(), 0);
    let places: Vec<_> = parts.iter().map(|part| (part.window, part.number)).collect();
    assert!(places.is_sorted() && places.windows(2).all(|two| two[0] != two[1]), "{places:?}");
    parts
}

fn text(part: &Part) -> &str {
    std::str::from_utf8(&part.bytes).unwrap()
}

#[test]
fn a_line_is_what_the_api_tells() {
    let parts = parts(&[event(NOON, "1"), FilteredLogEvent::builder().timestamp(NOON + 1).message("ü\n\"").log_stream_name("s").build()]);
    let lines = "{\"timestamp\":1784030400000,\"ingestionTime\":1784030400500,\"message\":\"m\",\"logStreamName\":\"s\",\"eventId\":\"1\"}\n\
                 {\"timestamp\":1784030400001,\"message\":\"ü\\n\\\"\",\"logStreamName\":\"s\"}\n";
    assert_eq!((parts.len(), text(&parts[0])), (1, lines));
    assert_eq!((parts[0].window, parts[0].received), (NOON, Some(NOON + 500)));
}

#[test]
fn windows_are_those_of_the_grid() {
    let events = [event(NOON - 1, "a"), event(NOON, "b"), event(NOON + WINDOW - 1, "c"), event(NOON + 100 * WINDOW, "d")];
    let windows: Vec<_> = parts(&events).iter().map(|part| (part.window, text(part).lines().count())).collect();
    assert_eq!(windows, [(NOON - WINDOW, 1), (NOON, 2), (NOON + 100 * WINDOW, 1)]);
}

#[test]
fn events_out_of_order_within_the_horizon_make_the_same_parts() {
    let events: Vec<_> = (0..200).map(|n| event(NOON + n * 4_000, &format!("{n:03}"))).collect();
    let expected = parts(&events);
    let mut mixed = events;
    for chunk in mixed.chunks_mut(40) {
        chunk.reverse();
    }
    assert_eq!(parts(&mixed), expected);
    let twice: Vec<_> = mixed.iter().chain(&mixed[150..]).cloned().collect();
    assert_eq!(parts(&twice), expected, "what is repeated while its window is open is there once");
}

#[test]
fn what_comes_after_its_window_is_closed_joins_the_newest() {
    let events = [event(NOON, "a"), event(NOON + 10 * WINDOW, "b"), event(NOON + 1, "late"), event(NOON + 10 * WINDOW + 1, "c")];
    let parts = parts(&events);
    let found: Vec<_> = parts.iter().map(|part| (part.window, text(part).lines().count())).collect();
    assert_eq!(found, [(NOON, 1), (NOON + 10 * WINDOW, 3)]);
    assert!(text(&parts[1]).starts_with("{\"timestamp\":1784030400001,"), "under its own time");
}

#[test]
fn a_version_is_that_of_ids_and_times_of_reception() {
    let of = |events: &[FilteredLogEvent]| parts(events)[0].version.clone();
    let first = of(&[event(NOON, "a"), event(NOON, "b")]);
    assert_eq!(first, of(&[event(NOON, "b"), event(NOON, "a")]));
    assert_ne!(first, of(&[event(NOON, "a"), event(NOON, "b"), event(NOON, "c")]));
    assert_ne!(first, of(&[event(NOON, "a"), event(NOON + 1, "b")]), "received later");
}

#[test]
fn events_without_an_id_are_told_apart_by_what_they_say_and_how_often() {
    let unnamed = FilteredLogEvent::builder().timestamp(NOON).log_stream_name("s").message("m").build();
    let three = parts(&[unnamed.clone(), unnamed.clone(), unnamed.clone()]);
    assert_eq!(text(&three[0]).lines().count(), 3);
    assert_ne!(three[0].version, parts(&[unnamed.clone(), unnamed])[0].version);
    let timeless = FilteredLogEvent::builder().log_stream_name("s").message("m").build();
    assert_eq!(parts(&[event(NOON, "a"), timeless])[0].window, NOON, "what has no time is handed on all the same, to be refused");
}

#[test]
fn a_large_window_is_cut_by_size_and_held_within_bounds() {
    let events: Vec<_> = (0..200).map(|n| large(NOON + n, usize::try_from(n).unwrap())).collect();
    let expected = parts(&events);
    assert_eq!(expected.iter().map(|part| text(part).lines().count()).sum::<usize>(), 200);
    assert!(expected.iter().all(|part| part.bytes.len() <= PART) && expected.len() == 14, "{}", expected.len());
    let mut cutter = Cutter::default();
    for event in &events {
        cutter.add(event);
        assert!(cutter.held() <= 2 * PART + (1 << 19), "{}", cutter.held());
        while cutter.pop().is_some() {}
    }
    // A late event changes its own part and those after it.
    let mut late = events.clone();
    late.push(FilteredLogEvent::builder().timestamp(NOON + 150).event_id("z").message("late").log_stream_name("s").build());
    late.sort_by_key(|event| event.timestamp);
    let same = parts(&late).iter().zip(&expected).take_while(|(late, first)| late == first).count();
    assert_eq!(same, 10);
}
