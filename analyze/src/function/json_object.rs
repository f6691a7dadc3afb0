//! `json_object(named_struct(…))`.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::{DataType, Schema};
use datafusion::common::utils::take_function_args;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use crate::answer::json_objects;

/// A struct as the text of a JSON object, with its fields in their order and nulls as `null`. What people wrote is escaped as in every JSON answer.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct JsonObject {
    signature: Signature,
}

impl JsonObject {
    pub(super) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for JsonObject {
    fn name(&self) -> &str {
        "json_object"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [DataType::Struct(_)] => Ok(given.to_vec()),
            _ => Err(DataFusionError::Plan("json_object() takes one struct, such as named_struct('n', 1)".to_owned())),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [objects] = take_function_args(self.name(), ColumnarValue::values_to_arrays(&args.args)?)?;
        let objects = objects.as_struct();
        let rows = RecordBatchOptions::new().with_row_count(Some(objects.len()));
        let texts = json_objects(&RecordBatch::try_new_with_options(Arc::new(Schema::new(objects.fields().clone())), objects.columns().to_vec(), &rows)?)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        let texts: StringArray = texts.into_iter().enumerate().map(|(row, text)| objects.is_valid(row).then_some(text)).collect();
        Ok(ColumnarValue::Array(Arc::new(texts)))
    }
}
