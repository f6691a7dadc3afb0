//! Every layout names what there is, and every question of a report is one that the engine understands.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::json::ReaderBuilder;
use datafusion::catalog::MemTable;
use report::{Kind, Period};
use schemas::Timestamp;
use serde_json::{Value, json};

use super::bound::{bound, words};
use super::layout::Layout;
use super::span::{Bounds, Span};
use super::{BriefError, LAST, Wanted};
use crate::engine::Engine;
use crate::engine::tests::{engine, ndjson};

fn bounds(label: &str, starts_on: &str, days: i32, next: &str) -> Bounds {
    let at = |date: &str| Timestamp::parse(&format!("{date}T00:00:00Z")).unwrap();
    // No question asks for the last day.
    let ends_on = String::new();
    let period = Period { label: label.to_owned(), starts_on: starts_on.to_owned(), ends_on, start_at: at(starts_on), end_at: at(next), to_date: false };
    Bounds { period, starts_on: days }
}

fn span(with_before: bool) -> Span {
    let before = bounds("2026-W27", "2026-06-29", 20_633, "2026-07-06");
    Span { this: bounds("2026-W28", "2026-07-06", 20_640, "2026-07-13"), before: with_before.then(|| before.clone()), first: before }
}

#[test]
fn layouts_name_what_there_is() {
    let mut asked = BTreeSet::new();
    for kind in [Kind::Weekly, Kind::Quarterly] {
        let layout = Layout::of(kind);
        let mut ids = BTreeSet::new();
        for part in layout.parts {
            assert!(ids.insert(part.id), "{} stands twice", part.id);
            for (id, _) in part.tables {
                assert!(queries::REPORT.iter().any(|question| question.id == *id), "there is no question {id}");
                assert!(ids.insert(id) || part.id == *id, "{id} stands twice");
                asked.insert(*id);
            }
            for picture in part.charts {
                assert!(part.tables.iter().any(|(id, _)| *id == picture.table), "{} draws a table of another section", picture.id);
            }
        }
        for headline in layout.figures {
            assert!(ids.contains(headline.table), "{} stands in no table", headline.id);
        }
    }
    let all: BTreeSet<&str> = queries::REPORT.iter().map(|question| question.id).collect();
    assert_eq!(asked, all, "every question is asked in some report");
}

/// Tables of which a report asks where the ledger has them: name, columns with their types, and rows.
const LACKING: [(&str, &str, &str); 7] = [
    (
        "findings",
        "finding_id rule severity certainty account_id region subject_kind subject session_id tier owner opened_at:instant closed_at:instant closed_by detail evidence controls",
        r#"{"finding_id":"1","rule":"A","severity":"high","opened_at":"2026-07-01T00:00:00Z"}
           {"finding_id":"2","rule":"A","severity":"high","opened_at":"2026-07-07T00:00:00Z","closed_at":"2026-07-08T00:00:00Z"}
           {"finding_id":"3","rule":"B","severity":"low","opened_at":"2026-07-05T00:00:00Z","closed_at":"2026-07-06T00:00:00Z"}
           {"finding_id":"4","rule":"B","severity":"low","opened_at":"2026-07-13T00:00:00Z"}"#,
    ),
    (
        "controls",
        "rule framework control strength words",
        r#"{"rule":"A","framework":"NIST","control":"AC-12","strength":"direct"}
           {"rule":"A","framework":"PCI","control":"8.2.8","strength":"direct"}
           {"rule":"A","framework":"SOC 2","control":"CC6.1","strength":"supporting"}"#,
    ),
    (
        "kpi_quarterly",
        "quarter_start:date quarter rule severity opened:count closed:count open_at_end:count",
        r#"{"quarter_start":"2026-07-06","quarter":"2026-Q3","rule":"A","severity":"high","opened":2,"closed":1,"open_at_end":1}"#,
    ),
    (
        "kpi_quarterly_summary",
        "quarter_start:date quarter findings_opened:count findings_open_at_end:count violations:count mttt_mean_seconds:number mttt_p50_seconds:number \
         mttt_p90_seconds:number mttt_rmst_seconds:number instances:count covered:count coverage_percent:number sessions:count transcripts_expected:count \
         transcripts_present:count transcripts_percent:number",
        r#"{"quarter_start":"2026-07-06","quarter":"2026-Q3","sessions":7}"#,
    ),
    (
        "kpi_owner",
        "period_kind period_start:date owner cost_center sessions:count session_hours:number over_limit_hours:number idle_hours_suspected:number log_bytes:count log_cost:number",
        r#"{"period_kind":"week","period_start":"2026-07-06","owner":"a","cost_center":"b","sessions":3}"#,
    ),
    (
        "policy_tiers",
        "effective_from:instant kind name reason matchers from_at:instant until_at:instant",
        r#"{"effective_from":"2026-01-01T00:00:00Z","kind":"exception","name":"a","from_at":"2026-06-01T00:00:00Z","until_at":"2026-07-07T00:00:00Z"}
           {"effective_from":"2026-01-01T00:00:00Z","kind":"exception","name":"over","from_at":"2026-06-01T00:00:00Z","until_at":"2026-07-06T00:00:00Z"}
           {"effective_from":"2026-01-01T00:00:00Z","kind":"exception","name":"to come","from_at":"2026-07-13T00:00:00Z","until_at":"2026-08-06T00:00:00Z"}
           {"effective_from":"2026-01-01T00:00:00Z","kind":"tier","name":"default"}
           {"effective_from":"2026-07-12T00:00:00Z","kind":"exception","name":"a","from_at":"2026-06-01T00:00:00Z","until_at":"2026-07-07T00:00:00Z"}
           {"effective_from":"2026-07-13T00:00:00Z","kind":"exception","name":"later","from_at":"2026-06-01T00:00:00Z","until_at":"2026-09-01T00:00:00Z"}"#,
    ),
    (
        "preference_changes",
        "event_time:instant account_id region document_name event_name principal_arn version_before version_after changes coverage_before:number coverage_after:number",
        r#"{"event_time":"2026-07-07T00:00:00Z","account_id":"1"} {"event_time":"2026-07-13T00:00:00Z","account_id":"2"}"#,
    ),
];

