//! `session_facts` is a function of `events`: however they came, and however it was brought up to date.

use std::sync::Arc;

use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};

use super::world::{SMALL, at, event, expected, ingest, keys, memory, object_row, open, preference, rows};
use crate::lake::commit::BATCH;
use crate::lake::facts::REFLECTED;
use crate::lake::range::slices;
use crate::lake::read::{Sessions, Wanted, gather};
use crate::lake::tuning::Tuning;
use crate::lake::{Lake, ObjectRow};
use schemas::{Event, EventKind};
use url::Url;

#[tokio::test]
async fn the_order_and_size_of_batches_do_not_matter() {
    let expected = expected(9).await;
    let forwards = keys(9);
    let backwards: Vec<usize> = keys(9).into_iter().rev().collect();
    let mixed = vec![4, 0, 8, 2, 6, 1, 7, 3, 5];
    for (objects, portion) in [(forwards, 1), (backwards, 2), (mixed, 4)] {
        let store = memory();
        let mut lake = open(&store).await.unwrap();
        for part in objects.chunks(portion) {
            ingest(&mut lake, part, portion).await.unwrap();
            assert!(lake.refresh().await.unwrap() >= 3, "each object touches three sessions");
        }
        assert_eq!(rows(&store).await, expected);
    }
}

#[tokio::test]
async fn a_refresh_works_out_the_sessions_touched_and_no_others() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 0);
    ingest(&mut lake, &keys(9), 9).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 11);
    assert_eq!(lake.refresh().await.unwrap(), 0);
    ingest(&mut lake, &keys(10), 1).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 3);
    lake.compact(u64::MAX).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 0, "merged files say nothing new");
}

#[tokio::test]
async fn rebuild_equals_what_refresh_left() {
    let store = memory();
    // A file for each portion of facts.
    let tuning = Tuning { facts_bytes: 1, ..SMALL };
    let mut lake = Lake::open_tuned(Arc::clone(&store), &Url::parse("memory:///some/lake").unwrap(), tuning).await.unwrap();
    for part in keys(9).chunks(2) {
        ingest(&mut lake, part, 2).await.unwrap();
        lake.refresh().await.unwrap();
    }
    let before = rows(&store).await;
    assert_eq!(lake.rebuild().await.unwrap(), 11);
    assert_eq!(rows(&store).await, before);
    assert_eq!(lake.refresh().await.unwrap(), 0);
}

#[tokio::test]
async fn where_a_new_file_is_gone_after_a_merge_everything_is_worked_out() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(4), 4).await.unwrap();
    lake.refresh().await.unwrap();
    ingest(&mut lake, &keys(9), 5).await.unwrap();
    let named = |files: Vec<crate::lake::file::StoredFile>| files.into_iter().map(|file| file.path.to_string()).collect::<Vec<_>>();
    lake.events.refresh().await.unwrap();
    let small = named(lake.events.files());
    lake.compact(u64::MAX).await.unwrap();
    let merged = named(lake.events.files());
    assert_eq!(merged.len(), 1);
    // As after a vacuum.
    let files: Vec<_> = store.list(Some(&"some/lake/events".into())).try_collect().await.unwrap();
    for file in files.iter().filter(|file| small.iter().any(|name| file.location.filename() == Some(name.as_str()))) {
        store.delete(&file.location).await.unwrap();
    }
    assert_eq!(lake.refresh().await.unwrap(), 11);
    assert_eq!(rows(&store).await, expected(9).await);
}

async fn reflected(lake: &mut Lake) -> (Option<i64>, u64) {
    lake.facts.refresh().await.unwrap();
    (lake.facts.mark(REFLECTED).await.unwrap(), lake.facts.version())
}

#[tokio::test]
async fn the_facts_say_which_batch_they_reflect() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    lake.refresh().await.unwrap();
    assert_eq!(reflected(&mut lake).await, (None, 0), "nothing is there to be reflected");
    ingest(&mut lake, &keys(2), 1).await.unwrap();
    assert_eq!(reflected(&mut lake).await, (None, 0), "two batches are not reflected yet");
    lake.refresh().await.unwrap();
    assert_eq!(reflected(&mut lake).await, (Some(2), 1));
    // A batch without events: one small commit; nothing new: none.
    let mut batch = lake.stage();
    let (account_id, region) = ("111122223333".to_owned(), "eu-central-1".to_owned());
    batch.preference(preference(account_id, region, at(0), "world".into(), "snapshot".into())).await.unwrap();
    batch.object(ObjectRow { object: "snapshot".into(), ..object_row(0) });
    lake.commit(batch).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 0);
    assert_eq!(reflected(&mut lake).await, (Some(3), 2));
    lake.compact(u64::MAX).await.unwrap();
    assert_eq!(lake.refresh().await.unwrap(), 0);
    assert_eq!(reflected(&mut lake).await.0, Some(3));
    let version = reflected(&mut lake).await.1;
    lake.refresh().await.unwrap();
    assert_eq!(reflected(&mut lake).await, (Some(3), version));
    // Another process's batch is redeemed and reflected as well, by a rebuild too.
    ingest(&mut open(&store).await.unwrap(), &keys(4), 1).await.unwrap();
    lake.rebuild().await.unwrap();
    assert_eq!(reflected(&mut lake).await, (Some(5), version + 1));
    let last = lake.objects.mark(BATCH).await.unwrap();
    assert_eq!(last, Some(5));
    assert_eq!(rows(&store).await["session_facts"], expected(4).await["session_facts"]);
}

#[tokio::test]
async fn a_slice_holds_no_more_than_it_may_and_all_of_them_every_row_once() {
    let store = memory();
    // Files that span all buckets, as those of a large estate do.
    let tuning = Tuning { spill_rows: 250, row_group_rows: 50, page_rows: 10, ..SMALL };
    let mut lake = Lake::open_tuned(Arc::clone(&store), &Url::parse("memory:///some/lake").unwrap(), tuning).await.unwrap();
    let mut batch = lake.stage();
    for object in 0..40 {
        // Many rows without a session, all of the first bucket, and sessions in every bucket.
        for position in 0..25 {
            let session = (position % 5 == 0).then_some(object * 25 + position);
            let event_id = format!("ct:{object}-{position}");
            batch.event(Event { event_id, ..event(object, position, EventKind::OtherCall, session) }).await.unwrap();
        }
    }
    batch.object(object_row(0));
    lake.commit(batch).await.unwrap();
    lake.events.refresh().await.unwrap();
    let files = lake.events.files();
    let most = 50;
    let (mut held, mut largest) = (0, 0);
    for slice in slices(&files, most) {
        let wanted = Wanted { columns: Some(&["event_id"]), slice: Some(slice), sessions: Sessions::Every };
        let rows: usize = gather(&lake.events.folder, &files, &wanted).await.unwrap().iter().map(|batch| batch.num_rows()).sum();
        held += rows;
        largest = largest.max(rows);
    }
    assert_eq!(held, 1_000, "each row is in one slice");
    assert!(largest <= 2 * most as usize, "a slice of {largest} rows");
    let before = rows(&store).await;
    lake.compact(u64::MAX).await.unwrap();
    assert_eq!(rows(&store).await, before);
    assert_eq!(lake.refresh().await.unwrap(), 200);
}
