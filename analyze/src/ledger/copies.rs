//! The copies that `ingest` published of this ledger's own answers.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::TableProvider;
use datafusion::error::Result;
use queries::Query;
use schemas::table;
use tokio::sync::OnceCell;

use super::Desk;
use crate::engine::AtHand;
use crate::lake::Lake;
use crate::published::{Published, PublishedTable, Stamp, Words};

/// Finds the copies that are what this ledger would work out.
#[derive(Debug)]
pub(super) struct Copies {
    desk: Arc<Desk>,
    published: Published,
    /// What the answers depend on, but for the versions of the lake.
    said: Stamp,
    stamp: OnceCell<Stamp>,
}

impl Copies {
    pub(super) fn new(desk: Arc<Desk>, lake: Lake, said: Stamp) -> Self {
        Self { desk, published: Published::new(lake), said, stamp: OnceCell::new() }
    }

    /// What a copy of an answer of this ledger says of itself.
    pub(super) async fn stamp(&self) -> Result<&Stamp> {
        self.stamp.get_or_try_init(|| async { Ok(Stamp { lake: self.desk.versions().await?, ..self.said.clone() }) }).await
    }

    /// The copy of `sessions`.
    pub(super) async fn sessions(&self) -> Result<Option<PublishedTable>> {
        let copy = self.find(table::SESSIONS.name, &self.stamp().await?.of_sessions()).await;
        // The code that wrote it is this very code, so that its columns are those of the contract; who reads by position makes sure.
        Ok(copy.filter(|copy| copy.schema().fields() == table::SESSIONS.schema().fields()).map(|copy| copy.explained_by(table::SESSIONS.schema())))
    }

    /// The copy of the findings, or of a KPI.
    pub(super) async fn kpi(&self, id: &str) -> Result<Option<PublishedTable>> {
        Ok(self.find(id, &self.stamp().await?.of_kpis()).await)
    }

    async fn find(&self, name: &str, wanted: &Words) -> Option<PublishedTable> {
        self.published.find(name, wanted).await
    }
}

#[async_trait]
impl AtHand for Copies {
    async fn answer(&self, query: &Query) -> Result<Option<Arc<dyn TableProvider>>> {
        if !queries::published().any(|published| published.id == query.id) {
            return Ok(None);
        }
        Ok(self.kpi(query.id).await?.map(|copy| Arc::new(copy) as _))
    }
}
