//! A batch on its way into the lake: rows that nobody sees before the commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use deltalake::kernel::Add;
use object_store::ObjectStore;
use object_store::prefix::PrefixStore;
use schemas::table::{EVENTS, INSTANCES, OBSERVATIONS, PREFERENCES, REJECTS};
use schemas::{Event, Instance, Observation, Preference, Reject, Table};
use sessions::rows::{RejectRow, RowError, events_batch, instances_batch, observations_batch, preferences_batch, rejects_batch};
use tokio::task::JoinSet;

use super::error::LakeError;
use super::order::Sorted;
use super::tuning::Tuning;
use super::write::write_sorted;
use crate::batch::{GapNote, GapRow, ObjectRow};
use crate::bulk::Bulk;

/// Everything that was read from a set of objects. It writes sorted files into the tables' folders as it grows; dropped before its commit,
/// it leaves nothing but garbage that a later vacuum removes.
#[derive(Debug)]
pub struct Batch {
    events: Pile<Event>,
    observations: Pile<Observation>,
    instances: Pile<Instance>,
    preferences: Pile<Preference>,
    rejects: Pile<RejectRow>,
    pub(super) objects: Vec<ObjectRow>,
    /// By the id of the gap: one note a gap and batch.
    pub(super) notes: BTreeMap<String, GapNote>,
    tuning: Tuning,
}

impl Batch {
    /// A batch whose files go into the tables' folders within `folder`.
    pub(super) fn new(folder: &Arc<dyn ObjectStore>, tuning: Tuning) -> Self {
        Self {
            events: Pile::new(&EVENTS, folder, events_batch),
            observations: Pile::new(&OBSERVATIONS, folder, observations_batch),
            instances: Pile::new(&INSTANCES, folder, instances_batch),
            preferences: Pile::new(&PREFERENCES, folder, preferences_batch),
            rejects: Pile::new(&REJECTS, folder, rejects_batch),
            objects: Vec::new(),
            notes: BTreeMap::new(),
            tuning,
        }
    }

    /// Takes an event.
    ///
    /// # Errors
    /// Where a file of the lake could not be written.
    pub async fn event(&mut self, event: Event) -> Result<(), LakeError> {
        self.events.push(event, &self.tuning).await
    }

    /// Takes rows of `events`, as [`sessions::rows::events_batch`] makes them.
    ///
    /// # Errors
    /// Where a file of the lake could not be written.
    pub async fn events(&mut self, rows: RecordBatch) -> Result<(), LakeError> {
        self.events.push_rows(rows, &self.tuning).await
    }

    /// Takes an answer of a snapshot.
    ///
    /// # Errors
    /// Where a file of the lake could not be written.
    pub async fn observation(&mut self, observation: Observation) -> Result<(), LakeError> {
        self.observations.push(observation, &self.tuning).await
    }

    /// Takes an instance.
    ///
    /// # Errors
    /// Where a file of the lake could not be written.
    pub async fn instance(&mut self, instance: Instance) -> Result<(), LakeError> {
        self.instances.push(instance, &self.tuning).await
    }

    /// Takes a version of a Session document.
    ///
    /// # Errors
    /// Where a file of the lake could not be written.
    pub async fn preference(&mut self, preference: Preference) -> Result<(), LakeError> {
        self.preferences.push(preference, &self.tuning).await
    }

    /// Takes what was refused in an object of this version.
    ///
    /// # Errors
    /// Where a file of the lake could not be written.
    pub async fn reject(&mut self, reject: Reject, object_version: &str) -> Result<(), LakeError> {
        self.rejects.push(RejectRow { reject, object_version: object_version.to_owned() }, &self.tuning).await
    }

    /// Takes what became of an object. Everything that was read from it must be in the same batch.
    pub fn object(&mut self, object: ObjectRow) {
        self.objects.push(object);
    }

    /// Takes a place that could be named and not be read. A gap that is open already is not noted again.
    pub fn gap(&mut self, gap: GapRow) {
        self.notes.insert(gap.id(), GapNote { gap, is_closed: false });
    }

    /// Takes a place that can be read again. A gap that is not open is not closed.
    pub fn close(&mut self, gap: GapRow) {
        self.notes.insert(gap.id(), GapNote { gap, is_closed: true });
    }

    /// Writes what is still held: the actions that add each table's files.
    pub(super) async fn finish(&mut self) -> Result<BTreeMap<String, Vec<Add>>, LakeError> {
        let tuning = self.tuning;
        let staged = [
            (EVENTS.name, self.events.finish(&tuning).await?),
            (OBSERVATIONS.name, self.observations.finish(&tuning).await?),
            (INSTANCES.name, self.instances.finish(&tuning).await?),
            (PREFERENCES.name, self.preferences.finish(&tuning).await?),
            (REJECTS.name, self.rejects.finish(&tuning).await?),
        ];
        Ok(staged.into_iter().filter(|(_, adds)| !adds.is_empty()).map(|(table, adds)| (table.to_owned(), adds)).collect())
    }
}

