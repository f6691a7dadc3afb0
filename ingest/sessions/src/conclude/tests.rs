//! Small worlds worked out by hand: times are seconds after an arbitrary zero.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use schemas::{Event, EventKind, Tier};

use super::{Certainty, Conclusion, Context, Limits, Pattern, Place, Preferences, Reason, Status, conclude, judge};
use crate::reconstruct::{EndMethod, Facts, reconstruct};
use crate::world::{event, t};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn facts(events: Vec<Event>) -> Facts {
    reconstruct(events, None).pop().unwrap()
}

fn context(as_of: i64, complete_active: &[i64], preferences: &[(i64, i64, Option<i64>)]) -> Context {
    let place = Place {
        complete_active: complete_active.iter().map(|at| t(*at)).collect(),
        preferences: preferences
            .iter()
            .map(|(at, idle_seconds, max_seconds)| Preferences { observed_at: t(*at), idle_seconds: *idle_seconds, max_seconds: *max_seconds, logs: true })
            .collect(),
        session_types: HashMap::new(),
        document_logs: HashMap::new(),
    };
    let key = (Some("111122223333".to_owned()), Some("eu-central-1".to_owned()));
    Context { as_of: t(as_of), places: HashMap::from([(key, place)]), newest_of_source: HashMap::new() }
}

fn named(at: i64, status: &str) -> Event {
    let mut listing = event(EventKind::ListedActive, at);
    listing.service_status = Some(status.to_owned());
    listing
}

fn start() -> Event {
    event(EventKind::StartCall, 0)
}

fn limits(max: i64, idle: i64) -> Limits {
    Limits { max_duration_seconds: Some(max), idle_timeout_seconds: Some(idle), grace_seconds: 120, break_glass: false, automation: false }
}

#[test]
fn a_start_that_nothing_follows_is_possible_and_never_certain() {
    let facts = facts(vec![start()]);
    let open = conclude(&facts, &context(10 * HOUR, &[], &[]));
    assert_eq!((open.status, open.ended_after, open.ended_before, open.ended_before_inferred), (Status::Open, Some(t(0)), Some(t(30 * DAY)), Some(true)));
    let verdict = judge(&facts, &open, &limits(8 * HOUR, HOUR), t(10 * HOUR)).over_limit.unwrap();
    assert_eq!((verdict.at, verdict.certain, verdict.seconds), (t(8 * HOUR), false, None));
    assert!(judge(&facts, &open, &limits(10 * HOUR, HOUR), t(10 * HOUR)).over_limit.is_none());

    let lost = conclude(&facts, &context(31 * DAY, &[], &[]));
    assert_eq!(lost.status, Status::Lost);
}

#[test]
fn the_preferences_maximum_bounds_what_no_listing_does() {
    let facts = facts(vec![start(), event(EventKind::ResumeCall, 2 * HOUR)]);
    let bound = |preferences: &[(i64, i64, Option<i64>)]| conclude(&facts, &context(10 * HOUR, &[], preferences)).ended_before;
    assert_eq!(bound(&[(-10, 1_200, Some(4 * HOUR)), (10, 1_200, Some(HOUR))]), Some(t(4 * HOUR + 60)), "what was observed last before the start");
    assert_eq!(bound(&[(-10, 1_200, Some(HOUR))]), Some(t(30 * DAY)), "alive after the maximum: the maximum is disproved");
    assert_eq!(bound(&[(-10, 1_200, None)]), Some(t(30 * DAY)));
}

#[test]
fn the_first_complete_listing_without_it_is_an_upper_bound_that_was_seen() {
    let facts = facts(vec![start(), named(100, "Connected"), named(200, "Disconnected")]);
    let ended = |complete: &[i64]| {
        let conclusion = conclude(&facts, &context(1_000, complete, &[]));
        (conclusion.status, conclusion.ended_after, conclusion.ended_before, conclusion.ended_before_inferred)
    };
    assert_eq!(ended(&[100, 200, 300, 400]), (Status::Lost, Some(t(100)), Some(t(300)), Some(false)));
    assert_eq!(ended(&[100, 200]), (Status::Open, Some(t(100)), None, None), "the newest listing names it");
}

