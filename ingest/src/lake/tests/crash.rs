//! Killed at any call, or with any answer lost, and run again: every table is that of the run that went well.

use std::sync::Arc;

use object_store::ObjectStore;

use super::faulty_store::{Death, FaultyStore};
use super::world::{expected, ingest, keys, memory, open, rows};
use crate::lake::LakeError;

const OBJECTS: usize = 5;

/// A run as `ingest` and `compact` make it.
async fn run(store: &Arc<dyn ObjectStore>) -> Result<(), LakeError> {
    let mut lake = open(store).await?;
    ingest(&mut lake, &keys(OBJECTS)[..3], 2).await?;
    lake.refresh().await?;
    ingest(&mut lake, &keys(OBJECTS), 2).await?;
    lake.refresh().await?;
    lake.compact(u64::MAX).await?;
    Ok(())
}

async fn dies_at_every_call(death: Death) {
    let expected = expected(OBJECTS).await;
    // The first calls only make the tables; they are tested with the rest, in larger steps.
    let mut call = 0;
    loop {
        let store = memory();
        let faulty = FaultyStore::new(Arc::clone(&store), call, death);
        let mortal: Arc<dyn ObjectStore> = Arc::<FaultyStore>::clone(&faulty);
        let first = run(&mortal).await;
        if !faulty.is_dead() {
            first.unwrap();
            assert!(call > 200, "only {call} calls: this is not the run that should be tested");
            return;
        }
        run(&store).await.unwrap_or_else(|error| panic!("after a death at call {call}: {error:?}"));
        assert_eq!(rows(&store).await, expected, "after a death at call {call}");
        call += 1;
    }
}

#[tokio::test]
async fn killed_at_every_call() {
    dies_at_every_call(Death::Before).await;
}

#[tokio::test]
async fn every_answer_lost() {
    dies_at_every_call(Death::After).await;
}

#[tokio::test]
async fn a_promise_is_redeemed_by_whoever_comes_next() {
    let store = memory();
    drop(open(&store).await.unwrap());
    let expected = expected(OBJECTS).await;
    // The first call that dies after the commit of `objects` leaves a promise, and no events.
    let mut found = false;
    for call in 0.. {
        let store = memory();
        drop(open(&store).await.unwrap());
        let faulty = FaultyStore::new(Arc::clone(&store), call, Death::Before);
        let mortal: Arc<dyn ObjectStore> = Arc::<FaultyStore>::clone(&faulty);
        let first = async { ingest(&mut open(&mortal).await?, &keys(OBJECTS), OBJECTS).await }.await;
        if first.is_ok() {
            break;
        }
        let entry = object_store::path::Path::from("some/lake/objects/_delta_log/00000000000000000001.json");
        if object_store::ObjectStoreExt::head(store.as_ref(), &entry).await.is_err() {
            continue;
        }
        found = true;
        // Nothing but `open` is called: it must redeem the promise by itself.
        let rows = rows(&store).await;
        for (table, rows) in rows.iter().filter(|(table, _)| **table != "session_facts") {
            assert_eq!(rows, &expected[table], "{table} after a death at call {call}");
        }
    }
    assert!(found, "no death left a promise");
}

#[tokio::test]
async fn measure() {
    let store = memory();
    let t = std::time::Instant::now();
    let faulty = FaultyStore::new(Arc::clone(&store), usize::MAX, Death::Before);
    let mortal: Arc<dyn ObjectStore> = Arc::<FaultyStore>::clone(&faulty);
    let mut lake = open(&mortal).await.unwrap();
    eprintln!("open new {:?} {}", t.elapsed(), faulty.count());
    ingest(&mut lake, &keys(OBJECTS)[..3], 2).await.unwrap();
    eprintln!("ingest {:?} {}", t.elapsed(), faulty.count());
    lake.refresh().await.unwrap();
    eprintln!("refresh {:?} {}", t.elapsed(), faulty.count());
    ingest(&mut lake, &keys(OBJECTS), 2).await.unwrap();
    eprintln!("ingest {:?} {}", t.elapsed(), faulty.count());
    lake.refresh().await.unwrap();
    eprintln!("refresh {:?} {}", t.elapsed(), faulty.count());
    lake.compact(u64::MAX).await.unwrap();
    eprintln!("compact {:?} {}", t.elapsed(), faulty.count());
    let _ = open(&mortal).await.unwrap();
    eprintln!("open {:?} {}", t.elapsed(), faulty.count());
    rows(&mortal).await;
    eprintln!("rows {:?} {}", t.elapsed(), faulty.count());
}
