//! What logs cost, as SQL reads it.

use schemas::EventKind;
use serde_json::json;

use super::world::{Voice, World, ask, event};
use crate::ledger::Cost;

#[tokio::test]
async fn prices_are_those_that_were_set_and_none_is_built_in() {
    let world = World::new();
    let events = [event(EventKind::StartCall, "10:00")];
    world.refresh(&[], None).await;
    world.commit(1, "trail", "day.json.gz", &events, &[]).await;
    world.refresh(&events, Some(("sessiontrail.reflected", 1))).await;
    let asked = "SELECT cloudwatch_ingest_per_gb AS taken_in, s3_storage_per_gb_month AS kept FROM prices";
    assert_eq!(ask(&world.ledger(None).await, asked).await, [json!({"taken_in": null, "kept": null})]);
    let cost = Cost { cloudwatch_ingest_per_gb: Some(0.5), s3_storage_per_gb_month: Some(0.0) };
    assert_eq!(ask(&world.ledger_as(None, Voice { cost, ..Voice::default() }).await, asked).await, [json!({"taken_in": 0.5, "kept": 0.0})]);
}
