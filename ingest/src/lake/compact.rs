//! Merging small files into large ones, within a bounded amount of work. The rows stay exactly the same.

use std::collections::HashSet;

use deltalake::kernel::{Action, Add};
use deltalake::operations::vacuum::VacuumMode;
use deltalake::protocol::DeltaOperation;
use futures::TryStreamExt;

use super::error::LakeError;
use super::file::StoredFile;
use super::order::{Sorted, has_buckets};
use super::range::slices;
use super::read::{Sessions, Wanted, gather, read};
use super::shelf::{Change, Landing, Shelf};
use super::tuning::Tuning;
use super::write::FileWriter;
use super::{ATTEMPTS, Lake};

/// What compaction did to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compacted {
    /// The table.
    pub table: &'static str,
    /// Files before.
    pub files_before: u64,
    /// Files after.
    pub files_after: u64,
    /// Bytes of the files that were merged.
    pub bytes_read: u64,
}

impl Lake {
    /// Merges small files of the raw tables and of `runs`, reading at most `budget` bytes in all; a table whose turn does not come has its
    /// turn next time. The files of `session_facts` are large already: every refresh rewrites them.
    ///
    /// # Errors
    /// Where the lake could not be read or written, or a merged file would not hold the very rows of the old ones. What was merged before
    /// stays merged.
    pub async fn compact(&mut self, budget: u64) -> Result<Vec<Compacted>, LakeError> {
        self.catch_up().await?;
        let tuning = self.tuning;
        let mut left = budget;
        let mut report = Vec::new();
        for shelf in [
            &mut self.objects,
            &mut self.events,
            &mut self.observations,
            &mut self.instances,
            &mut self.preferences,
            &mut self.rejects,
            &mut self.gaps,
            &mut self.runs,
        ] {
            shelf.refresh().await?;
            let files = shelf.files();
            let files_before = files.len() as u64;
            let mut bytes_read = 0;
            for group in groups(files, tuning.compact_bytes, left) {
                let bytes: u64 = group.iter().map(|file| file.size).sum();
                left = left.saturating_sub(bytes);
                bytes_read += bytes;
                let merged = merge(shelf, &group, &tuning).await?;
                replace(shelf, &group, merged).await?;
            }
            report.push(Compacted { table: shelf.table.name, files_before, files_after: shelf.files().len() as u64, bytes_read });
        }
        // What other runs have committed meanwhile must be known before this process commits anything more.
        self.catch_up().await?;
        Ok(report)
    }

    /// Deletes files that no table names any more, or never did, once they are older than seven days: until then a reader may still read
    /// them, or a run may be about to commit them. Gives their number.
    ///
    /// # Errors
    /// Where the lake could not be read or written.
    pub async fn vacuum(&mut self) -> Result<u64, LakeError> {
        self.catch_up().await?;
        let mut deleted = 0;
        for shelf in self.shelves_mut() {
            let vacuum = shelf.delta().await?.vacuum().with_mode(VacuumMode::Full).await;
            let (_, metrics) = vacuum.map_err(|source| shelf.failed("vacuumed", source))?;
            deleted += metrics.files_deleted.len() as u64;
            shelf.refresh().await?;
        }
        self.catch_up().await?;
        Ok(deleted)
    }
}

/// Small files in groups of about `target` bytes, the smallest first, as far as `budget` bytes reach.
fn groups(files: Vec<StoredFile>, target: u64, budget: u64) -> Vec<Vec<StoredFile>> {
    let mut small: Vec<StoredFile> = files.into_iter().filter(|file| file.size < target / 2).collect();
    small.sort_by(|one, other| (one.size, &one.path).cmp(&(other.size, &other.path)));
    let (mut groups, mut group, mut bytes, mut left) = (Vec::new(), Vec::new(), 0, budget);
    for file in small {
        if file.size > left {
            break;
        }
        left -= file.size;
        bytes += file.size;
        group.push(file);
        if bytes >= target {
            groups.push(std::mem::take(&mut group));
            bytes = 0;
        }
    }
    groups.push(group);
    groups.retain(|group| group.len() > 1);
    groups
}

/// One file with the rows of all of `group`.
async fn merge(shelf: &Shelf, group: &[StoredFile], tuning: &Tuning) -> Result<Add, LakeError> {
    let mut file = FileWriter::new(shelf.table, &shelf.store, tuning)?;
    if has_buckets(shelf.table) {
        for slice in slices(group, tuning.range_rows) {
            let wanted = Wanted { columns: None, slice: Some(slice), sessions: Sessions::Every };
            let found = gather(shelf, group, &wanted).await?;
            if !found.is_empty() {
                for chunk in Sorted::new(shelf.table, found)?.chunks() {
                    file.write(&chunk?).await?;
                }
            }
        }
    } else {
        for old in group {
            let mut batches = read(shelf, old, &Wanted::ALL).await?;
            while let Some(batch) = batches.try_next().await? {
                file.write(&batch).await?;
            }
        }
    }
    let (expected, found) = (group.iter().map(|file| file.rows).sum::<Option<u64>>(), file.rows());
    let mut add = file.finish().await?;
    if let Some(expected) = expected
        && expected != found
    {
        return Err(LakeError::Rows { table: shelf.table.name, expected, found });
    }
    add.data_change = false;
    Ok(add)
}

/// Puts the merged file in the place of `group`. Where somebody else has replaced one of them meanwhile, nothing happens: the merged file
/// is garbage then.
async fn replace(shelf: &mut Shelf, group: &[StoredFile], merged: Add) -> Result<(), LakeError> {
    for _ in 0..ATTEMPTS {
        let current: HashSet<_> = shelf.files().into_iter().map(|file| file.path).collect();
        if !group.iter().all(|file| current.contains(&file.path)) {
            return Ok(());
        }
        let removes = group.iter().filter_map(|file| file.remove(false));
        let mut change = Change::append(removes.chain([Action::Add(merged.clone())]).collect());
        change.operation = DeltaOperation::Optimize { predicate: None, target_size: merged.size };
        if shelf.commit(change).await? == Landing::Landed {
            return Ok(());
        }
        shelf.refresh().await?;
    }
    Err(LakeError::Contended { table: shelf.table.name })
}
