//! Small worlds worked out by hand: times are seconds after an arbitrary zero.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use proptest::prelude::*;
use schemas::{Delivery, Event, EventKind, Tier};

use super::{EndMethod, Facts, StartMethod, reconstruct};
use crate::world::{event, shuffled, t};

fn facts(events: Vec<Event>) -> Facts {
    let mut facts = reconstruct(events, None);
    assert_eq!(facts.len(), 1, "{facts:?}");
    facts.pop().unwrap()
}

fn listed(kind: EventKind, at: i64, start: i64, end: Option<i64>, status: &str) -> Event {
    let mut listing = event(kind, at);
    listing.listed_start = Some(t(start));
    listing.listed_end = end.map(t);
    listing.service_status = Some(status.to_owned());
    listing
}

fn start() -> Event {
    event(EventKind::StartCall, 0)
}

#[test]
fn a_start_call_alone_proves_its_own_instant_and_no_more() {
    let facts = facts(vec![start()]);
    assert_eq!((facts.started_at, facts.start_method), (Some(t(0)), Some(StartMethod::StartCall)));
    assert_eq!((facts.last_proof_at, facts.last_proof_tier), (Some(t(0)), Some(Tier::A)));
    assert_eq!((facts.ended_at, facts.end_method), (None, None));
}

#[test]
fn a_listed_end_beats_every_other_candidate_and_is_exact() {
    let facts = facts(vec![
        start(),
        event(EventKind::TerminateCall, 900),
        event(EventKind::Stamp, 950),
        event(EventKind::Upload, 960),
        listed(EventKind::ListedHistory, 5_000, 1, Some(905), "Terminated"),
    ]);
    assert_eq!((facts.started_at, facts.start_method), (Some(t(1)), Some(StartMethod::History)));
    assert_eq!((facts.ended_at, facts.end_method, facts.end_tier), (Some(t(905)), Some(EndMethod::History), Some(Tier::B)));
    assert_eq!((facts.ended_after, facts.ended_before), (Some(t(905)), Some(t(905))));
    assert!(facts.closed_by_call, "the call at 900 lies within 60 s of the listed end");
}

#[test]
fn a_call_on_a_session_that_died_long_before_is_no_end() {
    let dead = |stamp| vec![start(), event(EventKind::Stamp, stamp), event(EventKind::TerminateCall, 1_000)];
    let struck_out = facts(dead(699));
    assert_eq!((struck_out.ended_at, struck_out.end_method), (Some(t(699)), Some(EndMethod::Transcript)));
    let stands = facts(dead(700));
    assert_eq!((stands.ended_at, stands.end_method, stands.corroborated), (Some(t(1_000)), Some(EndMethod::TerminateCall), true));
}

#[test]
fn a_call_before_the_last_proof_of_life_is_passed_over_for_the_next() {
    let facts = facts(vec![start(), event(EventKind::TerminateCall, 100), event(EventKind::ResumeCall, 200), event(EventKind::TerminateCall, 300)]);
    assert_eq!((facts.ended_at, facts.resumes), (Some(t(300)), 1));
}

#[test]
fn a_stamp_gives_two_minutes_of_doubt_or_the_last_proof_of_life() {
    let facts_of = |resume| facts(vec![start(), event(EventKind::ResumeCall, resume), event(EventKind::Stamp, 1_000), event(EventKind::Upload, 1_010)]);
    assert_eq!((facts_of(500).ended_after, facts_of(500).ended_before), (Some(t(880)), Some(t(1_000))));
    assert_eq!(facts_of(950).ended_after, Some(t(950)));
    let disproved = facts_of(1_005);
    assert_eq!((disproved.end_method, disproved.ended_after, disproved.end_tier), (Some(EndMethod::Upload), Some(t(1_005)), Some(Tier::B)));
    assert_eq!(facts_of(1_011).end_method, None, "both lie before the last proof of life");
}

