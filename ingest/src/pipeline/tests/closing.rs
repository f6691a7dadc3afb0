//! Gaps close when what was missing can be read again, and open again when it cannot.

use std::sync::Arc;

use super::world::{EVERYTHING, Fault, TEXT, ingest, key, many, noon, open_places, rigged, transcripts};
use crate::lake::tests::world::{memory, open, rows};
use crate::pipeline::run;
use crate::source::{Directory, ErrorKind, Memory, Origin, Source};
use crate::summary::Silent;

/// Ingests each source in turn; gives the places of the open gaps after each.
async fn told(sources: &[Memory]) -> Vec<Vec<String>> {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    let mut told = Vec::new();
    for source in sources {
        let source: Arc<dyn Source> = Arc::new(source.clone());
        for _ in 0..2 {
            ingest(&mut lake, &source).await.unwrap();
        }
        told.push(open_places(&store).await);
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_locked_unlocked_and_locked_again() {
    let locked = many(2).with_denied_place("locked/").with_denied_place("other/");
    let unlocked = many(2).with("locked/jane-0a1b2c3d4e5f99999.log", noon(), TEXT).with_denied_place("other/");
    let expected = [vec!["locked/ denied", "other/ denied"], vec!["other/ denied"], vec!["locked/ denied", "other/ denied"]];
    assert_eq!(told(&[locked.clone(), unlocked, locked]).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_object_that_can_be_read_closes_its_gap() {
    let denied = many(1).with_denied(&key(7), noon());
    let readable = many(1).with(&key(7), noon().plus_seconds(1), TEXT);
    assert_eq!(told(&[denied.clone(), readable, denied]).await, [vec![format!("{} denied", key(7))], vec![], vec![format!("{} denied", key(7))]]);
    let denied = many(1).with_denied(&key(7), noon());
    assert_eq!(told(&[denied, many(1)]).await[1], [format!("{} denied", key(7))], "what is no longer listed is still missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_a_locked_folder_and_a_source_that_is_missing_stay_as_they_are() {
    let inner = many(1).with_denied_place("a/b/");
    let outer = many(1).with_denied_place("a/");
    let expected = [vec!["a/b/ denied"], vec!["a/ denied", "a/b/ denied"], vec![]];
    assert_eq!(told(&[inner.clone(), outer, many(1)]).await, expected);
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    let (inner, all): (Arc<dyn Source>, Arc<dyn Source>) = (Arc::new(inner), Arc::new(many(1)));
    let origin = Origin { name: "logs".to_owned(), kind: transcripts().kind(), account_id: None, region: None };
    let missing: Arc<dyn Source> = Arc::new(Directory::new(origin, "/nowhere/at/all"));
    let mut places = Vec::new();
    for source in [inner, missing, all] {
        ingest(&mut lake, &source).await.unwrap();
        places.push(open_places(&store).await);
    }
    assert_eq!(places, [vec!["a/b/ denied"], vec![" missing", "a/b/ denied"], vec![]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_place_may_be_missing_for_two_causes() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    for kind in [ErrorKind::Denied, ErrorKind::Unreachable, ErrorKind::Denied] {
        ingest(&mut lake, &rigged(many(1), [(key(0), Fault::Breaks(kind))])).await.unwrap();
    }
    assert_eq!(open_places(&store).await, [format!("{} denied", key(0)), format!("{} unreadable", key(0))]);
    ingest(&mut lake, &rigged(many(1), [])).await.unwrap();
    assert_eq!(open_places(&store).await.len(), 0, "it was read: neither is open");
    assert_eq!(rows(&store).await["gaps"].len(), 4, "two notes a gap");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_close_a_gap_once() {
    let store = memory();
    let denied: [Arc<dyn Source>; 1] = [Arc::new(many(1).with_denied_place("locked/"))];
    let mut first = open(&store).await.unwrap();
    run(&mut first, &denied, &EVERYTHING, &Silent).await.unwrap();
    let mut second = open(&store).await.unwrap();
    let unlocked: [Arc<dyn Source>; 1] = [Arc::new(many(1))];
    for lake in [&mut first, &mut second] {
        run(lake, &unlocked, &EVERYTHING, &Silent).await.unwrap();
    }
    assert_eq!((rows(&store).await["gaps"].len(), open_places(&store).await.len()), (2, 0));
}
