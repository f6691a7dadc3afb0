//! The stored evidence, as far as the stored facts reflect it.
//!
//! The write side first commits what it has read, and then works the facts of the sessions out. Whoever looks in between, or after a
//! run that was killed there, finds listings in the lake that the facts have never heard of, and would take every session they name for
//! ended. So what was read since is left out of everything that sessions and coverage are judged by, until the next refresh.

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use datafusion::error::{DataFusionError, Result};
use datafusion::functions_aggregate::min_max::max;
use datafusion::prelude::{JoinType, SessionContext, col, ident, lit};
use futures::future::try_join_all;
use schemas::table;
use tokio::sync::OnceCell;

use crate::lake::{Lake, Stored};

/// The application transaction of `session_facts`: the last batch of `objects` that the facts reflect. The write side sets it.
const REFLECTED: &str = "sessiontrail.reflected";
/// The application transaction of the raw tables: the last batch that each of them holds.
const BATCH: &str = "sessiontrail.batch";
/// The raw tables, as SQL knows them, that `sessions`, coverage or a KPI depends on.
const JUDGED: [&str; 5] = ["objects", "event_copies", "observations", "instances", "preferences"];

/// The raw tables that the ledger judges by, cut at what the facts reflect.
pub(super) struct Evidence {
    context: SessionContext,
    facts: Arc<Stored>,
    raw: Vec<Raw>,
    /// The last batch that the facts reflect; `None` where they reflect all there is.
    reflected: Option<i64>,
}

/// A raw table.
pub(super) struct Raw {
    /// The name by which SQL knows it.
    pub(super) name: &'static str,
    pub(super) stored: Arc<Stored>,
    /// The last batch in it, once somebody has asked.
    last: OnceCell<i64>,
}

impl Evidence {
    /// Opens the facts before anything else: what is opened later holds at least what they reflect.
    pub(super) async fn open(context: SessionContext, lake: &Lake) -> Result<Self> {
        let stored = |table| Arc::new(Stored::new(lake.clone(), table));
        let facts = stored(&table::SESSION_FACTS);
        let reflected = match facts.mark(REFLECTED).await? {
            Some(batch) => Some(batch),
            None if facts.version().await? == 0 => Some(0),
            // A lake of the time before the mark: its facts were refreshed with every ingest.
            None => None,
        };
        let raw = table::RAW.into_iter().map(|table| Raw { name: in_sql(table), stored: stored(table), last: OnceCell::new() }).collect();
        Ok(Self { context, facts, raw, reflected })
    }

    pub(super) fn facts(&self) -> &Arc<Stored> {
        &self.facts
    }

    /// The raw tables whole, for SQL.
    pub(super) fn raw(&self) -> &[Raw] {
        &self.raw
    }

    /// Whether the facts reflect this batch.
    pub(super) fn reflects(&self, batch: i64) -> bool {
        self.reflected.is_none_or(|reflected| batch <= reflected)
    }

    /// Which versions of which tables sessions and coverage are judged by: what this reading opened, and goes on to read.
    pub(super) async fn versions(&self) -> Result<String> {
        let judged = self.raw.iter().filter(|raw| JUDGED.contains(&raw.name)).map(|raw| raw.stored.identity());
        let versions = try_join_all(std::iter::once(self.facts.identity()).chain(judged)).await?;
        Ok(versions.join(", "))
    }

    /// `session_facts`.
    pub(super) async fn session_facts(&self) -> Result<DataFrame> {
        self.context.table(table::SESSION_FACTS.name).await
    }

    /// A raw table without the rows of objects that the facts do not reflect. Whole, and for nothing, where they reflect all of it.
    pub(super) async fn table(&self, name: &str) -> Result<DataFrame> {
        let rows = self.context.table(name).await?;
        let (Some(reflected), Some(raw)) = (self.reflected, self.raw.iter().find(|raw| raw.name == name)) else { return Ok(rows) };
        // A table that no batch has ever written to has no mark.
        let last = raw.last.get_or_try_init(|| async { Ok::<_, DataFusionError>(raw.stored.mark(BATCH).await?.unwrap_or(0)) });
        if *last.await? <= reflected {
            return Ok(rows);
        }
        // Where rows do not say of which version of their object they are, all its versions wait for the newest.
        let key = ["source", "object", "object_version"];
        let key: Vec<&str> = key.into_iter().filter(|column| rows.schema().has_column_with_unqualified_name(column)).collect();
        let objects = self.context.table(table::OBJECTS.name).await?;
        let newest = objects.aggregate(key.iter().map(|column| col(*column)).collect(), vec![max(col("batch")).alias("newest")])?;
        let reflected = newest.filter(ident("newest").lt_eq(lit(reflected)))?.alias("reflected")?;
        rows.join(reflected, JoinType::LeftSemi, &key, &key, None)
    }
}

/// The name by which SQL knows a raw table. Under their own names stand views: `events` counts one copy of each event, `gaps` tells those
/// that are open.
fn in_sql(table: &schemas::Table) -> &'static str {
    if table.name == table::EVENTS.name {
        "event_copies"
    } else if table.name == table::GAPS.name {
        "gap_notes"
    } else {
        table.name
    }
}
