//! The tables `sessions` and `idle_spells`: the stored facts, judged row by row as they are read. Nothing is held but what is being looked at.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow::array::{RecordBatch, new_null_array};
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use async_trait::async_trait;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, Partitioning};
use futures::StreamExt;
use schemas::{Table, Timestamp, table};
use sessions::reconstruct::Facts;
use sessions::rows;

use super::Desk;
use super::copies::Copies;
use super::row::Bench;
use super::snapshots::external;

/// Sessions whose stored facts hold more than `as_of` allows, with the facts that were reconstructed for it.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    pub(super) session_ids: HashSet<String>,
    pub(super) facts: Vec<Facts>,
}

/// What is said of judged facts.
type Say = fn(&Bench, Vec<Facts>, &SchemaRef) -> std::result::Result<RecordBatch, ArrowError>;

/// A table that is said of the facts, as SQL sees it.
#[derive(Debug)]
pub(super) struct Sessions {
    desk: Arc<Desk>,
    table: &'static Table,
    say: Say,
    /// Of `sessions`, what was published may be read instead.
    copies: Option<Arc<Copies>>,
}

impl Sessions {
    /// A row for each session.
    pub(super) fn new(desk: Arc<Desk>, copies: Arc<Copies>) -> Self {
        Self { desk, table: &table::SESSIONS, say: Bench::sessions, copies: Some(copies) }
    }

    /// A row for each time that one seems to have been idle.
    pub(super) fn idle_spells(desk: Arc<Desk>) -> Self {
        Self { desk, table: &table::IDLE_SPELLS, say: Bench::idle_spells, copies: None }
    }
}

#[async_trait]
impl TableProvider for Sessions {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(&self, state: &dyn Session, projection: Option<&Vec<usize>>, filters: &[Expr], limit: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        if let Some(copies) = &self.copies
            && let Some(copy) = copies.sessions().await?
        {
            return copy.scan(state, projection, filters, limit).await;
        }
        let schema = match projection {
            Some(columns) => Arc::new(self.schema().project(columns)?),
            None => self.schema(),
        };
        let facts = self.facts(state, &schema).await?;
        let bench = self.desk.bench().await?;
        let earlier = self.desk.earlier().await?;
        let mut streams: Vec<Arc<dyn PartitionStream>> = (0..facts.output_partitioning().partition_count())
            .map(|partition| {
                let (facts, bench, earlier, schema) = (Arc::clone(&facts), Arc::clone(&bench), Arc::clone(&earlier), Arc::clone(&schema));
                Arc::new(Judged { facts, partition, bench, earlier, schema, say: self.say }) as _
            })
            .collect();
        if !earlier.facts.is_empty() {
            streams.push(Arc::new(Rejudged { bench, earlier, schema: Arc::clone(&schema), say: self.say }));
        }
        StreamingTable::try_new(schema, streams)?.scan(state, None, filters, limit).await
    }
}

impl Sessions {
    /// The stored facts, in as many parts as are judged at once, without what nobody asks for and nothing is judged by.
    async fn facts(&self, state: &dyn Session, asked: &Schema) -> Result<Arc<dyn ExecutionPlan>> {
        let idle = |name: &str| PASSED_ON.contains(&name) && asked.index_of(name).is_err();
        let columns = table::SESSION_FACTS.columns.iter().enumerate().filter(|(_, column)| !idle(column.name)).map(|(index, _)| index).collect();
        let facts = self.desk.facts().scan(state, Some(&columns), &[], None).await?;
        let cores = state.config().target_partitions();
        if facts.output_partitioning().partition_count() >= cores {
            return Ok(facts);
        }
        Ok(Arc::new(RepartitionExec::try_new(facts, Partitioning::RoundRobinBatch(cores))?))
    }
}

/// Columns of the facts that become columns of `sessions` of the same name, and matter to no other.
const PASSED_ON: [&str; 5] = ["reason", "source_ip", "mfa", "run_as_user", "access_type"];

/// The facts with nulls for the columns that were not read.
fn completed(facts: &RecordBatch) -> Result<RecordBatch> {
    let schema = table::SESSION_FACTS.schema();
    let column = |field: &FieldRef| facts.column_by_name(field.name()).cloned().unwrap_or_else(|| new_null_array(field.data_type(), facts.num_rows()));
    let fields: Vec<Field> = schema.fields().iter().map(|field| Field::new(field.name(), column(field).data_type().clone(), true)).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), schema.fields().iter().map(column).collect())?)
}

/// One partition of the stored facts, judged.
struct Judged {
    facts: Arc<dyn ExecutionPlan>,
    partition: usize,
    bench: Arc<Bench>,
    earlier: Arc<Earlier>,
    schema: SchemaRef,
    say: Say,
}

impl fmt::Debug for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Judged {{ partition: {} }}", self.partition)
    }
}

impl PartitionStream for Judged {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let batches = match self.facts.execute(self.partition, context) {
            Ok(batches) => batches,
            Err(error) => return Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter([Err(error)]))),
        };
        let (bench, earlier, schema, say) = (Arc::clone(&self.bench), Arc::clone(&self.earlier), Arc::clone(&self.schema), self.say);
        let judged = batches.map(move |batch| {
            let facts = rows::facts_from(&completed(&batch?)?).map_err(external)?;
            let as_of = bench.context.as_of;
            let counts = |facts: &Facts| is_by(facts, as_of) && !earlier.session_ids.contains(&facts.session_id);
            Ok(say(&bench, facts.into_iter().filter(counts).collect(), &schema)?)
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), judged))
    }
}

/// Whether anything of the session is dated no later than `as_of`.
fn is_by(facts: &Facts, as_of: Timestamp) -> bool {
    facts.first_fact_at.is_some_and(|first| first <= as_of)
}

/// The sessions whose facts were reconstructed for an earlier `as_of`, judged.
struct Rejudged {
    bench: Arc<Bench>,
    earlier: Arc<Earlier>,
    schema: SchemaRef,
    say: Say,
}

impl fmt::Debug for Rejudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rejudged {{ sessions: {} }}", self.earlier.session_ids.len())
    }
}

impl PartitionStream for Rejudged {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let batch = (self.say)(&self.bench, self.earlier.facts.clone(), &self.schema).map_err(Into::into);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter([batch])))
    }
}
