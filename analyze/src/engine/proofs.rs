//! Runs every `.slt` beside a query, through the engine that answers users.
//!
//! Each file builds small worlds of its own. `WORLD '<time zone>' <fiscal start> '<from>' '<as_of>'` begins a new one, with the
//! tables that queries read, all empty; `INSERT` fills them behind the engine's back, since the engine itself only reads. `REPORT weekly 2026-W28 coverage` is
//! what the report of that week asks under this name.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use policy::Policy;
use report::Kind;
use schemas::Timestamp;
use serde_json::Value;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

use super::tests::{lay_out, ndjson, settings};
use super::{Engine, QueryError};
use crate::brief::tests::asked;
use crate::calendar::Calendar;

struct World {
    engine: Engine,
    as_of: Timestamp,
}

impl World {
    fn new(words: &str) -> Self {
        let words: Vec<&str> = words.split_whitespace().map(|word| word.trim_matches('\'')).collect();
        let [timezone, fiscal_year_start, from, as_of] = words[..] else { panic!("WORLD takes four words, not {words:?}") };
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let calendar = Calendar::new(timezone, fiscal_year_start.parse().unwrap(), at(from), at(as_of)).unwrap();
        let engine = Engine::new(&settings()).unwrap();
        engine.keep(&Arc::new(calendar)).unwrap();
        engine.obey(&Policy::none());
        lay_out(&engine);
        Self { engine, as_of: at(as_of) }
    }

    async fn asked(&self, words: &str) -> String {
        let words: Vec<&str> = words.split_whitespace().collect();
        let [kind, period, id] = words[..] else { panic!("REPORT takes three words, not {words:?}") };
        let kind = if kind == "weekly" { Kind::Weekly } else { Kind::Quarterly };
        asked(&self.engine, kind, period, self.as_of, id).await
    }
}

#[async_trait]
impl AsyncDB for World {
    type Error = QueryError;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, QueryError> {
        if let Some(words) = sql.strip_prefix("WORLD ") {
            *self = Self::new(words);
            return Ok(DBOutput::StatementComplete(0));
        }
        if sql.starts_with("INSERT ") {
            self.engine.context().sql(sql).await?.collect().await?;
            return Ok(DBOutput::StatementComplete(0));
        }
        let sql = match sql.strip_prefix("REPORT ") {
            Some(words) => self.asked(words).await,
            None => sql.to_owned(),
        };
        let answer = self.engine.ask(&sql).await?;
        let names: Vec<String> = answer.schema().fields().iter().map(|field| field.name().clone()).collect();
        let show = |value: &Value| match value {
            Value::Null => "NULL".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let rows = ndjson(answer).await.iter().map(|row| names.iter().map(|name| show(&row[name])).collect()).collect();
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Any; names.len()], rows })
    }

    async fn shutdown(&mut self) {}
}

fn proofs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../queries").join(folder);
    let mut proofs: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    proofs.retain(|path| path.extension().is_some_and(|kind| kind == "slt"));
    proofs.sort();
    proofs
}

async fn prove(folder: &str) {
    let proofs = proofs(folder);
    assert!(!proofs.is_empty());
    for proof in proofs {
        assert!(std::fs::read_to_string(&proof).unwrap().contains("----"), "{} proves nothing", proof.display());
        let mut runner = Runner::new(|| async { Ok(World::new("UTC 1 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z")) });
        runner.run_file_async(&proof).await.unwrap_or_else(|error| panic!("{}", error.display(false)));
    }
}

#[tokio::test]
async fn every_kpi_says_what_was_worked_out_by_hand() {
    prove("kpi").await;
}

#[tokio::test]
async fn every_rule_finds_what_was_worked_out_by_hand() {
    prove("findings").await;
}

#[tokio::test]
async fn every_view_says_what_was_worked_out_by_hand() {
    prove("views").await;
}

#[tokio::test]
async fn every_report_tells_what_was_worked_out_by_hand() {
    prove("report").await;
}

#[tokio::test]
async fn the_columns_of_a_query_are_those_that_its_header_explains() {
    let world = World::new("UTC 1 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z");
    for query in queries::all() {
        let answer = world.engine.ask(&format!("SELECT * FROM {}", query.id)).await.unwrap_or_else(|error| panic!("{}: {error}", query.id));
        let schema = answer.schema();
        let found: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let explained: Vec<&str> = query.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, explained, "{}", query.id);
        for field in schema.fields() {
            let of = field.data_type();
            assert!(
                !of.is_unsigned_integer() && !matches!(of, arrow::datatypes::DataType::Int32 | arrow::datatypes::DataType::Utf8View),
                "{}.{}: {of}",
                query.id,
                field.name()
            );
        }
    }
}

#[tokio::test]
async fn a_kpi_runs_as_it_is() {
    let world = World::new("UTC 1 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z");
    for query in queries::all() {
        world.engine.ask(query.sql).await.unwrap_or_else(|error| panic!("{}: {error}: {:?}", query.id, error.hint()));
    }
}
