//! A dry run tells what a run would read, and leaves the lake byte for byte as it was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;

use super::world::{EVERYTHING, ingest, key, many, noon};
use crate::lake::Lake;
use crate::lake::tests::faulty_store::{Counted, Death, FaultyStore};
use crate::pipeline::dry_run;
use crate::source::Source;
use crate::summary::{Silent, Summary};

/// Every path below a folder, with the bytes and the time of files.
fn content(folder: &Path) -> BTreeMap<PathBuf, Option<(Vec<u8>, std::time::SystemTime)>> {
    let mut content = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            content.insert(path, None);
        } else {
            let modified = path.metadata().unwrap().modified().unwrap();
            content.insert(path.clone(), Some((std::fs::read(path).unwrap(), modified)));
        }
    }
    content
}

/// A dry run over a folder that must stay as it is.
async fn dry(folder: &Path, source: &Arc<dyn Source>) -> Summary {
    let before = content(folder);
    let known = Lake::peek_local(folder).await.unwrap();
    let summary = dry_run(&known, std::slice::from_ref(source), &EVERYTHING, &Silent).await.unwrap();
    assert_eq!(content(folder), before, "a dry run wrote");
    summary
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_what_a_run_would_read_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let source: Arc<dyn Source> = Arc::new(many(3).with_denied(&key(9), noon()));
    let summary = dry(folder.path(), &source).await;
    assert_eq!((summary.counts.read, summary.counts.facts, summary.counts.unread, summary.counts.committed), (3, 6, 1, 0), "an empty folder");
    let nowhere = folder.path().join("nowhere");
    assert_eq!(dry_run(&Lake::peek_local(&nowhere).await.unwrap(), &[source], &EVERYTHING, &Silent).await.unwrap().counts.read, 3);
    assert!(!nowhere.exists());
    let mut lake = Lake::local(folder.path()).await.unwrap();
    let source: Arc<dyn Source> = Arc::new(many(3));
    ingest(&mut lake, &source).await.unwrap();
    let source: Arc<dyn Source> = Arc::new(many(5));
    let summary = dry(folder.path(), &source).await;
    assert_eq!((summary.counts.known, summary.counts.read, summary.counts.bytes_ahead), (3, 2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_leaves_a_promise_to_a_run_that_writes() {
    let source: Arc<dyn Source> = Arc::new(many(3));
    let mut owed = 0;
    for call in 0.. {
        let folder = tempfile::tempdir().unwrap();
        drop(Lake::local(folder.path()).await.unwrap());
        let faulty = FaultyStore::new(Arc::new(LocalFileSystem::new()), call, Counted::Writes, Death::Before);
        let url = url::Url::from_directory_path(folder.path().canonicalize().unwrap()).unwrap();
        let ran = match Lake::open(Arc::clone(&faulty) as _, &url).await {
            Ok(mut lake) => ingest(&mut lake, &source).await.map(drop),
            Err(error) => Err(error),
        };
        let known = dry(folder.path(), &source).await.counts.known;
        owed += u64::from(ran.is_err() && known == 3);
        if ran.is_ok() {
            break;
        }
    }
    assert!(owed >= 2, "the promise was owed in {owed} cases: before events and facts");
}
