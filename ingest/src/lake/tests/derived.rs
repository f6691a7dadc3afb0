//! `session_facts` is a function of `events`: however they came, and however it was brought up to date.

use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};

use super::world::{expected, ingest, keys, memory, open, rows};

#[tokio::test]
async fn the_order_and_size_of_batches_do_not_matter() {
    let expected = expected(9).await;
    let forwards = keys(9);
    let backwards: Vec<usize> = keys(9).into_iter().rev().collect();
    let mixed = vec![4, 0, 8, 2, 6, 1, 7, 3, 5];
    for (objects, portion) in [(forwards, 1), (backwards, 2), (mixed, 4)] {
        let store = memory();
        let mut lake = open(&store).await.unwrap();
        for part in objects.chunks(portion) {
            ingest(&mut lake, part, portion).await.unwrap();
            assert!(lake.refresh().await.unwrap() >= 3, "each object touches three sessions");
        }
        assert_eq!(rows(&store).await, expected);
    }
}

#[tokio::test]
async fn a_refresh_works_out_the_sessions_touched_and_no_others() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 0);
    ingest(&mut lake, &keys(9), 9).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 11);
    assert_eq!(lake.refresh().await.unwrap(), 0);
    ingest(&mut lake, &keys(10), 1).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 3);
    lake.compact(u64::MAX).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 0, "merged files say nothing new");
}

#[tokio::test]
async fn rebuild_equals_what_refresh_left() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    for part in keys(9).chunks(2) {
        ingest(&mut lake, part, 2).await.unwrap();
        lake.refresh().await.unwrap();
    }
    let before = rows(&store).await;
    assert_eq!(lake.rebuild().await.unwrap(), 11);
    assert_eq!(rows(&store).await, before);
    assert_eq!(lake.refresh().await.unwrap(), 0);
}

#[tokio::test]
async fn where_a_new_file_is_gone_after_a_merge_everything_is_worked_out() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(4), 4).await.unwrap();
    lake.refresh().await.unwrap();
    ingest(&mut lake, &keys(9), 5).await.unwrap();
    let named = |files: Vec<crate::lake::file::StoredFile>| files.into_iter().map(|file| file.path.to_string()).collect::<Vec<_>>();
    lake.events.refresh().await.unwrap();
    let small = named(lake.events.files());
    lake.compact(u64::MAX).await.unwrap();
    let merged = named(lake.events.files());
    assert_eq!(merged.len(), 1);
    // As after a vacuum.
    let files: Vec<_> = store.list(Some(&"some/lake/events".into())).try_collect().await.unwrap();
    for file in files.iter().filter(|file| small.iter().any(|name| file.location.filename() == Some(name.as_str()))) {
        store.delete(&file.location).await.unwrap();
    }
    assert_eq!(lake.refresh().await.unwrap(), 11);
    assert_eq!(rows(&store).await, expected(9).await);
}