#[test]
fn a_ghost_that_was_last_proved_alive_within_its_limit_is_never_more_than_possible() {
    let facts = facts(vec![start(), named(HOUR, "Connected"), named(3 * DAY, "Disconnected")]);
    let conclusion = conclude(&facts, &context(3 * DAY, &[3 * DAY], &[]));
    assert!(facts.ghost);
    assert!(!judge(&facts, &conclusion, &limits(2 * HOUR, HOUR), t(3 * DAY)).over_limit.unwrap().certain);
}

#[test]
fn the_stream_ends_it_once_its_source_has_gone_on_for_longer_than_the_idle_timeout() {
    let facts = facts(vec![start(), event(EventKind::Stream, 500)]);
    let with_newest = |newest: i64, complete: &[i64]| {
        let mut context = context(DAY, complete, &[(-10, 600, None)]);
        context.newest_of_source.insert("world".to_owned(), t(newest));
        conclude(&facts, &context)
    };
    let ended = with_newest(500 + 600 + 60 + 1, &[]);
    assert_eq!(
        (ended.ended_at, ended.end_method, ended.ended_after, ended.ended_before),
        (Some(t(500)), Some(EndMethod::Stream), Some(t(380)), Some(t(1_160)))
    );
    assert_eq!(ended.ended_before_inferred, Some(true));
    assert_eq!(with_newest(500 + 600 + 60, &[]).ended_at, None, "not later than the sum");
    let still_listed = reconstruct(vec![start(), event(EventKind::Stream, 500), named(5_000, "Disconnected")], None).pop().unwrap();
    let mut context = context(DAY, &[5_000], &[]);
    context.newest_of_source.insert("world".to_owned(), t(DAY));
    assert_eq!(conclude(&still_listed, &context).status, Status::Open);
}

#[test]
fn a_stream_that_fell_silent_before_the_last_proof_of_life_is_no_end() {
    let facts = facts(vec![start(), event(EventKind::Stream, 500), named(DAY, "Connected")]);
    let mut context = context(3 * DAY, &[2 * DAY], &[]);
    context.newest_of_source.insert("world".to_owned(), t(3 * DAY));
    let conclusion = conclude(&facts, &context);
    assert_eq!((conclusion.ended_at, conclusion.ended_after, conclusion.ended_before), (None, Some(t(DAY)), Some(t(2 * DAY))));
}

#[test]
fn the_source_that_reaches_furthest_ends_a_stream() {
    let mut copy = event(EventKind::Stream, 500);
    (copy.content_id, copy.source) = (Some("same".to_owned()), "other".to_owned());
    let mut kept = copy.clone();
    kept.source = "a".to_owned();
    let facts = facts(vec![start(), kept, copy]);
    let ended = |newest: &[(&str, i64)]| {
        let mut context = context(DAY, &[], &[(-10, 600, None)]);
        context.newest_of_source.extend(newest.iter().map(|(source, at)| ((*source).to_owned(), t(*at))));
        conclude(&facts, &context).ended_at
    };
    assert_eq!(ended(&[("a", 500), ("other", 1_161)]), Some(t(500)));
    assert_eq!(ended(&[("a", 500), ("other", 1_160), ("elsewhere", DAY)]), None);
}

#[test]
fn many_listings_are_searched() {
    let every_minute: Vec<i64> = (0..20_000).map(|n| n * 60).collect();
    let listings = every_minute.iter().filter(|at| **at != 600_000).map(|at| named(*at, "Disconnected")).chain([start()]).collect();
    let facts = facts(listings);
    // The newest listing no longer names it; the first complete one that did not, did so in the middle.
    let mut complete = every_minute;
    complete.push(20_000 * 60);
    let conclusion = conclude(&facts, &context(20_001 * 60, &complete, &[]));
    assert_eq!((conclusion.status, conclusion.ended_before, conclusion.ended_before_inferred), (Status::Lost, Some(t(600_000)), Some(false)));
}

