//! Several runs at once over the same objects: nothing is lost, and nothing is doubled.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use super::world::{SMALL, expected, ingest, key, keys, memory, object_row, open, rows, rows_at, stage};
use crate::lake::{GapRow, Lake, ObjectRow, Outcome, Status, local_url};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_runs_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = local_url(&folder.path().join("a lake of Übersee, 100%")).unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new());
    let runs = (0..8).map(|run| {
        let (store, url) = (Arc::clone(&store), url.clone());
        tokio::spawn(async move {
            let mut lake = Lake::open_tuned(store, &url, SMALL).await.unwrap();
            let mut objects = keys(12);
            objects.rotate_left(run);
            ingest(&mut lake, &objects, 1 + run % 3).await.unwrap();
            lake.refresh().await.unwrap();
            if run % 4 == 0 {
                lake.compact(u64::MAX).await.unwrap();
            }
        })
    });
    for run in futures::future::join_all(runs).await {
        run.unwrap();
    }
    assert_eq!(rows_at(&store, &url).await, expected(12).await);
}

#[tokio::test]
async fn a_batch_that_another_run_was_faster_with_is_not_committed() {
    let store = memory();
    let (mut one, mut other) = (open(&store).await.unwrap(), open(&store).await.unwrap());
    let mut late = other.stage();
    stage(&mut late, 1).await.unwrap();
    stage(&mut late, 2).await.unwrap();
    ingest(&mut one, &[1], 1).await.unwrap();
    assert_eq!(other.commit(late).await.unwrap(), Outcome::Conflicted);
    assert!(other.known().holds("world", &key(1), "1"), "the loser knows what the winner has");
    assert!(!other.known().holds("world", &key(2), "1"));
    assert!(other.known().holds_source("world") && other.known().holds_gap("world", "place-0"));
    // Another version of the object is another object, and a gap that is known is not said again.
    let mut batch = other.stage();
    batch.object(ObjectRow { object_version: "2".into(), status: Status::Denied, ..object_row(1) });
    batch.gap(GapRow { source: "world".into(), place: "place-0".into(), cause: "denied".into(), detail: "other words".into() });
    assert_eq!(other.commit(batch).await.unwrap(), Outcome::Committed);
    assert!(!other.known().holds("world", &key(1), "2"), "a denied object may be readable some other day");
    // Said once more, it is no second row; read at last, it is.
    for status in [Status::Denied, Status::Read] {
        let mut batch = one.stage();
        batch.object(ObjectRow { object_version: "2".into(), status, ..object_row(1) });
        assert_eq!(one.commit(batch).await.unwrap(), Outcome::Committed);
    }
    assert!(one.known().holds("world", &key(1), "2"));
    let rows = rows(&store).await;
    assert_eq!(rows["gaps"].len(), 1);
    assert_eq!(rows["objects"].len(), 3, "{:#?}", rows["objects"]);
    assert_eq!(rows["events"].len(), 4);
}

#[tokio::test]
async fn batches_of_different_objects_both_get_in() {
    let store = memory();
    let (mut one, mut other) = (open(&store).await.unwrap(), open(&store).await.unwrap());
    let mut late = other.stage();
    stage(&mut late, 1).await.unwrap();
    ingest(&mut one, &[0], 1).await.unwrap();
    assert_eq!(other.commit(late).await.unwrap(), Outcome::Committed);
    one.refresh().await.unwrap();
    assert_eq!(rows(&store).await, expected(2).await);
}
