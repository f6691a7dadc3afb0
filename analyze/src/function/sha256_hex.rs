//! `sha256_hex(text)`.

use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::common::utils::take_function_args;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// The SHA-256 of the UTF-8 bytes of a text, in lower-case hexadecimal; null of null. It makes an order that nobody can choose and anybody can work out.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Sha256Hex {
    signature: Signature,
}

impl Sha256Hex {
    pub(super) fn new() -> Self {
        Self { signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Sha256Hex {
    fn name(&self) -> &str {
        "sha256_hex"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [texts] = take_function_args(self.name(), ColumnarValue::values_to_arrays(&args.args)?)?;
        let digests: StringArray = texts.as_string::<i32>().iter().map(|text| Some(schemas::sha256_hex(text?.as_bytes()))).collect();
        Ok(ColumnarValue::Array(Arc::new(digests)))
    }
}