#[test]
fn over_the_limit_begins_after_the_grace_and_counts_from_the_limit() {
    let at = |end: i64| {
        let facts = facts(vec![start(), event(EventKind::TerminateCall, end)]);
        let conclusion = conclude(&facts, &context(10 * DAY, &[], &[]));
        judge(&facts, &conclusion, &limits(HOUR, HOUR), t(10 * DAY)).over_limit
    };
    assert_eq!(at(HOUR + 120), None);
    let over = at(HOUR + 121).unwrap();
    assert_eq!((over.at, over.certain, over.seconds, over.tier), (t(HOUR), true, Some(121.0), Some(Tier::A)));
}

#[test]
fn why_it_ended() {
    let listed_end = |end: i64| {
        let mut listing = event(EventKind::ListedHistory, DAY);
        listing.listed_end = Some(t(end));
        listing
    };
    let reason = |events: Vec<Event>| conclude(&facts(events), &context(2 * DAY, &[], &[(-10, 600, Some(HOUR))])).reason;
    let by = |arn: &str, kind, at| {
        let mut call = event(kind, at);
        call.principal_arn = Some(arn.to_owned());
        call
    };
    let start = || by("jane", EventKind::StartCall, 0);
    assert_eq!(reason(vec![start(), by("jane", EventKind::TerminateCall, 500)]), (Reason::TerminatedByOwner, Certainty::Proven));
    assert_eq!(reason(vec![start(), by("admin", EventKind::TerminateCall, 500)]), (Reason::TerminatedByOther, Certainty::Proven));
    assert_eq!(reason(vec![start(), listed_end(HOUR + 60)]), (Reason::MaxDuration, Certainty::Inferred));
    assert_eq!(reason(vec![start(), listed_end(HOUR + 61)]), (Reason::Unknown, Certainty::Unknown));
    assert_eq!(reason(vec![start(), event(EventKind::Stream, 100), listed_end(700)]), (Reason::IdleTimeout, Certainty::Inferred));
    assert_eq!(reason(vec![start(), event(EventKind::Stream, 100), listed_end(699)]), (Reason::Unknown, Certainty::Unknown));
    let mut left = event(EventKind::Stream, 100);
    left.exit_line = Some(true);
    assert_eq!(reason(vec![start(), left, listed_end(700)]), (Reason::Exit, Certainty::Inferred));
}

#[test]
fn the_first_gap_beyond_limit_and_grace_is_the_breach_and_the_last_makes_a_forgotten_terminal() {
    let ended = |streams: &[i64], end: i64| {
        let events = streams.iter().map(|at| event(EventKind::Stream, *at)).chain([start(), event(EventKind::TerminateCall, end)]).collect();
        let facts = facts(events);
        let conclusion: Conclusion = conclude(&facts, &context(DAY, &[], &[]));
        let verdict = judge(&facts, &conclusion, &limits(8 * HOUR, 600), t(DAY));
        (verdict.idle_breach_at.zip(verdict.idle_breach_until), verdict.longest_idle_seconds, verdict.pattern)
    };
    assert_eq!(ended(&[100, 820], 900), (None, Some(720.0), None), "720 s is limit and grace, not longer");
    assert_eq!(ended(&[100, 821, 2_000], 2_100), (Some((t(700), t(821))), Some(1_179.0), None), "the first gap, not the longest");
    assert_eq!(ended(&[100, 200], 921), (Some((t(800), t(921))), Some(721.0), Some(Pattern::ForgottenTerminal)));
    assert_eq!(ended(&[], 5_000), (None, None, None), "without streaming events nothing is known of idleness");
}

#[test]
fn outlived_a_stricter_policy() {
    let facts = facts(vec![start(), event(EventKind::TerminateCall, 6 * HOUR)]);
    let conclusion = conclude(&facts, &context(DAY, &[], &[]));
    let own = limits(8 * HOUR, HOUR);
    let outlived = |effective: i64, later: i64| conclusion.outlived_at(t(0), &own, t(effective), Some(later));
    assert_eq!(outlived(HOUR, 2 * HOUR), Some(t(2 * HOUR)), "over at two hours");
    assert_eq!(outlived(5 * HOUR, 2 * HOUR), Some(t(5 * HOUR)), "over as soon as the version is in force");
    assert_eq!(outlived(6 * HOUR - 120, 2 * HOUR), None, "gone within the grace");
    assert_eq!(outlived(HOUR, 9 * HOUR), None, "not stricter");
}

