//! `runs`: what each run did. No evidence, and so no part of any promise.

use deltalake::kernel::Action;
use schemas::table::RUNS;

use super::error::LakeError;
use super::order::Sorted;
use super::shelf::{Change, Landing};
use super::write::write_sorted;
use super::{ATTEMPTS, Lake};
use crate::batch::{RunRow, runs_batch};

impl Lake {
    /// Adds a row to `runs`.
    ///
    /// # Errors
    /// Where the lake could not be written.
    pub async fn record_run(&mut self, run: RunRow) -> Result<(), LakeError> {
        let add = write_sorted(&RUNS, &self.runs.folder.store, &self.tuning, &Sorted::new(&RUNS, vec![runs_batch(&[run])?])?).await?;
        for _ in 0..ATTEMPTS {
            if self.runs.commit(Change::append(vec![Action::Add(add.clone())])).await? == Landing::Landed {
                return Ok(());
            }
            self.runs.refresh().await?;
            // The answer to our own commit may have been lost, and the file be there already.
            if self.runs.files().iter().any(|file| file.path.as_ref() == add.path) {
                return Ok(());
            }
        }
        Err(LakeError::Contended { table: RUNS.name })
    }
}
