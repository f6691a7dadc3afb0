//! The small derived tables: coverage by instance, the reach of every source, the policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::error::ArrowError;
use policy::{Acknowledged, PolicyRow};
use schemas::{Timestamp, table};

use super::Cost;
use super::coverage::Assessed;
use super::preferences::Snapshot;
use super::reach::Reach;
use super::spells::{Destination, Document, Instance, Spell};

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
        truths(rows.iter().map(|row| Some(row.break_glass))),
        instants(rows.iter().map(|row| row.from_at)),
        instants(rows.iter().map(|row| row.until_at)),
        texts(rows.iter().map(|row| row.reason.as_deref())),
    ];
    RecordBatch::try_new(table::POLICY_TIERS.schema(), columns)
}

pub(super) fn instance_spells(spells: &[Spell<Instance>]) -> Result<RecordBatch, ArrowError> {
    let mut columns = places(spells);
    columns.extend([
        texts(spells.iter().map(|spell| spell.state.tier.as_deref())),
        numbers(spells.iter().map(|spell| spell.state.limits.max_duration_seconds)),
        numbers(spells.iter().map(|spell| spell.state.limits.idle_timeout_seconds)),
        truths(spells.iter().map(|spell| spell.state.managed)),
        texts(spells.iter().map(|spell| spell.state.owner.as_deref())),
    ]);
    RecordBatch::try_new(table::INSTANCE_SPELLS.schema(), columns)
}

pub(super) fn document_spells(spells: &[Spell<Document>]) -> Result<RecordBatch, ArrowError> {
    let text = |field: fn(&Document) -> &Option<String>| texts(spells.iter().map(|spell| field(&spell.state).as_deref()));
    let mut columns = places(spells);
    columns.extend([
        text(|document| &document.version),
        text(|document| &document.default_version),
        truths(spells.iter().map(|spell| Some(spell.state.timeouts.is_some()))),
        numbers(spells.iter().map(|spell| spell.state.timeouts.and_then(|timeouts| timeouts.max_duration_seconds))),
        numbers(spells.iter().map(|spell| spell.state.timeouts.map(|timeouts| timeouts.idle_timeout_seconds))),
        truths(spells.iter().map(|spell| Some(spell.state.logs))),
        truths(spells.iter().map(|spell| Some(spell.state.encrypts))),
        text(|document| &document.s3_bucket_name),
        text(|document| &document.cloud_watch_log_group_name),
        text(|document| &document.kms_key_id),
        text(|document| &document.session_type),
        text(|document| &document.content_sha256),
    ]);
    RecordBatch::try_new(table::DOCUMENT_SPELLS.schema(), columns)
}

pub(super) fn destination_spells(spells: &[Spell<Destination>]) -> Result<RecordBatch, ArrowError> {
    let mut columns = places(spells);
    columns[2] = texts(spells.iter().map(|spell| Some(Destination::name(&spell.subject))));
    columns.insert(3, texts(spells.iter().map(|spell| Some(spell.state.kind))));
    columns.extend([
        truths(spells.iter().map(|spell| Some(spell.state.encryption_demanded))),
        truths(spells.iter().map(|spell| spell.state.encrypted)),
        truths(spells.iter().map(|spell| spell.state.versioned)),
        truths(spells.iter().map(|spell| spell.state.locked)),
        truths(spells.iter().map(|spell| spell.state.found)),
        numbers(spells.iter().map(|spell| spell.state.retention_days)),
    ]);
    RecordBatch::try_new(table::DESTINATION_SPELLS.schema(), columns)
}

/// Account, region, subject, and from when to when.
fn places<S>(spells: &[Spell<S>]) -> Vec<ArrayRef> {
    vec![
        texts(spells.iter().map(|spell| Some(spell.account_id.as_str()))),
        texts(spells.iter().map(|spell| Some(spell.region.as_str()))),
        texts(spells.iter().map(|spell| Some(spell.subject.as_str()))),
        instants(spells.iter().map(|spell| Some(spell.from))),
        instants(spells.iter().map(|spell| spell.until)),
    ]
}

pub(super) fn acknowledgements(rows: &[Acknowledged]) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        texts(rows.iter().map(|row| Some(row.finding.as_str()))),
        texts(rows.iter().map(|row| Some(row.by.as_str()))),
        instants(rows.iter().map(|row| Some(row.at))),
        texts(rows.iter().map(|row| row.note.as_deref())),
    ];
    RecordBatch::try_new(table::ACKNOWLEDGEMENTS.schema(), columns)
}

pub(super) fn prices(cost: Cost) -> Result<RecordBatch, ArrowError> {
    let price = |price: Option<f64>| Arc::new(Float64Array::from(vec![price])) as ArrayRef;
    RecordBatch::try_new(table::PRICES.schema(), vec![price(cost.cloudwatch_ingest_per_gb), price(cost.s3_storage_per_gb_month)])
}

fn truths(values: impl Iterator<Item = Option<bool>>) -> ArrayRef {
    Arc::new(values.collect::<BooleanArray>())
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