#[test]
fn what_became_of_the_transcript() {
    let of = |events: Vec<Event>, preferences: &[(i64, i64, Option<i64>)], as_of| conclude(&facts(events), &context(as_of, &[], preferences)).transcript;
    let ended = || vec![start(), event(EventKind::TerminateCall, 500)];
    assert_eq!(of(ended(), &[(-1, 600, None)], 500 + HOUR), "missing");
    assert_eq!(of(ended(), &[(-1, 600, None)], 499 + HOUR), "unknown");
    assert_eq!(of(ended(), &[], DAY), "unknown");
    assert_eq!(of([ended(), vec![event(EventKind::Upload, 510)]].concat(), &[], DAY), "present");
    let mut forwarded = start();
    forwarded.document_name = Some("AWS-StartPortForwardingSession".to_owned());
    assert_eq!(of(vec![forwarded], &[(-1, 600, None)], DAY), "not_loggable");
}

#[test]
fn every_form_of_session_type() {
    let mut context = context(DAY, &[], &[]);
    let place = context.places.values_mut().next().unwrap();
    for (document, session_type) in
        [("Std", "Standard_Stream"), ("Cmd", "InteractiveCommands"), ("Once", "NonInteractiveCommands"), ("Fwd", "Port"), ("Odd", "?")]
    {
        place.session_types.insert(document.to_owned(), session_type.to_owned());
    }
    let of = |document: Option<&str>, target: &str, more: Vec<Event>| {
        let mut start = start();
        (start.document_name, start.target_id) = (document.map(str::to_owned), Some(target.to_owned()));
        conclude(&facts([vec![start], more].concat()), &context).session_type
    };
    for (document, expected) in [
        ("SSM-SessionManagerRunShell", "shell"),
        ("AWS-StartInteractiveCommand", "command"),
        ("AWS-StartNonInteractiveCommand", "command"),
        ("AWS-StartPortForwardingSession", "port"),
        ("AWS-StartPortForwardingSessionToRemoteHost", "port"),
        ("AWS-StartSSHSession", "ssh"),
        ("Std", "shell"),
        ("Cmd", "command"),
        ("Once", "command"),
        ("Fwd", "port"),
        ("Odd", "unknown"),
        ("Never-Seen", "unknown"),
    ] {
        assert_eq!(of(Some(document), "i-1", vec![]), expected, "{document}");
    }
    assert_eq!(of(Some("Fwd"), "ecs:cluster_task_runtime", vec![]), "ecs", "the target speaks first");
    assert_eq!((of(None, "i-1", vec![]), of(None, "i-1", vec![event(EventKind::Stream, 5)])), ("unknown", "shell"));
    assert_eq!(of(Some("Never-Seen"), "i-1", vec![event(EventKind::Stream, 5)]), "shell");
    let mut executed = start();
    (executed.event_name, executed.document_name) = (Some("ExecuteCommand".to_owned()), None);
    assert_eq!(conclude(&facts(vec![executed]), &context).session_type, "ecs");
}

#[test]
fn a_failed_session_keeps_its_times() {
    let mut listing = event(EventKind::ListedHistory, DAY);
    (listing.listed_start, listing.listed_end, listing.service_status) = (Some(t(0)), Some(t(1)), Some("Failed".to_owned()));
    let conclusion = conclude(&facts(vec![listing.clone()]), &context(2 * DAY, &[], &[]));
    assert_eq!((conclusion.status, conclusion.ended_at, conclusion.end_method), (Status::Failed, Some(t(1)), Some(EndMethod::History)));
    listing.listed_end = None;
    assert_eq!(conclude(&facts(vec![listing]), &context(2 * DAY, &[], &[])).status, Status::Failed, "without an end as well");
}

