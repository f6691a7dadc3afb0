//! One Delta table of the lake, at the version that this process has seen last.
//!
//! Every change is one commit at exactly the next version: there is no retry and no rebase behind our back, so a change is made against
//! what was read or not at all.

use std::collections::HashMap;
use std::sync::Arc;

use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties, TransactionError};
use deltalake::kernel::{Action, StructType, Transaction};
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore, get_actions};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::table::state::DeltaTableState;
use deltalake::{DeltaTable, DeltaTableError};
use object_store::ObjectStore;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use schemas::{FORMAT_PROPERTY, Table};
use url::Url;

use super::error::LakeError;
use super::file::StoredFile;
use super::read::Folder;

/// One Delta table.
pub(super) struct Shelf {
    pub(super) folder: Folder,
    log: LogStoreRef,
    state: DeltaTableState,
    marks: HashMap<String, Option<i64>>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").field("table", &self.folder.table.name).field("version", &self.version()).finish_non_exhaustive()
    }
}

/// What one commit changes.
pub(super) struct Change {
    pub(super) actions: Vec<Action>,
    pub(super) operation: DeltaOperation,
    /// Application transactions: (application, version).
    pub(super) marks: Vec<(String, i64)>,
    /// More of the commit's own information.
    pub(super) metadata: Vec<(String, serde_json::Value)>,
}

impl Change {
    /// Rows are added.
    pub(super) fn append(actions: Vec<Action>) -> Self {
        Self {
            actions,
            operation: DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None },
            marks: Vec::new(),
            metadata: Vec::new(),
        }
    }

    /// With an application transaction.
    pub(super) fn mark(mut self, application: impl Into<String>, version: i64) -> Self {
        self.marks.push((application.into(), version));
        self
    }
}

/// How a commit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Landing {
    /// It is the next version.
    Landed,
    /// Somebody else made the next version first, or the answer to our own commit was lost; nothing more is known until a refresh.
    Overtaken,
}

impl Shelf {
    /// Opens the table in the folder `url` of the url's own store, and makes it where there is none.
    pub(super) async fn open(table: &'static Table, root: Arc<dyn ObjectStore>, url: &Url) -> Result<Self, LakeError> {
        let (store, log) = place(root, url)?;
        // Two runs may make the table at once. The one that was late finds it, whatever its own attempt said.
        let made = if log.is_delta_table_location().await.map_err(unopened(table))? { Ok(()) } else { make(table, Arc::clone(&log)).await };
        Self::load(table, store, log).await.map_err(|error| made.err().unwrap_or(error))
    }

    /// Opens the table in the folder `url` to read it; `None` where there is none.
    pub(super) async fn find(table: &'static Table, root: Arc<dyn ObjectStore>, url: &Url) -> Result<Option<Self>, LakeError> {
        let (store, log) = place(root, url)?;
        if log.is_delta_table_location().await.map_err(unopened(table))? { Self::load(table, store, log).await.map(Some) } else { Ok(None) }
    }

    async fn load(table: &'static Table, store: Arc<dyn ObjectStore>, log: LogStoreRef) -> Result<Self, LakeError> {
        let mut delta = DeltaTable::new(Arc::clone(&log));
        delta.load().await.map_err(unopened(table))?;
        let state = delta.snapshot().map_err(unopened(table))?.clone();
        let shelf = Self { folder: Folder::new(table, store), log, state, marks: HashMap::new() };
        shelf.check_format()?;
        shelf.check_contract()?;
        Ok(shelf)
    }

    /// The version that this process has seen last.
    pub(super) fn version(&self) -> u64 {
        self.state.version()
    }

    /// The files that make up the table at this version.
    pub(super) fn files(&self) -> Vec<StoredFile> {
        self.state.log_data().iter().map(|view| StoredFile::of(&view)).collect()
    }

    /// Looks for newer versions.
    pub(super) async fn refresh(&mut self) -> Result<(), LakeError> {
        let before = self.version();
        self.state.update(self.log.as_ref(), None).await.map_err(|source| self.failed("read", source))?;
        if self.version() != before {
            self.marks.clear();
        }
        Ok(())
    }

    /// The version of an application transaction; `None` where there was none.
    pub(super) async fn mark(&mut self, application: &str) -> Result<Option<i64>, LakeError> {
        if let Some(mark) = self.marks.get(application) {
            return Ok(*mark);
        }
        let mark = self.state.transaction_version(self.log.as_ref(), application).await.map_err(|source| self.failed("read", source))?;
        self.marks.insert(application.to_owned(), mark);
        Ok(mark)
    }

    /// What a version changed; `None` where its entry is no longer there.
    pub(super) async fn entry(&self, version: u64) -> Result<Option<Vec<Action>>, LakeError> {
        let Some(bytes) = self.log.read_commit_entry(version).await.map_err(|source| self.failed("read", source))? else { return Ok(None) };
        get_actions(version, &bytes).map(Some).map_err(|source| self.failed("read", source))
    }

