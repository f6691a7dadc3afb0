//! The parts of a query of the catalogue that are worked out once, and held in memory for whoever names them: `held` in its header.
//!
//! DataFusion plans a part of a `WITH` anew wherever it is named. Here each becomes a table of its own, which the first scan fills; a scan that
//! follows reads what is held. Its memory counts as that of the session, and cannot spill: it is meant for what a long table comes down to.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::common::tree_node::Transformed;
use datafusion::datasource::{TableType, provider_as_source};
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::TryStreamExt;
use tokio::sync::OnceCell;

/// The plan with a table in the place of every part of these names. Parts are one where their plans are, so that a name that stands for
/// something else further in means what it says.
pub(super) fn held(plan: LogicalPlan, names: &[String]) -> Result<LogicalPlan> {
    if names.is_empty() {
        return Ok(plan);
    }
    let mut parts: Vec<Arc<Part>> = Vec::new();
    let held = plan.transform_up_with_subqueries(|node| {
        let LogicalPlan::SubqueryAlias(named) = &node else { return Ok(Transformed::no(node)) };
        if !names.iter().any(|name| name == named.alias.table()) {
            return Ok(Transformed::no(node));
        }
        let number = match parts.iter().position(|part| part.plan == *named.input) {
            Some(number) => number,
            None => {
                parts.push(Arc::new(Part::new(LogicalPlan::clone(&named.input))));
                parts.len() - 1
            }
        };
        // Plans of two scans are one to the optimizer where their tables have one name: each part has its own.
        let scan = LogicalPlanBuilder::scan(format!("held part {number}"), provider_as_source(Arc::clone(&parts[number]) as _), None)?;
        let table = scan.alias(named.alias.clone())?.build()?;
        Ok(Transformed::yes(table))
    });
    Ok(held?.data)
}

/// A part of a question.
struct Part {
    plan: LogicalPlan,
    schema: SchemaRef,
    rows: OnceCell<(Vec<RecordBatch>, MemoryReservation)>,
}

impl Part {
    fn new(plan: LogicalPlan) -> Self {
        let schema = Arc::new(Schema::new(plan.schema().fields().clone()));
        Self { plan, schema, rows: OnceCell::new() }
    }

    async fn work_out(&self, state: &dyn Session) -> Result<(Vec<RecordBatch>, MemoryReservation)> {
        let plan = state.create_physical_plan(&self.plan).await?;
        let held = MemoryConsumer::new("a part that is held").register(&state.runtime_env().memory_pool);
        let mut stream = execute_stream(plan, state.task_ctx())?;
        let mut rows = Vec::new();
        while let Some(batch) = stream.try_next().await? {
            held.try_grow(batch.get_array_memory_size())?;
            // What a plan says of nulls may be more than its table does, and less.
            rows.push(RecordBatch::try_new(Arc::clone(&self.schema), batch.columns().to_vec())?);
        }
        Ok((rows, held))
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part({})", self.schema.fields().len())
    }
}

#[async_trait]
impl TableProvider for Part {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(&self, state: &dyn Session, projection: Option<&Vec<usize>>, filters: &[Expr], limit: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        let (rows, _) = self.rows.get_or_try_init(|| self.work_out(state)).await?;
        MemTable::try_new(self.schema(), vec![rows.clone()])?.scan(state, projection, filters, limit).await
    }
}
