//! Merging small files into large ones, within a bounded amount of work. The rows stay exactly the same.
//!
//! At the end of every run a little is merged, so that the number of files grows with the logarithm of what came ([`Lake::settle`]): as many
//! files of one size as the fan says become one of the next size, the oldest first. So what is recent is merged with what is recent, each row
//! a few times in its life, and what is settled in a large file is left alone. By hand more can be merged at once ([`Lake::compact`]).

use deltalake::operations::vacuum::VacuumMode;
use schemas::table::SESSION_FACTS;

use super::Lake;
use super::error::LakeError;
use super::file::StoredFile;
use super::merge::{merge, replace};
use super::tuning::Tuning;

/// What merging did to one table.
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

/// Bytes that are read at most at the end of a run.
const SETTLED: u64 = 512 << 20;
/// Files that are merged at once, which bounds memory.
const WAYS: usize = 8;

impl Lake {
    /// Merges small files where there are many of one size, as this process has seen them last, within a bounded amount of work.
    ///
    /// # Errors
    /// As [`Lake::compact`].
    pub async fn settle(&mut self) -> Result<Vec<Compacted>, LakeError> {
        self.merge_groups(SETTLED, |files, tuning, table, left| crowd(files, full(tuning, table, tuning.settle_bytes), tuning.fan, left)).await
    }

    /// Merges small files of every table, reading at most `budget` bytes in all; a table whose turn does not come has its turn next time.
    ///
    /// # Errors
    /// Where the lake could not be read or written, or a merged file would not hold the very rows of the old ones. What was merged before
    /// stays merged.
    pub async fn compact(&mut self, budget: u64) -> Result<Vec<Compacted>, LakeError> {
        self.catch_up().await?;
        for shelf in self.shelves_mut() {
            shelf.refresh().await?;
        }
        self.merge_groups(budget, |files, tuning, table, left| smallest(files, full(tuning, table, tuning.compact_bytes), left)).await
    }

    /// Merges one group of each table after the other, as long as `choose` names one: of these files of this table, with these bytes left.
    async fn merge_groups(
        &mut self,
        budget: u64,
        choose: impl Fn(Vec<StoredFile>, &Tuning, &str, u64) -> Vec<StoredFile>,
    ) -> Result<Vec<Compacted>, LakeError> {
        let tuning = self.tuning;
        let mut left = budget;
        let mut report = Vec::new();
        for shelf in self.shelves_mut() {
            let mut compacted = Compacted { table: shelf.folder.table.name, files_before: shelf.files().len() as u64, files_after: 0, bytes_read: 0 };
            loop {
                let group = choose(shelf.files(), &tuning, compacted.table, left);
                if group.len() < 2 {
                    break;
                }
                let bytes: u64 = group.iter().map(|file| file.size).sum();
                left = left.saturating_sub(bytes);
                compacted.bytes_read += bytes;
                let merged = merge(&shelf.folder, &group, &tuning).await?;
                replace(shelf, &group, merged).await?;
            }
            compacted.files_after = shelf.files().len() as u64;
            report.push(compacted);
        }
        // What other runs have committed meanwhile must be known before this process commits anything more.
        if left < budget {
            self.catch_up().await?;
        }
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

/// Bytes at which a file is not small: half of `aim`, or of what a file of facts may hold, since a late event rewrites the whole of one.
fn full(tuning: &Tuning, table: &str, aim: u64) -> u64 {
    if table == SESSION_FACTS.name { tuning.facts_bytes as u64 / 2 } else { aim / 2 }
}

/// The oldest files of the smallest size of which there are `fan`, or which are together more than two full ones; none where no size is
/// that crowded. Sizes are told apart by powers of `fan`.
fn crowd(mut files: Vec<StoredFile>, full: u64, fan: usize, budget: u64) -> Vec<StoredFile> {
    let fan = fan.max(2);
    let size = |file: &StoredFile| file.size.max(1).ilog(fan as u64);
    files.retain(|file| file.size < full);
    files.sort_by(|one, other| (size(one), one.modified, &one.path).cmp(&(size(other), other.modified, &other.path)));
    let crowd = files.chunk_by(|one, other| size(one) == size(other)).find_map(|files| {
        let group = cut(files, fan, 2 * full, u64::MAX);
        let bytes: u64 = group.iter().map(|file| file.size).sum();
        (bytes <= budget && (group.len() == fan || bytes >= 2 * full)).then(|| group.to_vec())
    });
    crowd.unwrap_or_default()
}

/// The smallest files, about two full ones together, as far as `budget` bytes reach.
fn smallest(mut files: Vec<StoredFile>, full: u64, budget: u64) -> Vec<StoredFile> {
    files.retain(|file| file.size < full);
    files.sort_by(|one, other| (one.size, &one.path).cmp(&(other.size, &other.path)));
    cut(&files, WAYS, 2 * full, budget).to_vec()
}

/// The first files, until they are `most`, or `aim` bytes; not beyond `budget` bytes.
fn cut(files: &[StoredFile], most: usize, aim: u64, budget: u64) -> &[StoredFile] {
    let (mut count, mut bytes) = (0, 0);
    for file in files.iter().take(most) {
        if bytes >= aim || bytes + file.size > budget {
            break;
        }
        bytes += file.size;
        count += 1;
    }
    &files[..count]
}