/// Rows of one table, first as values, then as Arrow, then as files. One file at a time is sorted and written while the next rows are
/// gathered.
struct Pile<T> {
    table: &'static Table,
    store: Arc<dyn ObjectStore>,
    encode: fn(&[T]) -> Result<RecordBatch, RowError>,
    values: Vec<T>,
    /// Rough bytes of the values.
    value_bytes: usize,
    batches: Vec<RecordBatch>,
    rows: usize,
    /// Bytes of the batches.
    bytes: usize,
    /// The file that is being written, if any; given up where the pile is dropped.
    writing: JoinSet<Result<Add, LakeError>>,
    staged: Vec<Add>,
}

/// Values that become Arrow at once. As values, rows take several times the memory …
const VALUES: usize = 1_024;
/// … and a few of them may be large: documents, messages.
const VALUE_BYTES: usize = 4 << 20;

impl<T> std::fmt::Debug for Pile<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pile").field("table", &self.table.name).field("rows", &(self.rows + self.values.len())).field("staged", &self.staged.len()).finish()
    }
}

impl<T: Bulk> Pile<T> {
    fn new(table: &'static Table, folder: &Arc<dyn ObjectStore>, encode: fn(&[T]) -> Result<RecordBatch, RowError>) -> Self {
        let store: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(Arc::clone(folder), table.name));
        Self { table, store, encode, values: Vec::new(), value_bytes: 0, batches: Vec::new(), rows: 0, bytes: 0, writing: JoinSet::new(), staged: Vec::new() }
    }

    async fn push(&mut self, value: T, tuning: &Tuning) -> Result<(), LakeError> {
        self.value_bytes += value.bytes();
        self.values.push(value);
        if self.values.len() >= VALUES.min(tuning.spill_rows) || self.value_bytes >= VALUE_BYTES.min(tuning.spill_bytes) {
            self.fold()?;
            self.spill_if_full(tuning).await?;
        }
        Ok(())
    }

    async fn push_rows(&mut self, rows: RecordBatch, tuning: &Tuning) -> Result<(), LakeError> {
        self.keep(rows);
        self.spill_if_full(tuning).await
    }

    fn fold(&mut self) -> Result<(), RowError> {
        if !self.values.is_empty() {
            let batch = (self.encode)(&self.values)?;
            self.values.clear();
            self.value_bytes = 0;
            self.keep(batch);
        }
        Ok(())
    }

    fn keep(&mut self, batch: RecordBatch) {
        self.rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        self.batches.push(batch);
    }

    async fn spill_if_full(&mut self, tuning: &Tuning) -> Result<(), LakeError> {
        if self.rows >= tuning.spill_rows || self.bytes >= tuning.spill_bytes { self.spill(tuning).await } else { Ok(()) }
    }

    /// Has what is held written, as soon as the file before it is.
    async fn spill(&mut self, tuning: &Tuning) -> Result<(), LakeError> {
        self.written().await?;
        let (table, store, tuning) = (self.table, Arc::clone(&self.store), *tuning);
        let batches = std::mem::take(&mut self.batches);
        (self.rows, self.bytes) = (0, 0);
        self.writing.spawn(async move { write_sorted(table, &store, &tuning, &Sorted::new(table, batches)?).await });
        Ok(())
    }

    /// Waits for the file that is being written.
    async fn written(&mut self) -> Result<(), LakeError> {
        while let Some(file) = self.writing.join_next().await {
            self.staged.push(file??);
        }
        Ok(())
    }

    async fn finish(&mut self, tuning: &Tuning) -> Result<Vec<Add>, LakeError> {
        self.fold()?;
        if !self.batches.is_empty() {
            self.spill(tuning).await?;
        }
        self.written().await?;
        Ok(std::mem::take(&mut self.staged))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::lake::tuning::TUNING;
    use object_store::memory::InMemory;
    use schemas::Code;

    #[tokio::test]
    async fn few_large_values_are_folded_by_their_bytes() {
        let folder: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let mut batch = Batch::new(&folder, TUNING);
        let reject = |detail| Reject { source: "s".into(), object: "o".into(), at: "line 1".into(), code: Code::LineUnexpected, detail };
        for _ in 0..100 {
            batch.reject(reject("x".repeat(1 << 20)), "1").await.unwrap();
            let held = batch.rejects.values.iter().map(|row| row.reject.detail.len()).sum::<usize>();
            assert!(held <= VALUE_BYTES, "{held} bytes are held as values");
            assert!(batch.rejects.bytes <= TUNING.spill_bytes, "{} bytes are held as Arrow", batch.rejects.bytes);
        }
        assert!(batch.finish().await.unwrap()["rejects"].len() >= 2, "files are written before the end");
    }
}
