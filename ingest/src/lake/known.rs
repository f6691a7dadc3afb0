//! What the lake has already: which objects were read, and which gaps are open.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::TryStreamExt;
use schemas::table::GAPS;
use sessions::rows::Read;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

pub use super::catalogue::Asked;
use super::catalogue::{Catalogue, Reached, Seen};
use super::error::LakeError;
use super::read::{Wanted, read};
use super::shelf::Shelf;
use crate::batch::{GapNote, GapRow, ObjectRow};
use crate::source::Positions;

/// What the lake has already. Of what was read nothing is held but what was asked for last; the last note on every gap is held whole.
#[derive(Debug, Default)]
pub struct Known {
    catalogue: Arc<Catalogue>,
    seen: Mutex<Seen>,
    gaps: HashMap<Name, LastNote>,
    learnt: HashSet<String>,
}

/// The first half of a SHA-256: long enough that no two names meet, also where somebody tries.
type Name = [u8; 16];

/// The last note on a gap.
#[derive(Debug)]
struct LastNote {
    batch: i64,
    /// The gap, where it is open.
    open: Option<GapRow>,
}

impl Known {
    /// Whether these versions of objects are done with, one by one. A version stays so when its object changes and changes back: its rows are
    /// in the lake. What is asked for in the order of source and key, some hundreds at once, is found with little reading.
    ///
    /// # Errors
    /// Where the lake could not be read.
    pub async fn holds_each(&self, asked: &[Asked<'_>]) -> Result<Vec<bool>, LakeError> {
        self.seen.lock().await.holds_each(&self.catalogue, asked).await
    }

    /// Whether this version of an object is done with.
    ///
    /// # Errors
    /// Where the lake could not be read.
    pub async fn holds(&self, source: &str, object: &str, object_version: &str) -> Result<bool, LakeError> {
        Ok(self.holds_each(&[Asked { source, object, object_version }]).await? == [true])
    }

    /// Whether any object of a source is known.
    ///
    /// # Errors
    /// Where the lake could not be read.
    pub async fn holds_source(&self, source: &str) -> Result<bool, LakeError> {
        self.catalogue.holds_source(source).await
    }

    /// What is known of a source now, for whoever lists it.
    #[must_use]
    pub fn positions(&self, source: &str) -> Arc<dyn Positions> {
        Arc::new(Reached { catalogue: Arc::clone(&self.catalogue), source: source.to_owned() })
    }

    /// Whether a gap is open: one at the same place for the same cause.
    #[must_use]
    pub fn is_open(&self, gap: &GapRow) -> bool {
        self.gaps.get(&gap_name(gap)).is_some_and(|note| note.open.is_some())
    }

    /// The open gaps of a source, in no order.
    pub fn open_gaps(&self, source: &str) -> impl Iterator<Item = &GapRow> {
        self.gaps.values().filter_map(|note| note.open.as_ref()).filter(move |gap| gap.source == source)
    }

    /// Whether the rows of any of these are in the lake: another run was faster.
    pub(super) async fn has_any(&self, rows: &[ObjectRow]) -> Result<bool, LakeError> {
        let asked: Vec<Asked<'_>> = rows.iter().map(|row| Asked { source: &row.source, object: &row.object, object_version: &row.object_version }).collect();
        Ok(self.holds_each(&asked).await?.contains(&true))
    }

    /// Whether a note says nothing new.
    pub(super) fn repeats(&self, note: &GapNote) -> bool {
        self.is_open(&note.gap) != note.is_closed
    }

    /// Takes a note of a batch; of two notes on one gap, the one of the greater batch stays, in whatever order they come.
    pub(super) fn add_note(&mut self, note: GapNote, batch: i64) {
        let last = self.gaps.entry(gap_name(&note.gap)).or_insert(LastNote { batch, open: None });
        if last.batch <= batch {
            *last = LastNote { batch, open: (!note.is_closed).then_some(note.gap) };
        }
    }

    /// Takes the files of `objects` as they are now; nothing of them is read.
    pub(super) fn look(&mut self, objects: &Shelf) {
        self.catalogue = Arc::new(Catalogue::new(objects.folder.clone(), objects.files()));
    }

    /// Reads what is new in `gaps`. Files that compaction made are read again, which changes nothing.
    pub(super) async fn learn(&mut self, gaps: &Shelf) -> Result<(), LakeError> {
        for file in gaps.files() {
            if self.learnt.contains(file.path.as_ref()) {
                continue;
            }
            let mut batches = read(&gaps.folder, &file, &Wanted::ALL).await?;
            while let Some(batch) = batches.try_next().await? {
                self.notes_of(&batch)?;
            }
            self.learnt.insert(file.path.to_string());
        }
        Ok(())
    }

    fn notes_of(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let read = Read::new(&GAPS, batch);
        let (source, place, cause, detail) = (read.texts("source")?, read.texts("place")?, read.texts("cause")?, read.texts("detail")?);
        let (number, is_closed) = (read.integers("batch")?, read.booleans("is_closed")?);
        for row in 0..batch.num_rows() {
            let (source, place) = (source.required(row)?, place.required(row)?);
            let gap = GapRow { source, place, cause: cause.required(row)?, detail: detail.required(row)? };
            self.add_note(GapNote { gap, is_closed: is_closed.required(row)? }, number.required(row)?);
        }
        Ok(())
    }
}

fn gap_name(gap: &GapRow) -> Name {
    name(&[&gap.source, &gap.place, &gap.cause])
}

fn name(parts: &[&str]) -> Name {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    std::array::from_fn(|index| digest[index])
}
