//! Rows of `sessions`, column by column, worked out by hand.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use policy::Policy;
use schemas::{Event, EventKind, table};
use sessions::conclude::Context;
use sessions::reconstruct::reconstruct;

use super::world::{ACCOUNT, REGION, at, event};
use crate::ledger::fleet::Fleet;
use crate::ledger::row::Bench;

/// The one row that these events give.
fn row(events: Vec<Event>, fleet: Fleet) -> RecordBatch {
    ruled(events, fleet, Policy::none())
}

fn ruled(events: Vec<Event>, fleet: Fleet, policy: Policy) -> RecordBatch {
    let bench = Bench { context: Context::empty(at("23:00")), policy: Arc::new(policy), fleet };
    let rows = bench.sessions(reconstruct(events, None), &table::SESSIONS.schema()).unwrap();
    assert_eq!(rows.num_rows(), 1);
    rows
}

fn column(row: &RecordBatch, name: &str) -> ArrayRef {
    Arc::clone(row.column_by_name(name).unwrap())
}

fn text_of(row: &RecordBatch, name: &str) -> Option<String> {
    let column = column(row, name);
    column.is_valid(0).then(|| column.as_string::<i32>().value(0).to_owned())
}

fn start() -> Event {
    event(EventKind::StartCall, "10:00")
}

/// Of a session that may last an hour: whether only a call proves the violation, and the tier of what proves it.
fn proven(events: Vec<Event>) -> (Option<bool>, Option<String>) {
    let text = "[[policy]]\neffective_from = \"2026-01-01T00:00:00Z\"\n[policy.default]\nmax_duration = \"1h\"\n";
    let row = ruled(events, Fleet::default(), Policy::parse(text, "policy.toml").unwrap().0);
    let uncorroborated = column(&row, "over_limit_uncorroborated");
    (uncorroborated.is_valid(0).then(|| uncorroborated.as_boolean().value(0)), text_of(&row, "over_limit_evidence_tier"))
}

#[test]
fn a_violation_rests_on_the_strongest_of_what_proves_it() {
    let terminated = || vec![start(), event(EventKind::TerminateCall, "12:00")];
    let stamped = || vec![start(), event(EventKind::Stamp, "12:00")];
    let listed = |clock: &str, status: &str| Event { service_status: Some(status.to_owned()), ..event(EventKind::ListedActive, clock) };
    let with = |events: Vec<Event>, more: Event| [events, vec![more]].concat();
    for (what, events, expected) in [
        ("a call, and nothing beside it", terminated(), (Some(true), Some("A"))),
        ("a stamp soon after", with(terminated(), event(EventKind::Stamp, "12:01")), (Some(false), Some("A"))),
        ("an upload five minutes after", with(terminated(), event(EventKind::Upload, "12:05")), (Some(false), Some("A"))),
        ("an upload later than that", with(terminated(), event(EventKind::Upload, "12:06")), (Some(true), Some("A"))),
        ("a streaming event five minutes before", with(terminated(), event(EventKind::Stream, "11:55")), (Some(false), Some("A"))),
        (
            "a streaming event before that, which is no company, and proves it itself",
            with(terminated(), event(EventKind::Stream, "11:54")),
            (Some(false), Some("A")),
        ),
        ("a streaming event from within the limit", with(terminated(), event(EventKind::Stream, "11:03")), (Some(true), Some("A"))),
        ("a listing that proves it", with(terminated(), listed("11:03", "Connected")), (Some(false), Some("A"))),
        ("a listing within limit and grace", with(terminated(), listed("11:02", "Connected")), (Some(true), Some("A"))),
        ("a listing of a client that is gone", with(terminated(), listed("11:30", "Disconnected")), (Some(true), Some("A"))),
        ("a stamp alone", stamped(), (Some(false), Some("C"))),
        ("a listing before the stamp", with(stamped(), listed("11:30", "Connected")), (Some(false), Some("B"))),
        ("a listing within the limit before the stamp", with(stamped(), listed("10:30", "Connected")), (Some(false), Some("C"))),
        ("a resume before the stamp", with(stamped(), event(EventKind::ResumeCall, "11:30")), (Some(false), Some("A"))),
        ("no end at all: only possible", vec![start()], (None, None)),
    ] {
        assert_eq!(proven(events), (expected.0, expected.1.map(str::to_owned)), "{what}");
    }
}

#[test]
fn a_principal_is_called_by_what_follows_the_last_slash() {
    for (arn, expected) in [
        ("arn:aws:sts::111122223333:assumed-role/Admin/jane", Some("jane")),
        ("arn:aws:iam::111122223333:user/path/to/jane", Some("jane")),
        ("arn:aws:iam::111122223333:root", Some("root")),
        ("arn:aws:iam::111122223333:user/", None),
        ("arn:aws:iam::111122223333:federated-user", None),
        ("jane", None),
        ("arn:aws:sts::111122223333:assumed-role/a:root", Some("a:root")),
    ] {
        let called = row(vec![Event { principal_arn: Some(arn.to_owned()), ..start() }], Fleet::default());
        assert_eq!(text_of(&called, "principal_name").as_deref(), expected, "{arn}");
    }
}

#[test]
fn tags_are_those_of_the_target_as_last_seen_before_the_start() {
    let told = |target: Option<&str>, kind| {
        let mut fleet = Fleet::new([(ACCOUNT, REGION, at("09:00")), (ACCOUNT, REGION, at("11:00"))].into_iter());
        fleet.observe(ACCOUNT, REGION, "i-1", at("09:00"), Some(r#"{"Environment":"prod","Owner":"a"}"#));
        fleet.observe(ACCOUNT, REGION, "i-1", at("11:00"), Some(r#"{"Owner":"b"}"#));
        fleet.observe(ACCOUNT, REGION, "i-2", at("11:00"), None);
        let row = row(vec![Event { target_id: target.map(str::to_owned), ..event(kind, "10:00") }], fleet);
        ["environment", "owner", "cost_center", "tags"].map(|name| text_of(&row, name).unwrap_or_else(|| "null".to_owned()))
    };
    assert_eq!(told(Some("i-1"), EventKind::StartCall), ["prod", "a", "null", r#"{"Environment":"prod","Owner":"a"}"#]);
    assert_eq!(told(Some("i-2"), EventKind::StartCall), ["null", "null", "null", "{}"], "seen only later, and without tags");
    assert_eq!(told(Some("i-3"), EventKind::StartCall), ["null"; 4], "no snapshot names it");
    assert_eq!(told(None, EventKind::StartCall), ["null"; 4], "no target");
    assert_eq!(told(Some("i-1"), EventKind::ResumeCall), ["null"; 4], "no start");
}
