//! Lists of numbers: what the aggregates hold between two steps, and how they read their constants.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, ListArray, RecordBatch};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Schema};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;

/// The type of a list of doubles.
pub(super) fn doubles_type() -> DataType {
    DataType::List(item())
}

fn item() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Float64, true))
}

/// Lists as an array; null where one is empty.
pub(super) fn lists_of(lists: Vec<Vec<f64>>) -> Result<ArrayRef> {
    let total: usize = lists.iter().map(Vec::len).sum();
    if total > LONGEST {
        return Err(DataFusionError::ResourcesExhausted("more than 2,147,483,647 numbers at once".to_owned()));
    }
    let offsets = OffsetBuffer::<i32>::from_lengths(lists.iter().map(Vec::len));
    let nulls = NullBuffer::from_iter(lists.iter().map(|list| !list.is_empty()));
    let mut numbers = Vec::with_capacity(total);
    lists.into_iter().for_each(|list| numbers.extend_from_slice(&list));
    Ok(Arc::new(ListArray::try_new(item(), offsets, Arc::new(Float64Array::from(numbers)), Some(nulls))?))
}

/// The longest list that fits its offsets; `from_lengths` panics beyond it.
pub(super) const LONGEST: usize = i32::MAX as usize;

/// Every number of an array of doubles, or of lists of doubles, that is not null.
pub(super) fn numbers_of(array: &dyn Array, into: &mut Vec<f64>) -> Result<()> {
    match array.data_type() {
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            for row in 0..lists.len() {
                if lists.is_valid(row) {
                    numbers_of(&lists.value(row), into)?;
                }
            }
        }
        _ => {
            let numbers = array.as_primitive::<Float64Type>();
            if numbers.null_count() == 0 {
                into.extend_from_slice(numbers.values());
            } else {
                into.extend(numbers.iter().flatten());
            }
        }
    }
    if into.len() > LONGEST {
        return Err(DataFusionError::ResourcesExhausted("more than 2,147,483,647 numbers in one group".to_owned()));
    }
    Ok(())
}

/// The value of an argument that must be a constant: a number, or a list of numbers.
pub(super) fn constant(function: &str, expr: &Arc<dyn PhysicalExpr>) -> Result<Vec<f64>> {
    let refused = || DataFusionError::Plan(format!("the last argument of {function}() must be a constant"));
    let nothing = RecordBatch::new_empty(Arc::new(Schema::empty()));
    let ColumnarValue::Scalar(scalar) = expr.evaluate(&nothing).map_err(|_| refused())? else { return Err(refused()) };
    let mut numbers = Vec::new();
    numbers_of(&scalar.to_array()?, &mut numbers)?;
    Ok(numbers)
}
