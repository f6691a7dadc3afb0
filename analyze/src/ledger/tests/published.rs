//! A published copy counts where it says all that the ledger would, and nowhere else.

use std::sync::Arc;

use deltalake::protocol::SaveMode;
use policy::Policy;
use schemas::{Event, EventKind, table};
use serde_json::{Value, json};
use sessions::reconstruct::reconstruct;
use sessions::rows::facts_batch;

use super::world::{Voice, World, ask, event};
use crate::answer::write_parquet;
use crate::ledger::{Cost, Ledger};

/// One session, from 10:00 to 11:00.
async fn lake() -> World {
    let world = World::new();
    let events = session();
    world.refresh(&[], None).await;
    world.commit(1, "trail", "day.json.gz", &events, &[]).await;
    world.refresh(&events, Some(("sessiontrail.reflected", 1))).await;
    world
}

fn session() -> Vec<Event> {
    vec![event(EventKind::StartCall, "10:00"), event(EventKind::TerminateCall, "11:00")]
}

/// The file that holds the answer to `sql`, and says what `stamp` does.
async fn file(ledger: &Ledger, sql: &str, stamp: &[(&str, String)]) -> Vec<u8> {
    let mut file = Vec::new();
    write_parquet(ledger.engine().ask(sql).await.unwrap(), stamp, &mut file).await.unwrap();
    file
}

/// A copy of `sessions` that lies about its rows: who reads it counts none.
async fn lie(world: &World, ledger: &Ledger) {
    let stamp = ledger.stamp().await.unwrap();
    world.publish("sessions", file(ledger, "SELECT * FROM sessions WHERE session_id = ''", &stamp).await).await;
}

async fn counted(ledger: &Ledger) -> i64 {
    ask(ledger, "SELECT count(*) AS n FROM sessions").await[0]["n"].as_i64().unwrap()
}

#[tokio::test]
async fn a_copy_of_the_very_answer_is_read_in_its_place() {
    let world = lake().await;
    let ledger = world.ledger(None).await;
    assert_eq!((counted(&ledger).await, ledger.is_published("sessions").await.unwrap()), (1, false));
    lie(&world, &ledger).await;
    assert_eq!((counted(&ledger).await, ledger.is_published("sessions").await.unwrap()), (0, true));
    assert_eq!(counted(&world.ledger(None).await).await, 0);
    assert_eq!(counted(&world.ledger(Some("11:00")).await).await, 0, "the same moment, whoever names it");
}

#[tokio::test]
async fn a_copy_of_another_policy_moment_or_lake_is_passed_over() {
    let world = lake().await;
    lie(&world, &world.ledger(None).await).await;
    assert_eq!(counted(&world.ledger(Some("10:30")).await).await, 1, "an earlier moment");
    assert_eq!(counted(&world.ledger(Some("12:00")).await).await, 1, "a later moment");
    let edited = Arc::new(Policy::parse("# nothing but a word\n", "policy.toml").unwrap().0);
    assert_eq!(counted(&world.ledger_as(None, Voice { policy: edited, ..Voice::default() }).await).await, 1, "an edited policy");
    let cost = Cost { cloudwatch_ingest_per_gb: Some(0.5), ..Cost::default() };
    let elsewhere = Voice { timezone: "Europe/Berlin", sources: vec!["trail".to_owned()], cost, ..Voice::default() };
    assert_eq!(counted(&world.ledger_as(None, elsewhere).await).await, 0, "sessions know neither weeks nor what else is configured");
    // A later ingest that could not publish.
    world.commit(2, "trail", "next.json.gz", &[event(EventKind::ResumeCall, "10:59")], &[]).await;
    assert_eq!(counted(&world.ledger(None).await).await, 1, "rows that the facts do not reflect yet");
    world.refresh(&session(), Some(("sessiontrail.reflected", 2))).await;
    assert_eq!(counted(&world.ledger(None).await).await, 1, "other facts");
}

#[tokio::test]
async fn a_copy_of_another_lake_with_the_same_versions_is_passed_over() {
    let (one, other) = (lake().await, lake().await);
    let ledger = one.ledger(None).await;
    let stamp = ledger.stamp().await.unwrap();
    other.publish("sessions", file(&ledger, "SELECT * FROM sessions WHERE session_id = ''", &stamp).await).await;
    assert_eq!(counted(&other.ledger(None).await).await, 1);
}

