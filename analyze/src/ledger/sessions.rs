//! The table `sessions`: the stored facts, judged row by row as they are read. Nothing is held but what is being looked at.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::StreamExt;
use schemas::{Timestamp, table};
use sessions::reconstruct::Facts;
use sessions::rows;

use super::Desk;
use super::row::Bench;
use super::snapshots::external;

/// Sessions whose stored facts hold more than `as_of` allows, with the facts that were reconstructed for it.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    pub(super) session_ids: HashSet<String>,
    pub(super) facts: Vec<Facts>,
}

/// `sessions` as SQL sees it.
#[derive(Debug)]
pub(super) struct Sessions {
    desk: Arc<Desk>,
}

impl Sessions {
    pub(super) fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }
}

#[async_trait]
impl TableProvider for Sessions {
    fn schema(&self) -> SchemaRef {
        table::SESSIONS.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(&self, state: &dyn Session, projection: Option<&Vec<usize>>, filters: &[Expr], limit: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        let facts = self.desk.facts().scan(state, None, &[], None).await?;
        let bench = self.desk.bench().await?;
        let earlier = self.desk.earlier().await?;
        let mut streams: Vec<Arc<dyn PartitionStream>> = (0..facts.output_partitioning().partition_count())
            .map(|partition| {
                Arc::new(Judged { facts: Arc::clone(&facts), partition, bench: Arc::clone(&bench), earlier: Arc::clone(&earlier), schema: self.schema() }) as _
            })
            .collect();
        if !earlier.facts.is_empty() {
            streams.push(Arc::new(Rejudged { bench, earlier, schema: self.schema() }));
        }
        StreamingTable::try_new(self.schema(), streams)?.scan(state, projection, filters, limit).await
    }
}

/// One partition of the stored facts, judged.
struct Judged {
    facts: Arc<dyn ExecutionPlan>,
    partition: usize,
    bench: Arc<Bench>,
    earlier: Arc<Earlier>,
    schema: SchemaRef,
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
        let (bench, earlier) = (Arc::clone(&self.bench), Arc::clone(&self.earlier));
        let judged = batches.map(move |batch| {
            let facts = rows::facts_from(&batch?).map_err(external)?;
            let as_of = bench.context.as_of;
            let counts = |facts: &Facts| is_by(facts, as_of) && !earlier.session_ids.contains(&facts.session_id);
            Ok(bench.sessions(facts.into_iter().filter(counts).collect())?)
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
        let batch = self.bench.sessions(self.earlier.facts.clone()).map_err(Into::into);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter([batch])))
    }
}
