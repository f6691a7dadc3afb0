//! The ledger: what the lake holds, as of one moment and by one policy, as tables that SQL can ask.
//!
//! ```text
//!   lake ─▶ desk (snapshots, reaches, fleet: each read once, when first needed) ─▶ bench ─▶ sessions, coverage, … ─▶ engine
//! ```
//!
//! Opening reads little more than how far the sources reach; everything else is read by the first question that needs it.

mod answers;
mod copies;
mod coverage;
mod desk;
mod evidence;
mod fleet;
mod lazy;
mod preferences;
mod reach;
mod row;
mod said;
mod sessions;
mod snapshots;
mod spells;
mod tables;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::min_max::min;
use datafusion::prelude::col;
use policy::Policy;
use schemas::{Timestamp, table};

use crate::calendar::Calendar;
pub use crate::calendar::CalendarError;
use crate::engine::{self, Engine, QueryError};
use crate::lake::{Lake, Stored};
use crate::published::{Stamp, Words};

use copies::Copies;
use desk::Desk;
use evidence::Evidence;
use sessions::Sessions;

/// How the ledger speaks.
#[derive(Debug, Clone)]
pub struct Settings {
    /// IANA name of the time zone in which weeks, months and quarters begin.
    pub timezone: String,
    /// Month in which the fiscal year starts, 1 to 12.
    pub fiscal_year_start: u8,
    /// Names of the configured sources; where none is configured, every source that the lake knows counts as one.
    pub sources: Vec<String>,
    /// What logs cost.
    pub cost: Cost,
    /// What a query may use of the machine.
    pub engine: engine::Settings,
}

/// Prices in the currency of whoever wrote them; none is built in.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Of a GB that CloudWatch Logs takes in.
    pub cloudwatch_ingest_per_gb: Option<f64>,
    /// Of a GB that lies on S3 for a month.
    pub s3_storage_per_gb_month: Option<f64>,
}

/// Why the ledger could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The lake could not be read.
    #[error("the lake could not be read")]
    Lake(#[from] DataFusionError),
    /// The SQL session could not be made.
    #[error("the SQL session could not be made")]
    Engine(#[from] QueryError),
    /// There is no such calendar.
    #[error("the calendar could not be made")]
    Calendar(#[from] CalendarError),
}

/// The ledger of one lake.
#[derive(Debug)]
pub struct Ledger {
    engine: Engine,
    as_of: Option<Timestamp>,
    unreflected: u64,
    copies: Arc<Copies>,
}

impl Ledger {
    /// Opens the ledger; without an `as_of`, as of the latest moment that AWS vouches for.
    ///
    /// # Errors
    /// Where the lake cannot be read, or the settings name no calendar.
    pub async fn open(lake: Lake, policy: Arc<Policy>, settings: &Settings, as_of: Option<Timestamp>) -> Result<Self, LedgerError> {
        let engine = Engine::new(&settings.engine)?;
        let evidence = Evidence::open(engine.context().clone(), &lake).await?;
        engine.register(table::SESSION_FACTS.name, Arc::clone(evidence.facts()) as _);
        for raw in evidence.raw() {
            engine.register(raw.name, Arc::clone(&raw.stored) as _);
        }
        engine.register(table::RUNS.name, Arc::new(Stored::new(lake.clone(), &table::RUNS)));
        let objects = engine.context().table(table::OBJECTS.name).await?;
        let (mut reaches, unreflected) = reach::reaches(&evidence, objects).await?;
        let known = as_of.or_else(|| reaches.as_of());
        let moment = known.unwrap_or(Timestamp::from_micros(0));
        if reaches.events.values().any(|reach| reach.last > moment) {
            reaches = reach::reaches_by(&evidence, moment).await?;
        }
        let beginnings = [first_fact(&evidence).await?, first_snapshot(&evidence).await?, reaches.events.values().map(|reach| reach.first).min()];
        let from = beginnings.into_iter().flatten().fold(moment, Timestamp::min);
        let calendar = Arc::new(Calendar::new(&settings.timezone, settings.fiscal_year_start, from, moment)?);
        engine.keep(&calendar)?;
        engine.obey(&policy);
        let stamp = Stamp {
            as_of: known.map(|as_of| as_of.to_string()).unwrap_or_default(),
            policy_digest: policy.digest(),
            lake: String::new(),
            timezone: settings.timezone.clone(),
            fiscal_year_start: settings.fiscal_year_start,
            sources: settings.sources.clone(),
            cost: settings.cost,
        };
        let desk = Arc::new(Desk::new(evidence, policy, moment, calendar, reaches));
        let sources = settings.sources.clone();
        let copies = Arc::new(Copies::new(Arc::clone(&desk), lake, stamp));
        engine.answer_from(Arc::clone(&copies) as _);
        engine.register(table::SESSIONS.name, Arc::new(Sessions::new(Arc::clone(&desk), Arc::clone(&copies))));
        engine.register(table::IDLE_SPELLS.name, Arc::new(Sessions::idle_spells(Arc::clone(&desk))));
        said::register(&engine, &desk, sources, settings.cost);
        Ok(Self { engine, as_of: known, unreflected, copies })
    }

    /// The SQL session over the ledger's tables.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The moment that the ledger speaks of; `None` where the lake holds nothing that is dated.
    #[must_use]
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// What a copy of an answer of this ledger has to say of itself, in the metadata of its file: all that the answer depends on. The ledger
    /// reads copies that say so in place of working the answer out again.
    ///
    /// # Errors
    /// Where the lake cannot be read.
    pub async fn stamp(&self) -> Result<Words, LedgerError> {
        Ok(self.copies.stamp().await?.of_kpis())
    }

    /// Whether a copy of `sessions`, of the findings, or of the KPI of this name, lies in the lake that is what this ledger would answer.
    ///
    /// # Errors
    /// Where the lake cannot be read.
    pub async fn is_published(&self, name: &str) -> Result<bool, LedgerError> {
        let copy = if name == table::SESSIONS.name { self.copies.sessions().await? } else { self.copies.kpi(name).await? };
        Ok(copy.is_some())
    }

    /// Objects that were read and do not count yet, because the facts of their sessions have not been worked out: an ingest is under way,
    /// or was killed. The next one brings them in.
    #[must_use]
    pub fn unreflected(&self) -> u64 {
        self.unreflected
    }
}

/// The date of the earliest fact of any session.
async fn first_fact(evidence: &Evidence) -> Result<Option<Timestamp>, DataFusionError> {
    earliest(evidence.session_facts().await?, "first_fact_at").await
}

/// The date of the earliest snapshot: findings may begin before any session.
async fn first_snapshot(evidence: &Evidence) -> Result<Option<Timestamp>, DataFusionError> {
    earliest(evidence.table("observations").await?, "observed_at").await
}

async fn earliest(rows: DataFrame, column: &str) -> Result<Option<Timestamp>, DataFusionError> {
    let batches = rows.aggregate(vec![], vec![min(col(column))])?.collect().await?;
    Ok(batches.first().filter(|batch| batch.num_rows() > 0).and_then(|batch| snapshots::instant_at(batch, 0, 0)))
}
