//! Merging preserves every row, and reads no more than it may.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use super::world::{SMALL, expected, ingest, keys, memory, open, rows, rows_at, stage};
use crate::lake::{Lake, local_url};

#[tokio::test]
async fn rows_stay_and_files_become_few() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    for objects in [keys(5), keys(9)] {
        ingest(&mut lake, &objects, 1).await.unwrap();
        lake.refresh().await.unwrap();
    }
    for compacted in lake.compact(u64::MAX).await.unwrap() {
        assert!(compacted.files_after <= 1, "{compacted:?}");
        assert!(compacted.table == "runs" || compacted.files_before > compacted.files_after, "{compacted:?}");
    }
    assert_eq!(rows(&store).await, expected(9).await);
    let again = lake.compact(u64::MAX).await.unwrap();
    assert!(again.iter().all(|compacted| compacted.bytes_read == 0), "{again:?}");
    ingest(&mut lake, &keys(12), 1).await.unwrap();
    lake.refresh().await.unwrap();
    lake.compact(u64::MAX).await.unwrap();
    assert_eq!(rows(&store).await, expected(12).await);
}

#[tokio::test]
async fn the_budget_bounds_what_is_read() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(9), 1).await.unwrap();
    let budget = 30_000;
    let mut rounds = 0;
    loop {
        let compacted = lake.compact(budget).await.unwrap();
        let read: u64 = compacted.iter().map(|compacted| compacted.bytes_read).sum();
        assert!(read <= budget, "{read} bytes");
        if read == 0 {
            break;
        }
        rounds += 1;
    }
    assert!(rounds > 1, "one round did it all");
    lake.refresh().await.unwrap();
    assert_eq!(rows(&store).await, expected(9).await);
}

#[tokio::test]
async fn a_vacuum_spares_what_is_young() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(3), 1).await.unwrap();
    let mut batch = lake.stage();
    stage(&mut batch, 3).await.unwrap();
    stage(&mut batch, 4).await.unwrap();
    lake.refresh().await.unwrap();
    lake.compact(u64::MAX).await.unwrap();
    assert_eq!(lake.vacuum().await.unwrap(), 0);
    // The batch that was being staged meanwhile can still be committed.
    lake.commit(batch).await.unwrap();
    lake.refresh().await.unwrap();
    assert_eq!(rows(&store).await, expected(5).await);
}

#[tokio::test]
async fn a_vacuum_removes_what_is_old_and_named_by_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (store, url): (Arc<dyn ObjectStore>, _) = (Arc::new(LocalFileSystem::new()), local_url(folder.path()).unwrap());
    let mut lake = Lake::open_tuned(Arc::clone(&store), &url, SMALL).await.unwrap();
    ingest(&mut lake, &keys(3), 3).await.unwrap();
    lake.refresh().await.unwrap();
    let files = || parquet_files(folder.path());
    let named = files();
    // A run that was killed while it staged.
    let mut batch = lake.stage();
    for object in 3..6 {
        stage(&mut batch, object).await.unwrap();
    }
    drop(batch);
    let garbage: Vec<_> = files().into_iter().filter(|file| !named.contains(file)).collect();
    assert!(!garbage.is_empty());
    for file in files() {
        std::fs::File::open(file).unwrap().set_modified(SystemTime::now() - Duration::from_secs(8 * 86_400)).unwrap();
    }
    assert_eq!(lake.vacuum().await.unwrap(), garbage.len() as u64);
    assert_eq!(files(), named);
    assert_eq!(rows_at(&store, &url).await, expected(3).await);
}

fn parquet_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let tables = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = tables.flat_map(|table| std::fs::read_dir(table).unwrap().map(|entry| entry.unwrap().path()));
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "parquet")).collect();
    files.sort();
    files
}

#[tokio::test]
async fn run_by_run_files_stay_few_and_rows_stay() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    let mut most = 0;
    for object in keys(12) {
        ingest(&mut lake, &[object], 1).await.unwrap();
        lake.refresh().await.unwrap();
        lake.settle().await.unwrap();
        most = most.max(lake.shelves_mut().iter().map(|shelf| shelf.files().len()).max().unwrap());
    }
    // Two files of one size become one here, so there is one of each size at most.
    assert!(most <= 4, "{most} files of one table");
    assert_eq!(rows(&store).await, expected(12).await);
    assert_eq!(lake.refresh().await.unwrap(), 0, "merged files say nothing new");
    let settled = lake.settle().await.unwrap();
    assert!(settled.iter().all(|compacted| compacted.bytes_read == 0), "{settled:?}");
}
