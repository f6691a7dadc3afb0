//! The small derived tables: coverage by instance, the reach of every source, the policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::error::ArrowError;
use policy::PolicyRow;
use schemas::{Timestamp, table};

use super::coverage::Assessed;
use super::preferences::Snapshot;
use super::reach::Reach;

/// One snapshot that coverage counts: where and when, its local date, and what was found.
#[derive(Debug)]
pub(super) struct Count {
    pub(super) snapshot: Snapshot,
    pub(super) observed_on: i32,
    pub(super) assessed: Vec<Assessed>,
}

pub(super) fn assessed_instances(counts: &[Count]) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<(&Count, &Assessed)> = counts.iter().flat_map(|count| count.assessed.iter().map(move |assessed| (count, assessed))).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|(count, _)| Some(count.observed_on)).collect::<Date32Array>()),
        texts(rows.iter().map(|(count, _)| Some(count.snapshot.0.as_str()))),
        texts(rows.iter().map(|(count, _)| Some(count.snapshot.1.as_str()))),
        instants(rows.iter().map(|(count, _)| Some(count.snapshot.2))),
        texts(rows.iter().map(|(_, assessed)| Some(assessed.instance_id.as_str()))),
        texts(rows.iter().map(|(_, assessed)| assessed.tier.as_deref())),
        texts(rows.iter().map(|(_, assessed)| Some(assessed.result))),
    ];
    RecordBatch::try_new(table::ASSESSED_INSTANCES.schema(), columns)
}

pub(super) fn assessed_observations(counts: &[Count]) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(counts.iter().map(|count| Some(count.observed_on)).collect::<Date32Array>()),
        texts(counts.iter().map(|count| Some(count.snapshot.0.as_str()))),
        texts(counts.iter().map(|count| Some(count.snapshot.1.as_str()))),
        instants(counts.iter().map(|count| Some(count.snapshot.2))),
    ];
    RecordBatch::try_new(table::ASSESSED_OBSERVATIONS.schema(), columns)
}

pub(super) fn source_reach(reaches: &BTreeMap<&str, Option<Reach>>) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        texts(reaches.keys().map(|source| Some(*source))),
        instants(reaches.values().map(|reach| reach.map(|reach| reach.first))),
        instants(reaches.values().map(|reach| reach.map(|reach| reach.last))),
    ];
    RecordBatch::try_new(table::SOURCE_REACH.schema(), columns)
}

pub(super) fn policy_tiers(rows: &[PolicyRow]) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        instants(rows.iter().map(|row| Some(row.effective_from))),
        numbers(rows.iter().map(|row| Some(row.ordinal))),
        texts(rows.iter().map(|row| Some(row.kind))),
        texts(rows.iter().map(|row| Some(row.name.as_str()))),
        texts(rows.iter().map(|row| Some(row.matchers.as_str()))),
        numbers(rows.iter().map(|row| row.limits.max_duration_seconds)),
        numbers(rows.iter().map(|row| row.limits.idle_timeout_seconds)),
        numbers(rows.iter().map(|row| row.limits.terminate_within_seconds)),
        Arc::new(rows.iter().map(|row| Some(row.break_glass)).collect::<BooleanArray>()),
        instants(rows.iter().map(|row| row.from_at)),
        instants(rows.iter().map(|row| row.until_at)),
        texts(rows.iter().map(|row| row.reason.as_deref())),
    ];
    RecordBatch::try_new(table::POLICY_TIERS.schema(), columns)
}

fn texts<'t>(values: impl Iterator<Item = Option<&'t str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn numbers(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<Int64Array>())
}

fn instants(values: impl Iterator<Item = Option<Timestamp>>) -> ArrayRef {
    Arc::new(values.map(|at| at.map(Timestamp::micros)).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}
