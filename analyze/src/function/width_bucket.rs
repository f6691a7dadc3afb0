//! `width_bucket(value, [edge, …])`.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::unary;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::utils::take_function_args;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::number_list::{doubles_type, numbers_of};

/// How many of some ascending edges a value has reached, as PostgreSQL says it: 0 below the first, n from the last of n on; null of null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct WidthBucket {
    signature: Signature,
}

impl WidthBucket {
    pub(super) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for WidthBucket {
    fn name(&self) -> &str {
        "width_bucket"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_, _] => Ok(vec![DataType::Float64, doubles_type()]),
            _ => Err(DataFusionError::Plan("width_bucket() takes a value and a list of edges, such as [0, 60]".to_owned())),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let [values, edges] = take_function_args(self.name(), args.args)?;
        let ColumnarValue::Scalar(edges) = edges else {
            return Err(DataFusionError::Plan("the edges of width_bucket() must be a constant".to_owned()));
        };
        let mut ascending = Vec::new();
        numbers_of(&edges.to_array()?, &mut ascending)?;
        if !ascending.is_sorted_by(|one, other| one < other) {
            return Err(DataFusionError::Plan("the edges of width_bucket() must ascend".to_owned()));
        }
        let values = values.into_array(rows)?;
        // Looking at every edge is faster than leaping among so few.
        let reached = |value: f64| ascending.iter().map(|edge| i64::from(*edge <= value)).sum();
        Ok(ColumnarValue::Array(Arc::new(unary::<_, _, Int64Type>(values.as_primitive::<Float64Type>(), reached))))
    }
}
