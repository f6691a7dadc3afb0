//! A lake's store in trouble, at every write in turn and at reads and listings all along: after it, a run that goes well leaves every table as if nothing had been.
//!
//! A run that hangs is dropped where it hangs, as whoever waits for it would kill it. The suite prints how many troubles there were.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;
use object_store::memory::InMemory;

use super::world::{EVERYTHING, TEXT, export, key, logs, many, noon};
use crate::lake::tests::faulty_store::{Counted, Death, FaultyStore, Trouble};
use crate::lake::tests::world::{empty_lake, open, rows};
use crate::lake::{Lake, LakeError};
use crate::pipeline::run;
use crate::source::Source;
use crate::summary::Silent;

/// Every trouble, the calls at which it can come, and how many of them are passed over between two. Errors of reads are many and alike.
const TROUBLES: [(Trouble, Counted, usize); 11] = [
    (Trouble::Tears, Counted::Reads, 9),
    (Trouble::IsStale, Counted::Listings, 3),
    (Trouble::Fails, Counted::Reads, 17),
    (Trouble::Hangs(Death::Before), Counted::Everything, 41),
    (Trouble::Fails, Counted::Writes, 1),
    (Trouble::Lies, Counted::Writes, 1),
    (Trouble::Throttles, Counted::Writes, 1),
    (Trouble::Hangs(Death::Before), Counted::Writes, 1),
    (Trouble::Hangs(Death::After), Counted::Writes, 1),
    (Trouble::Dies(Death::Before), Counted::Writes, 1),
    (Trouble::Dies(Death::After), Counted::Writes, 1),
];

/// Two sources, one of them with an object that may not be read.
fn sources() -> Vec<Arc<dyn Source>> {
    let other = "exports/task/bob-0c3d5e7f90a1b2c3e/000000.gz";
    let logs = logs().with(super::world::EXPORT_KEY, noon(), export(3)).with(other, noon(), export(2));
    let transcripts = many(2).with_denied(&key(7), noon()).with(&key(8), noon(), TEXT);
    vec![Arc::new(transcripts), Arc::new(logs)]
}

/// As `ingest` and then `compact` do it.
async fn ingested(store: &Arc<dyn ObjectStore>) -> Result<Lake, LakeError> {
    let mut lake = open(store).await?;
    run(&mut lake, &sources(), &EVERYTHING, &Silent).await?;
    lake.compact(u64::MAX).await?;
    Ok(lake)
}

async fn expected() -> BTreeMap<&'static str, Vec<String>> {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    drop(ingested(&store).await.unwrap());
    let rows = rows(&store).await;
    for (table, least) in [("objects", 5), ("events", 9), ("gaps", 1), ("session_facts", 4)] {
        assert!(rows[table].len() >= least, "{table} has {} rows", rows[table].len());
    }
    rows
}

/// Longer than any run takes that does not hang.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_at_every_write_in_turn_and_at_reads_all_along_leaves_the_lake_of_the_run_that_went_well() {
    let expected = expected().await;
    let empty = empty_lake().await;
    let mut all = 0;
    for (trouble, counted, step) in TROUBLES {
        let mut met = 0;
        for call in (0..).step_by(step) {
            let store: Arc<dyn ObjectStore> = Arc::new(empty.fork());
            let faulty = FaultyStore::troubled(Arc::clone(&store), call, counted, trouble);
            let troubled: Arc<dyn ObjectStore> = Arc::clone(&faulty) as Arc<dyn ObjectStore>;
            let has_come = async {
                while !faulty.is_dead() {
                    tokio::task::yield_now().await;
                }
            };
            let first = match trouble {
                // Nothing is to be waited for once it hangs, but that whatever else is under way comes to its end.
                Trouble::Hangs(_) => tokio::select! {
                    ended = ingested(&troubled) => Some(ended),
                    () = async { has_come.await; tokio::time::sleep(Duration::from_millis(5)).await } => None,
                },
                _ => {
                    tokio::time::timeout(PATIENCE, ingested(&troubled)).await.unwrap_or_else(|_| panic!("{trouble:?} at call {call} makes the run hang")).into()
                }
            };
            if !faulty.is_dead() {
                first.expect("nothing hung").unwrap();
                break;
            }
            drop(first);
            met += 1;
            let again = ingested(&store).await.unwrap_or_else(|error| panic!("after {trouble:?} at call {call}: {error:?}"));
            drop(again);
            assert_eq!(rows(&store).await, expected, "after {trouble:?} at call {call}");
        }
        println!("{trouble:?} at {counted:?}: {met}");
        all += met;
    }
    println!("troubles of the store, each followed by a run that went well: {all}");
    assert!(all > 150, "only {all}: this is not the run that should be tested");
}