#[test]
fn streaming_proves_life_until_two_minutes_before_its_last_event() {
    let facts = facts(vec![
        start(),
        event(EventKind::Stream, 20),
        event(EventKind::Stream, 1_000),
        event(EventKind::Stream, 970),
        event(EventKind::Stream, 700),
        event(EventKind::Stream, 760),
    ]);
    assert_eq!((facts.last_proof_at, facts.last_proof_tier), (Some(t(880)), Some(Tier::C)));
    assert_eq!((facts.first_activity_at, facts.last_activity_at, facts.activity_events), (Some(t(20)), Some(t(1_000)), Some(5)));
    // 0→20 and 20→700 are each longer than all before; 700→760 and 760→970 are not, and of a minute or more; 970→1000 is neither.
    assert_eq!((facts.gap_starts, facts.gap_ends), (vec![t(0), t(20), t(700), t(760)], vec![t(20), t(700), t(760), t(970)]));
}

#[test]
fn the_export_and_the_api_deliver_the_same_event_once() {
    let copy = |delivery, id: &str| {
        let mut copy = event(EventKind::Stream, 60);
        copy.event_id = id.to_owned();
        copy.delivery = Some(delivery);
        copy.content_id = Some("same".to_owned());
        copy
    };
    let count = |copies: Vec<Event>| facts(copies).activity_events;
    assert_eq!(count(vec![copy(Delivery::Api, "cw:1"), copy(Delivery::Export, "x0")]), Some(1));
    assert_eq!(count(vec![copy(Delivery::Api, "cw:1"), copy(Delivery::Export, "x0"), copy(Delivery::Export, "x1")]), Some(2));
    assert_eq!(count(vec![copy(Delivery::Api, "cw:1"), copy(Delivery::Api, "cw:2"), copy(Delivery::Export, "x0")]), Some(2));
}

/// A copy of the streaming event at 60 s that says the same wherever it was read.
fn delivered(source: &str, delivery: Delivery, ingested: Option<i64>) -> Event {
    let mut copy = event(EventKind::Stream, 60);
    copy.event_id = if delivery == Delivery::Api { "cw:1" } else { "x0" }.to_owned();
    copy.source = source.to_owned();
    copy.delivery = Some(delivery);
    copy.content_id = Some("same".to_owned());
    copy.ingestion_time = ingested.map(t);
    copy
}

#[test]
fn every_source_that_holds_a_copy_of_the_last_activity_is_known() {
    let sources = |copies: Vec<Event>| facts(copies).activity_sources;
    let (api, export) = (|source| delivered(source, Delivery::Api, Some(61)), |source| delivered(source, Delivery::Export, None));
    assert_eq!(sources(vec![api("b"), api("a"), export("d"), export("c"), export("d")]), ["a", "b", "c", "d"]);
    let mut before = event(EventKind::Stream, 59);
    before.source = "before".to_owned();
    let mut beside = event(EventKind::Stream, 60);
    (beside.event_id, beside.source) = ("cw:2".to_owned(), "e".to_owned());
    assert_eq!(sources(vec![before.clone(), api("a"), beside]), ["a", "e"]);
    assert_eq!(sources(vec![before, event(EventKind::Upload, 70)]), ["before"]);
    assert_eq!(sources(vec![start()]), [""; 0]);
}

#[test]
fn a_copy_that_shows_its_ingestion_counts_before_one_that_does_not() {
    // Both have the same id: an answer of GetLogEvents without ingestion times, kept under the smaller name, would hide that the time is false.
    let mut false_time = delivered("b", Delivery::Export, Some(10));
    false_time.event_time = None;
    let facts = facts(vec![delivered("a", Delivery::Export, None), false_time]);
    assert_eq!((facts.activity_events, facts.streamed), (None, true));
}

