//! What the engine answers, and what it refuses.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::catalog::MemTable;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use policy::Policy;
use schemas::{Timestamp, table};
use serde_json::{Value, json};

use super::{Engine, QueryError, Settings};
use crate::answer::{Answer, Format, write};
use crate::calendar::Calendar;

pub(super) fn settings() -> Settings {
    Settings { memory_bytes: 64 << 20, cores: 2, spill_dir: None }
}

pub(crate) fn engine() -> Engine {
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let calendar = Calendar::new("Europe/Berlin", 1, at("2026-07-01T00:00:00Z"), at("2026-07-14T12:00:00Z")).unwrap();
    let engine = Engine::new(&settings()).unwrap();
    engine.keep(&Arc::new(calendar)).unwrap();
    engine.obey(&Policy::none());
    lay_out(&engine);
    engine
}

/// Everything that a query may read, under the name by which it does; empty, and with every column nullable, so that a small world
/// says only what matters to it.
pub(super) fn lay_out(engine: &Engine) {
    let inputs = [
        ("sessions", &table::SESSIONS),
        ("assessed_observations", &table::ASSESSED_OBSERVATIONS),
        ("assessed_instances", &table::ASSESSED_INSTANCES),
        ("source_reach", &table::SOURCE_REACH),
        ("prices", &table::PRICES),
        ("event_copies", &table::EVENTS),
        ("gap_notes", &table::GAPS),
        ("observations", &table::OBSERVATIONS),
        ("rejects", &table::REJECTS),
        ("objects", &table::OBJECTS),
        ("observations", &table::OBSERVATIONS),
        ("idle_spells", &table::IDLE_SPELLS),
        ("instance_spells", &table::INSTANCE_SPELLS),
        ("document_spells", &table::DOCUMENT_SPELLS),
        ("destination_spells", &table::DESTINATION_SPELLS),
        ("policy_tiers", &table::POLICY_TIERS),
        ("acknowledgements", &table::ACKNOWLEDGEMENTS),
    ];
    for (name, table) in inputs {
        let fields: Vec<Field> = table.schema().fields().iter().map(|field| Field::clone(field).with_nullable(true)).collect();
        engine.register(name, Arc::new(MemTable::try_new(Arc::new(Schema::new(fields)), vec![vec![]]).unwrap()));
    }
}

