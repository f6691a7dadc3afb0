//! Reads what the account snapshots say, and how far the sources reach.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::common::cast::as_timestamp_microsecond_array;
use datafusion::dataframe::DataFrame;
use datafusion::error::{DataFusionError, Result};
use datafusion::prelude::{col, ident, lit};
use futures::TryStreamExt;
use schemas::{Answer, Listed, Timestamp};

use super::answers::Answers;
use super::coverage::Roster;
use super::evidence::Evidence;
use super::fleet::Fleet;
use super::preferences::Snapshot;

/// First and last time that a source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

/// What the lake holds of each source, and by when AWS vouches for it.
#[derive(Debug, Default)]
pub(super) struct Reaches {
    /// Events: first and last time.
    pub(super) events: BTreeMap<String, Reach>,
    /// The latest time that AWS vouches for.
    pub(super) vouched: Option<Timestamp>,
}

impl Reaches {
    pub(super) fn widen(&mut self, source: &str, at: Timestamp) {
        let reach = self.events.entry(source.to_owned()).or_insert(Reach { first: at, last: at });
        reach.first = reach.first.min(at);
        reach.last = reach.last.max(at);
    }

    /// The ledger's moment where nobody names one: what AWS vouches for, else the newest event.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        self.vouched.or_else(|| self.events.values().map(|reach| reach.last).max())
    }
}

/// The reach of every source, from what was noted of every object; and the number of objects that the facts do not reflect yet.
pub(super) async fn reaches(evidence: &Evidence, objects: DataFrame) -> Result<(Reaches, u64)> {
    let (mut reaches, mut unreflected) = (Reaches::default(), 0);
    let objects = objects.select(["source", "oldest_event_at", "newest_event_at", "vouched_at", "batch"].map(col).to_vec())?;
    for batch in objects.collect().await? {
        let sources = batch.column(0).as_string::<i32>();
        let [oldest, newest, vouched] = [1, 2, 3].map(|column| batch.column(column).as_primitive::<TimestampMicrosecondType>());
        let batches = batch.column(4).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            if !evidence.reflects(batches.value(row)) {
                unreflected += 1;
                continue;
            }
            for times in [oldest, newest] {
                if let Some(at) = at(times, row) {
                    reaches.widen(sources.value(row), at);
                }
            }
            reaches.vouched = reaches.vouched.max(at(vouched, row));
        }
    }
    Ok((reaches, unreflected))
}

/// The reach of every source by `as_of`, from the events themselves: what was noted of an object cannot be cut.
pub(super) async fn reaches_by(evidence: &Evidence, as_of: Timestamp) -> Result<Reaches> {
    let mut reaches = Reaches::default();
    let events = evidence.table("event_copies").await?.filter(ident("event_time").lt_eq(instant(as_of)))?.select(vec![col("source"), col("event_time")])?;
    let mut stream = events.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let sources = batch.column(0).as_string::<i32>();
        let times = as_timestamp_microsecond_array(batch.column(1))?;
        for row in 0..batch.num_rows() {
            reaches.widen(sources.value(row), Timestamp::from_micros(times.value(row)));
        }
    }
    Ok(reaches)
}

/// Tags of every EC2 instance by observation, cut at `as_of`.
pub(super) async fn fleet(evidence: &Evidence, answers: &Answers, as_of: Timestamp) -> Result<Fleet> {
    let asked = answers.observations.iter().filter(|observation| observation.answer == Answer::Instances);
    let mut fleet = Fleet::new(asked.map(|observation| (observation.account_id.as_str(), observation.region.as_str(), observation.observed_at)));
    each_instance(evidence, "ec2", as_of, |instance| {
        fleet.observe(instance.account_id, instance.region, instance.instance_id, instance.observed_at, instance.tags)
    })
    .await?;
    Ok(fleet)
}

/// The rosters of these snapshots. Where two rows name an instance (ruling R33), the greater counts.
pub(super) async fn rosters(evidence: &Evidence, wanted: &BTreeMap<Snapshot, i32>, as_of: Timestamp) -> Result<HashMap<Snapshot, Roster>> {
    let mut rosters: HashMap<Snapshot, Roster> = HashMap::new();
    for listed_by in [Listed::Ec2, Listed::Ssm] {
        each_instance(evidence, listed_by.as_str(), as_of, |instance| {
            let snapshot = (instance.account_id.to_owned(), instance.region.to_owned(), instance.observed_at);
            if wanted.contains_key(&snapshot) {
                rosters.entry(snapshot).or_default().add(&instance);
            }
        })
        .await?;
    }
    Ok(rosters)
}

