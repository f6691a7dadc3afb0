//! The lake, write side: Delta tables in one folder, and the only code that commits to them.
//!
//! In come a [`Batch`] of rows, and requests to refresh what is derived. Out go commits. This room refuses to know where rows came from
//! and what a policy is, and knows no SQL.
//!
//! ```text
//!   stage() ─▶ Batch ─▶ commit() ─▶ objects, then events, observations, … ─▶ refresh() ─▶ session_facts ─▶ settle() ─▶ fewer files
//! ```
//!
//! A run may be killed anywhere and started again, and several may run at once: no row is lost and none is doubled. How that is done is in
//! `docs/decisions/001-one-bookmark-one-redo-log.md`.

mod answers;
mod catalogue;
mod commit;
mod compact;
mod error;
mod facts;
mod file;
mod known;
mod layout;
mod lookup;
mod merge;
mod order;
mod output;
mod pages;
mod range;
mod read;
mod runs;
mod shelf;
mod stage;
mod touched;
mod tuning;
mod write;

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use schemas::Table;
use schemas::table::{EVENTS, GAPS, INSTANCES, OBJECTS, OBSERVATIONS, PREFERENCES, REJECTS, RUNS, SESSION_FACTS};
use url::Url;

pub use crate::batch::{GapRow, ObjectRow, RunRow, Status};
pub use commit::Outcome;
pub use compact::Compacted;
pub use error::LakeError;
pub use known::{Asked, Known};
pub use stage::Batch;
pub use tuning::{TUNING, Tuning};

use commit::Promise;
use shelf::Shelf;

/// Times that a commit is tried again after somebody else was faster. Each time somebody else has got on.
const ATTEMPTS: usize = 100;

/// The lake, as this process has seen it last.
#[derive(Debug)]
pub struct Lake {
    folder: Arc<dyn ObjectStore>,
    objects: Shelf,
    events: Shelf,
    observations: Shelf,
    instances: Shelf,
    preferences: Shelf,
    rejects: Shelf,
    gaps: Shelf,
    runs: Shelf,
    facts: Shelf,
    known: Known,
    last: Option<Promise>,
    tuning: Tuning,
}

impl Lake {
    /// Opens the lake at `url`, makes the tables that are missing, and redeems what a run that was killed had promised. `store` is the root
    /// of the url's own store.
    ///
    /// # Errors
    /// Where the lake could not be read or written, or was written by a version of the program with other columns.
    pub async fn open(store: Arc<dyn ObjectStore>, url: &Url) -> Result<Self, LakeError> {
        Self::open_tuned(store, url, TUNING).await
    }

    /// Opens the lake in a folder of this machine, and makes the folder where it is missing.
    ///
    /// # Errors
    /// As [`Lake::open`], and where the folder could not be made.
    pub async fn local(path: &std::path::Path) -> Result<Self, LakeError> {
        Self::open(Arc::new(LocalFileSystem::new()), &local_url(path)?).await
    }

    /// What the lake at `url` has already, for whoever must not write: nothing is made and nothing is redeemed. Where there is no lake,
    /// nothing is known.
    ///
    /// # Errors
    /// Where the lake could not be read, or was written by a version of the program with other columns.
    pub async fn peek(store: Arc<dyn ObjectStore>, url: &Url) -> Result<Known, LakeError> {
        let mut known = Known::default();
        if let Some(objects) = Shelf::find(&OBJECTS, Arc::clone(&store), &table_url(url, &OBJECTS)?).await? {
            known.look(&objects);
        }
        if let Some(gaps) = Shelf::find(&GAPS, store, &table_url(url, &GAPS)?).await? {
            known.learn(&gaps).await?;
        }
        Ok(known)
    }

    /// As [`Lake::peek`], of a folder of this machine.
    ///
    /// # Errors
    /// As [`Lake::peek`].
    pub async fn peek_local(path: &std::path::Path) -> Result<Known, LakeError> {
        let is_there = path.try_exists().map_err(|source| LakeError::Folder { path: path.to_owned(), source })?;
        if is_there { Self::peek(Arc::new(LocalFileSystem::new()), &folder_url(path)?).await } else { Ok(Known::default()) }
    }

    /// As [`Lake::open`], in other sizes: for whoever measures them.
    ///
    /// # Errors
    /// As [`Lake::open`].
    pub async fn open_tuned(store: Arc<dyn ObjectStore>, url: &Url, tuning: Tuning) -> Result<Self, LakeError> {
        let place = Path::from_url_path(url.path()).map_err(|_| LakeError::Place(url.to_string()))?;
        let folder: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(Arc::clone(&store), place));
        let open = async |table: &'static Table| Shelf::open(table, Arc::clone(&store), &table_url(url, table)?).await;
        let (objects, events, observations, instances, preferences, rejects, gaps, runs, facts) = futures::try_join!(
            open(&OBJECTS),
            open(&EVENTS),
            open(&OBSERVATIONS),
            open(&INSTANCES),
            open(&PREFERENCES),
            open(&REJECTS),
            open(&GAPS),
            open(&RUNS),
            open(&SESSION_FACTS),
        )?;
        let known = Known::default();
        let mut lake = Self { folder, objects, events, observations, instances, preferences, rejects, gaps, runs, facts, known, last: None, tuning };
        lake.catch_up().await?;
        Ok(lake)
    }

    /// What the lake has already.
    #[must_use]
    pub const fn known(&self) -> &Known {
        &self.known
    }

    /// An empty batch. It can grow while the lake does other things.
    #[must_use]
    pub fn stage(&self) -> Batch {
        Batch::new(&self.folder, self.tuning)
    }

    fn shelves_mut(&mut self) -> [&mut Shelf; 9] {
        let Self { objects, events, observations, instances, preferences, rejects, gaps, runs, facts, .. } = self;
        [objects, events, observations, instances, preferences, rejects, gaps, runs, facts]
    }
}

fn table_url(lake: &Url, table: &Table) -> Result<Url, LakeError> {
    let text = format!("{}/{}/", lake.as_str().trim_end_matches('/'), table.name);
    Url::parse(&text).map_err(|_| LakeError::Place(text))
}

fn local_url(path: &std::path::Path) -> Result<Url, LakeError> {
    std::fs::create_dir_all(path).map_err(|source| LakeError::Folder { path: path.to_owned(), source })?;
    folder_url(path)
}

fn folder_url(path: &std::path::Path) -> Result<Url, LakeError> {
    let path = path.canonicalize().map_err(|source| LakeError::Folder { path: path.to_owned(), source })?;
    Url::from_directory_path(&path).map_err(|()| LakeError::Place(path.display().to_string()))
}

#[cfg(test)]
pub(crate) mod tests;
