//! The one recipe of a SQL session: UTC, bounded memory, texts as `Utf8`, read only.
//!
//! In come table providers and a calendar; out go [`Answer`]s. The views and KPIs of the catalogue are always at hand, and cost
//! nothing until a query names them.

mod columns;
mod error;
mod held;
#[cfg(test)]
mod once;
#[cfg(test)]
mod proofs;
mod shelf;
mod statement;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::catalog::{CatalogProvider, MemTable, MemoryCatalogProvider, SchemaProvider, TableProvider};
use datafusion::dataframe::DataFrame;
use datafusion::error::Result as DataFusionResult;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
pub use error::QueryError;
use policy::Policy;
pub(crate) use shelf::AtHand;
use shelf::Shelf;

use columns::Columns;

use crate::answer::Answer;
use crate::calendar::Calendar;
use crate::function;

/// What a session may use of the machine.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bytes that sorts, joins and aggregations may hold together. Beyond it, sorts and aggregations spill to disk, and a hash join fails. What a
    /// window over rows without an order holds is not counted, so the views know none over many rows.
    pub memory_bytes: usize,
    /// Partitions that run at once.
    pub cores: usize,
    /// Where to spill; the system's folder for temporary files where `None`.
    pub spill_dir: Option<PathBuf>,
}

/// A SQL session over the ledger.
#[derive(Clone)]
pub struct Engine {
    context: SessionContext,
    shelf: Arc<Shelf>,
}

impl Engine {
    /// A session without tables or calendar.
    ///
    /// # Errors
    /// Where the folder to spill into cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, QueryError> {
        let mut runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(settings.memory_bytes)));
        if let Some(folder) = &settings.spill_dir {
            runtime = runtime.with_temp_file_path(folder);
        }
        let runtime = runtime.build_arc().map_err(QueryError::from)?;
        let context = SessionContext::new_with_config_rt(config(settings), runtime);
        let state = context.state_weak_ref();
        let shelf = Arc::new(Shelf::new(Box::new(move || state.upgrade().map(|state| state.read().clone()))));
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::clone(&shelf) as _).map_err(QueryError::from)?;
        context.register_catalog(CATALOG, Arc::new(catalog));
        // The ledger's moment is as_of(): the same question gives the same answer tomorrow.
        for clock in CLOCKS {
            context.deregister_udf(clock);
        }
        let (scalars, aggregates) = function::timeless();
        scalars.into_iter().for_each(|function| context.register_udf(function));
        aggregates.into_iter().for_each(|function| context.register_udaf(function));
        shelf.put(schemas::table::COLUMNS.name, Arc::new(Columns::new(Arc::downgrade(&shelf))));
        Ok(Self { context, shelf })
    }

    /// Puts a table on the shelf; one of this name that is there, or in the catalogue of queries, makes way.
    pub fn register(&self, name: &str, table: Arc<dyn TableProvider>) {
        self.shelf.put(name, table);
    }

    /// Lets queries of the catalogue be answered by what is at hand.
    pub(crate) fn answer_from(&self, at_hand: Arc<dyn AtHand>) {
        self.shelf.answer_from(at_hand);
    }

    /// Tells the session what time it is, and where weeks and quarters begin: the functions of the calendar, and its table.
    ///
    /// # Errors
    /// Never, unless the table's contract and the calendar disagree.
    pub fn keep(&self, calendar: &Arc<Calendar>) -> Result<(), QueryError> {
        function::of_calendar(calendar).into_iter().for_each(|function| self.context.register_udf(function));
        let rows = calendar.table().map_err(|error| QueryError::from(datafusion::error::DataFusionError::from(error)))?;
        let table = MemTable::try_new(rows.schema(), vec![vec![rows]]).map_err(QueryError::from)?;
        self.register(schemas::table::CALENDAR.name, Arc::new(table));
        Ok(())
    }

    /// Tells the session what the policy says beyond its tables.
    pub(crate) fn obey(&self, policy: &Policy) {
        self.context.register_udf(function::of_policy(policy));
    }

    /// The session itself, for the rooms here that read tables without SQL. It could also write, so nobody else has it.
    pub(crate) fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Whether there is a table, view or KPI of this name.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.shelf.table_exist(name)
    }

    /// Asks one question: `SELECT`, `WITH`, `VALUES`, `EXPLAIN`, `SHOW` or `DESCRIBE`.
    ///
    /// # Errors
    /// [`QueryError::Sql`] where the question cannot be understood or would change something, other kinds where it cannot be answered.
    pub async fn ask(&self, sql: &str) -> Result<Answer, QueryError> {
        self.stream(sql).await.map_err(|error| QueryError::explain(error, &self.shelf.names()))
    }

    async fn stream(&self, sql: &str) -> DataFusionResult<Answer> {
        let state = self.context.state();
        let statement = statement::read_only(&state, sql)?;
        let plan = state.statement_to_plan(statement).await?;
        // What a statement looks like may not be all it is: its plan has the last word.
        let reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        reads.verify_plan(&plan).map_err(|_| statement::refused("a statement that changes something"))?;
        let stream = DataFrame::new(state, plan).execute_stream().await?;
        Ok(Answer::new(stream).of(self.context.clone()))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({:?})", self.shelf)
    }
}

fn config(settings: &Settings) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(settings.cores.max(1))
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(true);
    let options = config.options_mut();
    // One sort at a time: of sorts side by side, each takes what it can, and the merge behind them, which cannot spill, finds nothing left as often as
    // the threads happen to run so.
    options.optimizer.repartition_sorts = false;
    // Readers of our Parquet know no string views, and texts stay what the contracts say.
    options.execution.parquet.schema_force_view_types = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    options.execution.time_zone = Some("UTC".to_owned());
    // What columns mean goes with them as metadata, and of branches of a union each has its own: the planner's check takes that for a mistake.
    options.execution.skip_physical_aggregate_schema_check = true;
    // The order of a KPI is part of it, so that `SELECT * FROM kpi_…` keeps it.
    options.sql_parser.enable_subquery_sort_elimination = false;
    // What a sort keeps aside for merging must leave room for sorting where memory is scarce.
    let partitions = settings.cores.max(1);
    options.execution.sort_spill_reservation_bytes = options.execution.sort_spill_reservation_bytes.min(settings.memory_bytes / (8 * partitions));
    config
}

const CATALOG: &str = "sessiontrail";
const SCHEMA: &str = "public";

/// Functions that read a clock.
const CLOCKS: [&str; 5] = ["now", "current_timestamp", "current_date", "current_time", "today"];
