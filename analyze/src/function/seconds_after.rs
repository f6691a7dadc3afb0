//! `seconds_after(instant, seconds)`.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::binary;
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::utils::take_function_args;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::instant;

/// The instant that lies whole seconds after another; null where either is.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SecondsAfter {
    signature: Signature,
}

impl SecondsAfter {
    pub(super) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for SecondsAfter {
    fn name(&self) -> &str {
        "seconds_after"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        if given.len() == 2 {
            Ok(vec![instant(), DataType::Int64])
        } else {
            Err(DataFusionError::Plan(format!("seconds_after() takes an instant and a number, not {} argument(s)", given.len())))
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(instant())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [at, seconds] = take_function_args(self.name(), ColumnarValue::values_to_arrays(&args.args)?)?;
        let (at, seconds) = (at.as_primitive::<TimestampMicrosecondType>(), seconds.as_primitive::<Int64Type>());
        let later = binary::<_, _, _, TimestampMicrosecondType>(at, seconds, |at, seconds| at.saturating_add(seconds.saturating_mul(1_000_000)))?;
        Ok(ColumnarValue::Array(Arc::new(later.with_timezone("UTC"))))
    }
}
