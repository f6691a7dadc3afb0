//! `grace_seconds()`.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// How many seconds beyond a limit a session may be alive without being over it, by the policy.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct GraceSeconds {
    seconds: i64,
    signature: Signature,
}

impl GraceSeconds {
    pub(super) fn new(seconds: i64) -> Self {
        Self { seconds, signature: Signature::nullary(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for GraceSeconds {
    fn name(&self) -> &str {
        "grace_seconds"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(ScalarValue::Int64(Some(self.seconds))))
    }
}