    /// Makes `change` the next version.
    pub(super) async fn commit(&mut self, change: Change) -> Result<Landing, LakeError> {
        let marks: Vec<Transaction> = change.marks.iter().map(|(application, version)| Transaction::new(application, *version)).collect();
        let properties = CommitProperties::default().with_max_retries(0).with_metadata(change.metadata).with_application_transactions(marks);
        let commit = CommitBuilder::from(properties).with_actions(change.actions).build(Some(&self.state), Arc::clone(&self.log), change.operation).await;
        match commit {
            Ok(landed) => {
                self.state = landed.snapshot;
                for (application, version) in change.marks {
                    self.marks.insert(application, Some(version));
                }
                Ok(Landing::Landed)
            }
            Err(DeltaTableError::VersionAlreadyExists(_)) => Ok(Landing::Overtaken),
            Err(DeltaTableError::Transaction {
                source: TransactionError::MaxCommitAttempts(_) | TransactionError::CommitConflict(_) | TransactionError::VersionAlreadyExists(_),
            }) => Ok(Landing::Overtaken),
            Err(source) => Err(self.failed("written", source)),
        }
    }

    /// A table of the same columns, to vacuum.
    pub(super) async fn delta(&self) -> Result<DeltaTable, LakeError> {
        let mut delta = DeltaTable::new(Arc::clone(&self.log));
        delta.load().await.map_err(|source| self.failed("read", source))?;
        Ok(delta)
    }

    pub(super) fn failed(&self, doing: &'static str, source: DeltaTableError) -> LakeError {
        LakeError::Log { table: self.folder.table.name, doing, source: Box::new(source) }
    }

    /// What a later program wrote in a form of its own must not be taken for something that it is not.
    fn check_format(&self) -> Result<(), LakeError> {
        let found = self.state.metadata().configuration().get(FORMAT_PROPERTY);
        Ok(schemas::check_format(self.folder.table.name, found.map(String::as_str))?)
    }

    /// Other columns would mean rows that one side writes and the other cannot read.
    fn check_contract(&self) -> Result<(), LakeError> {
        let wanted = struct_type(self.folder.table)?;
        let found = self.state.schema();
        let other = wanted.fields().find(|field| found.field(field.name()).is_none_or(|known| known.data_type() != field.data_type()));
        let unknown = found.fields().find(|field| wanted.field(field.name()).is_none());
        match other.or(unknown) {
            None => Ok(()),
            Some(field) => Err(LakeError::Contract { table: self.folder.table.name, column: field.name().clone() }),
        }
    }
}

/// The store of a table's folder, and its log.
fn place(root: Arc<dyn ObjectStore>, url: &Url) -> Result<(Arc<dyn ObjectStore>, LogStoreRef), LakeError> {
    let folder = Path::from_url_path(url.path()).map_err(|_| LakeError::Place(url.to_string()))?;
    let store: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(Arc::clone(&root), folder));
    let log = default_logstore(Arc::clone(&store), root, url, &StorageConfig::default());
    Ok((store, log))
}

fn unopened(table: &'static Table) -> impl Fn(DeltaTableError) -> LakeError {
    move |source| LakeError::Log { table: table.name, doing: "opened", source: Box::new(source) }
}

fn struct_type(table: &'static Table) -> Result<StructType, LakeError> {
    Ok(table.schema().as_ref().try_into_kernel()?)
}

async fn make(table: &'static Table, log: LogStoreRef) -> Result<(), LakeError> {
    // The log is the bookmark and the redo log: it is never cleaned up. Its marks are read from the newest checkpoint on. Raw tables refuse every change but additions and rewrites of
    // the same rows.
    let mut properties = vec![
        (FORMAT_PROPERTY, schemas::FORMAT),
        ("delta.logRetentionDuration", "interval 3650 days"),
        ("delta.enableExpiredLogCleanup", "false"),
        ("delta.checkpointInterval", "20"),
    ];
    if schemas::table::RAW.iter().any(|raw| raw.name == table.name) {
        properties.push(("delta.appendOnly", "true"));
    }
    let made = CreateBuilder::new()
        .with_log_store(log)
        .with_table_name(table.name)
        .with_comment(table.doc)
        .with_columns(struct_type(table)?.fields().cloned())
        .with_save_mode(SaveMode::Ignore)
        .with_configuration(properties.into_iter().map(|(key, value)| (key, Some(value))))
        // The format is a property of our own, which Delta does not know.
        .with_raise_if_key_not_exists(false)
        .with_commit_properties(CommitProperties::default().with_max_retries(0))
        .await;
    made.map(drop).map_err(|source| LakeError::Log { table: table.name, doing: "made", source: Box::new(source) })
}
