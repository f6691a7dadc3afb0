//! What `ingest` published, read in place of working it out again.
//!
//! ```text
//!   <lake>/published/<name>.parquet ─▶ pinned (this one file, whatever takes its place) ─▶ stamp: is it this ledger's own answer? ─▶ table
//! ```
//!
//! A copy counts only where its stamp says, word for word, what the ledger would have to say: the same moment, policy, versions of the lake's
//! tables and code ([`Stamp`]). Whatever else is found, or cannot be read, is passed over, and the answer is worked out.

mod pinned;
mod stamp;
mod table;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::path::Path;

use crate::lake::Lake;
use pinned::Pinned;
pub(crate) use stamp::Stamp;
pub use stamp::Words;
pub(crate) use table::PublishedTable;

/// The folder of the lake in which copies lie, each named after its table.
pub const FOLDER: &str = "published";

/// The copies of one lake.
pub(crate) struct Published {
    lake: Lake,
    /// Those that were found to count: a question that names a table twice reads one copy, whatever is published meanwhile.
    found: Mutex<HashMap<String, Arc<Pinned>>>,
}

impl Published {
    pub(crate) fn new(lake: Lake) -> Self {
        Self { lake, found: Mutex::default() }
    }

    /// The copy of a table, where there is one and it says all that `wanted` does.
    pub(crate) async fn find(&self, name: &str, wanted: &Words) -> Option<PublishedTable> {
        if let Some(found) = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return PublishedTable::new(Arc::clone(found)).ok();
        }
        let path = self.path(name)?;
        let pinned = Arc::new(Pinned::open(self.lake.store(), path).await.ok()?);
        if !wanted.iter().all(|(key, value)| pinned.says(key) == Some(value)) {
            return None;
        }
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::clone(&pinned));
        PublishedTable::new(pinned).ok()
    }

    fn path(&self, name: &str) -> Option<Path> {
        let lake = Path::from_url_path(self.lake.url().path()).ok()?;
        Some(lake.join(FOLDER).join(format!("{name}.parquet")))
    }
}

impl fmt::Debug for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Published({:?})", self.lake)
    }
}
