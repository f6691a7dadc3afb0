//! `percentiles(value, [p, …])`.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};

use super::number_list::{constant, doubles_type, list_of, numbers_of};

/// Exact percentiles by linear interpolation between the closest ranks, as a list in the order of the shares asked for (0 to 1,
/// exact to six decimals); null without a value. The values are doubles, or lists of doubles that count as all of their values.
///
/// DataFusion's own `percentile_cont` rounds the weight of the interpolation to a millionth, which is not exact.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Percentiles {
    signature: Signature,
}

impl Percentiles {
    pub(super) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for Percentiles {
    fn name(&self) -> &str {
        "percentiles"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..), _] => Ok(vec![doubles_type(), doubles_type()]),
            [_, _] => Ok(vec![DataType::Float64, doubles_type()]),
            _ => Err(DataFusionError::Plan("percentiles() takes a value and a list of shares, such as [0.5, 0.9]".to_owned())),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(doubles_type())
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let shares = constant(self.name(), args.exprs.get(1).unwrap_or(&args.exprs[0]))?;
        if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err(DataFusionError::Plan("a share is a number from 0 to 1".to_owned()));
        }
        Ok(Box::new(Values { shares, values: Vec::new() }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[values]", args.name), doubles_type(), true))])
    }
}

/// The values of one group.
#[derive(Debug)]
struct Values {
    shares: Vec<f64>,
    values: Vec<f64>,
}

impl Accumulator for Values {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.first().map_or(Ok(()), |values| numbers_of(values, &mut self.values))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![list_of(std::mem::take(&mut self.values))?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.values.is_empty() {
            return ScalarValue::try_from(doubles_type());
        }
        let mut values = std::mem::take(&mut self.values);
        list_of(self.shares.iter().map(|share| percentile(&mut values, *share)).collect())
    }

    fn size(&self) -> usize {
        size_of_val(self) + (self.values.capacity() + self.shares.capacity()) * size_of::<f64>()
    }
}

/// The percentile of some values, of which there is at least one; leaves them in another order.
#[expect(clippy::cast_precision_loss, reason = "counts and remainders stay far below 2^53")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is 0 to 1, so its parts are 0 to a million")]
fn percentile(values: &mut [f64], share: f64) -> f64 {
    let parts = (share * PARTS as f64).round() as usize;
    // rank = share · (n - 1) as a whole number and a rest, without rounding.
    let scaled = parts as u128 * (values.len() - 1) as u128;
    let (rank, rest) = ((scaled / PARTS as u128) as usize, (scaled % PARTS as u128) as f64);
    let (_, lower, above) = values.select_nth_unstable_by(rank, f64::total_cmp);
    let lower = *lower;
    if rest == 0.0 {
        return lower;
    }
    let upper = above.iter().copied().min_by(f64::total_cmp).unwrap_or(lower);
    lower + (upper - lower) * rest / PARTS as f64
}

/// Shares are exact to a millionth.
const PARTS: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn interpolates_between_the_closest_ranks() {
        // Hyndman and Fan's type 7: of 1, 2, 3, 4, 10 the rank of p90 is 0.9 · 4 = 3.6, so 4 + 0.6 · 6 = 7.6.
        let values = [10.0, 2.0, 4.0, 1.0, 3.0];
        let of = |share: f64| percentile(&mut values.clone(), share);
        assert_eq!([of(0.0), of(0.5), of(0.9), of(0.95), of(1.0)], [1.0, 3.0, 7.6, 8.8, 10.0]);
        assert_eq!(percentile(&mut [7.0], 0.99), 7.0);
    }

    #[test]
    fn keeps_every_digit_of_the_weight() {
        // The rank of p99 among 8 values is 6.93: 0.93 of the way from 0 to 1e9 is 930,000,000 and not a second less.
        let mut values = [-6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1e9];
        assert_eq!(percentile(&mut values, 0.99), 930_000_000.0);
    }

    #[test]
    fn agrees_with_sorting() {
        let values: Vec<f64> = (0..1_000).map(|n| f64::from(n * 7_919 % 1_000)).collect();
        for percent in 0..=100 {
            let share = f64::from(percent) / 100.0;
            let found = percentile(&mut values.clone(), share);
            assert!((found - 999.0 * share).abs() < 1e-9, "{share}: {found}");
        }
    }
}
