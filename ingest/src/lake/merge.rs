//! Many sorted files into one: the rows stay exactly the same, and stand in order where they did.
//!
//! ```text
//!   file ─▶ rows ─┐
//!   file ─▶ rows ─┼─▶ the least next row of all ─▶ chunks ─▶ one file
//!   file ─▶ rows ─┘
//! ```
//!
//! What is held is a few thousand rows of each file, so how large the files are does not matter, only how many.

use std::collections::HashSet;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows as Keys, SortField};
use deltalake::kernel::{Action, Add};
use deltalake::protocol::DeltaOperation;
use futures::TryStreamExt;
use schemas::Table;

use super::ATTEMPTS;
use super::error::LakeError;
use super::file::StoredFile;
use super::order::key;
use super::read::{Folder, Rows, Wanted, read};
use super::shelf::{Change, Landing, Shelf};
use super::tuning::Tuning;
use super::write::FileWriter;

/// Rows that are handed on at once.
const CHUNK: usize = 8_192;

/// One file with the rows of all of `group`.
///
/// # Errors
/// Where a file could not be read or written, or the new one would not hold the very rows of the old ones.
pub(super) async fn merge(folder: &Folder, group: &[StoredFile], tuning: &Tuning) -> Result<Add, LakeError> {
    let mut file = FileWriter::new(folder.table, &folder.store, tuning)?;
    let mut merging = Merging::new(folder, group).await?;
    while let Some(chunk) = merging.chunk().await? {
        file.write(&chunk).await?;
    }
    let (expected, found) = (group.iter().map(|file| file.rows).sum::<Option<u64>>(), file.rows());
    let mut add = file.finish().await?;
    if let Some(expected) = expected
        && expected != found
    {
        return Err(LakeError::Rows { table: folder.table.name, expected, found });
    }
    add.data_change = false;
    Ok(add)
}

/// Puts the merged file in the place of `group`. Where somebody else has replaced one of them meanwhile, nothing happens: the merged file
/// is garbage then.
pub(super) async fn replace(shelf: &mut Shelf, group: &[StoredFile], merged: Add) -> Result<(), LakeError> {
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
    Err(LakeError::Contended { table: shelf.folder.table.name })
}

/// The files of a group, each at its next row.
struct Merging {
    by: Key,
    runs: Vec<Run>,
    /// Runs by their next rows, the least one last.
    order: Vec<usize>,
    /// Batches that the chunk in the making takes rows from.
    batches: Vec<RecordBatch>,
}

/// A file at its next row.
struct Run {
    rows: Rows,
    keys: Keys,
    next: usize,
    /// Place of its batch among the batches.
    batch: usize,
}

/// The columns by which the rows of a table are sorted, in a form that is compared byte by byte.
struct Key {
    columns: &'static [&'static str],
    converter: RowConverter,
}

impl Merging {
    async fn new(folder: &Folder, group: &[StoredFile]) -> Result<Self, LakeError> {
        let mut merging = Self { by: Key::new(folder.table)?, runs: Vec::new(), order: Vec::new(), batches: Vec::new() };
        for file in group {
            let rows = read(folder, file, &Wanted::ALL).await?;
            let keys = merging.by.converter.empty_rows(0, 0);
            merging.runs.push(Run { rows, keys, next: 0, batch: 0 });
            merging.enter(merging.runs.len() - 1).await?;
        }
        Ok(merging)
    }

    /// Sorts a run in by its next row, in its next batch where this one is at its end; at the end of its file it is left out.
    async fn enter(&mut self, number: usize) -> Result<(), LakeError> {
        let Some(run) = self.runs.get_mut(number) else { return Ok(()) };
        while run.next >= run.keys.num_rows() {
            let Some(batch) = run.rows.try_next().await? else { return Ok(()) };
            run.keys = self.by.of(&batch)?;
            (run.next, run.batch) = (0, self.batches.len());
            self.batches.push(batch);
        }
        let key = |number: usize| self.runs.get(number).map(|run| run.keys.row(run.next));
        let place = self.order.partition_point(|other| key(*other) > key(number));
        self.order.insert(place, number);
        Ok(())
    }

    /// The next rows of all files; `None` at the end of all.
    async fn chunk(&mut self) -> Result<Option<RecordBatch>, LakeError> {
        let mut taken = Vec::with_capacity(CHUNK);
        while taken.len() < CHUNK
            && let Some(number) = self.order.pop()
        {
            if let Some(run) = self.runs.get_mut(number) {
                taken.push((run.batch, run.next));
                run.next += 1;
            }
            self.enter(number).await?;
        }
        if taken.is_empty() {
            return Ok(None);
        }
        let batches: Vec<&RecordBatch> = self.batches.iter().collect();
        let chunk = interleave_record_batch(&batches, &taken)?;
        self.let_go();
        Ok(Some(chunk))
    }

    /// Lets go of the batches that no run is in any more.
    fn let_go(&mut self) {
        let before = std::mem::take(&mut self.batches);
        for number in &self.order {
            if let Some(run) = self.runs.get_mut(*number)
                && let Some(batch) = before.get(run.batch)
            {
                run.batch = self.batches.len();
                self.batches.push(batch.clone());
            }
        }
    }
}

impl Key {
    fn new(table: &'static Table) -> Result<Self, ArrowError> {
        let (schema, columns) = (table.schema(), key(table));
        let fields = columns.iter().map(|name| Ok(SortField::new(schema.field_with_name(name)?.data_type().clone())));
        Ok(Self { columns, converter: RowConverter::new(fields.collect::<Result<_, ArrowError>>()?)? })
    }

    fn of(&self, batch: &RecordBatch) -> Result<Keys, ArrowError> {
        let column = |name: &&str| batch.column_by_name(name).cloned().ok_or_else(|| ArrowError::SchemaError(format!("the column {name} is missing")));
        let columns = self.columns.iter().map(column).collect::<Result<Vec<ArrayRef>, _>>()?;
        self.converter.convert_columns(&columns)
    }
}
