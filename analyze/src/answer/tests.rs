//! What every form writes, and what none of them lets through.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::visible::acts;
use super::{Answer, Format, write};

const FORMATS: [Format; 5] = [Format::Table, Format::Csv, Format::Json, Format::Ndjson, Format::Parquet];

fn answer(batches: Vec<RecordBatch>) -> Answer {
    let schema = batches[0].schema();
    Answer::new(Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches.into_iter().map(Ok)))))
}

async fn bytes(batches: Vec<RecordBatch>, format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    assert_eq!(write(answer(batches), format, &mut out).await.unwrap(), rows as u64);
    out
}

async fn text(batch: RecordBatch, format: Format) -> String {
    String::from_utf8(bytes(vec![batch], format).await).unwrap()
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(values.iter().collect::<StringArray>())
}

fn sample() -> RecordBatch {
    let micros = TimestampMicrosecondArray::from(vec![Some(1_784_020_500_000_007), None]).with_timezone("UTC");
    batch(vec![
        ("id", texts(&[Some("=1+1-0a1b"), Some("plain, \"quoted\"")])),
        ("n", Arc::new(Int64Array::from(vec![Some(-5), None]))),
        ("share", Arc::new(Float64Array::from(vec![Some(66.5), Some(0.1)]))),
        ("at", Arc::new(micros)),
        ("day", Arc::new(Date32Array::from(vec![Some(20_648), Some(-1)]))),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None]))),
    ])
}

#[tokio::test]
async fn the_forms_of_one_answer() {
    assert_eq!(
        text(sample(), Format::Table).await,
        "id               n     share  at                           day         list\n\
         ───────────────  ────  ─────  ───────────────────────────  ──────────  ────────\n\
         =1+1-0a1b          -5   66.5  2026-07-14T09:15:00.000007Z  2026-07-14  [1,null]\n\
         plain, \"quoted\"  null    0.1  null                         1969-12-31  null\n"
    );
    assert_eq!(
        text(sample(), Format::Csv).await,
        "id,n,share,at,day,list\n\"'=1+1-0a1b\",-5,66.5,2026-07-14T09:15:00.000007Z,2026-07-14,\"[1,null]\"\n\"plain, \"\"quoted\"\"\",,0.1,,1969-12-31,\n"
    );
    assert_eq!(
        text(sample(), Format::Ndjson).await,
        "{\"id\":\"=1+1-0a1b\",\"n\":-5,\"share\":66.5,\"at\":\"2026-07-14T09:15:00.000007Z\",\"day\":\"2026-07-14\",\"list\":[1,null]}\n\
         {\"id\":\"plain, \\\"quoted\\\"\",\"n\":null,\"share\":0.1,\"at\":null,\"day\":\"1969-12-31\",\"list\":null}\n"
    );
    let json = text(sample(), Format::Json).await;
    let lines = text(sample(), Format::Ndjson).await;
    assert_eq!(
        serde_json::from_str::<Vec<serde_json::Value>>(&json).unwrap(),
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
    );
}

#[tokio::test]
async fn an_answer_without_rows_still_has_its_columns() {
    let none = sample().slice(0, 0);
    assert_eq!(text(none.clone(), Format::Csv).await, "id,n,share,at,day,list\n");
    assert_eq!(text(none.clone(), Format::Json).await, "[\n]\n");
    assert_eq!(text(none.clone(), Format::Ndjson).await, "");
    assert!(text(none, Format::Table).await.starts_with("id  n  share"));
}

#[tokio::test]
async fn null_and_empty_text_differ() {
    let rows = batch(vec![("a", texts(&[None, Some("")])), ("b", texts(&[Some("x"), Some("y")]))]);
    assert_eq!(text(rows, Format::Csv).await, "a,b\n,x\n\"\",y\n");
}

