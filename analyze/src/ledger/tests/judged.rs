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
    let bench = Bench { context: Context::empty(at("23:00")), policy: Arc::new(Policy::none()), fleet };
    let rows = bench.sessions(reconstruct(events, None), &table::SESSIONS.schema()).unwrap();
    assert_eq!(rows.num_rows(), 1);
    rows
}

fn column(row: &RecordBatch, name: &str) -> ArrayRef {
    Arc::clone(row.column_by_name(name).unwrap())
}

fn text(row: &RecordBatch, name: &str) -> Option<String> {
    let column = column(row, name);
    column.is_valid(0).then(|| column.as_string::<i32>().value(0).to_owned())
}

fn start() -> Event {
    event(EventKind::StartCall, "10:00")
}

#[test]
fn a_termination_is_corroborated_by_what_the_instance_did_within_five_minutes() {
    let terminated = || vec![start(), event(EventKind::TerminateCall, "12:00")];
    let with = |more: Event| [terminated(), vec![more]].concat();
    for (what, events, expected) in [
        ("nothing beside it", terminated(), Some(false)),
        ("a stamp soon after", with(event(EventKind::Stamp, "12:01")), Some(true)),
        ("an upload five minutes after", with(event(EventKind::Upload, "12:05")), Some(true)),
        ("an upload later than that", with(event(EventKind::Upload, "12:06")), Some(false)),
        ("a streaming event five minutes before", with(event(EventKind::Stream, "11:55")), Some(true)),
        ("a streaming event before that", with(event(EventKind::Stream, "11:54")), Some(false)),
        ("no termination", vec![start(), event(EventKind::Stamp, "12:00")], None),
        ("no end at all", vec![start()], None),
    ] {
        let corroborated = column(&row(events, Fleet::default()), "terminate_corroborated");
        assert_eq!(corroborated.is_valid(0).then(|| corroborated.as_boolean().value(0)), expected, "{what}");
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
        assert_eq!(text(&called, "principal_name").as_deref(), expected, "{arn}");
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
        ["environment", "owner", "cost_center", "tags"].map(|name| text(&row, name).unwrap_or_else(|| "null".to_owned()))
    };
    assert_eq!(told(Some("i-1"), EventKind::StartCall), ["prod", "a", "null", r#"{"Environment":"prod","Owner":"a"}"#]);
    assert_eq!(told(Some("i-2"), EventKind::StartCall), ["null", "null", "null", "{}"], "seen only later, and without tags");
    assert_eq!(told(Some("i-3"), EventKind::StartCall), ["null"; 4], "no snapshot names it");
    assert_eq!(told(None, EventKind::StartCall), ["null"; 4], "no target");
    assert_eq!(told(Some("i-1"), EventKind::ResumeCall), ["null"; 4], "no start");
}
