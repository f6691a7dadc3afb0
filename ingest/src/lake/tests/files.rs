//! The files are what every other engine expects, and the log says of them what is true.

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, LogicalType, TimeUnit, Type};

use super::world::{at, expected, ingest, key, keys, memory, open, rows};

#[tokio::test]
async fn parquet_files_carry_the_contract() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(6), 6).await.unwrap();
    lake.refresh().await.unwrap();
    for shelf in lake.shelves_mut().into_iter().filter(|shelf| shelf.folder.table.name != "runs") {
        for file in shelf.files() {
            let bytes: Bytes = shelf.folder.store.get(&file.path).await.unwrap().bytes().await.unwrap();
            assert_eq!(bytes.len() as u64, file.size, "{}", shelf.folder.table.name);
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
            assert_eq!(reader.schema().as_ref(), shelf.folder.table.schema().as_ref(), "types, nullability and comments");
            assert_eq!(Some(reader.metadata().file_metadata().num_rows().unsigned_abs()), file.rows);
            for column in reader.parquet_schema().columns() {
                match column.logical_type_ref() {
                    Some(LogicalType::Timestamp(timestamp)) => assert!(timestamp.is_adjusted_to_u_t_c && timestamp.unit == TimeUnit::MICROS),
                    Some(LogicalType::Integer(integer)) => assert!(integer.is_signed),
                    Some(LogicalType::String) => assert_eq!(column.physical_type(), Type::BYTE_ARRAY),
                    other => assert!(other.is_none(), "{other:?}"),
                }
            }
            let codecs = reader.metadata().row_groups().iter().flat_map(|group| group.columns().iter().map(|column| column.compression()));
            assert!(codecs.into_iter().all(|codec| matches!(codec, Compression::ZSTD(_))));
        }
    }
}

#[tokio::test]
async fn the_log_says_bounds_that_hold() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(1), 1).await.unwrap();
    let actions = lake.events.entry(lake.events.version()).await.unwrap().unwrap();
    let stats: Vec<serde_json::Value> = actions
        .iter()
        .filter_map(|action| match action {
            deltalake::kernel::Action::Add(add) => Some(serde_json::from_str(add.stats.as_deref().unwrap()).unwrap()),
            _ => None,
        })
        .collect();
    assert_eq!(stats.len(), 1);
    let stats = &stats[0];
    assert_eq!(stats["numRecords"], 4);
    assert_eq!(stats["nullCount"]["session_id"], 1);
    assert_eq!(stats["minValues"]["event_time"], "2026-07-01T00:00:00.000Z");
    assert_eq!(stats["maxValues"]["event_time"], "2026-07-01T00:00:03.000Z");
    assert_eq!(stats["minValues"]["bucket"], 0);
    assert_eq!(at(3).to_string(), "2026-07-01T00:00:03.000000Z");
}

#[tokio::test]
async fn a_lake_of_a_later_format_is_refused_in_plain_words() {
    let store = memory();
    drop(open(&store).await.unwrap());
    for (format, is_refused) in [("1", false), ("1.3", false), ("2", true)] {
        for table in ["objects", "session_facts"] {
            let path = format!("some/lake/{table}/_delta_log/00000000000000000000.json");
            let log = store.get(&path.as_str().into()).await.unwrap().bytes().await.unwrap();
            let log = String::from_utf8(log.to_vec()).unwrap();
            let said = log.split("\"sessiontrail.format\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            let other = log.replace(&format!("\"sessiontrail.format\":\"{said}\""), &format!("\"sessiontrail.format\":\"{format}\""));
            store.put(&path.as_str().into(), other.into()).await.unwrap();
        }
        let told = open(&store).await.err().map(|error| error.to_string());
        assert_eq!(told.is_some(), is_refused, "{told:?}");
        if let Some(told) = told {
            assert!(told.contains("is of format 2") && told.contains("use a newer version"), "{told}");
        }
    }
}

#[tokio::test]
async fn raw_tables_refuse_foreign_deletes_and_keep_their_log() {
    let store = memory();
    drop(open(&store).await.unwrap());
    let first: Vec<_> = store.list(None).try_collect().await.unwrap();
    assert_eq!(first.iter().filter(|file| file.location.as_ref().ends_with("/_delta_log/00000000000000000000.json")).count(), 9);
    for (table, raw) in [("events", true), ("session_facts", false)] {
        let path = format!("some/lake/{table}/_delta_log/00000000000000000000.json");
        let log = store.get(&path.as_str().into()).await.unwrap().bytes().await.unwrap();
        let log = String::from_utf8(log.to_vec()).unwrap();
        assert_eq!(log.contains("\"delta.appendOnly\":\"true\""), raw, "{table}");
        assert!(log.contains("\"delta.enableExpiredLogCleanup\":\"false\""), "{table}");
        assert!(log.contains("Bucket of the session id"), "{table}: comments of the columns");
    }
}

#[tokio::test]
async fn checkpoints_keep_the_marks() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(21), 1).await.unwrap();
    let checkpoint = store.get(&"some/lake/objects/_delta_log/_last_checkpoint".into()).await.unwrap().bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&checkpoint).contains("\"version\":19"), "{checkpoint:?}");
    // Without the entries before the checkpoint, everything that decides must still be there.
    for table in ["objects", "events", "rejects", "gaps"] {
        for version in 0..19 {
            let entry = format!("some/lake/{table}/_delta_log/{version:020}.json");
            let checkpointed = store.head(&format!("some/lake/{table}/_delta_log/_last_checkpoint").as_str().into()).await.is_ok();
            if checkpointed {
                store.delete(&entry.as_str().into()).await.unwrap();
            }
        }
    }
    let mut lake = open(&store).await.unwrap();
    for object in keys(21) {
        assert!(lake.known().holds("world", &key(object), "1").await.unwrap());
    }
    ingest(&mut lake, &keys(23), 1).await.unwrap();
    lake.refresh().await.unwrap();
    assert_eq!(rows(&store).await, expected(23).await);
}
