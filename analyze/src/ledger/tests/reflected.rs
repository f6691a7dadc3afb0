//! While an ingest is under way, and after one was killed, the lake holds what the facts have never heard of.

use deltalake::protocol::SaveMode;
use schemas::{Answer, Event, EventKind, table};
use serde_json::{Value, json};
use sessions::reconstruct::reconstruct;
use sessions::rows::facts_batch;

use super::world::{ACCOUNT, REGION, World, ask, at, event, from_json, observation};
use crate::ledger::Ledger;

/// A session that starts at 10:00, and that a whole listing names at 12:00.
fn start() -> Vec<Event> {
    vec![event(EventKind::StartCall, "10:00")]
}

fn listing() -> Vec<Event> {
    vec![Event { listed_start: Some(at("10:00")), service_status: Some("Connected".to_owned()), ..event(EventKind::ListedActive, "12:00") }]
}

/// Two batches, of which the first is reflected.
async fn half_done() -> World {
    let world = World::new();
    world.refresh(&[], None).await;
    world.commit(1, "trail", "day.json.gz", &start(), &[]).await;
    world.refresh(&start(), Some(("sessiontrail.reflected", 1))).await;
    world.commit(2, "account", "snapshot.json", &listing(), &[observation(Answer::SessionsActive, "12:00")]).await;
    world
}

async fn session(ledger: &Ledger) -> Value {
    ask(ledger, "SELECT status, service_status, ended_before_inferred AS inferred FROM sessions").await.remove(0)
}

#[tokio::test]
async fn a_batch_that_the_facts_do_not_reflect_says_nothing_yet() {
    let world = half_done().await;
    let ledger = world.ledger(None).await;
    assert_eq!((ledger.as_of(), ledger.unreflected()), (Some(at("10:00")), 1));
    // Judged by the listing, which the facts do not know to name it, the session would be over since 12:00.
    assert_eq!(session(&ledger).await, json!({"status": "open", "service_status": null, "inferred": true}));
    assert_eq!(ask(&ledger, "SELECT source FROM source_reach").await, [json!({"source": "trail"})]);
    let later = world.ledger(Some("13:00")).await;
    assert_eq!(session(&later).await, json!({"status": "open", "service_status": null, "inferred": true}));

    let events = [start(), listing()].concat();
    world.refresh(&events, Some(("sessiontrail.reflected", 2))).await;
    let ledger = world.ledger(None).await;
    assert_eq!((ledger.as_of(), ledger.unreflected()), (Some(at("12:00")), 0));
    assert_eq!(session(&ledger).await, json!({"status": "open", "service_status": "Connected", "inferred": null}));
    assert_eq!(ask(&ledger, "SELECT source FROM source_reach ORDER BY source").await, [json!({"source": "account"}), json!({"source": "trail"})]);
}

#[tokio::test]
async fn an_earlier_moment_is_reconstructed_from_what_is_reflected() {
    let world = World::new();
    world.refresh(&[], None).await;
    let known = [start(), vec![event(EventKind::TerminateCall, "15:00")]].concat();
    world.commit(1, "trail", "day.json.gz", &known, &[]).await;
    world.refresh(&known, Some(("sessiontrail.reflected", 1))).await;
    world.commit(2, "trail", "next.json.gz", &[event(EventKind::TerminateCall, "11:00")], &[]).await;
    let ended = "SELECT ended_at FROM sessions";
    assert_eq!(ask(&world.ledger(Some("14:00")).await, ended).await, [json!({"ended_at": null})]);
    let all = [known, vec![event(EventKind::TerminateCall, "11:00")]].concat();
    world.refresh(&all, Some(("sessiontrail.reflected", 2))).await;
    assert_eq!(ask(&world.ledger(Some("14:00")).await, ended).await, [json!({"ended_at": "2026-07-14T11:00:00.000000Z"})]);
}