#[tokio::test]
async fn what_a_spreadsheet_would_calculate_gets_an_apostrophe() {
    for formula in ["=HYPERLINK(\"x\")", "+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x", "＝1", "＋1", "－1", "＠a"] {
        let written = text(batch(vec![("v", texts(&[Some(formula)]))]), Format::Csv).await;
        assert!(written.starts_with("v\n\"'"), "{formula:?}: {written:?}");
    }
    let written = text(batch(vec![("v", Arc::new(Float64Array::from(vec![-1.5])) as ArrayRef)]), Format::Csv).await;
    assert_eq!(written, "v\n-1.5\n", "numbers are left alone");
}

#[tokio::test]
async fn no_export_is_cut_short() {
    let rows: Vec<RecordBatch> =
        (0..40).map(|part| batch(vec![("n", Arc::new(Int64Array::from_iter_values(part * 1_000..(part + 1) * 1_000)) as ArrayRef)])).collect();
    for (format, lines) in [(Format::Table, 40_002), (Format::Csv, 40_001), (Format::Json, 40_002), (Format::Ndjson, 40_000)] {
        assert_eq!(bytes(rows.clone(), format).await.iter().filter(|byte| **byte == b'\n').count(), lines, "{format:?}");
    }
    let parquet = bytes(rows, Format::Parquet).await;
    let read: Vec<RecordBatch> = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(parquet)).unwrap().build().unwrap().map(Result::unwrap).collect();
    assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), 40_000);
}

#[tokio::test]
async fn parquet_holds_what_others_read() {
    let columns = vec![
        ("unsigned", Arc::new(UInt64Array::from(vec![7])) as ArrayRef),
        ("view", arrow::compute::cast(&texts(&[Some("\u{1b}[31m=1")]), &DataType::Utf8View).unwrap()),
        ("nothing", arrow::array::new_null_array(&DataType::Null, 1)),
    ];
    let written = bytes(vec![batch(columns)], Format::Parquet).await;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(written)).unwrap();
    let types: Vec<DataType> = reader.schema().fields().iter().map(|field| field.data_type().clone()).collect();
    assert_eq!(types, [DataType::Int64, DataType::Utf8, DataType::Utf8]);
    let row = reader.build().unwrap().next().unwrap().unwrap();
    assert_eq!(row.column(1).as_string::<i32>().value(0), "\u{1b}[31m=1", "values are exact");
    let too_large = batch(vec![("n", Arc::new(UInt64Array::from(vec![u64::MAX])) as ArrayRef)]);
    assert!(write(answer(vec![too_large]), Format::Parquet, &mut Vec::new()).await.is_err(), "a number that does not fit is no null");
}

/// Any text at all, with more of what acts than chance would give.
fn hostile() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        3 => any::<char>(),
        1 => proptest::char::range('\0', '\u{a0}'),
        1 => proptest::char::range('\u{2000}', '\u{2070}'),
        1 => proptest::sample::select(vec!['=', '"', ',', '\\', '\'', '{', '\u{61c}', '\u{feff}']),
    ];
    proptest::collection::vec(letter, 0..24).prop_map(|letters| letters.into_iter().collect())
}

#[test]
fn no_text_lets_an_acting_character_through_and_json_stays_exact() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    runner
        .run(&(hostile(), hostile()), |(name, value)| {
            let schema = Arc::new(Schema::new(vec![Field::new(name.clone(), DataType::Utf8, true), Field::new("list", DataType::Utf8, true)]));
            let column = texts(&[Some(value.as_str())]);
            let rows = RecordBatch::try_new(schema, vec![column.clone(), column]).unwrap();
            for format in FORMATS.into_iter().filter(|format| *format != Format::Parquet) {
                let written = runtime.block_on(text(rows.clone(), format));
                let through: Vec<char> = written.chars().filter(|letter| acts(*letter) && *letter != '\n').collect();
                prop_assert!(through.is_empty(), "{format:?} lets {through:?} through");
                let lines = written.matches('\n').count();
                prop_assert_eq!(
                    lines,
                    match format {
                        Format::Table | Format::Json => 3,
                        Format::Csv => 2,
                        _ => 1,
                    },
                    "{:?}",
                    format
                );
            }
            let line = runtime.block_on(text(rows, Format::Ndjson));
            let object: serde_json::Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(object["list"].as_str(), Some(value.as_str()));
            Ok(())
        })
        .unwrap();
}
