//! `km_percentile(seconds, ended, share)` and `km_rmst(seconds, ended, tau)`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility};

use super::number_groups::NumberGroups;
use super::number_list::{constant, doubles_type};
use super::one_group::{Grouped, OneGroup};
use super::survival::{Seen, Survival};

/// Kaplan–Meier over seconds and whether the end came then; rows in which either is null do not count. In place of both: lists of seconds in
/// which the end came, and of those in which it did not, as `numbers` gives them of small groups.
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
        match given {
            [DataType::List(_), _, _] => Ok(vec![doubles_type(), doubles_type(), DataType::Float64]),
            [_, _, _] => Ok(vec![DataType::Float64, DataType::Boolean, DataType::Float64]),
            _ => Err(DataFusionError::Plan(format!("{}() takes seconds, whether it ended then, and a constant", self.name()))),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(OneGroup(self.samples(&args)?)))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.samples(&args)?))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let list = |of: &str| Arc::new(Field::new(format!("{}[{of}]", args.name), doubles_type(), true));
        Ok(vec![list("ends"), list("losses")])
    }
}

impl SurvivalEstimate {
    fn samples(&self, args: &AccumulatorArgs<'_>) -> Result<Samples> {
        let parameter = args.exprs.get(2).map(|expr| constant(self.name(), expr)).transpose()?.unwrap_or_default();
        match (self.asks, parameter.as_slice()) {
            (Question::Percentile, [share]) if (0.0..=1.0).contains(share) => {}
            (Question::RestrictedMean, [tau]) if *tau >= 0.0 => {}
            (Question::Percentile, _) => return Err(DataFusionError::Plan("a share is a number from 0 to 1".to_owned())),
            (Question::RestrictedMean, _) => return Err(DataFusionError::Plan("tau is a number of seconds, 0 or more".to_owned())),
        }
        Ok(Samples { asks: self.asks, parameter: parameter[0], ends: NumberGroups::default(), losses: NumberGroups::default() })
    }
}

/// The samples of some groups.
#[derive(Debug)]
struct Samples {
    asks: Question,
    parameter: f64,
    ends: NumberGroups,
    losses: NumberGroups,
}

impl GroupsAccumulator for Samples {
    fn update_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], filter: Option<&BooleanArray>, total: usize) -> Result<()> {
        let [seconds, ended, ..] = values else { return Ok(()) };
        let Some(ended) = ended.as_boolean_opt() else {
            self.ends.add(seconds, group_indices, filter, total)?;
            return self.losses.add(ended, group_indices, filter, total);
        };
        let counts = |row: usize| ended.is_valid(row) && filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        for (groups, came) in [(&mut self.ends, true), (&mut self.losses, false)] {
            let these = (0..ended.len()).map(|row| Some(counts(row) && ended.value(row) == came)).collect();
            groups.add(seconds, group_indices, Some(&these), total)?;
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total: usize) -> Result<()> {
        self.update_batch(values, group_indices, None, total)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.ends.take_lists(emit_to)?, self.losses.take_lists(emit_to)?])
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let estimate = |(ends, losses): (Vec<f64>, Vec<f64>)| {
            let of = |seconds: Vec<f64>, ended| seconds.into_iter().map(move |seconds| Seen { seconds, ended });
            let survival = Survival::estimate(of(ends, true).chain(of(losses, false)).collect());
            match self.asks {
                Question::Percentile => survival.percentile(self.parameter),
                Question::RestrictedMean => survival.restricted_mean(self.parameter),
            }
        };
        let samples = self.ends.take(emit_to)?.into_iter().zip(self.losses.take(emit_to)?);
        Ok(Arc::new(samples.map(estimate).collect::<Float64Array>()))
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |values| values.len());
        let mut apart = Self { asks: self.asks, parameter: self.parameter, ends: NumberGroups::default(), losses: NumberGroups::default() };
        apart.update_batch(values, &(0..rows).collect::<Vec<_>>(), filter, rows)?;
        apart.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.ends.size() + self.losses.size()
    }
}

impl Grouped for Samples {
    fn make_room(&mut self, total: usize) {
        self.ends.make_room(total);
        self.losses.make_room(total);
    }
}
