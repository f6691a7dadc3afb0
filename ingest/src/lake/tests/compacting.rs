//! Merging preserves every row, and reads no more than it may.

use super::world::{expected, ingest, keys, memory, open, rows};

#[tokio::test]
async fn rows_stay_and_files_become_few() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(9), 1).await.unwrap();
    lake.refresh().await.unwrap();
    for compacted in lake.compact(u64::MAX).await.unwrap() {
        assert!(compacted.files_after <= 1, "{compacted:?}");
        assert!(compacted.table == "runs" || compacted.files_before > compacted.files_after, "{compacted:?}");
    }
    assert_eq!(rows(&store).await, expected(9).await);
    let again = lake.compact(u64::MAX).await.unwrap();
    assert!(again.iter().all(|compacted| compacted.bytes_read == 0), "{again:?}");
    ingest(&mut lake, &keys(12), 1).await.unwrap();
    lake.refresh().await.unwrap();
    lake.compact(u64::MAX).await.unwrap();
    assert_eq!(rows(&store).await, expected(12).await);
}

#[tokio::test]
async fn the_budget_bounds_what_is_read() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(9), 1).await.unwrap();
    let budget = 30_000;
    let mut rounds = 0;
    loop {
        let compacted = lake.compact(budget).await.unwrap();
        let read: u64 = compacted.iter().map(|compacted| compacted.bytes_read).sum();
        assert!(read <= budget, "{read} bytes");
        if read == 0 {
            break;
        }
        rounds += 1;
    }
    assert!(rounds > 1, "one round did it all");
    lake.refresh().await.unwrap();
    assert_eq!(rows(&store).await, expected(9).await);
}

#[tokio::test]
async fn a_vacuum_spares_what_is_young() {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(3), 1).await.unwrap();
    let mut batch = lake.stage();
    super::world::stage(&mut batch, 3).await.unwrap();
    super::world::stage(&mut batch, 4).await.unwrap();
    lake.refresh().await.unwrap();
    lake.compact(u64::MAX).await.unwrap();
    assert_eq!(lake.vacuum().await.unwrap(), 0);
    // The batch that was being staged meanwhile can still be committed.
    lake.commit(batch).await.unwrap();
    lake.refresh().await.unwrap();
    assert_eq!(rows(&store).await, expected(5).await);
}
