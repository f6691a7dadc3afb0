//! `percentiles(value, [p, …])` and `numbers(value)`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility};

use super::number_groups::NumberGroups;
use super::number_list::{constant, doubles_type, lists_of};
use super::one_group::{Grouped, OneGroup};

/// `percentiles`: exact percentiles by linear interpolation between the closest ranks, as a list in the order of the shares asked for (0 to
/// 1, exact to six decimals); null without a value. `numbers`: the values themselves as a list, in any order; null without one.
///
/// The values are doubles, or lists of doubles that count as all of their values: what `numbers` gives of small groups, `percentiles` takes
/// for those that they make up.
///
/// DataFusion's own `percentile_cont` rounds the weight of the interpolation to a millionth, which is not exact.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Percentiles {
    asks: Question,
    signature: Signature,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Question {
    Percentiles,
    Numbers,
}

impl Percentiles {
    pub(super) fn at_shares() -> Self {
        Self { asks: Question::Percentiles, signature: Signature::user_defined(Volatility::Immutable) }
    }

    pub(super) fn numbers() -> Self {
        Self { asks: Question::Numbers, signature: Signature::user_defined(Volatility::Immutable) }
    }

    fn values(&self, args: &AccumulatorArgs<'_>) -> Result<Values> {
        let shares = match (self.asks, args.exprs.get(1)) {
            (Question::Percentiles, Some(shares)) => Some(constant(self.name(), shares)?),
            _ => None,
        };
        if shares.iter().flatten().any(|share| !(0.0..=1.0).contains(share)) {
            return Err(DataFusionError::Plan("a share is a number from 0 to 1".to_owned()));
        }
        Ok(Values { shares, groups: NumberGroups::default() })
    }
}

impl AggregateUDFImpl for Percentiles {
    fn name(&self) -> &str {
        match self.asks {
            Question::Percentiles => "percentiles",
            Question::Numbers => "numbers",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let values = |of: &DataType| match of {
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => doubles_type(),
            _ => DataType::Float64,
        };
        match (self.asks, given) {
            (Question::Percentiles, [of, _]) => Ok(vec![values(of), doubles_type()]),
            (Question::Numbers, [of]) => Ok(vec![values(of)]),
            (Question::Percentiles, _) => Err(DataFusionError::Plan("percentiles() takes a value and a list of shares, such as [0.5, 0.9]".to_owned())),
            (Question::Numbers, _) => Err(DataFusionError::Plan("numbers() takes a value".to_owned())),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(doubles_type())
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(OneGroup(self.values(&args)?)))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.values(&args)?))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[values]", args.name), doubles_type(), true))])
    }
}

/// The values of some groups, and the shares that are asked for; `None` where the values are.
#[derive(Debug)]
struct Values {
    shares: Option<Vec<f64>>,
    groups: NumberGroups,
}

impl GroupsAccumulator for Values {
    fn update_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], filter: Option<&BooleanArray>, total: usize) -> Result<()> {
        let [values, ..] = values else { return Ok(()) };
        self.groups.add(values, group_indices, filter, total)
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total: usize) -> Result<()> {
        self.update_batch(values, group_indices, None, total)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.groups.take_lists(emit_to)?])
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        match &self.shares {
            None => self.groups.take_lists(emit_to),
            Some(shares) => lists_of(self.groups.take(emit_to)?.into_iter().map(|mut values| percentiles(&mut values, shares)).collect()),
        }
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |values| values.len());
        let mut apart = Self { shares: None, groups: NumberGroups::default() };
        apart.update_batch(values, &(0..rows).collect::<Vec<_>>(), filter, rows)?;
        apart.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.groups.size()
    }
}

impl Grouped for Values {
    fn make_room(&mut self, total: usize) {
        self.groups.make_room(total);
    }
}

/// The percentiles of some values, in the order of the shares; leaves the values in another order. None of no values.
#[expect(clippy::cast_precision_loss, reason = "counts and remainders stay far below 2^53")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is 0 to 1, so its parts are 0 to a million")]
fn percentiles(values: &mut [f64], shares: &[f64]) -> Vec<f64> {
    let Some(last) = values.len().checked_sub(1) else { return Vec::new() };
    let mut found = vec![0.0; shares.len()];
    let mut ascending: Vec<(usize, usize)> = shares.iter().map(|share| (share * PARTS as f64).round() as usize).zip(0..).collect();
    ascending.sort_unstable();
    let mut sorted = 0;
    for (parts, place) in ascending {
        // rank = share · (n - 1) as a whole number and a rest, without rounding.
        let scaled = parts as u128 * last as u128;
        let (rank, rest) = ((scaled / PARTS as u128) as usize, (scaled % PARTS as u128) as f64);
        // All that lies below the rank before this one is in its place already.
        let (_, lower, above) = values[sorted..].select_nth_unstable_by(rank - sorted, f64::total_cmp);
        let lower = *lower;
        found[place] = lower;
        if rest != 0.0 {
            let upper = above.iter().copied().min_by(f64::total_cmp).unwrap_or(lower);
            found[place] = lower + (upper - lower) * rest / PARTS as f64;
        }
        sorted = rank;
    }
    found
}

/// Shares are exact to a millionth.
const PARTS: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use super::percentiles;

    fn percentile(values: &[f64], share: f64) -> f64 {
        percentiles(&mut values.to_vec(), &[share])[0]
    }

    #[test]
    fn interpolates_between_the_closest_ranks() {
        // Hyndman and Fan's type 7: of 1, 2, 3, 4, 10 the rank of p90 is 0.9 · 4 = 3.6, so 4 + 0.6 · 6 = 7.6.
        let values = [10.0, 2.0, 4.0, 1.0, 3.0];
        assert_eq!([0.0, 0.5, 0.9, 0.95, 1.0].map(|share| percentile(&values, share)), [1.0, 3.0, 7.6, 8.8, 10.0]);
        assert_eq!(percentile(&[7.0], 0.99), 7.0);
        assert_eq!(percentiles(&mut [], &[0.5]), [0.0; 0]);
    }

    #[test]
    fn shares_come_in_any_order_and_twice() {
        let values: Vec<f64> = (0..101).map(|n| f64::from(n * 37 % 101)).collect();
        assert_eq!(percentiles(&mut values.clone(), &[0.9, 0.1, 1.0, 0.9, 0.0, 0.905]), [90.0, 10.0, 100.0, 90.0, 0.0, 90.5]);
    }

    #[test]
    fn keeps_every_digit_of_the_weight() {
        // The rank of p99 among 8 values is 6.93: 0.93 of the way from 0 to 1e9 is 930,000,000 and not a second less.
        assert_eq!(percentile(&[-6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1e9], 0.99), 930_000_000.0);
    }

    #[test]
    fn agrees_with_sorting() {
        let values: Vec<f64> = (0..1_000).map(|n| f64::from(n * 7_919 % 1_000)).collect();
        let shares: Vec<f64> = (0..=100).map(|percent| f64::from(percent) / 100.0).collect();
        let found = percentiles(&mut values.clone(), &shares);
        for (share, found) in shares.iter().zip(found) {
            assert!((found - 999.0 * share).abs() < 1e-9, "{share}: {found}");
            assert_eq!(found, percentile(&values, *share));
        }
    }
}