pub(crate) async fn ndjson(answer: Answer) -> Vec<Value> {
    let mut text = Vec::new();
    write(answer, Format::Ndjson, &mut text).await.unwrap();
    String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn one(sql: &str) -> Value {
    let answer = engine().ask(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    ndjson(answer).await.remove(0)
}

async fn refused(sql: &str) -> (String, String) {
    // Some mistakes only show once rows are worked out.
    let found = match engine().ask(sql).await {
        Ok(mut answer) => answer.next().await.map(|rows| rows.map_or(0, |rows| rows.num_rows())),
        Err(error) => Err(error),
    };
    match found {
        Err(error @ QueryError::Sql { .. }) => (error.to_string(), error.hint().unwrap_or_default().to_owned()),
        other => panic!("{sql}: {other:?}"),
    }
}

#[tokio::test]
async fn functions_of_the_calendar() {
    let row = one("SELECT as_of() AS moment, local_date('2026-07-13T22:00:00Z') AS date, local_date(NULL) AS nothing,
        week_index('2026-07-12T22:00:00Z') - week_index('2026-07-12T21:59:59Z') AS later,
        week_index('2026-07-12T22:00:00Z') - week_before('2026-07-12T22:00:00Z') AS before,
        month_index('1970-01-15T00:00:00Z') AS month, quarter_index('1970-04-15T00:00:00Z') AS quarter, week_index(NULL) AS none,
        micros_between('2026-07-12T22:00:00Z', '2026-07-12T22:00:00.000007Z') AS micros")
    .await;
    let expected = json!({"moment": "2026-07-14T12:00:00.000000Z", "date": "2026-07-14", "nothing": null, "later": 1, "before": 1, "month": 0, "quarter": 1,
        "none": null, "micros": 7});
    assert_eq!(row, expected);
}

#[tokio::test]
async fn functions_over_groups() {
    let row = one("SELECT percentiles(v, [0.5, 0.9]) AS plain, percentiles([v, v], [0.5]) AS lists, percentiles(v, [0.5]) FILTER (WHERE v > 99) AS none,
        km_percentile(v, v < 4, 0.5) AS half, km_percentile(v, v < 4, 0.9) AS most, km_rmst(v, v < 4, 10) AS mean
        FROM (VALUES (1), (2), (3), (4), (10), (NULL)) AS t (v)")
    .await;
    // S falls to 4/5, 3/5, 2/5 at 1, 2 and 3, and stays there: 1 + 0.8 + 0.6 + 0.4 * 7 = 5.2.
    assert_eq!(row, json!({"plain": [3.0, 7.6], "lists": [3.0], "none": null, "half": 3.0, "most": null, "mean": 5.2}));
}

#[tokio::test]
async fn lists_of_small_groups_make_up_the_numbers_of_large_ones() {
    let row = one("SELECT percentiles(list, [0.9, 0.5]) AS shares, km_percentile(ends, losses, 0.5) AS half, km_rmst(ends, losses, 10) AS mean, array_length(numbers(list)) AS n
        FROM (SELECT k, numbers(v) AS list, numbers(v) FILTER (WHERE v < 4) AS ends, numbers(v) FILTER (WHERE v >= 4) AS losses
              FROM (VALUES (1, 1), (1, 2), (2, 3), (2, 4), (3, 10), (4, NULL)) AS t (k, v) GROUP BY k)")
    .await;
    assert_eq!(row, json!({"shares": [7.6, 3.0], "half": 3.0, "mean": 5.2, "n": 5}));
    let row = one("SELECT numbers(v) AS list, percentiles(v, [0.5]) AS shares, km_percentile(v, TRUE, 0.5) AS half FROM (SELECT 1 AS v WHERE FALSE)").await;
    assert_eq!(row, json!({"list": null, "shares": null, "half": null}));
}

#[tokio::test]
async fn buckets_hold_their_lower_edge() {
    let row = one("SELECT array_agg(width_bucket(v, [0, 60, 300]) ORDER BY v) AS buckets, width_bucket(NULL, [0]) AS nothing
        FROM (VALUES (-0.5), (0), (59.9), (60), (299), (300), (1e9)) AS t (v)")
    .await;
    assert_eq!(row, json!({"buckets": [0, 1, 1, 2, 2, 3, 3], "nothing": null}));
    assert_eq!(refused("SELECT width_bucket(1, [2, 1])").await.0, "the edges of width_bucket() must ascend");
}

#[tokio::test]
async fn many_groups_in_many_partitions_come_to_the_same() {
    let row = one("SELECT count(*) AS n FROM (
        SELECT k, percentiles(v, [0.5]) AS p, km_percentile(v, TRUE, 0.5) AS h FROM (
            SELECT value % 10 AS k, CAST(value AS DOUBLE) AS v FROM generate_series(0, 100009) AS t (value)) GROUP BY k)
        WHERE p[1] = 50000.0 + k AND h = 50000.0 + k")
    .await;
    assert_eq!(row, json!({"n": 10}));
}

#[tokio::test]
async fn what_is_not_a_question_is_refused() {
    for sql in [
        "CREATE TABLE t AS VALUES (1)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '/tmp/t'",
        "CREATE SCHEMA s",
        "DROP TABLE calendar",
        "INSERT INTO calendar SELECT * FROM calendar",
        "UPDATE calendar SET label = 'x'",
        "DELETE FROM calendar",
        "COPY calendar TO '/tmp/x.parquet'",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "SET datafusion.execution.batch_size = 1",
        "RESET datafusion.execution.batch_size",
        "SELECT * INTO copied FROM calendar",
        "EXPLAIN INSERT INTO calendar SELECT * FROM calendar",
        "EXPLAIN ANALYZE COPY calendar TO '/tmp/x.parquet'",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "BEGIN",
        "TRUNCATE TABLE calendar",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE calendar",
        "",
        "-- nothing",
    ] {
        let (message, _) = refused(sql).await;
        assert!(!message.is_empty() && !message.ends_with('.') && !message.contains('\n'), "{sql}: {message}");
    }
    assert!(engine().ask("SELECT * FROM '/etc/passwd'").await.is_err());
}

#[tokio::test]
async fn a_refusal_names_what_is_refused_and_what_is_not() {
    for (sql, verb, hint) in [
        ("EXPLAIN INSERT INTO calendar SELECT * FROM calendar", "INSERT", "SELECT, WITH"),
        ("EXPLAIN ANALYZE COPY calendar TO '/tmp/x.parquet'", "COPY", "SELECT, WITH"),
        ("DROP TABLE calendar", "DROP", "SELECT, WITH"),
        ("SHOW CREATE TABLE calendar", "SHOW CREATE", "DESCRIBE"),
        ("SELECT * INTO copied FROM calendar", "SELECT INTO", "leave INTO out"),
        ("EXPLAIN SELECT * INTO copied FROM calendar", "SELECT INTO", "leave INTO out"),
        ("SELECT 1 AS n INTO copied UNION ALL SELECT 2", "SELECT INTO", "leave INTO out"),
    ] {
        let (message, said) = refused(sql).await;
        assert_eq!(message, format!("{verb} is refused: this session only reads"), "{sql}");
        assert!(said.contains(hint), "{sql}: {said}");
    }
}

#[tokio::test]
async fn what_is_a_question_is_answered() {
    for sql in [
        "SELECT 1;",
        "WITH t AS (SELECT 1 AS n) SELECT n FROM t",
        "VALUES (1)",
        "EXPLAIN SELECT 1",
        "SHOW TABLES",
        "DESCRIBE calendar",
        "SHOW COLUMNS FROM calendar",
    ] {
        let answer = engine().ask(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert!(!ndjson(answer).await.is_empty(), "{sql}");
    }
    let listed = ndjson(engine().ask("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'kpi%' ORDER BY 1").await.unwrap()).await;
    assert_eq!(listed.len(), queries::KPIS.len());
}

#[tokio::test]
async fn an_error_says_what_could_have_been_meant() {
    let (message, hint) = refused("SELECT * FROM calender").await;
    assert_eq!((message.as_str(), hint.as_str()), ("there is no table \"calender\"", "did you mean calendar?"));
    let (message, hint) = refused("SELECT lable FROM calendar").await;
    assert_eq!((message.as_str(), hint.as_str()), ("there is no column \"lable\"", "did you mean label?"));
    let (message, hint) = refused("SELECT now()").await;
    assert_eq!((message.as_str(), hint.contains("as_of()")), ("there is no function now()", true));
    let (message, _) = refused("SELEC 1").await;
    assert!(message.starts_with("this is no SQL: "), "{message}");
    let (message, _) = refused("SELECT CAST('x' AS BIGINT)").await;
    assert!(message.contains('x'), "{message}");
    let (message, _) = refused("SELECT percentiles(1.0, [1.5])").await;
    assert_eq!(message, "a share is a number from 0 to 1");
    let (message, _) = refused("SELECT week_index('nonsense')").await;
    assert!(message.contains("nonsense"), "{message}");
    let (message, _) = refused("SELECT date_trunc('fortnight', start_at) FROM calendar").await;
    assert!(message.contains("fortnight") && !message.starts_with("Execution error"), "{message}");
    let (message, _) = refused("SELECT $1").await;
    assert!(message.contains("$1"), "{message}");
}

#[tokio::test]
async fn types_stay_what_they_are() {
    let answer = engine()
        .ask("SELECT 'a' AS text, label, start_at, upper(label) AS upper, period_index, CAST('2026-01-01T00:00:00Z' AS TIMESTAMPTZ) AS cast_at FROM calendar")
        .await
        .unwrap();
    let types: Vec<DataType> = answer.schema().fields().iter().map(|field| field.data_type().clone()).collect();
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(types[..5], [DataType::Utf8, DataType::Utf8, instant, DataType::Utf8, DataType::Int64]);
    assert!(matches!(&types[5], DataType::Timestamp(_, Some(zone)) if zone.as_ref() == "UTC"), "{}", types[5]);
}

#[tokio::test]
async fn a_sort_larger_than_its_memory_spills_and_is_complete() {
    let settings = Settings { memory_bytes: 32 << 20, cores: 2, spill_dir: None };
    let engine = Engine::new(&settings).unwrap();
    let sql = "SELECT v FROM (SELECT value * 7919 % 1000003 AS v, repeat('x', 100) AS w FROM generate_series(1, 400000) AS t (value)) ORDER BY v, w";
    let mut answer = engine.ask(sql).await.unwrap();
    let (mut rows, mut last) = (0, i64::MIN);
    while let Some(batch) = answer.next().await.unwrap() {
        let values = arrow::array::AsArray::as_primitive::<arrow::datatypes::Int64Type>(batch.column(0)).values().clone();
        assert!(values.iter().all(|value| std::mem::replace(&mut last, *value) <= *value));
        rows += values.len();
    }
    assert_eq!(rows, 400_000);
}

#[tokio::test]
async fn every_column_says_what_it_means() {
    let rows = ndjson(engine().ask("SELECT * FROM columns").await.unwrap()).await;
    let silent: Vec<&Value> = rows.iter().filter(|row| row["doc"].as_str().is_none_or(str::is_empty)).collect();
    assert!(silent.is_empty(), "{silent:?}");
    let named: std::collections::BTreeSet<&str> = rows.iter().filter_map(|row| row["table_name"].as_str()).collect();
    let asked = ["sessions", "calendar", "columns", "event_copies"].into_iter().chain(queries::all().map(|query| query.id));
    asked.for_each(|name| assert!(named.contains(name), "{name} is not in {named:?}"));
    let expected = json!({"table_name": "kpi_weekly", "column_name": "week", "data_type": "text", "doc": "ISO week, such as 2026-W28."});
    assert!(rows.contains(&expected), "{expected}");
}

#[tokio::test]
async fn parquet_carries_the_meaning_of_every_column_of_a_kpi() {
    for query in queries::all() {
        let answer = engine().ask(&format!("SELECT * FROM {}", query.id)).await.unwrap();
        let mut file = Vec::new();
        write(answer, Format::Parquet, &mut file).await.unwrap();
        let schema = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file)).unwrap().schema().clone();
        let said: Vec<(&str, &str)> =
            schema.fields().iter().map(|field| (field.name().as_str(), field.metadata().get("comment").map(String::as_str).unwrap_or_default())).collect();
        let meant: Vec<(&str, &str)> = query.columns.iter().map(|(name, meaning)| (name.as_str(), meaning.as_str())).collect();
        assert_eq!(said, meant, "{}", query.id);
    }
}

#[tokio::test]
async fn no_view_over_events_holds_a_window_in_memory() {
    for view in ["events", "activity"] {
        let plan = ndjson(engine().ask(&format!("EXPLAIN SELECT * FROM {view}")).await.unwrap()).await;
        let plan = serde_json::to_string(&plan).unwrap();
        assert!(plan.contains("BoundedWindowAggExec"), "{view}: {plan}");
        assert!(!plan.replace("BoundedWindowAggExec", "").contains("WindowAggExec"), "{view}: {plan}");
    }
}

#[tokio::test]
async fn who_asks_for_one_session_reads_no_others_events() {
    for view in ["events", "activity"] {
        let plan = ndjson(engine().ask(&format!("EXPLAIN SELECT * FROM {view} WHERE session_id = 'jane-1'")).await.unwrap()).await;
        let physical = plan.iter().find(|row| row["plan_type"] == "physical_plan").and_then(|row| row["plan"].as_str()).unwrap();
        let lines: Vec<&str> = physical.lines().collect();
        let filtered = lines.iter().rposition(|line| line.contains("FilterExec") && line.contains("jane-1"));
        let windowed = lines.iter().rposition(|line| line.contains("WindowAggExec"));
        assert!(filtered.is_some() && filtered > windowed, "{view}: the session is chosen before copies are told apart: {physical}");
    }
}
