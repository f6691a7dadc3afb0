//! `km_percentile(seconds, ended, share)` and `km_rmst(seconds, ended, tau)`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};

use super::number_list::{LONGEST, constant, doubles_type, list_of};
use super::survival::{Seen, Survival};

/// Kaplan–Meier over seconds and whether the end came then; rows in which either is null do not count.
///
/// `km_percentile`: the smallest t with S(t) ≤ 1 − share. `km_rmst`: ∫ S from 0 to tau. Null where the sample cannot say.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SurvivalEstimate {
    asks: Question,
    signature: Signature,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Question {
    Percentile,
    RestrictedMean,
}

impl SurvivalEstimate {
    pub(super) fn percentile() -> Self {
        Self { asks: Question::Percentile, signature: Signature::user_defined(Volatility::Immutable) }
    }

    pub(super) fn restricted_mean() -> Self {
        Self { asks: Question::RestrictedMean, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for SurvivalEstimate {
    fn name(&self) -> &str {
        match self.asks {
            Question::Percentile => "km_percentile",
            Question::RestrictedMean => "km_rmst",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        if given.len() == 3 {
            Ok(vec![DataType::Float64, DataType::Boolean, DataType::Float64])
        } else {
            Err(DataFusionError::Plan(format!("{}() takes seconds, whether it ended then, and a constant", self.name())))
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let parameter = args.exprs.get(2).map(|expr| constant(self.name(), expr)).transpose()?.unwrap_or_default();
        match (self.asks, parameter.as_slice()) {
            (Question::Percentile, [share]) if (0.0..=1.0).contains(share) => {}
            (Question::RestrictedMean, [tau]) if *tau >= 0.0 => {}
            (Question::Percentile, _) => return Err(DataFusionError::Plan("a share is a number from 0 to 1".to_owned())),
            (Question::RestrictedMean, _) => return Err(DataFusionError::Plan("tau is a number of seconds, 0 or more".to_owned())),
        }
        Ok(Box::new(Sample { asks: self.asks, parameter: parameter[0], seen: Vec::new() }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let list = |of: &str| Arc::new(Field::new(format!("{}[{of}]", args.name), doubles_type(), true));
        Ok(vec![list("ends"), list("losses")])
    }
}

/// The sample of one group.
#[derive(Debug)]
struct Sample {
    asks: Question,
    parameter: f64,
    seen: Vec<Seen>,
}

impl Accumulator for Sample {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [seconds, ended, ..] = values else { return Ok(()) };
        let (seconds, ended) = (seconds.as_primitive::<Float64Type>(), ended.as_boolean());
        let both = (0..seconds.len()).filter(|&row| seconds.is_valid(row) && ended.is_valid(row));
        self.seen.extend(both.map(|row| Seen { seconds: seconds.value(row), ended: ended.value(row) }));
        if self.seen.len() > LONGEST {
            return Err(DataFusionError::ResourcesExhausted("more than 2,147,483,647 rows in one group".to_owned()));
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for (state, ended) in states.iter().zip([true, false]) {
            let mut seconds = Vec::new();
            super::number_list::numbers_of(state, &mut seconds)?;
            self.seen.extend(seconds.into_iter().map(|seconds| Seen { seconds, ended }));
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (ends, losses): (Vec<Seen>, Vec<Seen>) = std::mem::take(&mut self.seen).into_iter().partition(|seen| seen.ended);
        let seconds = |seen: Vec<Seen>| list_of(seen.into_iter().map(|seen| seen.seconds).collect());
        Ok(vec![seconds(ends)?, seconds(losses)?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let survival = Survival::estimate(std::mem::take(&mut self.seen));
        Ok(ScalarValue::Float64(match self.asks {
            Question::Percentile => survival.percentile(self.parameter),
            Question::RestrictedMean => survival.restricted_mean(self.parameter),
        }))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.seen.capacity() * size_of::<Seen>()
    }
}
