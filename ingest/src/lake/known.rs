//! What the lake has already: which objects were read, and which gaps are open.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::TryStreamExt;
use schemas::table::{GAPS, OBJECTS};
use sessions::rows::Read;
use sha2::{Digest, Sha256};

use super::error::LakeError;
use super::read::{Sessions, Wanted, read};
use super::shelf::Shelf;
use crate::batch::{GapNote, GapRow, ObjectRow};
use crate::source::Positions;

/// What the lake has already. Kept small: a million objects take some 35 MB, since names are kept as digests; open gaps are kept whole.
#[derive(Debug, Default)]
pub struct Known {
    objects: HashSet<Name>,
    /// The keys of every source.
    sources: HashMap<String, Arc<BTreeSet<String>>>,
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
    /// Whether this version of an object is done with. It stays so when the object changes and changes back: its rows are in the lake.
    #[must_use]
    pub fn holds(&self, source: &str, object: &str, object_version: &str) -> bool {
        self.objects.contains(&name(&[source, object, object_version]))
    }

    /// Whether any object of a source is known.
    #[must_use]
    pub fn holds_source(&self, source: &str) -> bool {
        self.sources.contains_key(source)
    }

    /// What is known of a source now, for whoever lists it.
    #[must_use]
    pub fn positions(&self, source: &str) -> Arc<dyn Positions> {
        self.sources.get(source).cloned().unwrap_or_default()
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

    /// Whether the rows of this version of an object are in the lake: another run was faster.
    pub(super) fn has_object(&self, row: &ObjectRow) -> bool {
        self.holds(&row.source, &row.object, &row.object_version)
    }

    /// Whether a note says nothing new.
    pub(super) fn repeats(&self, note: &GapNote) -> bool {
        self.is_open(&note.gap) != note.is_closed
    }

    pub(super) fn add_object(&mut self, row: &ObjectRow) {
        self.object(&row.source, &row.object, &row.object_version);
    }

    /// Takes a note of a batch; of two notes on one gap, the one of the greater batch stays, in whatever order they come.
    pub(super) fn add_note(&mut self, note: GapNote, batch: i64) {
        let last = self.gaps.entry(gap_name(&note.gap)).or_insert(LastNote { batch, open: None });
        if last.batch <= batch {
            *last = LastNote { batch, open: (!note.is_closed).then_some(note.gap) };
        }
    }

    /// Reads what is new in `objects` or in `gaps`. Files that compaction made are read again, which changes nothing.
    pub(super) async fn learn(&mut self, shelf: &Shelf) -> Result<(), LakeError> {
        let is_objects = shelf.table.name == OBJECTS.name;
        let columns: Option<&[&str]> = if is_objects { Some(&["source", "object", "object_version"]) } else { None };
        let wanted = Wanted { columns, slice: None, sessions: Sessions::Every };
        for file in shelf.files() {
            if self.learnt.contains(file.path.as_ref()) {
                continue;
            }
            let mut batches = read(shelf, &file, &wanted).await?;
            while let Some(batch) = batches.try_next().await? {
                if is_objects { self.objects_of(&batch)? } else { self.notes_of(&batch)? }
            }
            self.learnt.insert(file.path.to_string());
        }
        Ok(())
    }

    fn objects_of(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let read = Read::new(&OBJECTS, batch);
        let (source, object, object_version) = (read.texts("source")?, read.texts("object")?, read.texts("object_version")?);
        for row in 0..batch.num_rows() {
            if let (Some(source), Some(object), Some(object_version)) = (source.get(row), object.get(row), object_version.get(row)) {
                self.object(source, object, object_version);
            }
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

    fn object(&mut self, source: &str, object: &str, object_version: &str) {
        if !self.sources.contains_key(source) {
            self.sources.insert(source.to_owned(), Arc::default());
        }
        if let Some(keys) = self.sources.get_mut(source) {
            Arc::make_mut(keys).insert(object.to_owned());
        }
        self.objects.insert(name(&[source, object, object_version]));
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
