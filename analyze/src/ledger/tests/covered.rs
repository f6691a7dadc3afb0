//! Which instances the limits cover, table by table (ruling R29).

use policy::Policy;
use schemas::{Answer, Observation, Timestamp};

use super::world::{ACCOUNT, REGION, at, observation, preference};
use crate::ledger::coverage::{Roster, assess, counted, whole};
use crate::ledger::preferences::{Documents, Snapshot};

fn snapshot(clock: &str) -> Snapshot {
    (ACCOUNT.to_owned(), REGION.to_owned(), at(clock))
}

#[test]
fn of_each_day_the_newest_snapshot_counts_if_its_fleet_is_whole() {
    let day = |at: Timestamp| i32::try_from(at.micros() / 86_400_000_000).unwrap();
    let elsewhere = |clock: &str| Observation { region: "us-east-1".to_owned(), ..observation(Answer::Instances, clock) };
    let partial = |clock: &str| Observation { complete: false, ..observation(Answer::Instances, clock) };
    for (what, observations, expected) in [
        ("the newest", vec![observation(Answer::Instances, "08:00"), observation(Answer::Instances, "16:00")], vec!["16:00"]),
        ("not before it where that one has no fleet", vec![observation(Answer::Instances, "08:00"), observation(Answer::ListDocuments, "16:00")], vec![]),
        ("nor where its fleet is cut short", vec![observation(Answer::Instances, "08:00"), partial("16:00")], vec![]),
        ("nothing after as_of", vec![observation(Answer::Instances, "08:00"), observation(Answer::Instances, "20:01")], vec!["08:00"]),
        ("no listing of sessions", vec![observation(Answer::SessionsActive, "08:00")], vec![]),
    ] {
        let found = counted(&observations, at("20:00"), day);
        assert_eq!(found.keys().cloned().collect::<Vec<_>>(), expected.into_iter().map(snapshot).collect::<Vec<_>>(), "{what}");
    }
    let places = counted(&[observation(Answer::Instances, "08:00"), elsewhere("16:00")], at("20:00"), day);
    assert_eq!(places.len(), 2, "each account-region has a newest of its own");
    // In a zone where 08:00 and 16:00 are different dates, both are the newest of theirs.
    let halves = counted(&[observation(Answer::Instances, "08:00"), observation(Answer::Instances, "16:00")], at("20:00"), |at| {
        i32::try_from(at.micros() / 43_200_000_000).unwrap()
    });
    assert_eq!(halves.len(), 2);
    assert!(whole(&[partial("08:00")], Answer::Instances).is_empty());
}

/// Limits of 60 and 20 minutes.
fn policy() -> Policy {
    let text = "[[policy]]\neffective_from = \"2026-01-01T00:00:00Z\"\n[policy.default]\nmax_duration = \"60m\"\nidle_timeout = \"20m\"\n";
    Policy::parse(text, "policy.toml").unwrap().0
}

/// What becomes of one running instance that is online.
fn result(versions: &[(&str, Option<&str>, Option<&str>)], default: Option<&str>, lacks: bool, policy: &Policy) -> &'static str {
    let versions: Vec<_> = versions.iter().map(|(version, idle, maximum)| preference("10:00", version, *idle, *maximum)).collect();
    let documents = Documents { preferences: versions.iter().collect(), default_version: default.map(str::to_owned), lacks_preferences: lacks };
    let mut roster = Roster::default();
    roster.listed.insert("i-1".to_owned(), (Some("running".to_owned()), None));
    roster.managed.insert("i-1".to_owned(), Some("Online".to_owned()));
    assess(&snapshot("10:00"), &roster, true, Some(&documents), policy)[0].result
}

#[test]
fn the_first_cause_by_the_newest_and_the_default_version() {
    let policy = policy();
    let good = ("2", Some("20"), Some("60"));
    for (expected, versions, default) in [
        ("covered", vec![good], None),
        ("covered", vec![("1", None, None), good], None),
        ("covered", vec![("1", None, None), good], Some("2")),
        ("covered", vec![("2", None, Some("60"))], None),
        ("no_max_duration", vec![("1", None, None), good], Some("1")),
        ("not_assessed", vec![good], Some("1")),
        ("no_max_duration", vec![("2", Some("999"), None)], None),
        ("max_duration_too_long", vec![("2", Some("999"), Some("61"))], None),
        ("max_duration_too_long", vec![("2", Some("1"), Some("99999999999999999999"))], None),
        ("idle_timeout_too_long", vec![("2", Some("21"), Some("60"))], None),
        ("idle_timeout_too_long", vec![("1", Some("60"), Some("1")), good], Some("1")),
        ("not_assessed", vec![("2", Some("{{ssm:x}}"), Some("60"))], None),
        ("not_assessed", vec![("2", Some("20"), Some("an hour"))], None),
        ("not_assessed", vec![("1", Some("20"), Some("{{ssm:x}}")), good], Some("1")),
        ("not_assessed", vec![], None),
    ] {
        assert_eq!(result(&versions, default, false, &policy), expected, "{versions:?}, default {default:?}");
    }
    assert_eq!(result(&[], None, true, &policy), "no_max_duration", "without a document: 20 minutes and no maximum");
    assert_eq!(result(&[("1", Some("999"), Some("9999"))], None, false, &Policy::none()), "covered", "no policy in force: nothing is too long");
    assert_eq!(result(&[("1", Some("999"), None)], None, false, &Policy::none()), "no_max_duration");
}

#[test]
fn who_is_counted_and_who_is_managed() {
    let mut roster = Roster::default();
    for (id, state) in
        [("i-running", Some("running")), ("i-lost", Some("running")), ("i-unknown", Some("running")), ("i-stopped", Some("stopped")), ("i-null", None)]
    {
        roster.listed.insert(id.to_owned(), (state.map(str::to_owned), Some("{}".to_owned())));
    }
    for (id, ping) in
        [("i-running", Some("Online")), ("i-lost", Some("ConnectionLost")), ("i-stopped", Some("Online")), ("mi-1", Some("Online")), ("mi-2", None)]
    {
        roster.managed.insert(id.to_owned(), ping.map(str::to_owned));
    }
    let version = preference("10:00", "1", Some("20"), Some("60"));
    let documents = Documents { preferences: vec![&version], ..Documents::default() };
    let results = |nodes_answered| {
        let assessed = assess(&snapshot("10:00"), &roster, nodes_answered, Some(&documents), &policy());
        assessed.into_iter().map(|one| format!("{} {}", one.instance_id, one.result)).collect::<Vec<_>>()
    };
    assert_eq!(results(true), ["i-lost not_managed", "i-running covered", "i-unknown not_managed", "mi-1 covered", "mi-2 not_managed"]);
    // Without a whole answer about the nodes nothing can be told of any, those that it names included.
    assert!(results(false).iter().all(|one| one.ends_with(" not_assessed")) && results(false).len() == 5, "{:?}", results(false));
}
