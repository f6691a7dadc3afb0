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
            lake.settle().await.unwrap();
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
    assert!(other.known().holds("world", &key(1), "1").await.unwrap(), "the loser knows what the winner has");
    assert!(!other.known().holds("world", &key(2), "1").await.unwrap());
    assert!(other.known().holds_source("world").await.unwrap() && other.known().is_open(&gap("place-0", "denied")));
    // Another version of the object is another object, and a gap that is open is not noted again.
    let mut batch = other.stage();
    batch.object(ObjectRow { object_version: "2".into(), status: Status::Rejected, ..object_row(1) });
    batch.gap(GapRow { detail: "other words".into(), ..gap("place-0", "denied") });
    assert_eq!(other.commit(batch).await.unwrap(), Outcome::Committed);
    assert!(other.known().holds("world", &key(1), "2").await.unwrap());
    let rows = rows(&store).await;
    assert_eq!(rows["gaps"].len(), 1);
    assert_eq!(rows["objects"].len(), 2, "{:#?}", rows["objects"]);
    assert_eq!(rows["events"].len(), 4);
}

fn gap(place: &str, cause: &str) -> GapRow {
    GapRow { source: "world".into(), place: place.into(), cause: cause.into(), detail: "no".into() }
}

async fn note(lake: &mut Lake, gap: GapRow, is_closed: bool) {
    let mut batch = lake.stage();
    if is_closed {
        batch.close(gap)
    } else {
        batch.gap(gap)
    }
    assert_eq!(lake.commit(batch).await.unwrap(), Outcome::Committed);
}

#[tokio::test]
async fn gaps_open_and_close_once_whoever_notes_it() {
    let store = memory();
    let (mut one, mut other) = (open(&store).await.unwrap(), open(&store).await.unwrap());
    // Both find it, both find it closed, both find it again: a note each time, of whoever was first.
    for (notes, is_closed) in [(1, false), (2, true), (3, false)] {
        note(&mut one, gap("a.log", "denied"), is_closed).await;
        note(&mut other, gap("a.log", "denied"), is_closed).await;
        note(&mut one, gap("a.log", "denied"), is_closed).await;
        assert_eq!(rows(&store).await["gaps"].len(), notes);
        for known in [one.known(), other.known(), open(&store).await.unwrap().known()] {
            assert_eq!(known.is_open(&gap("a.log", "denied")), !is_closed);
        }
    }
    // What was never open is not closed, and another cause is another gap.
    note(&mut one, gap("b.log", "denied"), true).await;
    note(&mut one, gap("a.log", "missing"), false).await;
    assert_eq!(rows(&store).await["gaps"].len(), 4);
    one.compact(u64::MAX).await.unwrap();
    let again = open(&store).await.unwrap();
    let mut causes: Vec<&str> = again.known().open_gaps("world").map(|gap| gap.cause.as_str()).collect();
    causes.sort_unstable();
    assert_eq!(causes, ["denied", "missing"]);
    assert_eq!(again.known().open_gaps("elsewhere").count(), 0);
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
