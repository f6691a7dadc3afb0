//! The contract of a table: every column's name, type and meaning, written once.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// The type of a column: only what Athena, DuckDB, Polars, Spark and Power BI all read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// A signed 64-bit number.
    Integer,
    /// A 64-bit float.
    Double,
    /// True or false.
    Boolean,
    /// An instant in UTC, in microseconds.
    Instant,
    /// A calendar date.
    Date,
    /// A list of instants.
    Instants,
    /// A list of texts.
    Texts,
}

impl Kind {
    /// The Arrow type of the column.
    #[must_use]
    pub fn data_type(self) -> DataType {
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let list = |element| DataType::List(Arc::new(Field::new("element", element, true)));
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Instant => instant,
            Self::Date => DataType::Date32,
            Self::Instants => list(instant),
            Self::Texts => list(DataType::Utf8),
        }
    }
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name in SQL.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// Whether it can be null.
    pub nullable: bool,
    /// What it means, with its unit.
    pub doc: &'static str,
}

impl Column {
    /// A column that always has a value.
    #[must_use]
    pub const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, nullable: false, doc }
    }

    /// A column that can be null.
    #[must_use]
    pub const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, nullable: true, doc }
    }
}

/// One table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Name in SQL, and of its folder in the lake.
    pub name: &'static str,
    /// What a row is.
    pub doc: &'static str,
    /// The columns, in order.
    pub columns: &'static [Column],
}

impl Table {
    /// The Arrow schema, with the meaning of the table and of every column as metadata (`comment`).
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        let comment = |doc: &str| HashMap::from([("comment".to_owned(), doc.to_owned())]);
        let fields: Vec<Field> =
            self.columns.iter().map(|column| Field::new(column.name, column.kind.data_type(), column.nullable).with_metadata(comment(column.doc))).collect();
        Arc::new(Schema::new(fields).with_metadata(comment(self.doc)))
    }
}
