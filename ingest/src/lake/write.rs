//! Writing Parquet files that every engine reads, into the folder of a table. Nobody sees them before a commit names them.

use std::sync::Arc;

use arrow::array::RecordBatch;
use deltalake::kernel::Add;
use object_store::ObjectStore;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use parquet::arrow::AsyncArrowWriter;
use parquet::errors::ParquetError;
use schemas::Table;
use uuid::Uuid;

use super::error::LakeError;
use super::file;
use super::layout::properties;
use super::order::Sorted;
use super::tuning::Tuning;

/// One file as it is being written.
pub(super) struct FileWriter {
    table: &'static Table,
    name: String,
    parquet: AsyncArrowWriter<BufWriter>,
    rows: u64,
}

impl FileWriter {
    /// Starts a file of `table`. Its name is new every time: a name computed from the content could be deleted as garbage of one run
    /// while another run is about to commit it.
    pub(super) fn new(table: &'static Table, store: &Arc<dyn ObjectStore>, tuning: &Tuning) -> Result<Self, LakeError> {
        let name = format!("part-{}.zstd.parquet", Uuid::new_v4());
        let failed = |source| LakeError::File { table: table.name, file: name.clone(), doing: "written", source };
        let properties = properties(table, tuning).map_err(failed)?;
        let sink = BufWriter::new(Arc::clone(store), Path::from(name.as_str()));
        let parquet = AsyncArrowWriter::try_new(sink, table.schema(), Some(properties)).map_err(failed)?;
        Ok(Self { table, name, parquet, rows: 0 })
    }

    pub(super) async fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let written = self.parquet.write(batch).await;
        self.rows += batch.num_rows() as u64;
        written.map_err(|source| self.failed(source))
    }

    /// Bytes so far, those not yet compressed included.
    pub(super) fn size(&self) -> usize {
        self.parquet.bytes_written() + self.parquet.in_progress_size()
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the file: the action that adds it.
    pub(super) async fn finish(mut self) -> Result<Add, LakeError> {
        let metadata = self.parquet.finish().await.map_err(|source| self.failed(source))?;
        Ok(file::add(self.table, self.name, self.parquet.bytes_written() as u64, &metadata))
    }

    fn failed(&self, source: ParquetError) -> LakeError {
        LakeError::File { table: self.table.name, file: self.name.clone(), doing: "written", source }
    }
}

/// Writes rows in their order into one file.
pub(super) async fn write_sorted(table: &'static Table, store: &Arc<dyn ObjectStore>, tuning: &Tuning, sorted: &Sorted) -> Result<Add, LakeError> {
    let mut file = FileWriter::new(table, store, tuning)?;
    for chunk in sorted.chunks() {
        file.write(&chunk?).await?;
    }
    file.finish().await
}
