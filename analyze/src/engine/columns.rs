//! The table `columns`: what every column means, as the contracts and the headers of the queries say it.

use std::fmt;
use std::sync::{Arc, Weak};

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{MemTable, SchemaProvider, Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use schemas::table::COLUMNS;

use super::shelf::{COMMENT, Shelf};

/// Looks at every table of the shelf when it is asked; the shelf owns it, so that it must not own the shelf.
pub(super) struct Columns {
    shelf: Weak<Shelf>,
}

impl Columns {
    pub(super) fn new(shelf: Weak<Shelf>) -> Self {
        Self { shelf }
    }

    async fn rows(&self) -> Result<RecordBatch> {
        let (mut tables, mut columns, mut types, mut docs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let shelf = self.shelf.upgrade();
        for name in shelf.iter().flat_map(|shelf| shelf.names()) {
            // This table knows itself; asking the shelf for it would ask for it again.
            let schema = match &shelf {
                Some(shelf) if name != COLUMNS.name => shelf.table(&name).await?.map(|table| table.schema()),
                _ => Some(COLUMNS.schema()),
            };
            for field in schema.iter().flat_map(|schema| schema.fields().iter()) {
                tables.push(name.clone());
                columns.push(field.name().clone());
                types.push(word(field.data_type()));
                docs.push(field.metadata().get(COMMENT).cloned().unwrap_or_default());
            }
        }
        let texts = |values: Vec<String>| Arc::new(StringArray::from(values)) as ArrayRef;
        Ok(RecordBatch::try_new(COLUMNS.schema(), [tables, columns, types, docs].map(texts).to_vec())?)
    }
}

/// A type in the words of the documentation.
fn word(of: &DataType) -> String {
    match of {
        DataType::Utf8 => "text".to_owned(),
        DataType::Int64 => "bigint".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::List(item) => word(item.data_type()) + "[]",
        other => other.to_string(),
    }
}

impl fmt::Debug for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Columns")
    }
}

#[async_trait]
impl TableProvider for Columns {
    fn schema(&self) -> SchemaRef {
        COLUMNS.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(&self, state: &dyn Session, projection: Option<&Vec<usize>>, filters: &[Expr], limit: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        MemTable::try_new(self.schema(), vec![vec![self.rows().await?]])?.scan(state, projection, filters, limit).await
    }
}
