//! Killed at any call, or with any answer lost, and run again: every table is that of the run that went well.

use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::faulty_store::{Counted, Death, FaultyStore};
use super::world::{empty_lake, expected, ingest, keys, memory, open, rows, rows_of};
use crate::lake::{Lake, LakeError};

const OBJECTS: usize = 3;

/// Runs as `ingest` and `compact` make them.
async fn run(store: &Arc<dyn ObjectStore>) -> Result<Lake, LakeError> {
    let mut lake = open(store).await?;
    ingest(&mut lake, &keys(OBJECTS)[..2], 2).await?;
    lake.refresh().await?;
    lake.settle().await?;
    ingest(&mut lake, &keys(OBJECTS), 2).await?;
    lake.refresh().await?;
    lake.settle().await?;
    lake.compact(u64::MAX).await?;
    Ok(lake)
}

fn mortal(store: &Arc<dyn ObjectStore>, last: usize, counted: Counted, death: Death) -> (Arc<FaultyStore>, Arc<dyn ObjectStore>) {
    let faulty = FaultyStore::new(Arc::clone(store), last, counted, death);
    (Arc::clone(&faulty), faulty)
}

/// Kills the run at each `step`th counted call, until it lives; gives the number of deaths.
async fn dies(counted: Counted, death: Death, step: usize) -> usize {
    let expected = expected(OBJECTS).await;
    let empty = empty_lake().await;
    let mut deaths = 0;
    for call in (0..).step_by(step) {
        let store: Arc<dyn ObjectStore> = Arc::new(empty.fork());
        let (faulty, store_of_run) = mortal(&store, call, counted, death);
        let first = run(&store_of_run).await;
        if !faulty.is_dead() {
            first.unwrap();
            break;
        }
        deaths += 1;
        let mut lake = run(&store).await.unwrap_or_else(|error| panic!("after a death at call {call}: {error:?}"));
        assert_eq!(rows_of(&mut lake).await, expected, "after a death at call {call}");
    }
    deaths
}

#[tokio::test]
async fn killed_before_every_write() {
    let deaths = dies(Counted::Writes, Death::Before, 1).await;
    assert!(deaths > 30, "only {deaths} writes: this is not the run that should be tested");
}

#[tokio::test]
async fn killed_after_every_write_before_its_answer() {
    let deaths = dies(Counted::Writes, Death::After, 1).await;
    assert!(deaths > 30, "only {deaths} writes: this is not the run that should be tested");
}

#[tokio::test]
async fn killed_at_reads() {
    let deaths = dies(Counted::Everything, Death::Before, 23).await;
    assert!(deaths > 10, "only {deaths} deaths: this is not the run that should be tested");
}

#[tokio::test]
async fn killed_while_the_tables_are_made() {
    for death in [Death::Before, Death::After] {
        for call in 0.. {
            let store = memory();
            let (faulty, store_of_run) = mortal(&store, call, Counted::Writes, death);
            let first = open(&store_of_run).await;
            if !faulty.is_dead() {
                first.unwrap();
                assert_eq!(call, 9, "a write for each table");
                break;
            }
            open(&store).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_promise_is_redeemed_by_whoever_comes_next() {
    let expected = expected(OBJECTS).await;
    let empty: InMemory = empty_lake().await;
    let entry = Path::from("some/lake/objects/_delta_log/00000000000000000001.json");
    let mut promises = 0;
    for call in 0.. {
        let store: Arc<dyn ObjectStore> = Arc::new(empty.fork());
        let (faulty, store_of_run) = mortal(&store, call, Counted::Writes, Death::Before);
        let first = async { ingest(&mut open(&store_of_run).await?, &keys(OBJECTS), OBJECTS).await }.await;
        if !faulty.is_dead() {
            first.unwrap();
            break;
        }
        if store.head(&entry).await.is_err() {
            continue;
        }
        promises += 1;
        // Nothing but `open` is called: it must redeem the promise by itself.
        for (table, rows) in rows(&store).await.iter().filter(|(table, _)| **table != "session_facts") {
            assert_eq!(rows, &expected[table], "{table} after a death at write {call}");
        }
    }
    assert_eq!(promises, 6, "a death before the commit of each of the promised tables");
}
