//! Several runs at once over the same objects: nothing is lost, and nothing is doubled.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use super::world::{SMALL, expected, ingest, keys, rows_at};
use crate::lake::{Lake, local_url};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_runs_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = local_url(folder.path()).unwrap();
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
