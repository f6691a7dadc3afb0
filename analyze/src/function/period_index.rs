//! `week_index(instant)`, `week_before(instant)`, `month_index(instant)` and `quarter_index(instant)`.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::instants_only;
use crate::calendar::{Calendar, Period};

/// The ordinal of the period that holds an instant (for `…_before`: that holds the last instant before it), as in the table
/// `calendar`; null of null. An equality join on it stands for a join on "start ≤ instant < end", which is slow.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct PeriodIndex {
    name: &'static str,
    kind: Period,
    before: bool,
    calendar: Arc<Calendar>,
    signature: Signature,
}

impl PeriodIndex {
    pub(super) fn new(name: &'static str, kind: Period, before: bool, calendar: Arc<Calendar>) -> Self {
        Self { name, kind, before, calendar, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for PeriodIndex {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        instants_only(self.name, 1, given)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [instants] = take_function_args(self.name, ColumnarValue::values_to_arrays(&args.args)?)?;
        let instants = instants.as_primitive::<TimestampMicrosecondType>();
        let earlier = i64::from(self.before);
        let ordinals = instants.unary_opt::<_, Int64Type>(|micros| self.calendar.index(self.kind, micros.checked_sub(earlier)?));
        Ok(ColumnarValue::Array(Arc::new(ordinals)))
    }
}
