//! Objects that break off, change, are gone or denied; a program with faults; a lake that cannot be written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::ObjectStore;
use sessions::decode::SourceKind;

use super::world::{EXPORT_KEY, Fault, TEXT, export, ingest, key, logs, many, noon, open_large, open_places, rigged, unread};
use crate::lake::tests::faulty_store::{Counted, Death, FaultyStore};
use crate::lake::tests::world::{memory, open, rows};
use crate::pipeline::{Options, run};
use crate::source::{Body, ErrorKind, Listed, Memory, Opened, Resume, Source, SourceError};
use crate::summary::Silent;

#[tokio::test(flavor = "multi_thread")]
async fn where_staging_fails_the_run_fails_and_does_not_wait() {
    let store = memory();
    drop(open(&store).await.unwrap());
    let faulty: Arc<dyn ObjectStore> = FaultyStore::new(Arc::clone(&store), 0, Counted::Writes, Death::Before);
    let mut lake = open(&faulty).await.unwrap();
    let source: Arc<dyn Source> = Arc::new(many(200));
    let ended = tokio::time::timeout(Duration::from_secs(60), ingest(&mut lake, &source)).await;
    assert!(matches!(ended, Ok(Err(_))), "the run hangs, or says that all is well");
    assert_eq!(rows(&store).await["objects"].len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_program_commits_no_half_of_an_object() {
    let store = memory();
    let mut lake = open_large(&store).await;
    // More than a portion is on its way before the fault.
    let other = "exports/task/ana-0c3d5e7f90a1b2c3d/000001.gz";
    let memory = logs().with(EXPORT_KEY, noon(), export(3_000)).with(other, noon(), export(7));
    let source = rigged(memory.clone(), [(EXPORT_KEY.to_owned(), Fault::Panics)]);
    let summary = ingest(&mut lake, &source).await.unwrap();
    assert_eq!(unread(&summary), [("unreadable", 1, EXPORT_KEY, "decoding it was stopped by a fault of this program")]);
    assert_eq!((summary.counts.facts, summary.counts.committed, summary.counts.bytes_ahead), (7, 1, 0));
    assert_eq!((rows(&store).await["events"].len(), open_places(&store).await.len()), (7, 1));
    let summary = ingest(&mut lake, &rigged(memory, [])).await.unwrap();
    assert!(summary.is_complete() && summary.counts.facts == 3_000);
    assert_eq!((rows(&store).await["events"].len(), open_places(&store).await.len()), (3_007, 0), "read whole once, and the gap is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_is_given_up_with_its_cause_and_the_rest_is_read() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    let breaking = [(1, ErrorKind::Denied), (5, ErrorKind::Unreachable), (6, ErrorKind::Unreachable), (9, ErrorKind::Denied)];
    let faults = breaking.map(|(number, kind)| (key(number), Fault::Breaks(kind)));
    let summary = ingest(&mut lake, &rigged(many(12), faults)).await.unwrap();
    let detail = "changed or broke off: the line is dead";
    assert_eq!(unread(&summary), [("denied", 2, key(1).as_str(), detail), ("unreadable", 2, key(5).as_str(), detail)]);
    let counts = summary.counts;
    assert_eq!((counts.read, counts.committed, counts.unread, counts.bytes_ahead), (8, 8, 4, 0));
    let rows = rows(&store).await;
    assert_eq!((rows["objects"].len(), rows["events"].len(), rows["gaps"].len()), (8, 16, 4));
}

/// Objects of which the n-th breaks off when it is opened for the n-th time: one in each pass over a round.
#[derive(Debug)]
struct OneAfterTheOther {
    memory: Memory,
    opened: Mutex<BTreeMap<String, usize>>,
}

#[async_trait]
impl Source for OneAfterTheOther {
    fn name(&self) -> &str {
        self.memory.name()
    }

    fn kind(&self) -> SourceKind {
        self.memory.kind()
    }

    fn objects(&self, resume: Resume) -> BoxStream<'_, Result<Listed, SourceError>> {
        self.memory.objects(resume)
    }

    async fn open(&self, listed: &Listed) -> Result<Opened, SourceError> {
        let key = &listed.object.key;
        let times = *self.opened.lock().unwrap().entry(key.clone()).and_modify(|times| *times += 1).or_insert(1);
        let opened = self.memory.open(listed).await?;
        if *key != super::world::key(times) {
            return Ok(opened);
        }
        let broken = futures::stream::iter([Err(std::io::Error::other("the line is dead"))]);
        Ok(Opened { body: Body::from_stream(broken.boxed()), ..opened })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_break_off_one_after_the_other_do_not_cost_a_round_each() {
    let mut lake = open(&memory()).await.unwrap();
    let count = 64;
    let source = Arc::new(OneAfterTheOther { memory: many(count), opened: Mutex::default() });
    let given: Arc<dyn Source> = Arc::clone(&source) as Arc<dyn Source>;
    let summary = ingest(&mut lake, &given).await.unwrap();
    assert_eq!(summary.counts.committed + summary.counts.unread, count as u64);
    assert!(summary.counts.unread > 2, "{summary:?}");
    let opened: usize = source.opened.lock().unwrap().values().sum();
    assert!(opened < count * 8, "{opened} reads of {count} objects");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_is_told_and_left_to_the_next_run() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    let source = rigged(many(4), [(key(0), Fault::Changed), (key(1), Fault::Breaks(ErrorKind::Conflict)), (key(2), Fault::Gone)]);
    let summary = ingest(&mut lake, &source).await.unwrap();
    let detail = "changed or broke off: the line is dead; the next run reads it";
    assert_eq!(unread(&summary), [("changed", 2, key(0).as_str(), detail)]);
    assert!(!summary.is_complete());
    let counts = summary.counts;
    assert_eq!((counts.gone, counts.unread, counts.committed, counts.bytes_ahead), (1, 2, 1, 0));
    let missing = |lake: &crate::lake::Lake| {
        let gaps = lake.known().open_gaps(source.name()).map(|gap| (gap.place.clone(), gap.cause.clone()));
        gaps.collect::<std::collections::BTreeSet<_>>()
    };
    let changed = |number| (key(number), "changed".to_owned());
    assert_eq!(missing(&lake), [changed(0), changed(1)].into(), "whoever lists from where he ended comes back for them");
    let gone = rigged(many(1), [(key(0), Fault::Gone)]);
    assert!(ingest(&mut lake, &gone).await.unwrap().is_complete(), "what is gone is not missing");
    assert_eq!(ingest(&mut lake, &rigged(many(4), [])).await.unwrap().counts.committed, 3);
    assert!(missing(&lake).is_empty(), "they are read");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_and_is_then_gone_is_missing_no_more() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &rigged(many(2), [(key(1), Fault::Changed)])).await.unwrap();
    let source = rigged(many(1), []);
    let still_open = |lake: &crate::lake::Lake| lake.known().open_gaps(source.name()).count();
    assert_eq!(still_open(&lake), 1);
    // Who asks by time cannot tell what is gone from what was not asked for.
    run(&mut lake, &[Arc::clone(&source)], &Options { from: Some(noon()), to: None }, &Silent).await.unwrap();
    assert_eq!(still_open(&lake), 1);
    assert!(ingest(&mut lake, &source).await.unwrap().is_complete());
    assert_eq!(still_open(&lake), 0, "nothing is there that could be missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_read_is_a_gap_once() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    let source: Arc<dyn Source> = Arc::new(many(1).with_denied(&key(1), noon()).with_denied(&key(2), noon()).with(&key(3), noon(), TEXT));
    for committed in [2, 0] {
        let summary = ingest(&mut lake, &source).await.unwrap();
        assert_eq!(unread(&summary), [("denied", 2, key(1).as_str(), "may not be read")]);
        assert_eq!((summary.counts.committed, summary.counts.bytes_ahead), (committed, 0));
        assert_eq!(rows(&store).await["gaps"].len(), 2);
    }
}