#[tokio::test]
async fn an_earlier_moment_cuts_through_sessions_of_many_buckets() {
    let world = World::new();
    let sessions: Vec<String> = (0..40).map(|number| format!("jane-{number:017x}")).collect();
    let of = |kind, clock: &str| {
        let own = |id: &String| Event { session_id: Some(id.clone()), event_id: format!("{id} {clock}"), ..event(kind, clock) };
        sessions.iter().map(own).collect::<Vec<_>>()
    };
    let events = [of(EventKind::StartCall, "10:00"), of(EventKind::TerminateCall, "11:00"), of(EventKind::ResumeCall, "15:00")].concat();
    world.refresh(&[], None).await;
    world.commit(1, "trail", "day.json.gz", &events, &[]).await;
    let own = |id: &String| events.iter().filter(|event| event.session_id.as_ref() == Some(id)).cloned().collect();
    let facts: Vec<_> = sessions.iter().flat_map(|id| reconstruct(own(id), None)).collect();
    world.put(&table::SESSION_FACTS, facts_batch(&facts).unwrap(), SaveMode::Overwrite, Some(("sessiontrail.reflected", 1))).await;
    let counted = "SELECT count(*) AS sessions, count(ended_at) AS ended, count(*) FILTER (WHERE resumes = 1) AS resumed FROM sessions";
    assert_eq!(ask(&world.ledger(Some("14:00")).await, counted).await, [json!({"sessions": 40, "ended": 40, "resumed": 0})]);
    assert_eq!(ask(&world.ledger(None).await, counted).await, [json!({"sessions": 40, "ended": 0, "resumed": 40})]);
    assert_eq!(ask(&world.ledger(Some("09:59")).await, counted).await, [json!({"sessions": 0, "ended": 0, "resumed": 0})]);
}

#[tokio::test]
async fn a_fleet_that_the_facts_do_not_reflect_is_not_counted() {
    let world = World::new();
    world.refresh(&[], None).await;
    world.refresh(&[], Some(("sessiontrail.reflected", 0))).await;
    let instance = json!({"account_id": ACCOUNT, "region": REGION, "observed_at": at("12:00").to_string(), "instance_id": "i-1", "listed_by": "ec2",
        "state": "running", "tags": "{}", "source": "account", "object": "snapshot.json"});
    world.commit(1, "account", "snapshot.json", &[], &[observation(Answer::Instances, "12:00")]).await;
    let instances = from_json(&table::INSTANCES, &[instance]);
    world.put(&table::INSTANCES, instances, SaveMode::Append, Some(("sessiontrail.batch", 1))).await;
    let counted = "SELECT instance_id FROM assessed_instances";
    let ledger = world.ledger(Some("13:00")).await;
    assert_eq!((ask(&ledger, counted).await, ledger.unreflected()), (vec![], 1));
    world.refresh(&[], Some(("sessiontrail.reflected", 1))).await;
    assert_eq!(ask(&world.ledger(Some("13:00")).await, counted).await, [json!({"instance_id": "i-1"})]);
}

#[tokio::test]
async fn facts_that_were_never_refreshed_reflect_nothing_and_those_without_a_mark_all() {
    let world = World::new();
    world.refresh(&[], None).await;
    world.commit(1, "trail", "day.json.gz", &start(), &[]).await;
    let ledger = world.ledger(None).await;
    assert_eq!((ledger.as_of(), ledger.unreflected()), (None, 1));
    world.refresh(&start(), None).await;
    let ledger = world.ledger(None).await;
    assert_eq!((ledger.as_of(), ledger.unreflected()), (Some(at("10:00")), 0));
}

#[tokio::test]
async fn a_replaced_file_of_a_snapshot_waits_with_its_new_version() {
    let world = World::new();
    world.refresh(&[], None).await;
    world.commit(1, "account", "snapshot.json", &[], &[observation(Answer::SessionsActive, "09:00")]).await;
    world.refresh(&[], Some(("sessiontrail.reflected", 1))).await;
    assert_eq!(ask(&world.ledger(None).await, "SELECT source FROM source_reach").await.len(), 1);
    world.commit(2, "account", "snapshot.json", &[], &[observation(Answer::SessionsActive, "09:00")]).await;
    // Rows do not say of which version they are, and one listing too few ends no session.
    assert_eq!(ask(&world.ledger(None).await, "SELECT source FROM source_reach").await.len(), 0);
}
