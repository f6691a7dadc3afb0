//! The small tables that are said: each is worked out by the first question that reads it.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::error::Result;
use futures::FutureExt;
use futures::future::BoxFuture;
use schemas::{Table, table};

use super::Cost;
use super::desk::Desk;
use super::lazy::Lazy;
use super::tables;
use crate::engine::Engine;

/// Puts them on the engine's shelf; `sources` are the names of the configured ones, `cost` the prices.
pub(super) fn register(engine: &Engine, desk: &Arc<Desk>, sources: Vec<String>, cost: Cost) {
    engine.register(table::PRICES.name, Arc::new(Lazy::new(&table::PRICES, move || async move { Ok(tables::prices(cost)?) }.boxed())));
    let put = |table: &'static Table, load: fn(Arc<Desk>, Vec<String>) -> BoxFuture<'static, Result<RecordBatch>>| {
        let (desk, sources) = (Arc::clone(desk), sources.clone());
        engine.register(table.name, Arc::new(Lazy::new(table, move || load(Arc::clone(&desk), sources.clone()))));
    };
    put(&table::POLICY_TIERS, |desk, _| async move { Ok(tables::policy_tiers(&desk.policy().rows())?) }.boxed());
    put(&table::ACKNOWLEDGEMENTS, |desk, _| async move { Ok(tables::acknowledgements(desk.policy().acknowledged())?) }.boxed());
    put(&table::ASSESSED_INSTANCES, |desk, _| async move { Ok(tables::assessed_instances(&desk.counts().await?)?) }.boxed());
    put(&table::ASSESSED_OBSERVATIONS, |desk, _| async move { Ok(tables::assessed_observations(&desk.counts().await?)?) }.boxed());
    put(&table::INSTANCE_SPELLS, |desk, _| async move { Ok(tables::instance_spells(&desk.instance_spells().await?)?) }.boxed());
    put(&table::DOCUMENT_SPELLS, |desk, _| async move { Ok(tables::document_spells(&desk.document_spells().await?)?) }.boxed());
    put(&table::DESTINATION_SPELLS, |desk, _| async move { Ok(tables::destination_spells(&desk.destination_spells().await?)?) }.boxed());
    put(&table::SOURCE_REACH, |desk, sources| async move { desk.source_reach(&sources).await }.boxed());
}
