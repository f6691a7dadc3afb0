//! SQL functions that the KPIs need and SQL does not have: the report's calendar, exact percentiles, Kaplan–Meier.
//!
//! One function a file, or one family. They are pure: the calendar and the moment `as_of` are handed over when they are made.

mod as_of;
mod grace_seconds;
mod json_object;
mod local_date;
mod micros_between;
mod number_groups;
mod number_list;
mod one_group;
mod percentiles;
mod period_index;
mod seconds_after;
mod sha256_hex;
mod survival;
mod survival_estimate;
mod width_bucket;

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::error::Result;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use policy::Policy;

use crate::calendar::{Calendar, Period};

/// The functions that know no calendar.
#[must_use]
pub(crate) fn timeless() -> (Vec<ScalarUDF>, Vec<AggregateUDF>) {
    let scalars = vec![
        json_object::JsonObject::new().into(),
        micros_between::MicrosBetween::new().into(),
        seconds_after::SecondsAfter::new().into(),
        sha256_hex::Sha256Hex::new().into(),
        width_bucket::WidthBucket::new().into(),
    ];
    let aggregates = vec![
        percentiles::Percentiles::at_shares().into(),
        percentiles::Percentiles::numbers().into(),
        survival_estimate::SurvivalEstimate::percentile().into(),
        survival_estimate::SurvivalEstimate::restricted_mean().into(),
    ];
    (scalars, aggregates)
}

/// The function that asks the policy.
#[must_use]
pub(crate) fn of_policy(policy: &Policy) -> ScalarUDF {
    grace_seconds::GraceSeconds::new(policy.grace_seconds()).into()
}

/// The functions that ask a calendar.
#[must_use]
pub(crate) fn of_calendar(calendar: &Arc<Calendar>) -> Vec<ScalarUDF> {
    let index = |name, kind, before| period_index::PeriodIndex::new(name, kind, before, Arc::clone(calendar)).into();
    vec![
        as_of::AsOf::new(calendar.as_of()).into(),
        local_date::LocalDate::new(Arc::clone(calendar)).into(),
        index("week_index", Period::Week, false),
        index("week_before", Period::Week, true),
        index("month_index", Period::Month, false),
        index("quarter_index", Period::Quarter, false),
    ]
}

/// The only type of an instant here; other timestamps, dates and texts are cast to it.
fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Every argument is an instant.
fn instants_only(name: &str, count: usize, given: &[DataType]) -> Result<Vec<DataType>> {
    if given.len() == count {
        Ok(vec![instant(); count])
    } else {
        Err(datafusion::error::DataFusionError::Plan(format!("{name}() takes {count} instant(s), not {} argument(s)", given.len())))
    }
}
