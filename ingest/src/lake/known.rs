//! What the lake has already: which objects were read, and which gaps were found.

use std::collections::{HashMap, HashSet};

use arrow::array::RecordBatch;
use futures::TryStreamExt;
use schemas::table::{GAPS, OBJECTS};
use sessions::rows::Read;
use sha2::{Digest, Sha256};

use super::error::LakeError;
use super::read::{Sessions, Wanted, read};
use super::shelf::Shelf;
use crate::batch::{GapRow, ObjectRow, Status};

/// What the lake has already. Kept small: a million objects take some 40 MB, since names are kept as digests.
#[derive(Debug, Default)]
pub struct Known {
    objects: HashMap<Name, (i64, Status)>,
    sources: HashSet<String>,
    places: HashSet<Name>,
    gaps: HashSet<Name>,
    learnt: HashSet<String>,
}

/// The first half of a SHA-256: long enough that no two names meet, also where somebody tries.
type Name = [u8; 16];

impl Known {
    /// Whether this version of an object is done with. It stays so when the object changes and changes back: its rows are in the lake.
    #[must_use]
    pub fn holds(&self, source: &str, object: &str, object_version: &str) -> bool {
        self.status(source, object, object_version).is_some_and(Status::is_final)
    }

    /// What became of this version of an object, as the newest batch says.
    #[must_use]
    pub fn status(&self, source: &str, object: &str, object_version: &str) -> Option<Status> {
        self.objects.get(&name(&[source, object, object_version])).map(|(_, status)| *status)
    }

    /// Whether any object of a source is known.
    #[must_use]
    pub fn holds_source(&self, source: &str) -> bool {
        self.sources.contains(source)
    }

    /// Whether a gap at this place is known.
    #[must_use]
    pub fn holds_gap(&self, source: &str, place: &str) -> bool {
        self.places.contains(&name(&[source, place]))
    }

    /// How many versions of objects are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Whether the rows of this version of an object are in the lake: another run was faster.
    pub(super) fn has_object(&self, row: &ObjectRow) -> bool {
        self.holds(&row.source, &row.object, &row.object_version)
    }

    /// Whether a row of `objects` says once more that an object could not be read.
    pub(super) fn repeats(&self, row: &ObjectRow) -> bool {
        !row.status.is_final() && self.status(&row.source, &row.object, &row.object_version) == Some(row.status)
    }

    /// Whether the very row of `gaps` is known.
    pub(super) fn has_gap(&self, row: &GapRow) -> bool {
        self.gaps.contains(&name(&[&row.id()]))
    }

    pub(super) fn add_object(&mut self, row: &ObjectRow, batch: i64) {
        self.object(&row.source, &row.object, &row.object_version, row.status, batch);
    }

    pub(super) fn add_gap(&mut self, row: &GapRow) {
        self.gap(&row.id(), &row.source, &row.place);
    }

    /// Reads what is new in `objects` and `gaps`. Files that compaction made are read again, which changes nothing.
    pub(super) async fn learn(&mut self, objects: &Shelf, gaps: &Shelf) -> Result<(), LakeError> {
        for shelf in [objects, gaps] {
            let columns: &[&str] =
                if shelf.table.name == OBJECTS.name { &["source", "object", "object_version", "status", "batch"] } else { &["gap_id", "source", "place"] };
            let wanted = Wanted { columns: Some(columns), buckets: None, sessions: Sessions::Every };
            for file in shelf.files() {
                if self.learnt.contains(file.path.as_ref()) {
                    continue;
                }
                let mut batches = read(shelf, &file, &wanted).await?;
                while let Some(batch) = batches.try_next().await? {
                    if shelf.table.name == OBJECTS.name { self.objects_of(&batch)? } else { self.gaps_of(&batch)? }
                }
                self.learnt.insert(file.path.to_string());
            }
        }
        Ok(())
    }

    fn objects_of(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let read = Read::new(&OBJECTS, batch);
        let (source, object, object_version) = (read.texts("source")?, read.texts("object")?, read.texts("object_version")?);
        let (status, number) = (read.texts("status")?, read.integers("batch")?);
        for row in 0..batch.num_rows() {
            let texts = (source.get(row), object.get(row), object_version.get(row));
            let (Some(source), Some(object), Some(object_version)) = texts else { continue };
            self.object(source, object, object_version, status.required_word(row, Status::parse)?, number.required(row)?);
        }
        Ok(())
    }

    fn gaps_of(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let read = Read::new(&GAPS, batch);
        let (gap_id, source, place) = (read.texts("gap_id")?, read.texts("source")?, read.texts("place")?);
        for row in 0..batch.num_rows() {
            self.gap(&gap_id.required(row)?, &source.required(row)?, &place.required(row)?);
        }
        Ok(())
    }

    fn object(&mut self, source: &str, object: &str, object_version: &str, status: Status, batch: i64) {
        if !self.sources.contains(source) {
            self.sources.insert(source.to_owned());
        }
        let newest = self.objects.entry(name(&[source, object, object_version])).or_insert((batch, status));
        if newest.0 <= batch {
            *newest = (batch, status);
        }
    }

    fn gap(&mut self, gap_id: &str, source: &str, place: &str) {
        self.gaps.insert(name(&[gap_id]));
        self.places.insert(name(&[source, place]));
    }
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