#[test]
fn the_tier_is_of_the_fact_that_fixed_the_end_and_of_the_one_that_proved_it_alive() {
    let tiers = |events: Vec<Event>| {
        let conclusion = conclude(&facts([vec![start()], events].concat()), &context(DAY, &[], &[]));
        (conclusion.end_method, conclusion.evidence_tier, conclusion.life_tier)
    };
    let (a, b, c) = (Some(Tier::A), Some(Tier::B), Some(Tier::C));
    assert_eq!(tiers(vec![event(EventKind::TerminateCall, 900)]), (Some(EndMethod::TerminateCall), a, a));
    assert_eq!(tiers(vec![event(EventKind::Stamp, 900)]), (Some(EndMethod::Transcript), c, c), "the stamp less 120 s was the later");
    assert_eq!(tiers(vec![event(EventKind::Stamp, 100)]), (Some(EndMethod::Transcript), c, a), "the start was the later");
    assert_eq!(tiers(vec![event(EventKind::ResumeCall, 850), event(EventKind::Stamp, 900)]), (Some(EndMethod::Transcript), c, a));
    assert_eq!(tiers(vec![named(850, "Connected"), event(EventKind::Upload, 900)]), (Some(EndMethod::Upload), b, b));
    assert_eq!(tiers(vec![event(EventKind::UploadAtEnd, 900)]), (Some(EndMethod::Upload), c, a));
    assert_eq!(tiers(vec![event(EventKind::UploadAtEnd, 900), event(EventKind::Upload, 900)]), (Some(EndMethod::Upload), b, a), "of equal times the stronger");
    assert_eq!(tiers(vec![named(850, "Connected")]), (None, None, b));
    // Both a listing and a resume at once: the stronger.
    assert_eq!(tiers(vec![named(850, "Connected"), event(EventKind::ResumeCall, 850)]), (None, None, a));
    let mut listing = event(EventKind::ListedHistory, DAY);
    listing.listed_end = Some(t(900));
    assert_eq!(tiers(vec![listing]), (Some(EndMethod::History), b, b));
}

#[test]
fn possible_by_the_upper_bound_where_it_is_over() {
    let facts = facts(vec![start()]);
    let over = |listing: i64| judge(&facts, &conclude(&facts, &context(10 * DAY, &[listing], &[])), &limits(HOUR, HOUR), t(10 * DAY)).over_limit;
    assert_eq!(over(HOUR + 120), None, "gone by limit and grace");
    let possible = over(HOUR + 121).unwrap();
    assert_eq!((possible.at, possible.certain, possible.seconds, possible.tier), (t(HOUR), false, None, None));
}

#[test]
fn break_glass_before_automation_before_a_forgotten_terminal() {
    let told = |limits: Limits, end: i64| {
        let facts = facts(vec![start(), event(EventKind::Stream, 100), event(EventKind::TerminateCall, end)]);
        judge(&facts, &conclude(&facts, &context(DAY, &[], &[])), &limits, t(DAY)).pattern
    };
    let own = limits(HOUR, 600);
    let (glass, automation) = (Limits { break_glass: true, ..own }, Limits { automation: true, ..own });
    assert_eq!(told(Limits { automation: true, ..glass }, 2 * HOUR), Some(Pattern::BreakGlassLeftOpen));
    assert_eq!(told(automation, 2 * HOUR), Some(Pattern::ZombieAutomation));
    assert_eq!(told(own, 2 * HOUR), Some(Pattern::ForgottenTerminal));
    // Within the limit nothing is certain: both are what their last gap says.
    assert_eq!((told(glass, HOUR), told(automation, HOUR)), (Some(Pattern::ForgottenTerminal), Some(Pattern::ForgottenTerminal)));
    assert_eq!((told(glass, 200), told(automation, 200)), (None, None));
}

#[test]
fn no_transcript_is_expected_where_the_preferences_log_nowhere() {
    let mut nowhere = context(DAY, &[], &[(-1, 600, None)]);
    nowhere.places.values_mut().next().unwrap().preferences[0].logs = false;
    let ended = vec![start(), event(EventKind::TerminateCall, 500)];
    assert_eq!(conclude(&facts(ended.clone()), &nowhere).transcript, "not_expected");
    let mut later = context(DAY, &[], &[(1, 600, None)]);
    later.places.values_mut().next().unwrap().preferences[0].logs = false;
    assert_eq!(conclude(&facts(ended), &later).transcript, "unknown", "observed only after the start");
}

