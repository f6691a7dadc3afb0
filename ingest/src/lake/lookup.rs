//! Finds the rows of some sessions in the files of a table, and reads little of what holds none of them.
//!
//! ```text
//!   buckets in the log ─▶ bounds of row groups ─▶ Bloom filters ─▶ bounds of pages ─▶ the session ids in those pages
//! ```
//!
//! Each step only leaves out what cannot hold them, and the last one looks: so what is found does not rest on how a file is sorted, or on
//! what it says of itself beyond bounds that hold.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use parquet::file::metadata::ParquetMetaData;
use schemas::bucket;
use sessions::rows::Read;

use super::error::LakeError;
use super::file::StoredFile;
use super::pages::{Page, column, integers, texts, whole_integers, whole_texts};
use super::read::{Folder, Opened};

/// The sessions that are sought, in the order of the rows of a table: by bucket and id.
#[derive(Debug, Default)]
pub(super) struct Sought {
    ids: Vec<(i64, Arc<str>)>,
    places: HashMap<Arc<str>, usize>,
}

impl FromIterator<Arc<str>> for Sought {
    fn from_iter<I: IntoIterator<Item = Arc<str>>>(ids: I) -> Self {
        let mut ids: Vec<(i64, Arc<str>)> = ids.into_iter().map(|id| (bucket(&id).into(), id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let places = ids.iter().enumerate().map(|(place, (_, id))| (Arc::clone(id), place)).collect();
        Self { ids, places }
    }
}

impl Sought {
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    fn within(&self, buckets: &RangeInclusive<i64>) -> Range<usize> {
        self.ids.partition_point(|(bucket, _)| bucket < buckets.start())..self.ids.partition_point(|(bucket, _)| bucket <= buckets.end())
    }
}

/// Rows of one session that stand together in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// Which of the sessions that were sought for.
    pub(super) session: usize,
    /// Places of the rows in the file.
    pub(super) rows: Range<usize>,
}

/// The rows of the sessions in each of these files, each file's in its order.
pub(super) async fn find_each(folder: &Folder, files: &[StoredFile], sought: &Sought) -> Result<Vec<Vec<Hit>>, LakeError> {
    let finds: Vec<_> = files.iter().map(|file| find(folder, file, sought)).collect();
    // Several at once hide the latency of a distant store.
    futures::stream::iter(finds).buffered(8).try_collect().await
}

async fn find(folder: &Folder, file: &StoredFile, sought: &Sought) -> Result<Vec<Hit>, LakeError> {
    if sought.within(&file.buckets).is_empty() {
        return Ok(Vec::new());
    }
    let candidates = candidates(&folder.open(file).await?, sought).await?;
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let opened = folder.open_pages(file).await?;
    let ranges: Vec<Range<usize>> = candidates.iter().flat_map(|(group, ids)| ranges(opened.metadata(), *group, ids, sought)).collect();
    let mut places = ranges.iter().flat_map(Clone::clone);
    let mut hits: Vec<Hit> = Vec::new();
    let mut batches = opened.rows(Some(&["session_id"]), &ranges)?;
    while let Some(batch) = batches.try_next().await? {
        let session_ids = Read::new(folder.table, &batch).texts("session_id")?;
        for (row, place) in (0..batch.num_rows()).zip(places.by_ref()) {
            let Some(session) = session_ids.get(row).and_then(|id| sought.places.get(id)).copied() else { continue };
            match hits.last_mut() {
                Some(last) if last.session == session && last.rows.end == place => last.rows.end = place + 1,
                _ => hits.push(Hit { session, rows: place..place + 1 }),
            }
        }
    }
    Ok(hits)
}

/// Sessions in one row group from which on its Bloom filter, of some 200 kB, is less to read than the pages that may hold them.
const WORTH_A_FILTER: usize = 4;

/// The row groups that may hold any of the sessions, and which of them.
async fn candidates(opened: &Opened, sought: &Sought) -> Result<Vec<(usize, Vec<usize>)>, LakeError> {
    let metadata = opened.metadata();
    let (Some(session_id), Some(bucket)) = (column(metadata, "session_id"), column(metadata, "bucket")) else { return Ok(Vec::new()) };
    let mut builder = opened.builder();
    let mut candidates = Vec::new();
    for group in 0..metadata.num_row_groups() {
        let Some(texts) = whole_texts(metadata, group, session_id) else { continue };
        let buckets = whole_integers(metadata, group, bucket).and_then(|page| page.bounds);
        let within = buckets.map_or(0..sought.len(), |(low, high)| sought.within(&(low..=high)));
        let mut ids: Vec<usize> = within.filter(|id| texts.may_hold(&sought.ids[*id].1.as_bytes())).collect();
        if ids.is_empty() {
            continue;
        }
        if ids.len() < WORTH_A_FILTER {
            candidates.push((group, ids));
            continue;
        }
        let filter = builder.get_row_group_column_bloom_filter(group, session_id).await.map_err(|source| opened.failed(source))?;
        if let Some(filter) = filter {
            ids.retain(|id| filter.check(&*sought.ids[*id].1));
        }
        if !ids.is_empty() {
            candidates.push((group, ids));
        }
    }
    Ok(candidates)
}

/// The places of the pages of a row group that may hold any of these sessions.
fn ranges(metadata: &ParquetMetaData, group: usize, ids: &[usize], sought: &Sought) -> Vec<Range<usize>> {
    let (Some(session_id), Some(bucket)) = (column(metadata, "session_id"), column(metadata, "bucket")) else { return Vec::new() };
    let (texts, buckets) = (texts(metadata, group, session_id), integers(metadata, group, bucket));
    let mut wanted = vec![false; texts.len()];
    for id in ids {
        let (bucket, id) = &sought.ids[*id];
        let around: Vec<&Page<i64>> = buckets.iter().filter(|page| page.may_hold(bucket)).collect();
        for (page, wanted) in texts.iter().zip(&mut wanted) {
            *wanted = *wanted || (page.may_hold(&id.as_bytes()) && around.iter().any(|bucket| bucket.meets(&page.rows)));
        }
    }
    texts.into_iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(page, _)| page.rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stands_in_the_order_of_the_rows_each_once() {
        let ids = ["ana-1", "ben-2", "cid-3", "ana-1", "dan-4"].map(Arc::from);
        let sought: Sought = ids.into_iter().collect();
        assert_eq!(sought.len(), 4);
        assert!(sought.ids.is_sorted());
        for (place, (bucket, id)) in sought.ids.iter().enumerate() {
            assert_eq!(sought.places.get(id), Some(&place));
            assert!(sought.within(&(*bucket..=*bucket)).contains(&place));
        }
        assert_eq!(sought.within(&(0..=255)), 0..4);
    }
}