#[test]
fn a_footer_is_no_stamp_beside_a_header_in_another_text() {
    let parts =
        |kinds: &[(EventKind, i64)]| facts(kinds.iter().map(|(kind, at)| event(*kind, *at)).chain([start(), event(EventKind::UploadAtEnd, 1_010)]).collect());
    // The first part has the header; the one in the middle ends in a footer that somebody typed.
    let forged = parts(&[(EventKind::Stamp, 1_000), (EventKind::DoneStamp, 100)]);
    assert_eq!((forged.ended_at, forged.end_method), (Some(t(1_000)), Some(EndMethod::Transcript)));
    assert_eq!(parts(&[(EventKind::DoneStamp, 1_005), (EventKind::DoneStamp, 1_004)]).ended_at, Some(t(1_004)), "footers alone");
    assert_eq!(parts(&[(EventKind::Stamp, 1_002), (EventKind::Stamp, 1_001)]).ended_at, Some(t(1_001)));
}

#[test]
fn the_tail_is_that_of_the_last_text_and_of_the_last_activity() {
    let text = |at: i64, part: i64, exits: bool| {
        let mut text = event(EventKind::UploadAtEnd, at);
        (text.event_id, text.exit_line) = (format!("part {part}"), Some(exits));
        text
    };
    assert!(!facts(vec![start(), text(500, 1, true), text(501, 2, false)]).exit_line, "a part in the middle ended so by chance");
    assert!(facts(vec![start(), text(500, 1, false), text(501, 2, true)]).exit_line);
    assert!(facts(vec![start(), text(500, 1, true), text(500, 2, false)]).exit_line, "of parts at once nobody knows which is the last");
    let output = |at: i64, exits: bool| Event { kind: EventKind::Stream, ..text(at, at, exits) };
    assert!(!facts(vec![start(), output(500, true), output(501, false)]).exit_line);
    assert!(facts(vec![start(), output(500, false), output(501, true), text(600, 1, false)]).exit_line);
}

#[test]
fn an_attribute_is_that_of_the_best_evidence_that_has_it() {
    let mut older = listed(EventKind::ListedActive, 100, 0, None, "Connected");
    (older.target_id, older.reason) = (Some("i-1".to_owned()), Some("older".to_owned()));
    let mut newer = event(EventKind::ListedActive, 200);
    newer.reason = Some("newer".to_owned());
    let listings = facts(vec![older.clone(), newer.clone()]);
    assert_eq!(
        (listings.target_id.as_deref(), listings.reason.as_deref(), listings.service_status.as_deref()),
        (Some("i-1"), Some("newer"), Some("Connected"))
    );
    // ECS calls StartSession in turn, which knows the target.
    let mut execute = start();
    (execute.event_id, execute.event_name) = ("ct:ecs".to_owned(), Some("ExecuteCommand".to_owned()));
    let mut started = event(EventKind::StartCall, 1);
    started.target_id = Some("ecs:a_b_c".to_owned());
    let calls = facts(vec![execute, started, older, newer]);
    assert_eq!((calls.target_id.as_deref(), calls.reason.as_deref(), calls.ecs), (Some("ecs:a_b_c"), Some("newer"), true));
}

#[test]
fn evidence_without_a_key_joins_the_only_one_there_is() {
    let mut upload = event(EventKind::Upload, 500);
    (upload.account_id, upload.region) = (None, None);
    (upload.source_account_id, upload.source_region) = (Some("999999999999".to_owned()), Some("eu-west-1".to_owned()));
    assert_eq!(facts(vec![upload.clone(), start()]).ended_at, Some(t(500)));

    let alone = facts(vec![upload.clone()]);
    assert_eq!((alone.account_id.as_deref(), alone.started_at), (Some("999999999999"), None));

    let mut elsewhere = start();
    (elsewhere.event_id, elsewhere.account_id) = ("ct:elsewhere".to_owned(), Some("222222222222".to_owned()));
    let three = reconstruct(vec![upload, start(), elsewhere], None);
    assert_eq!(three.len(), 3, "two accounts know the id and the configuration names a third: nothing is guessed");
}

