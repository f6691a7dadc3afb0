//! The lake, read only: the Delta tables that the write side commits, opened when somebody asks for them.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::{DataFusionError, Result as DataFusionResult};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use deltalake::logstore::{StorageConfig, default_logstore};
use deltalake::{DeltaTable, DeltaTableError};
use object_store::ObjectStore;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use schemas::{FORMAT_PROPERTY, FormatError, Table, check_format};
use tokio::sync::OnceCell;
use url::Url;

/// Why the lake could not be read.
#[derive(Debug, thiserror::Error)]
enum LakeError {
    /// There is no lake at this place.
    #[error("there is no lake at {0}")]
    Missing(String),
    /// A table was written in a format that this version of the program does not know.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A table could not be opened.
    #[error("the table {table} of the lake could not be opened")]
    Open {
        /// Its name.
        table: &'static str,
        /// Why.
        source: Box<DeltaTableError>,
    },
}

impl From<LakeError> for DataFusionError {
    fn from(error: LakeError) -> Self {
        Self::External(Box::new(error))
    }
}

/// Where the lake is.
#[derive(Debug, Clone)]
pub struct Lake {
    store: Arc<dyn ObjectStore>,
    url: Url,
}

impl Lake {
    /// A lake at `url`, whose bytes `store` holds; `store` is the root of the url's own store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, url: Url) -> Self {
        Self { store, url }
    }

    /// What holds its bytes: the root of its url's own store.
    pub(crate) fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The folder of a table: its address, and its store.
    fn folder(&self, table: &Table) -> Result<(Url, Arc<dyn ObjectStore>), LakeError> {
        let location = format!("{}/{}/", self.url.as_str().trim_end_matches('/'), table.name);
        let location = Url::parse(&location).map_err(|_| LakeError::Missing(location))?;
        let folder = Path::from_url_path(location.path()).map_err(|_| LakeError::Missing(location.to_string()))?;
        Ok((location, Arc::new(PrefixStore::new(Arc::clone(&self.store), folder))))
    }

    /// Opens a table at its newest version; `None` where it does not exist. What it gives could also write, so it stays in this file.
    async fn open(&self, table: &'static Table) -> Result<Option<DeltaTable>, LakeError> {
        let failed = |source: DeltaTableError| LakeError::Open { table: table.name, source: Box::new(source) };
        let (location, files) = self.folder(table)?;
        let mut opened = DeltaTable::new(default_logstore(files, Arc::clone(&self.store), &location, &StorageConfig::default()));
        // Every store has its own word for a table that is not there; this asks for its log.
        if !opened.log_store().is_delta_table_location().await.map_err(failed)? {
            return Ok(None);
        }
        opened.load().await.map_err(failed)?;
        check_format(table.name, opened.snapshot().map_err(failed)?.metadata().configuration().get(FORMAT_PROPERTY).map(String::as_str))?;
        Ok(Some(opened))
    }
}

/// A stored table as SQL sees it. It is opened by whoever asks first, so that a query pays only for the tables it reads, and stays at that version.
#[derive(Debug)]
pub(crate) struct Stored {
    lake: Lake,
    table: &'static Table,
    schema: SchemaRef,
    opened: OnceCell<Option<DeltaTable>>,
    provider: OnceCell<Arc<dyn TableProvider>>,
}

impl Stored {
    /// The table of this contract in the lake.
    pub(crate) fn new(lake: Lake, table: &'static Table) -> Self {
        // Delta keeps the meaning of every column, and not that of the table: what is planned must look like what is read.
        let schema = Arc::new(Schema::new(table.schema().fields().clone()));
        Self { lake, table, schema, opened: OnceCell::new(), provider: OnceCell::new() }
    }

    /// The version of the table; 0 where it does not exist, which nobody can tell from one that was only made.
    pub(crate) async fn version(&self) -> DataFusionResult<u64> {
        Ok(self.opened().await?.and_then(DeltaTable::version).unwrap_or(0))
    }

    /// Which table this is, and its version: texts that are equal where both are.
    pub(crate) async fn identity(&self) -> DataFusionResult<String> {
        let Some(table) = self.opened().await? else { return Ok(format!("{}@none", self.table.name)) };
        let failed = |source: DeltaTableError| LakeError::Open { table: self.table.name, source: Box::new(source) };
        // A lake that was made anew counts its versions anew; only the id of its tables tells.
        let about = serde_json::to_value(table.snapshot().map_err(failed)?.metadata()).map_err(|error| failed(error.into()))?;
        let id = about["id"].as_str().unwrap_or_default();
        Ok(format!("{}@{} of {id}", self.table.name, table.version().unwrap_or(0)))
    }

