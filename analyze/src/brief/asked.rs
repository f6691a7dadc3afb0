//! One question asked, and its answer as a table of a report.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use queries::Query;
use report::{Column, Table, Type, Unit, Value};
use schemas::Timestamp;

use super::bound::bound;
use crate::engine::{Engine, QueryError};

/// Asks one question of a report.
pub(super) async fn table(engine: &Engine, question: &Query, title: &str, words: &[(&str, String)]) -> Result<Table, QueryError> {
    let mut table = rows(engine, &bound(question.statement(), words)).await?;
    for column in &mut table.columns {
        let own = question.columns.iter().find(|(name, _)| *name == column.name);
        let meant = || queries::find(&question.definition)?.columns.iter().find(|(name, _)| *name == column.name);
        if let Some((_, meaning)) = own.or_else(meant) {
            column.meaning.clone_from(meaning);
        }
    }
    question.id.clone_into(&mut table.id);
    title.clone_into(&mut table.title);
    table.note.clone_from(&question.caveats);
    table.definition.clone_from(&question.definition);
    table.key.clone_from(&question.grain);
    Ok(table)
}

/// Every row that some SQL gives, as a table without a name.
pub(super) async fn rows(engine: &Engine, sql: &str) -> Result<Table, QueryError> {
    let mut answer = engine.ask(sql).await?;
    let fields = answer.schema();
    let columns = fields.fields().iter().map(|field| Column {
        name: field.name().clone(),
        is: is(field.data_type()),
        unit: Unit::of(field.name()),
        meaning: field.metadata().get("comment").cloned().unwrap_or_default(),
    });
    let nothing = String::new;
    let mut table = Table {
        id: nothing(),
        title: nothing(),
        note: nothing(),
        definition: nothing(),
        drawn: false,
        key: Vec::new(),
        columns: columns.collect(),
        rows: Vec::new(),
        sql: sql.trim_end().to_owned(),
    };
    while let Some(batch) = answer.next().await? {
        table.rows.extend(values(&batch).map_err(|error| QueryError::from(DataFusionError::from(error)))?);
    }
    Ok(table)
}

/// Name and meaning of each column of a table.
pub(super) async fn meanings(engine: &Engine, table: &str) -> Result<Vec<(String, String)>, QueryError> {
    // Names of tables are ours.
    let all = rows(engine, &format!("SELECT * FROM {table} LIMIT 0")).await?;
    Ok(all.columns.into_iter().map(|column| (column.name, column.meaning)).collect())
}

fn is(data: &DataType) -> Type {
    match data {
        DataType::Boolean => Type::Boolean,
        DataType::Date32 => Type::Date,
        DataType::Timestamp(..) => Type::Instant,
        DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Decimal128(..) => Type::Double,
        data if data.is_integer() => Type::Integer,
        _ => Type::Text,
    }
}

/// The rows of a batch.
fn values(batch: &RecordBatch) -> Result<Vec<Vec<Value>>, ArrowError> {
    let mut rows = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for array in batch.columns() {
        let to = match is(array.data_type()) {
            Type::Boolean => DataType::Boolean,
            Type::Date => DataType::Date32,
            Type::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Type::Double => DataType::Float64,
            Type::Integer => DataType::Int64,
            Type::Text => DataType::Utf8,
        };
        let array = cast(array, &to)?;
        for (place, row) in rows.iter_mut().enumerate() {
            row.push(if array.is_null(place) { Value::Null } else { value(&array, &to, place) });
        }
    }
    Ok(rows)
}

/// The value at a place that holds one, of an array of one of our types.
fn value(array: &dyn Array, of: &DataType, place: usize) -> Value {
    match of {
        DataType::Boolean => Value::Boolean(array.as_boolean().value(place)),
        DataType::Date32 => Value::Date(array.as_primitive::<Date32Type>().value(place)),
        DataType::Timestamp(..) => Value::Instant(Timestamp::from_micros(array.as_primitive::<TimestampMicrosecondType>().value(place))),
        DataType::Float64 => Value::Double(array.as_primitive::<Float64Type>().value(place)),
        DataType::Int64 => Value::Integer(array.as_primitive::<Int64Type>().value(place)),
        _ => Value::Text(array.as_string::<i32>().value(place).to_owned()),
    }
}