#[test]
fn a_transcript_is_expected_as_the_sessions_own_document_says() {
    let mut context = context(DAY, &[], &[(-1, 600, None)]);
    let place = context.places.values_mut().next().unwrap();
    place.document_logs.insert("Silent".to_owned(), vec![(t(-9), true), (t(-1), false), (t(9), true)]);
    place.document_logs.insert("Shown-Later".to_owned(), vec![(t(9), false)]);
    let of = |document: &str| {
        let start = Event { document_name: Some(document.to_owned()), ..start() };
        conclude(&facts(vec![start, event(EventKind::TerminateCall, 500)]), &context).transcript
    };
    assert_eq!((of("Silent"), of("Shown-Later"), of("Never-Shown")), ("not_expected", "not_expected", "missing"));
    assert_eq!(of("SSM-SessionManagerRunShell"), "missing");
    context.places.values_mut().next().unwrap().preferences[0].logs = false;
    let own = Event { document_name: Some("Silent".to_owned()), ..event(EventKind::StartCall, 10) };
    assert_eq!(
        conclude(&facts(vec![own, event(EventKind::TerminateCall, 500)]), &context).transcript,
        "missing",
        "it logs by then, whatever the preferences do"
    );
    let executed = Event { event_name: Some("ExecuteCommand".to_owned()), document_name: None, ..start() };
    let task = conclude(&facts(vec![executed, event(EventKind::TerminateCall, 500)]), &context);
    assert_eq!((task.session_type, task.transcript), ("ecs", "unknown"), "where tasks log is not asked");
}

#[test]
fn lines_from_outside_of_its_life_are_no_gaps_of_a_session() {
    let told = |streams: &[i64], end: i64| {
        let mut listing = event(EventKind::ListedHistory, DAY);
        (listing.listed_start, listing.listed_end) = (Some(t(0)), Some(t(end)));
        let events = streams.iter().map(|at| event(EventKind::Stream, *at)).chain([listing]).collect();
        let facts = facts(events);
        let verdict = judge(&facts, &conclude(&facts, &context(2 * DAY, &[], &[])), &limits(HOUR, 1_200), t(2 * DAY));
        assert_eq!(verdict.idle_breach_at, verdict.idle.first().map(|(from, _)| *from));
        (verdict.longest_idle_seconds, verdict.idle_breach_at)
    };
    assert_eq!(told(&[540, 4_000], 600), (Some(540.0), None), "a line from after the end");
    assert_eq!(told(&[-3_600, 300], 600), (Some(300.0), None), "and one from before the start");
    assert_eq!(told(&[100, 3_000, 9_000], 2_000), (Some(1_900.0), Some(t(1_300))), "the gap in which it ended ends with it");
}

#[test]
fn every_gap_beyond_limit_and_grace_is_told() {
    let streams = [300, 2_000, 3_000, 5_000].map(|at| event(EventKind::Stream, at));
    let facts = facts([vec![start(), event(EventKind::TerminateCall, 9_000)], streams.to_vec()].concat());
    let verdict = judge(&facts, &conclude(&facts, &context(DAY, &[], &[])), &limits(HOUR, 1_200), t(DAY));
    // 300→2000, 3000→5000 and 5000→9000; of 2000→3000 nothing is beyond the limit. The second is longer than all before, and so is the third.
    assert_eq!(verdict.idle, [(t(1_500), t(2_000)), (t(4_200), t(5_000)), (t(6_200), t(9_000))]);
    let shrinking = idle_of(&[4_000, 6_000, 7_400, 7_440], 7_500);
    // Each shorter than the one before it.
    assert_eq!(shrinking, [(t(1_200), t(4_000)), (t(5_200), t(6_000)), (t(7_200), t(7_400))]);
}

fn idle_of(streams: &[i64], end: i64) -> Vec<(schemas::Timestamp, schemas::Timestamp)> {
    let streams = streams.iter().map(|at| event(EventKind::Stream, *at));
    let facts = facts([start(), event(EventKind::TerminateCall, end)].into_iter().chain(streams).collect());
    judge(&facts, &conclude(&facts, &context(DAY, &[], &[])), &limits(HOUR, 1_200), t(DAY)).idle
}