#[test]
fn a_node_time_that_cannot_be_true_ties_and_proves_nothing() {
    let mut early = event(EventKind::Stream, 0);
    (early.event_time, early.ingestion_time) = (None, Some(t(50)));
    early.target_id = Some("i-1".to_owned());
    let facts = facts(vec![early]);
    assert_eq!((facts.started_at, facts.activity_events, facts.target_id.as_deref()), (None, None, Some("i-1")));
    assert!(facts.has_transcript);
}

#[test]
fn as_of_hides_what_is_dated_later_and_keeps_what_was_learned_later() {
    let events = vec![start(), event(EventKind::TerminateCall, 900), listed(EventKind::ListedHistory, 5_000, 1, Some(905), "Terminated")];
    let early = reconstruct(events.clone(), Some(t(903))).pop().unwrap();
    assert_eq!((early.started_at, early.ended_at, early.end_method), (Some(t(1)), Some(t(900)), Some(EndMethod::TerminateCall)));
    assert_eq!(early.service_status, None, "the listing itself was observed later");
    assert!(reconstruct(events, Some(t(-1))).is_empty());
}

#[test]
fn a_ghost_is_listed_disconnected_with_nothing_after() {
    let ghost = |extra: Vec<Event>| facts([vec![listed(EventKind::ListedActive, 100, 0, None, "Disconnected")], extra].concat()).ghost;
    assert!(ghost(vec![]));
    assert!(ghost(vec![event(EventKind::Stream, 100)]));
    assert!(!ghost(vec![event(EventKind::Stream, 101)]));
    assert!(!ghost(vec![event(EventKind::ResumeCall, 101)]));
    assert!(!ghost(vec![listed(EventKind::ListedActive, 200, 0, None, "Connected")]));
}

fn any_event() -> impl Strategy<Value = Event> {
    (0..EventKind::ALL.len(), 0..400_i64, 0..3_u8, any::<bool>(), 0..2_u8).prop_map(|(kind, at, place, copied, order)| {
        let mut any = event(EventKind::ALL[kind], at);
        any.event_id = format!("{}-{at}-{place}-{copied}", any.kind.as_str());
        any.object = format!("object-{order}");
        if place == 0 {
            (any.account_id, any.region) = (None, None);
        } else {
            any.account_id = Some(format!("{place}{place}{place}"));
        }
        if matches!(any.kind, EventKind::ListedActive | EventKind::ListedHistory) {
            (any.listed_start, any.listed_end) = (Some(t(at / 2)), copied.then(|| t(at)));
            any.service_status = Some(if copied { "Terminated" } else { "Connected" }.to_owned());
        }
        any
    })
}

proptest! {
    #[test]
    fn neither_order_nor_copies_make_a_difference(events in prop::collection::vec(any_event(), 1..40), seed in any::<u64>(), as_of in prop::option::of(0..400_i64)) {
        let straight = reconstruct(events.clone(), as_of.map(t));
        let copied = shuffled(events.iter().chain(&events).cloned().collect(), seed);
        prop_assert_eq!(straight, reconstruct(copied, as_of.map(t)));
    }

    #[test]
    fn bounds_hold_the_estimate(events in prop::collection::vec(any_event(), 1..40)) {
        for facts in reconstruct(events, None) {
            if let (Some(at), Some(before)) = (facts.ended_at, facts.ended_before) {
                prop_assert!(at <= before);
            }
            if let (Some(after), Some(before)) = (facts.ended_after, facts.ended_before) {
                prop_assert!(after <= before, "{facts:?}");
            }
        }
    }

    #[test]
    fn cutting_the_events_is_the_same_as_cutting_the_facts(events in prop::collection::vec(any_event(), 1..40), as_of in 0..400_i64) {
        // Where no listing reaches back, what is dated later might as well not be there.
        let events: Vec<Event> = events.into_iter().filter(|event| event.listed_start.is_none() && event.account_id.is_some()).collect();
        let kept: Vec<Event> = events.iter().filter(|event| event.event_time <= Some(t(as_of))).cloned().collect();
        prop_assert_eq!(reconstruct(events, Some(t(as_of))), reconstruct(kept, None));
    }
}
