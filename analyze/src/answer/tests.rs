//! What every form writes, and what none of them lets through.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, FixedSizeListArray, Float64Array, Int64Array, ListArray, MapBuilder, RecordBatch, StringArray, StringBuilder,
    StructArray, TimestampMicrosecondArray, TimestampNanosecondArray, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, TimeUnit};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{Answer, Format, write};
use crate::engine::QueryError;

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
    let alone = batch(vec![("a", texts(&[None, Some("x")]))]);
    assert_eq!(text(alone, Format::Csv).await, "a\n\"\"\nx\n", "an empty line is no row to those who read it");
}

#[tokio::test]
async fn two_columns_of_one_name_are_refused_where_a_name_holds_one_value() {
    for format in FORMATS {
        let rows = RecordBatch::try_new(
            Arc::new(Schema::new(vec![Field::new("n", DataType::Utf8, true), Field::new("n", DataType::Utf8, true)])),
            vec![texts(&[Some("a")]), texts(&[Some("b")])],
        );
        let mut out = Vec::new();
        let written = write(answer(vec![rows.unwrap()]), format, &mut out).await;
        if matches!(format, Format::Table | Format::Csv) {
            assert_eq!(written.unwrap(), 1, "{format:?}");
            continue;
        }
        let error = written.unwrap_err();
        assert!(matches!(error, QueryError::Sql { .. }), "{format:?}: {error:?}");
        assert_eq!((error.to_string().as_str(), error.hint()), ("two columns are named \"n\"", Some("name them apart with AS")));
        assert!(out.is_empty(), "{format:?}");
    }
}

#[tokio::test]
async fn what_a_spreadsheet_would_calculate_gets_an_apostrophe() {
    for formula in ["=HYPERLINK(\"x\")", "+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x", "＝1", "＋1", "－1", "＠a"] {
        let written = text(batch(vec![("v", texts(&[Some(formula)]))]), Format::Csv).await;
        assert!(written.starts_with("v\n\"'"), "{formula:?}: {written:?}");
    }
    for (later, expected) in [
        ("x;=HYPERLINK(\"u\")", "\"x;'=HYPERLINK(\"\"u\"\")\""),
        ("a;b; \"@SUM(A1)", "\"a;b;' \"\"@SUM(A1)\""),
        ("=1;+1", "\"'=1;'+1\""),
        (";-1", "\";'-1\""),
        ("a;b=c", "a;b=c"),
        ("x\t=1", "x\\u{9}=1"),
    ] {
        assert_eq!(text(batch(vec![("v", texts(&[Some(later)]))]), Format::Csv).await, format!("v\n{expected}\n"));
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
        ("view", cast(&texts(&[Some("\u{1b}[31m=1")]), &DataType::Utf8View).unwrap()),
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

#[tokio::test]
async fn parquet_is_readable_all_the_way_down() {
    let nanos = || Arc::new(TimestampNanosecondArray::from(vec![1_784_020_500_000_007_999]).with_timezone("UTC")) as ArrayRef;
    let view = || cast(&texts(&[Some("v")]), &DataType::Utf8View).unwrap();
    let field = |name: &str, of: &ArrayRef| Arc::new(Field::new(name, of.data_type().clone(), true));
    let record = StructArray::from(vec![(field("at", &nanos()), nanos()), (field("text", &view()), view())]);
    let pair = FixedSizeListArray::new(field("item", &nanos()), 1, nanos(), None);
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    map.keys().append_value("k");
    map.values().append_value("v");
    map.append(true).unwrap();
    let columns = vec![("at", nanos()), ("record", Arc::new(record) as ArrayRef), ("pair", Arc::new(pair)), ("map", Arc::new(map.finish()))];
    let written = bytes(vec![batch(columns)], Format::Parquet).await;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(written)).unwrap();
    assert_eq!(reader.metadata().file_metadata().created_by(), Some(concat!("sessiontrail version ", env!("CARGO_PKG_VERSION"))));
    let row = reader.build().unwrap().next().unwrap().unwrap();
    let micros = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(row.column(0).data_type(), &micros);
    let record = row.column(1).as_struct();
    assert_eq!([record.column(0).data_type(), record.column(1).data_type()], [&micros, &DataType::Utf8]);
    assert_eq!(record.column(0).as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(0), 1_784_020_500_000_007);
    assert!(matches!(row.column(2).data_type(), DataType::FixedSizeList(item, 1) if *item.data_type() == micros), "{}", row.column(2).data_type());
    assert_eq!(row.column(3).as_map().values().as_string::<i32>().value(0), "v");
}

#[tokio::test]
async fn no_row_group_of_parquet_grows_with_the_answer() {
    let rows: Vec<RecordBatch> = (0..3).map(|_| batch(vec![("n", Arc::new(Int64Array::from_iter_values(0..100_000)) as ArrayRef)])).collect();
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes(rows, Format::Parquet).await)).unwrap();
    let largest = reader.metadata().row_groups().iter().map(parquet::file::metadata::RowGroupMetaData::num_rows).max().unwrap();
    assert!(largest <= 131_072, "{largest}");
}

/// The characters that the contract bans from every output: C0 (line feeds end our own lines), DEL, C1, bidirectional marks and overrides,
/// line and paragraph separators. Spelt out here, so that the code under test is not asked what it should do.
fn is_banned(letter: char) -> bool {
    match u32::from(letter) {
        0x0a => false,
        0x00..=0x1f | 0x7f | 0x80..=0x9f => true,
        0x061c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 => true,
        0x2028 | 0x2029 => true,
        _ => false,
    }
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
                let through: Vec<char> = written.chars().filter(|letter| is_banned(*letter)).collect();
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
