//! The facts of the sessions that new events name, in the place of what was there of them: work in proportion to these sessions, whatever
//! else the lake holds.
//!
//! ```text
//!   new files of events ─▶ their sessions ─▶ where else these stand in events ─▶ reconstruct ─▶ a new file of facts
//!                                 └─▶ where they stand in session_facts ─▶ those files once more, without these rows
//! ```

use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::{StreamExt, TryStreamExt};
use schemas::table::EVENTS;
use sessions::rows::Read;

use super::Lake;
use super::error::LakeError;
use super::facts::{Replaced, write_facts};
use super::file::StoredFile;
use super::lookup::{Hit, Sought, find_each};
use super::output::Output;
use super::pages::places;
use super::range::Slice;
use super::read::{Folder, Sessions, Wanted, read};

impl Lake {
    /// Works out the facts of the sessions that these files of `events` name.
    pub(super) async fn touched(&self, new: &[StoredFile]) -> Result<Replaced, LakeError> {
        let sought = sought(&self.events.folder, new).await?;
        let mut replaced = Replaced { sessions: 0, removes: Vec::new(), adds: Vec::new() };
        let mut output = Output::new(&self.facts.folder, self.tuning, self.tuning.facts_bytes);
        if sought.len() > 0 {
            let events = self.events.files();
            let found = find_each(&self.events.folder, &events, &sought).await?;
            for portion in portions(sought.len(), &found, self.tuning.range_rows) {
                let rows = gather_hits(&self.events.folder, &events, &found, &portion).await?;
                replaced.sessions += write_facts(rows, &mut output).await?;
            }
            let facts = self.facts.files();
            let found = find_each(&self.facts.folder, &facts, &sought).await?;
            for (file, hits) in facts.iter().zip(&found).filter(|(_, hits)| !hits.is_empty()) {
                replaced.removes.extend(file.remove(true));
                let mut rest = Output::new(&self.facts.folder, self.tuning, usize::MAX);
                without(&self.facts.folder, file, hits, &mut rest).await?;
                replaced.adds.extend(rest.finish().await?);
            }
        }
        replaced.adds.extend(output.finish().await?);
        Ok(replaced)
    }
}

/// The sessions that these files of `events` name.
async fn sought(folder: &Folder, files: &[StoredFile]) -> Result<Sought, LakeError> {
    let mut ids: Vec<Arc<str>> = Vec::new();
    let wanted = Wanted { columns: Some(&["session_id"]), slice: Some(Slice::ALL), sessions: Sessions::Named };
    for file in files {
        let mut batches = read(folder, file, &wanted).await?;
        while let Some(batch) = batches.try_next().await? {
            let session_ids = Read::new(&EVENTS, &batch).texts("session_id")?;
            for id in (0..batch.num_rows()).filter_map(|row| session_ids.get(row)) {
                // Rows of a session stand together.
                if ids.last().is_none_or(|last| **last != *id) {
                    ids.push(Arc::from(id));
                }
            }
        }
    }
    Ok(ids.into_iter().collect())
}

/// The sessions in portions, each with at most about `rows` rows.
fn portions(sessions: usize, found: &[Vec<Hit>], rows: u64) -> Vec<Range<usize>> {
    let mut counts = vec![0_u64; sessions];
    for hit in found.iter().flatten() {
        if let Some(count) = counts.get_mut(hit.session) {
            *count += hit.rows.len() as u64;
        }
    }
    let (mut portions, mut start, mut held) = (Vec::new(), 0, 0);
    for (session, count) in counts.into_iter().enumerate() {
        if session > start && held + count > rows {
            portions.push(start..session);
            (start, held) = (session, 0);
        }
        held += count;
    }
    if start < sessions {
        portions.push(start..sessions);
    }
    portions
}

/// The rows of these sessions.
async fn gather_hits(folder: &Folder, files: &[StoredFile], found: &[Vec<Hit>], sessions: &Range<usize>) -> Result<Vec<RecordBatch>, LakeError> {
    let mut reads = Vec::new();
    for (file, hits) in files.iter().zip(found) {
        let ranges: Vec<Range<usize>> = hits.iter().filter(|hit| sessions.contains(&hit.session)).map(|hit| hit.rows.clone()).collect();
        if !ranges.is_empty() {
            reads.push(async move { folder.open_pages(file).await?.rows(None, &ranges)?.try_collect::<Vec<RecordBatch>>().await });
        }
    }
    let batches: Vec<Vec<RecordBatch>> = futures::stream::iter(reads).buffered(4).try_collect().await?;
    Ok(batches.into_iter().flatten().filter(|batch| batch.num_rows() > 0).collect())
}

/// Writes the rows of a file but for these.
async fn without(folder: &Folder, file: &StoredFile, hits: &[Hit], rest: &mut Output<'_>) -> Result<(), LakeError> {
    let opened = folder.open(file).await?;
    let groups = opened.metadata().num_row_groups();
    let end = groups.checked_sub(1).map_or(0, |last| places(opened.metadata(), last).end);
    let starts = std::iter::once(0).chain(hits.iter().map(|hit| hit.rows.end));
    let ends = hits.iter().map(|hit| hit.rows.start).chain(std::iter::once(end));
    let ranges: Vec<Range<usize>> = starts.zip(ends).filter(|(start, end)| start < end).map(|(start, end)| start..end).collect();
    let mut batches = opened.rows(None, &ranges)?;
    while let Some(batch) = batches.try_next().await? {
        if batch.num_rows() > 0 {
            rest.write(&batch).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_cover_every_session_once_and_stay_small_where_they_can() {
        let hit = |session, rows| Hit { session, rows };
        let found = [vec![hit(0, 0..4), hit(1, 4..6), hit(3, 6..30)], vec![hit(0, 0..1), hit(2, 1..5)]];
        assert_eq!(portions(4, &found, 10), [0..2, 2..3, 3..4]);
        assert_eq!(portions(4, &found, 1), [0..1, 1..2, 2..3, 3..4]);
        assert_eq!(portions(4, &found, 1_000), Vec::from_iter(std::iter::once(0..4)));
        assert!(portions(0, &[], 10).is_empty());
    }
}