/// Hands every one of these snapshots over with its roster, in their order, and holds one at a time: an estate's fleet over years does not fit into memory.
pub(super) async fn each_roster(evidence: &Evidence, wanted: &BTreeSet<Snapshot>, as_of: Timestamp, mut visit: impl FnMut(&Snapshot, &Roster)) -> Result<()> {
    let mut waiting = wanted.iter().peekable();
    let mut roster = Roster::default();
    let order = ["account_id", "region", "observed_at"].map(|column| col(column).sort(true, false));
    let instances = evidence.table("instances").await?.filter(col("observed_at").lt_eq(instant(as_of)))?.select(NAMED.map(col).to_vec())?;
    let mut stream = instances.sort(order.to_vec())?.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        visit_each(&batch, &mut |named: Named<'_>| {
            let at = (named.account_id, named.region, named.observed_at);
            while let Some(next) = waiting.next_if(|next| (next.0.as_str(), next.1.as_str(), next.2) < at) {
                visit(next, &std::mem::take(&mut roster));
            }
            if waiting.peek().is_some_and(|next| (next.0.as_str(), next.1.as_str(), next.2) == at) {
                roster.add(&named);
            }
        })?;
    }
    for next in waiting {
        visit(next, &std::mem::take(&mut roster));
    }
    Ok(())
}

/// One row of `instances`, as far as anything is judged by it.
pub(super) struct Named<'b> {
    account_id: &'b str,
    region: &'b str,
    observed_at: Timestamp,
    pub(super) instance_id: &'b str,
    pub(super) is_node: bool,
    pub(super) state: Option<&'b str>,
    pub(super) tags: Option<&'b str>,
    pub(super) ping_status: Option<&'b str>,
}

const NAMED: [&str; 8] = ["account_id", "region", "observed_at", "instance_id", "state", "tags", "ping_status", "listed_by"];

async fn each_instance(evidence: &Evidence, listed_by: &str, as_of: Timestamp, mut visit: impl FnMut(Named<'_>)) -> Result<()> {
    let instances = evidence
        .table("instances")
        .await?
        .filter(col("listed_by").eq(lit(listed_by)).and(col("observed_at").lt_eq(instant(as_of))))?
        .select(NAMED.map(col).to_vec())?;
    let mut stream = instances.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        visit_each(&batch, &mut visit)?;
    }
    Ok(())
}

fn visit_each<'b>(batch: &'b RecordBatch, visit: &mut impl FnMut(Named<'b>)) -> Result<()> {
    let [account_ids, regions, instance_ids, states, tags, pings, listed_by] = [0, 1, 3, 4, 5, 6, 7].map(|column| batch.column(column).as_string::<i32>());
    let times = as_timestamp_microsecond_array(batch.column(2))?;
    let some = |texts: &'b StringArray, row: usize| texts.is_valid(row).then(|| texts.value(row));
    for row in 0..batch.num_rows() {
        visit(Named {
            account_id: account_ids.value(row),
            region: regions.value(row),
            observed_at: Timestamp::from_micros(times.value(row)),
            instance_id: instance_ids.value(row),
            is_node: listed_by.value(row) == Listed::Ssm.as_str(),
            state: some(states, row),
            tags: some(tags, row),
            ping_status: some(pings, row),
        });
    }
    Ok(())
}

fn at(times: &TimestampMicrosecondArray, row: usize) -> Option<Timestamp> {
    times.is_valid(row).then(|| Timestamp::from_micros(times.value(row)))
}

/// An instant as a literal of SQL.
pub(super) fn instant(at: Timestamp) -> datafusion::prelude::Expr {
    lit(datafusion::common::ScalarValue::TimestampMicrosecond(Some(at.micros()), Some(Arc::from("UTC"))))
}

pub(super) fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// The instant in a cell; `None` where it is null or no instant.
pub(super) fn instant_at(batch: &RecordBatch, column: usize, row: usize) -> Option<Timestamp> {
    as_timestamp_microsecond_array(batch.column(column)).ok().and_then(|times| at(times, row))
}
