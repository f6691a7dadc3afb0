//! A published copy as a table.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::config::TableParquetOptions;
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::datasource::physical_plan::{FileScanConfigBuilder, ParquetFileReaderFactory, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::parquet_to_arrow_schema;

use super::pinned::Pinned;

/// A copy that is the ledger's own answer.
#[derive(Debug)]
pub(crate) struct PublishedTable {
    pinned: Arc<Pinned>,
    schema: SchemaRef,
}

impl PublishedTable {
    pub(super) fn new(pinned: Arc<Pinned>) -> Result<Self> {
        let about = pinned.metadata.file_metadata();
        let schema = parquet_to_arrow_schema(about.schema_descr(), about.key_value_metadata())?;
        // What the file says of itself is no part of the table.
        Ok(Self { pinned, schema: Arc::new(Schema::new(schema.fields().clone())) })
    }

    /// The same table under a schema of the same fields, which says what the table itself means: who stands in for another table must look like it.
    pub(crate) fn explained_by(self, schema: SchemaRef) -> Self {
        Self { schema, ..self }
    }
}

#[async_trait]
impl TableProvider for PublishedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        DFParquetMetadata::statistics_from_parquet_metadata(&self.pinned.metadata, &self.schema).ok()
    }

    async fn scan(&self, state: &dyn Session, projection: Option<&Vec<usize>>, _filters: &[Expr], limit: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        let options = TableParquetOptions { global: state.config_options().execution.parquet.clone(), ..TableParquetOptions::default() };
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(Reader(Arc::clone(&self.pinned))));
        let mut file = PartitionedFile::new(self.pinned.path.to_string(), self.pinned.size);
        if let Some(statistics) = self.statistics() {
            file = file.with_statistics(Arc::new(statistics));
        }
        // The reader has its own way to the bytes; any store that the session knows will do here.
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file(file)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit);
        let config = match self.statistics() {
            Some(statistics) => config.with_statistics(statistics),
            None => config,
        };
        Ok(DataSourceExec::from_data_source(config.build()))
    }
}

/// Reads the pinned file, however often the engine asks for a reader.
#[derive(Debug)]
struct Reader(Arc<Pinned>);

impl ParquetFileReaderFactory for Reader {
    fn create_reader(&self, _: usize, _: PartitionedFile, _: Option<usize>, _: &ExecutionPlanMetricsSet) -> Result<Box<dyn AsyncFileReader + Send>> {
        Ok(Box::new(self.0.pages()))
    }
}