#[tokio::test]
async fn a_copy_counts_only_if_it_says_every_word() {
    let world = lake().await;
    let stamp = world.ledger(None).await.stamp().await.unwrap();
    let nobody = "SELECT * FROM sessions WHERE session_id = ''";
    for word in 0..4 {
        let (mut changed, mut left_out) = (stamp.clone(), stamp.clone());
        changed[word].1.push('x');
        left_out.remove(word);
        for words in [changed, left_out] {
            let ledger = world.ledger(None).await;
            world.publish("sessions", file(&ledger, nobody, &words).await).await;
            assert_eq!(counted(&ledger).await, 1, "{words:?}");
        }
    }
    let keys: Vec<&str> = stamp.iter().map(|(key, _)| *key).collect();
    let expected = ["as_of", "policy_digest", "lake", "code", "timezone", "fiscal_year_start", "sources", "prices"].map(|word| format!("sessiontrail.{word}"));
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn half_a_copy_is_none() {
    let world = lake().await;
    let ledger = world.ledger(None).await;
    let stamp = ledger.stamp().await.unwrap();
    let whole = file(&ledger, "SELECT * FROM sessions WHERE session_id = ''", &stamp).await;
    for part in [&whole[..0], &whole[..100], &whole[..whole.len() / 2], &whole[..whole.len() - 1], b"nothing of the kind"] {
        world.publish("sessions", part.to_vec()).await;
        assert_eq!(counted(&world.ledger(None).await).await, 1, "{} bytes", part.len());
    }
}

#[tokio::test]
async fn a_copy_of_other_columns_is_passed_over() {
    let world = lake().await;
    let ledger = world.ledger(None).await;
    let stamp = ledger.stamp().await.unwrap();
    world.publish("sessions", file(&ledger, "SELECT session_id FROM sessions WHERE session_id = ''", &stamp).await).await;
    assert_eq!(counted(&ledger).await, 1);
}

#[tokio::test]
async fn a_kpi_is_read_where_weeks_sources_and_prices_are_the_same_too() {
    let world = lake().await;
    let ledger = world.ledger(None).await;
    let asked = "SELECT count(*) AS weeks, sum(sessions_started) AS started FROM kpi_weekly WHERE tier = '(all)'";
    let worked_out = json!({"weeks": 1, "started": 1});
    assert_eq!(ask(&ledger, asked).await, std::slice::from_ref(&worked_out));
    let stamp = ledger.stamp().await.unwrap();
    let twice = "SELECT * FROM kpi_weekly UNION ALL SELECT * FROM kpi_weekly";
    world.publish("kpi_weekly", file(&ledger, twice, &stamp).await).await;
    assert_eq!(ask(&world.ledger(None).await, asked).await, [json!({"weeks": 2, "started": 2})], "the copy, lie that it is");
    for voice in [
        Voice { timezone: "Europe/Berlin", ..Voice::default() },
        Voice { fiscal_year_start: 4, ..Voice::default() },
        Voice { sources: vec!["trail".to_owned()], ..Voice::default() },
        Voice { cost: Cost { cloudwatch_ingest_per_gb: Some(0.5), ..Cost::default() }, ..Voice::default() },
        Voice { cost: Cost { s3_storage_per_gb_month: Some(0.5), ..Cost::default() }, ..Voice::default() },
    ] {
        assert_eq!(ask(&world.ledger_as(None, voice.clone()).await, asked).await, std::slice::from_ref(&worked_out), "{voice:?}");
    }
}

#[tokio::test]
async fn both_ways_give_the_same_rows_in_the_same_order() {
    let world = lake().await;
    let names: Vec<&str> = std::iter::once("sessions").chain(queries::KPIS.iter().map(|kpi| kpi.id)).collect();
    let all = async |ledger: Ledger| -> Vec<Vec<Value>> {
        let mut answers = Vec::new();
        for name in &names {
            answers.push(ask(&ledger, &format!("SELECT * FROM {name}")).await);
        }
        answers
    };
    let worked_out = all(world.ledger(None).await).await;
    for name in &names {
        let ledger = world.ledger(None).await;
        let stamp = ledger.stamp().await.unwrap();
        let copy = file(&ledger, &format!("SELECT * FROM {name}"), &stamp).await;
        world.publish(name, copy).await;
        assert!(ledger.is_published(name).await.unwrap(), "{name}");
        assert_eq!(all(world.ledger(None).await).await, worked_out, "with a copy of {name}");
    }
    assert!(worked_out[..2].iter().all(|rows| !rows.is_empty()));
}

#[tokio::test]
async fn a_copy_that_is_replaced_meanwhile_is_never_mixed_with_what_took_its_place() {
    // More than is read together with the footer.
    let started = |number: u32| {
        let reason: String = (0..3).map(|part| schemas::sha256_hex(format!("{number} {part}").as_bytes())).collect();
        Event { session_id: Some(format!("jane-{number:017x}")), event_id: number.to_string(), reason: Some(reason), ..event(EventKind::StartCall, "10:00") }
    };
    let world = World::new();
    let events: Vec<Event> = (0..2_000).map(started).collect();
    world.refresh(&[], None).await;
    world.commit(1, "trail", "day.json.gz", &events, &[]).await;
    let facts: Vec<_> = events.iter().flat_map(|event| reconstruct(vec![event.clone()], None)).collect();
    world.put(&table::SESSION_FACTS, facts_batch(&facts).unwrap(), SaveMode::Overwrite, Some(("sessiontrail.reflected", 1))).await;
    let ledger = world.ledger(None).await;
    let stamp = ledger.stamp().await.unwrap();
    world.publish("sessions", file(&ledger, "SELECT * FROM sessions", &stamp).await).await;

    let reading = world.ledger(None).await;
    assert!(reading.is_published("sessions").await.unwrap());
    lie(&world, &world.ledger(None).await).await;
    let found = match reading.engine().ask("SELECT max(reason) AS reason FROM sessions").await {
        Ok(mut answer) => answer.next().await.map(drop),
        Err(error) => Err(error),
    };
    assert!(found.is_err(), "this store keeps no object that was replaced, and the bytes of another are none of this answer's");
    assert_eq!(counted(&world.ledger(None).await).await, 0);
}
