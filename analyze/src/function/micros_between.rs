//! `micros_between(earlier, later)`.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::binary;
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::instants_only;

/// Whole microseconds from one instant to a later one, negative where it is not later; null where either is.
///
/// A whole number, unlike a difference in seconds, adds up to the same sum in any order.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct MicrosBetween {
    signature: Signature,
}

impl MicrosBetween {
    pub(super) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for MicrosBetween {
    fn name(&self) -> &str {
        "micros_between"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        instants_only(self.name(), 2, given)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [earlier, later] = take_function_args(self.name(), ColumnarValue::values_to_arrays(&args.args)?)?;
        let (earlier, later) = (earlier.as_primitive::<TimestampMicrosecondType>(), later.as_primitive::<TimestampMicrosecondType>());
        let micros = binary::<_, _, _, Int64Type>(earlier, later, |earlier, later| later.saturating_sub(earlier))?;
        Ok(ColumnarValue::Array(Arc::new(micros)))
    }
}
