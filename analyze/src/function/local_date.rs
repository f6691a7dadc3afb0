//! `local_date(instant)`.

use std::sync::Arc;

use arrow::array::{AsArray, Date32Array};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use schemas::Timestamp;

use super::instants_only;
use crate::calendar::Calendar;

/// The date of an instant in the report's time zone; null of null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct LocalDate {
    calendar: Arc<Calendar>,
    signature: Signature,
}

impl LocalDate {
    pub(super) fn new(calendar: Arc<Calendar>) -> Self {
        Self { calendar, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for LocalDate {
    fn name(&self) -> &str {
        "local_date"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        instants_only(self.name(), 1, given)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [instants] = take_function_args(self.name(), ColumnarValue::values_to_arrays(&args.args)?)?;
        let instants = instants.as_primitive::<TimestampMicrosecondType>();
        let dates: Date32Array = instants.iter().map(|micros| Some(self.calendar.local_date(Timestamp::from_micros(micros?)))).collect();
        Ok(ColumnarValue::Array(Arc::new(dates)))
    }
}
