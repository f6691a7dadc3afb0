//! The new files of a table, one after the other as each is full.

use arrow::array::RecordBatch;
use deltalake::kernel::Add;

use super::error::LakeError;
use super::read::Folder;
use super::tuning::Tuning;
use super::write::FileWriter;

/// Files of a table that take rows in their order.
pub(super) struct Output<'o> {
    folder: &'o Folder,
    tuning: Tuning,
    /// Bytes at which a file is full.
    full: usize,
    file: Option<FileWriter>,
    adds: Vec<Add>,
}

impl<'o> Output<'o> {
    pub(super) fn new(folder: &'o Folder, tuning: Tuning, full: usize) -> Self {
        Self { folder, tuning, full, file: None, adds: Vec::new() }
    }

    /// Writes the next rows.
    pub(super) async fn write(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => FileWriter::new(self.folder.table, &self.folder.store, &self.tuning)?,
        };
        file.write(rows).await?;
        if file.size() >= self.full {
            self.adds.push(file.finish().await?);
        } else {
            self.file = Some(file);
        }
        Ok(())
    }

    /// Ends the last file: the actions that add them all.
    pub(super) async fn finish(mut self) -> Result<Vec<Add>, LakeError> {
        if let Some(file) = self.file.take() {
            self.adds.push(file.finish().await?);
        }
        Ok(self.adds)
    }
}
