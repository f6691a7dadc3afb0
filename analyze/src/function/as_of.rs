//! `as_of()`.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use schemas::Timestamp;

use super::instant;

/// The moment up to which the ledger knows: what SQL says instead of `now()`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct AsOf {
    moment: Timestamp,
    signature: Signature,
}

impl AsOf {
    pub(super) fn new(moment: Timestamp) -> Self {
        Self { moment, signature: Signature::nullary(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for AsOf {
    fn name(&self) -> &str {
        "as_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(instant())
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(ScalarValue::TimestampMicrosecond(Some(self.moment.micros()), Some("UTC".into()))))
    }
}
