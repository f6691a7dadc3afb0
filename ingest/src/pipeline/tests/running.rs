//! What goes well, and runs that meet.

use std::sync::Arc;

use super::world::{EXPORT_KEY, TEXT, export, ingest, key, logs, many, noon, open_large, transcripts};
use crate::lake::tests::world::{memory, open, rows};
use crate::pipeline::{Options, run};
use crate::source::Source;
use crate::summary::Silent;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_not_read_again() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    let source: Arc<dyn Source> = Arc::new(many(3));
    let first = ingest(&mut lake, &source).await.unwrap();
    assert!(first.is_complete());
    let counts = first.counts;
    assert_eq!((counts.discovered, counts.known, counts.read, counts.committed, counts.refreshed, counts.bytes_ahead), (3, 0, 3, 3, 3, 0));
    let source: Arc<dyn Source> = Arc::new(many(4));
    let counts = ingest(&mut lake, &source).await.unwrap().counts;
    assert_eq!((counts.discovered, counts.known, counts.read, counts.committed, counts.refreshed), (4, 3, 1, 1, 1));
    assert_eq!(rows(&store).await["session_facts"].len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_modified_in_time_is_read() {
    let mut lake = open(&memory()).await.unwrap();
    let source = (0..4).fold(transcripts(), |source, hour| source.with(&key(hour), noon().plus_seconds(3_600 * hour as i64), TEXT));
    let source: [Arc<dyn Source>; 1] = [Arc::new(source)];
    let options = Options { from: Some(noon().plus_seconds(3_600)), to: Some(noon().plus_seconds(3 * 3_600)) };
    let counts = run(&mut lake, &source, &options, &Silent).await.unwrap().counts;
    assert_eq!((counts.discovered, counts.read), (4, 2));
    assert!(!lake.known().holds_source("elsewhere").await.unwrap() && lake.known().holds_source("logs").await.unwrap());
    let counts = ingest(&mut lake, &source[0]).await.unwrap().counts;
    assert_eq!((counts.known, counts.read), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_late_reads_the_rest() {
    let store = memory();
    let (mut early, mut late) = (open(&store).await.unwrap(), open(&store).await.unwrap());
    let source: Arc<dyn Source> = Arc::new(many(3));
    ingest(&mut early, &source).await.unwrap();
    let source: Arc<dyn Source> = Arc::new(many(5).with_denied(&key(9), noon()));
    let summary = ingest(&mut late, &source).await.unwrap();
    let counts = summary.counts;
    assert_eq!((counts.read, counts.committed, counts.unread, counts.bytes_ahead), (2, 2, 1, 0), "the winner's objects are not counted as read");
    let rows = rows(&store).await;
    assert_eq!((rows["objects"].len(), rows["session_facts"].len(), rows["gaps"].len()), (5, 5, 1));
    assert_eq!(rows["events"].len(), 10, "an upload and a stamp each");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_facts_than_the_channel_holds_arrive_all() {
    let mut lake = open_large(&memory()).await;
    let lines = 40_000;
    let source: Arc<dyn Source> = Arc::new(logs().with(EXPORT_KEY, noon(), export(lines)));
    let summary = ingest(&mut lake, &source).await.unwrap();
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!((summary.counts.facts, summary.counts.committed, summary.counts.refreshed), (lines as u64, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_never_held_anything_is_told_and_no_gap() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    let empty: Arc<dyn Source> = Arc::new(transcripts());
    let summary = ingest(&mut lake, &empty).await.unwrap();
    assert_eq!(super::world::unread(&summary), [("empty", 1, "", "the source has never held anything")]);
    let full: Arc<dyn Source> = Arc::new(many(1));
    ingest(&mut lake, &full).await.unwrap();
    assert!(ingest(&mut lake, &empty).await.unwrap().is_complete(), "it held something once");
    assert_eq!(rows(&store).await["gaps"].len(), 0);
}
