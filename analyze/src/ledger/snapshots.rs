//! Reads what the account snapshots say, and how far the sources reach.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::common::cast::as_timestamp_microsecond_array;
use datafusion::error::{DataFusionError, Result};
use datafusion::prelude::{SessionContext, col, ident, lit};
use futures::TryStreamExt;
use schemas::{Observation, Preference, Timestamp};
use sessions::rows;

use super::coverage::Roster;
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

/// The reach of every source, from what was noted of every object.
pub(super) async fn reaches(context: &SessionContext) -> Result<Reaches> {
    let mut reaches = Reaches::default();
    let objects = context.table("objects").await?.select(vec![col("source"), col("oldest_event_at"), col("newest_event_at"), col("vouched_at")])?;
    for batch in objects.collect().await? {
        let sources = batch.column(0).as_string::<i32>();
        let [oldest, newest, vouched] = [1, 2, 3].map(|column| batch.column(column).as_primitive::<TimestampMicrosecondType>());
        for row in 0..batch.num_rows() {
            for times in [oldest, newest] {
                if let Some(at) = at(times, row) {
                    reaches.widen(sources.value(row), at);
                }
            }
            reaches.vouched = reaches.vouched.max(at(vouched, row));
        }
    }
    Ok(reaches)
}

/// The reach of every source by `as_of`, from the events themselves: what was noted of an object cannot be cut.
pub(super) async fn reaches_by(context: &SessionContext, as_of: Timestamp) -> Result<Reaches> {
    let mut reaches = Reaches::default();
    let events = context.table("event_copies").await?.filter(ident("event_time").lt_eq(instant(as_of)))?.select(vec![col("source"), col("event_time")])?;
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

/// Every observation and every document version.
pub(super) async fn answers(context: &SessionContext) -> Result<(Vec<Observation>, Vec<Preference>)> {
    let mut observations = Vec::new();
    for batch in context.table("observations").await?.collect().await? {
        observations.extend(rows::observations_from(&batch).map_err(external)?);
    }
    let mut preferences = Vec::new();
    for batch in context.table("preferences").await?.collect().await? {
        preferences.extend(rows::preferences_from(&batch).map_err(external)?);
    }
    Ok((observations, preferences))
}

/// Tags of every EC2 instance by observation, cut at `as_of`.
pub(super) async fn fleet(context: &SessionContext, as_of: Timestamp) -> Result<Fleet> {
    let mut fleet = Fleet::default();
    each_instance(context, "ec2", as_of, |instance| {
        fleet.observe(instance.account_id, instance.region, instance.instance_id, instance.observed_at, instance.tags)
    })
    .await?;
    Ok(fleet)
}

/// The rosters of these snapshots.
pub(super) async fn rosters(context: &SessionContext, wanted: &BTreeMap<Snapshot, i32>, as_of: Timestamp) -> Result<HashMap<Snapshot, Roster>> {
    let mut rosters: HashMap<Snapshot, Roster> = HashMap::new();
    let snapshot = |instance: &Named<'_>| (instance.account_id.to_owned(), instance.region.to_owned(), instance.observed_at);
    each_instance(context, "ec2", as_of, |instance| {
        let snapshot = snapshot(&instance);
        if instance.state == Some("running") && wanted.contains_key(&snapshot) {
            rosters.entry(snapshot).or_default().running.insert(instance.instance_id.to_owned(), instance.tags.map(str::to_owned));
        }
    })
    .await?;
    each_instance(context, "ssm", as_of, |instance| {
        let snapshot = snapshot(&instance);
        if wanted.contains_key(&snapshot) {
            rosters.entry(snapshot).or_default().managed.insert(instance.instance_id.to_owned(), instance.ping_status == Some("Online"));
        }
    })
    .await?;
    Ok(rosters)
}

struct Named<'b> {
    account_id: &'b str,
    region: &'b str,
    observed_at: Timestamp,
    instance_id: &'b str,
    state: Option<&'b str>,
    tags: Option<&'b str>,
    ping_status: Option<&'b str>,
}

async fn each_instance(context: &SessionContext, listed_by: &str, as_of: Timestamp, mut visit: impl FnMut(Named<'_>)) -> Result<()> {
    let columns = ["account_id", "region", "observed_at", "instance_id", "state", "tags", "ping_status"].map(col);
    let instances = context
        .table("instances")
        .await?
        .filter(col("listed_by").eq(lit(listed_by)).and(col("observed_at").lt_eq(instant(as_of))))?
        .select(columns.to_vec())?;
    let mut stream = instances.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        visit_each(&batch, &mut visit)?;
    }
    Ok(())
}

fn visit_each(batch: &RecordBatch, visit: &mut impl FnMut(Named<'_>)) -> Result<()> {
    let [account_ids, regions, instance_ids, states, tags, pings] = [0, 1, 3, 4, 5, 6].map(|column| batch.column(column).as_string::<i32>());
    let times = as_timestamp_microsecond_array(batch.column(2))?;
    let some =
        |texts: &'_ arrow::array::StringArray, row: usize| -> Option<String> { arrow::array::Array::is_valid(texts, row).then(|| texts.value(row).to_owned()) };
    for row in 0..batch.num_rows() {
        let (state, tags, ping_status) = (some(states, row), some(tags, row), some(pings, row));
        visit(Named {
            account_id: account_ids.value(row),
            region: regions.value(row),
            observed_at: Timestamp::from_micros(times.value(row)),
            instance_id: instance_ids.value(row),
            state: state.as_deref(),
            tags: tags.as_deref(),
            ping_status: ping_status.as_deref(),
        });
    }
    Ok(())
}

fn at(times: &arrow::array::PrimitiveArray<TimestampMicrosecondType>, row: usize) -> Option<Timestamp> {
    arrow::array::Array::is_valid(times, row).then(|| Timestamp::from_micros(times.value(row)))
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
