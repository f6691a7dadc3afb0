//! Bounds say what rows say, however the rows lie in pages and groups.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::Schema;
use object_store::memory::InMemory;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use proptest::prelude::*;

use super::*;

/// A row: source, oldest, newest, vouched, batch.
type Row = (u8, Option<i64>, Option<i64>, Option<i64>, i64);

fn batch(rows: &[Row]) -> RecordBatch {
    let contract = table::OBJECTS.schema();
    let schema = Schema::new(COLUMNS.map(|name| contract.field_with_name(name).unwrap().clone()).to_vec());
    let times = |time: fn(&Row) -> Option<i64>| Arc::new(rows.iter().map(time).collect::<TimestampMicrosecondArray>().with_timezone("UTC")) as ArrayRef;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| Some(format!("source-{}", row.0))).collect::<StringArray>()),
        times(|row| row.1),
        times(|row| row.2),
        times(|row| row.3),
        Arc::new(rows.iter().map(|row| Some(row.4)).collect::<Int64Array>()),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

/// How a file is written.
#[derive(Debug, Clone)]
struct Form {
    statistics: EnabledStatistics,
    group: usize,
    page: usize,
    by: &'static str,
}

async fn file(rows: &RecordBatch, form: &Form) -> Reader {
    let properties = WriterProperties::builder()
        .set_statistics_enabled(form.statistics)
        .set_max_row_group_row_count(Some(form.group))
        .set_data_page_row_count_limit(form.page)
        .set_write_batch_size(form.page)
        .set_created_by(form.by.to_owned())
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties)).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
    let (store, path, size): (Arc<dyn ObjectStore>, _, _) = (Arc::new(InMemory::new()), Path::from("file"), bytes.len() as u64);
    store.put(&path, bytes.into()).await.unwrap();
    Reader { store, path, size }
}

/// What every row says.
fn expected(rows: &RecordBatch, reflected: i64) -> Reached {
    let mut reached = Reached::default();
    take(&mut reached, rows, |batch| batch <= reflected);
    reached
}

fn forms() -> impl Strategy<Value = Form> {
    let statistics = prop_oneof![4 => Just(EnabledStatistics::Page), 2 => Just(EnabledStatistics::Chunk), 1 => Just(EnabledStatistics::None)];
    (statistics, 1_usize..40, 1_usize..7).prop_map(|(statistics, group, page)| Form { statistics, group, page, by: "sessiontrail 0.1.0" })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let time = || proptest::option::weighted(0.8, 0_i64..1_000);
    let row = (0_u8..4, time(), time(), proptest::option::weighted(0.2, 0_i64..1_000), 1_i64..6);
    proptest::collection::vec(row, 0..120)
}

proptest! {
    #[test]
    fn bounds_say_what_rows_say(mut rows in rows(), is_sorted in proptest::bool::weighted(0.8), form in forms(), reflected in 0_i64..7) {
        if is_sorted {
            rows.sort_unstable_by_key(|row| row.0);
        }
        let rows = batch(&rows);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(async { of_file(file(&rows, &form).await, |batch| batch <= reflected).await });
        prop_assert_eq!(found.unwrap(), Some(expected(&rows, reflected)));
    }
}

#[tokio::test]
async fn pages_of_one_source_are_not_read_and_files_of_others_are_not_relied_on() {
    let rows: Vec<Row> = (0..100).map(|row| (u8::from(row >= 53), Some(i64::from(row)), Some(1_000 - i64::from(row)), None, 1)).collect();
    let rows = batch(&rows);
    let form = Form { statistics: EnabledStatistics::Page, group: 100, page: 10, by: "sessiontrail 0.1.0" };
    let mut reader = file(&rows, &form).await;
    let footer = ArrowReaderMetadata::load_async(&mut reader, ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional)).await.unwrap();
    let group = Group { metadata: footer.metadata(), group: 0, columns: [0, 1, 2, 3, 4] };
    let mut reaches = Reaches::default();
    assert_eq!(group.reach(&mut reaches, |_| true), vec![50..60; 1], "only the page that two sources share");
    let reach = |first, last| Reach { first: Timestamp::from_micros(first), last: Timestamp::from_micros(last) };
    assert_eq!(reaches.events, [("source-0".to_owned(), reach(0, 1_000)), ("source-1".to_owned(), reach(60, 940))].into());
    assert_eq!(group.reach(&mut Reaches::default(), |_| false), vec![0..100; 1], "what is not reflected is counted");
    let strange = Form { by: "another engine", ..form };
    assert_eq!(of_file(file(&rows, &strange).await, |_| true).await.unwrap(), None);
}
