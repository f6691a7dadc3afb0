//! What is worked out once: parts of a question that say so, and `sessions` under every KPI.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use schemas::table;
use serde_json::json;

use super::tests::{engine, ndjson};
use super::{Engine, QueryError, Settings};
use crate::answer::Answer;

/// Asks with the parts of these names held.
async fn ask(engine: &Engine, sql: &str, held: &[&str]) -> Result<Answer> {
    let state = engine.context().state();
    let names: Vec<String> = held.iter().map(|name| (*name).to_owned()).collect();
    let plan = super::held::held(state.create_logical_plan(sql).await?, &names)?;
    Ok(Answer::new(DataFrame::new(state, plan).execute_stream().await?))
}

#[tokio::test]
async fn a_part_that_is_held_is_worked_out_once() {
    for (sql, held, expected) in [
        ("WITH r AS (SELECT random() AS v) SELECT a.v = b.v AS same FROM r AS a CROSS JOIN r AS b", vec!["r"], json!({"same": true})),
        (
            "WITH r AS (SELECT random() AS v), s AS (SELECT v FROM r UNION ALL SELECT v FROM r)
             SELECT count(*) AS n, count(DISTINCT s.v) AS different FROM s CROSS JOIN s AS t",
            vec!["r", "s"],
            json!({"n": 4, "different": 1}),
        ),
        (
            "WITH r AS (SELECT 1 AS n) SELECT n, (SELECT max(n) FROM (VALUES (5)) AS r (n)) AS five, (SELECT max(n) FROM r) AS one FROM r",
            vec!["r"],
            json!({"n": 1, "five": 5, "one": 1}),
        ),
        ("WITH r (v) AS (SELECT value FROM generate_series(1, 50000) AS t (value)) SELECT sum(v) AS v FROM r", vec!["r"], json!({"v": 1_250_025_000})),
        ("WITH r AS (SELECT 1 AS n WHERE FALSE) SELECT count(*) AS n FROM r", vec!["r"], json!({"n": 0})),
    ] {
        let engine = engine();
        assert_eq!(ndjson(ask(&engine, sql, &held).await.unwrap()).await, [expected], "{sql}");
    }
}

#[tokio::test]
async fn what_is_held_counts_as_memory() {
    let engine = Engine::new(&Settings { memory_bytes: 1 << 20, cores: 2, spill_dir: None }).unwrap();
    let sql = "WITH r AS (SELECT value, repeat('x', 100) AS w FROM generate_series(1, 200000) AS t (value)) SELECT count(*) FROM r";
    let refused = ask(&engine, sql, &["r"]).await.map(drop).map_err(QueryError::from);
    assert!(matches!(refused, Err(QueryError::OutOfMemory(_))), "{refused:?}");
}

/// An empty `sessions` that counts how often it is looked at.
#[derive(Debug)]
struct Watched {
    rows: MemTable,
    looks: AtomicUsize,
}

#[async_trait]
impl TableProvider for Watched {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(&self, state: &dyn Session, projection: Option<&Vec<usize>>, filters: &[Expr], limit: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.rows.scan(state, projection, filters, limit).await
    }
}

#[tokio::test]
async fn a_kpi_looks_at_sessions_once() {
    for kpi in queries::KPIS.iter() {
        let engine = engine();
        let watched = Arc::new(Watched { rows: MemTable::try_new(table::SESSIONS.schema(), vec![vec![]]).unwrap(), looks: AtomicUsize::new(0) });
        engine.register("sessions", Arc::clone(&watched) as _);
        ndjson(engine.ask(&format!("SELECT * FROM {}", kpi.id)).await.unwrap()).await;
        let expected = match kpi.id {
            "kpi_coverage" | "kpi_fleet_coverage" => 0,
            // Of most sessions it needs the tier alone, which a second look reads cheaper than the first would.
            "kpi_mttt" => 2,
            // Every rule about sessions looks at other columns, and keeps few rows; the last of them at the transcripts and at who came late.
            "kpi_quarterly" => 7,
            "kpi_quarterly_summary" => 10,
            _ => 1,
        };
        assert_eq!(watched.looks.load(Ordering::Relaxed), expected, "{}", kpi.id);
    }
}
