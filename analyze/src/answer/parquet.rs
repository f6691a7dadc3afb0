//! Apache Parquet, in the types that other engines read: no views, no dictionaries, no unsigned integers.

use std::io;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::Answer;
use crate::engine::QueryError;

/// `metadata` goes into the file's footer, for whoever finds the file without us.
pub(super) async fn write(answer: &mut Answer, metadata: &[(&str, String)], out: &mut (dyn io::Write + Send)) -> Result<u64, QueryError> {
    let schema = readable(&answer.schema());
    let metadata = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
    let properties = WriterProperties::builder()
        .set_key_value_metadata(Some(metadata))
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROWS_IN_A_GROUP))
        .set_created_by(concat!("sessiontrail version ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties)).map_err(failed)?;
    let mut rows = 0;
    while let Some(batch) = answer.next().await? {
        rows += batch.num_rows() as u64;
        let batch = converted(&batch, &schema).map_err(|error| QueryError::from(DataFusionError::from(error)))?;
        writer.write(&batch).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(rows)
}

fn failed(error: ParquetError) -> QueryError {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => QueryError::Write(*error),
            Err(source) => QueryError::Write(io::Error::other(source)),
        },
        other => QueryError::Write(io::Error::other(other)),
    }
}

fn readable(schema: &Schema) -> SchemaRef {
    let fields: Vec<FieldRef> = schema.fields().iter().map(readable_field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn readable_type(of: &DataType) -> DataType {
    match of {
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => DataType::Int64,
        DataType::Utf8View | DataType::LargeUtf8 | DataType::Null => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        DataType::Dictionary(_, values) => readable_type(values),
        // Some readers take nanoseconds for a number, and the ledger's instants are no finer than a microsecond.
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        DataType::List(item) | DataType::LargeList(item) | DataType::ListView(item) | DataType::LargeListView(item) => DataType::List(readable_field(item)),
        DataType::FixedSizeList(item, length) => DataType::FixedSizeList(readable_field(item), *length),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(readable_field).collect()),
        DataType::Map(entries, sorted) => DataType::Map(readable_field(entries), *sorted),
        other => other.clone(),
    }
}

fn readable_field(field: &FieldRef) -> FieldRef {
    Arc::new(Field::clone(field).with_data_type(readable_type(field.data_type())))
}

/// A number that does not fit is an error: null would be a lie.
fn converted(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| match column.data_type() == field.data_type() {
        true => Ok(ArrayRef::clone(column)),
        false => cast_with_options(column, field.data_type(), &strict),
    });
    RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_, _>>()?)
}

/// A row group is held in memory until it is written, whatever the answer's size.
const ROWS_IN_A_GROUP: usize = 131_072;