    /// The version of an application transaction of the table, by which the write side says how far it has come; `None` where there is none.
    pub(crate) async fn mark(&self, application: &str) -> DataFusionResult<Option<i64>> {
        let Some(table) = self.opened().await? else { return Ok(None) };
        let failed = |source: DeltaTableError| LakeError::Open { table: self.table.name, source: Box::new(source) };
        let snapshot = table.snapshot().map_err(failed)?;
        Ok(snapshot.transaction_version(table.log_store().as_ref(), application).await.map_err(failed)?)
    }

    /// The files of the table at this version with their sizes, and the store of the folder that they lie in; `None` where it does not exist.
    pub(crate) async fn files(&self) -> DataFusionResult<Option<(Arc<dyn ObjectStore>, Vec<(Path, u64)>)>> {
        let Some(table) = self.opened().await? else { return Ok(None) };
        let snapshot = table.snapshot().map_err(|source| LakeError::Open { table: self.table.name, source: Box::new(source) })?;
        let files = snapshot.log_data().iter().map(|file| (file.object_store_path(), file.size().unsigned_abs())).collect();
        Ok(Some((self.lake.folder(self.table)?.1, files)))
    }

    async fn opened(&self) -> DataFusionResult<Option<&DeltaTable>> {
        Ok(self.opened.get_or_try_init(|| self.lake.open(self.table)).await?.as_ref())
    }

    async fn provider(&self, session: &dyn Session) -> DataFusionResult<Option<Arc<dyn TableProvider>>> {
        let Some(table) = self.opened().await? else { return Ok(None) };
        let provider = self.provider.get_or_try_init(|| async {
            table.update_datafusion_session(session).map_err(|error| DataFusionError::External(Box::new(error)))?;
            let mut provider = table.table_provider();
            if let Some(state) = session.as_any().downcast_ref::<SessionState>() {
                // The session's settings say that texts stay Utf8; without it, delta-rs makes views of them.
                provider = provider.with_session(Arc::new(state.clone()));
            }
            provider.await
        });
        provider.await.map(|provider| Some(Arc::clone(provider)))
    }
}

#[async_trait]
impl TableProvider for Stored {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
        match self.provider(state).await? {
            Some(provider) => provider.scan(state, projection, filters, limit).await,
            None => {
                let schema = match projection {
                    Some(columns) => Arc::new(self.schema.project(columns)?),
                    None => Arc::clone(&self.schema),
                };
                Ok(Arc::new(EmptyExec::new(schema)))
            }
        }
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> DataFusionResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use object_store::ObjectStoreExt;
    use object_store::memory::InMemory;
    use schemas::table::RUNS;

    use super::*;

    #[tokio::test]
    async fn a_table_of_a_later_format_is_refused_in_plain_words() {
        for (format, is_refused) in [("1", false), ("1.5", false), ("2", true)] {
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            let column = r#"{\"name\":\"run_id\",\"type\":\"string\",\"nullable\":false,\"metadata\":{}}"#;
            let log = format!(
                concat!(
                    r#"{{"protocol":{{"minReaderVersion":1,"minWriterVersion":2}}}}"#,
                    "\n",
                    r#"{{"metaData":{{"id":"a","format":{{"provider":"parquet","options":{{}}}},"schemaString":"{{\"type\":\"struct\",\"fields\":[{column}]}}","#,
                    r#""partitionColumns":[],"configuration":{{"sessiontrail.format":"{format}"}},"createdTime":0}}}}"#,
                    "\n"
                ),
                column = column,
                format = format
            );
            store.put(&"some/lake/runs/_delta_log/00000000000000000000.json".into(), log.into()).await.unwrap();
            let lake = Lake::new(store, Url::parse("memory:///some/lake").unwrap());
            let opened = lake.open(&RUNS).await.map(|table| table.is_some());
            assert_eq!(opened.is_err(), is_refused, "{opened:?}");
            if let Err(error) = opened {
                assert!(error.to_string().contains("is of format 2") && error.to_string().contains("use a newer version"), "{error}");
            }
        }
    }
}
