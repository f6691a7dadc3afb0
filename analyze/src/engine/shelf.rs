//! Where SQL finds its tables: those that somebody registered, and the catalogue's views, planned when they are named.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use async_trait::async_trait;
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::common::metadata::FieldMetadata;
use datafusion::datasource::{TableType, ViewTable, provider_as_source};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::prelude::ident;
use queries::Query;

use super::held;

/// Whoever has answers to queries of the catalogue already.
#[async_trait]
pub(crate) trait AtHand: Send + Sync {
    /// The rows that this query gives, where they are at hand, in any order.
    async fn answer(&self, query: &Query) -> Result<Option<Arc<dyn TableProvider>>>;
}

type Session = Box<dyn Fn() -> Option<SessionState> + Send + Sync>;

/// The schema of the session.
pub(super) struct Shelf {
    tables: RwLock<BTreeMap<String, Arc<dyn TableProvider>>>,
    /// The session as it stands; it owns this shelf, so that the shelf must not own it.
    session: Session,
    at_hand: OnceLock<Arc<dyn AtHand>>,
}

impl Shelf {
    pub(super) fn new(session: Session) -> Self {
        Self { tables: RwLock::default(), session, at_hand: OnceLock::new() }
    }

    /// Asks `at_hand` before a query of the catalogue is planned; the first who offers stays.
    pub(super) fn answer_from(&self, at_hand: Arc<dyn AtHand>) {
        let _ = self.at_hand.set(at_hand);
    }

    pub(super) fn put(&self, name: &str, table: Arc<dyn TableProvider>) {
        self.tables.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), table);
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.tables.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect();
        names.extend(queries::all().map(|query| query.id.to_owned()));
        names.sort();
        names.dedup();
        names
    }

    async fn planned(&self, query: &Query) -> Result<LogicalPlan> {
        let session = (self.session)().ok_or_else(|| DataFusionError::Internal("the session is gone".to_owned()))?;
        held::held(session.create_logical_plan(query.sql).await?, &query.held)
    }

    fn registered(&self, name: &str) -> Option<Arc<dyn TableProvider>> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// An answer in the order that its query gives it: that of its grain.
fn in_order(query: &Query, answer: Arc<dyn TableProvider>) -> Result<LogicalPlan> {
    let order = query.grain.iter().map(|column| ident(column).sort(true, false));
    LogicalPlanBuilder::scan(query.id, provider_as_source(answer), None)?.sort(order)?.build()
}

/// The plan with the meaning of every column at its side, as stored tables have it: it goes wherever the rows go, into Parquet too.
fn explained(plan: LogicalPlan, columns: &[(String, String)]) -> Result<LogicalPlan> {
    let with_meaning = plan.schema().columns().into_iter().map(|column| {
        let meaning = columns.iter().find(|(name, _)| *name == column.name).map(|(_, meaning)| meaning.clone()).unwrap_or_default();
        let name = column.name.clone();
        Expr::Column(column).alias_with_metadata(name, Some(FieldMetadata::from(BTreeMap::from([(COMMENT.to_owned(), meaning)]))))
    });
    let with_meaning: Vec<Expr> = with_meaning.collect();
    LogicalPlanBuilder::from(plan).project(with_meaning)?.build()
}

/// The metadata of a field that says what it means, in the contracts and wherever their tables are written.
pub(super) const COMMENT: &str = "comment";

#[async_trait]
impl SchemaProvider for Shelf {
    fn table_names(&self) -> Vec<String> {
        self.names()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        if let Some(table) = self.registered(name) {
            return Ok(Some(table));
        }
        let Some(query) = queries::find(name) else { return Ok(None) };
        let answer = match self.at_hand.get() {
            Some(at_hand) => at_hand.answer(query).await?,
            None => None,
        };
        let plan = match answer {
            Some(answer) => in_order(query, answer)?,
            None => self.planned(query).await?,
        };
        Ok(Some(Arc::new(ViewTable::new(explained(plan, &query.columns)?, Some(query.sql.to_owned())))))
    }

    /// Known without planning, so that listing the tables stays cheap.
    async fn table_type(&self, name: &str) -> Result<Option<TableType>> {
        Ok(match self.registered(name) {
            Some(table) => Some(table.table_type()),
            None => queries::find(name).map(|_| TableType::View),
        })
    }

    fn register_table(&self, name: String, table: Arc<dyn TableProvider>) -> Result<Option<Arc<dyn TableProvider>>> {
        Ok(self.tables.write().unwrap_or_else(PoisonError::into_inner).insert(name, table))
    }

    fn deregister_table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        Ok(self.tables.write().unwrap_or_else(PoisonError::into_inner).remove(name))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.registered(name).is_some() || queries::find(name).is_some()
    }
}