/// An engine that has these too.
fn whole_engine() -> Engine {
    let engine = engine();
    for (name, columns, rows) in LACKING {
        let fields = columns.split_whitespace().map(|column| {
            let (column, kind) = column.split_once(':').unwrap_or((column, "text"));
            let data = match kind {
                "instant" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
                "date" => DataType::Date32,
                "count" => DataType::Int64,
                "number" => DataType::Float64,
                _ => DataType::Utf8,
            };
            Field::new(column, data, true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let reader = ReaderBuilder::new(Arc::clone(&schema)).build(rows.as_bytes()).unwrap();
        let batches = reader.collect::<Result<Vec<_>, _>>().unwrap();
        engine.register(name, Arc::new(MemTable::try_new(schema, vec![batches]).unwrap()));
    }
    engine
}

/// The SQL of a question about a period, as the report of it asks.
pub(crate) async fn asked(engine: &Engine, kind: Kind, period: &str, as_of: Timestamp, id: &str) -> String {
    let question = queries::REPORT.iter().find(|question| question.id == id).unwrap_or_else(|| panic!("there is no question {id}"));
    let wanted = Wanted { kind, period: Some(period.to_owned()), timezone: String::new(), program: String::new() };
    let span = Span::find(engine, &wanted, Layout::of(kind).trend, as_of).await.unwrap();
    bound(question.statement(), &words(kind, &span))
}

async fn answered(id: &str) -> Vec<Value> {
    let question = queries::REPORT.iter().find(|question| question.id == id).unwrap();
    let kind = if ["quarters", "findings_and_controls"].contains(&id) { Kind::Quarterly } else { Kind::Weekly };
    let sql = bound(question.statement(), &words(kind, &span(true)));
    ndjson(whole_engine().ask(&sql).await.unwrap_or_else(|error| panic!("{id}: {error:?}"))).await
}

#[tokio::test]
async fn findings_are_counted_by_the_period() {
    let weeks = answered("findings").await;
    // The calendar of the engine begins with the week of 2026-06-29.
    assert_eq!(weeks[0], json!({"period_start": "2026-06-29", "period": "2026-W27", "opened": 2, "closed": 0, "open_at_end": 2, "high_at_end": 1}));
    // What is opened and closed makes the difference of what is open. What is dated to the very end of a period belongs to the next.
    assert_eq!(weeks[1], json!({"period_start": "2026-07-06", "period": "2026-W28", "opened": 1, "closed": 2, "open_at_end": 1, "high_at_end": 1}));
    let rules = answered("findings_by_rule").await;
    assert_eq!(rules[0], json!({"rule": "A", "severity": "high", "opened": 1, "closed": 1, "open_at_end": 1}));
    assert_eq!(rules[1], json!({"rule": "B", "severity": "low", "opened": 0, "closed": 1, "open_at_end": 0}));
    let open = answered("findings_open").await;
    assert_eq!(open.iter().map(|finding| finding["finding_id"].clone()).collect::<Vec<_>>(), ["1"]);
}

#[tokio::test]
async fn what_else_a_ledger_may_have_is_told() {
    let cited = answered("findings_and_controls").await;
    assert_eq!((&cited[0]["direct"], &cited[0]["supporting"]), (&json!("NIST AC-12, PCI 8.2.8"), &json!("SOC 2 CC6.1")));
    for (id, rows) in [("quarters", 1), ("cost", 1), ("exceptions", 1), ("preference_changes", 1)] {
        assert_eq!(answered(id).await.len(), rows, "{id}");
    }
}

#[tokio::test]
async fn every_question_is_understood_and_names_its_key() {
    let engine = whole_engine();
    for (kind, with_before) in [(Kind::Weekly, true), (Kind::Quarterly, false)] {
        for question in queries::REPORT.iter() {
            let sql = bound(question.statement(), &words(kind, &span(with_before)));
            assert!(!sql.contains('$'), "{}: a word is not known: {sql}", question.id);
            let answer = engine.ask(&sql).await.unwrap_or_else(|error| panic!("{}: {error:?}", question.id));
            for column in question.grain.iter().chain(question.columns.iter().map(|(name, _)| name)) {
                assert!(answer.schema().field_with_name(column).is_ok(), "{}: there is no column {column}", question.id);
            }
        }
    }
}

#[tokio::test]
async fn the_last_period_is_the_newest_that_is_over() {
    let engine = engine();
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let find = async |as_of: &str| {
        let wanted = Wanted { kind: Kind::Weekly, period: Some(LAST.to_owned()), timezone: String::new(), program: String::new() };
        Span::find(&engine, &wanted, 12, at(as_of)).await.map(|span| (span.this.period.label, span.this.period.to_date))
    };
    // The engine's weeks begin in Berlin, on Mondays at 22:00 UTC of the day before, and W29 is the last of them.
    assert_eq!(find("2026-07-14T12:00:00Z").await.unwrap(), ("2026-W28".to_owned(), false));
    assert_eq!(find("2026-07-12T22:00:00Z").await.unwrap(), ("2026-W28".to_owned(), false), "a week is over at the instant at which it ends");
    assert_eq!(find("2026-07-12T21:59:59Z").await.unwrap(), ("2026-W27".to_owned(), false));
    assert!(matches!(find("2026-07-01T00:00:00Z").await, Err(BriefError::NoneEnded { kind: "week" })));
}
