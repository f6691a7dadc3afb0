//! The read side, opened: one ledger for one command, and small answers as rows.

use std::sync::Arc;

use analyze::answer::{self, Format};
use analyze::engine::{self, Engine};
use analyze::lake::Lake;
use analyze::ledger::{self, Ledger};
use schemas::Timestamp;
use serde_json::{Map, Value};

use crate::exit::Failure;
use crate::plan::Plan;
use crate::ui;

/// A ledger, opened.
pub(crate) struct Reading {
    ledger: Ledger,
}

/// A row of a small answer: texts, numbers, booleans and nulls.
pub(crate) type Row = Map<String, Value>;

impl Reading {
    /// Opens the ledger of the plan's lake.
    pub(crate) async fn open(plan: &Plan) -> Result<Self, Failure> {
        Self::open_within(plan, MEMORY_BYTES).await
    }

    /// The same, for questions that may hold so much before they spill to disk.
    pub(crate) async fn open_within(plan: &Plan, memory_bytes: usize) -> Result<Self, Failure> {
        Self::of_within(plan, plan.lake().await?.existing().await?, memory_bytes).await
    }

    /// Opens the ledger of this lake, as the plan has it.
    pub(crate) async fn of(plan: &Plan, lake: Lake) -> Result<Self, Failure> {
        Self::of_within(plan, lake, MEMORY_BYTES).await
    }

    async fn of_within(plan: &Plan, lake: Lake, memory_bytes: usize) -> Result<Self, Failure> {
        let (policy, _) = plan.config.policy()?;
        let report = &plan.config.report;
        let settings = ledger::Settings {
            timezone: report.timezone_name.clone(),
            fiscal_year_start: report.fiscal_year_start.unsigned_abs(),
            sources: plan.config.sources.iter().map(|source| source.name.clone()).collect(),
            cost: plan.config.cost,
            engine: engine::Settings { memory_bytes, cores: std::thread::available_parallelism().map_or(2, usize::from), spill_dir: None },
        };
        let ledger = Ledger::open(lake, Arc::new(policy), &settings, plan.as_of).await?;
        let reading = Self { ledger };
        if reading.is_behind() {
            // Silenced or not: who reads an answer must know what is not in it.
            ui::warn(&format!(
                "an ingest is under way, or was interrupted: {} objects that it has read are not in this answer yet\nhint: run `sessiontrail ingest`",
                reading.ledger.unreflected()
            ));
        }
        Ok(reading)
    }

    /// Whether the lake holds what no answer reflects yet.
    pub(crate) fn is_behind(&self) -> bool {
        self.ledger.unreflected() > 0
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.ledger.engine()
    }

    /// The moment of all answers; `None` where the lake holds nothing that is dated.
    pub(crate) fn as_of(&self) -> Option<Timestamp> {
        self.ledger.as_of()
    }

    /// All rows of a small answer.
    pub(crate) async fn rows(&self, sql: &str) -> Result<Vec<Row>, Failure> {
        let answer = self.engine().ask(sql).await?;
        let mut lines = Vec::new();
        answer::write(answer, Format::Ndjson, &mut lines).await?;
        let rows = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(serde_json::from_slice);
        rows.collect::<Result<_, _>>().map_err(Failure::failed)
    }
}

/// What queries may hold before they spill to disk.
const MEMORY_BYTES: usize = 512 << 20;
