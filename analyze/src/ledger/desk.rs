//! Where the pieces of the ledger lie: each is read from the lake when it is first needed, and once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Int64Type;
use datafusion::catalog::TableProvider;
use datafusion::error::Result;
use datafusion::prelude::{col, lit};
use futures::TryStreamExt;
use policy::Policy;
use schemas::{Answer, Event, Timestamp};
use sessions::reconstruct::reconstruct;
use sessions::rows;
use tokio::sync::OnceCell;

use super::answers::{self, Answers};
use super::coverage;
use super::evidence::Evidence;
use super::preferences;
use super::row::Bench;
use super::sessions::Earlier;
use super::snapshots::{self, Reach, Reaches, external, instant};
use super::spells::{self, Spell};
use super::tables::Count;
use crate::calendar::Calendar;

/// The ledger's own reading of the lake, cut at one `as_of` and ruled by one policy.
pub(super) struct Desk {
    evidence: Evidence,
    policy: Arc<Policy>,
    as_of: Timestamp,
    calendar: Arc<Calendar>,
    reaches: Reaches,
    answers: OnceCell<Arc<Answers>>,
    bench: OnceCell<Arc<Bench>>,
    earlier: OnceCell<Arc<Earlier>>,
    counts: OnceCell<Arc<Vec<Count>>>,
    fleet: OnceCell<Arc<Vec<Spell<spells::Instance>>>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Desk({})", self.as_of)
    }
}

impl Desk {
    pub(super) fn new(evidence: Evidence, policy: Arc<Policy>, as_of: Timestamp, calendar: Arc<Calendar>, reaches: Reaches) -> Self {
        let (answers, bench, earlier, counts, fleet) = Default::default();
        Self { evidence, policy, as_of, calendar, reaches, answers, bench, earlier, counts, fleet }
    }

    pub(super) fn facts(&self) -> Arc<dyn TableProvider> {
        Arc::clone(self.evidence.facts()) as _
    }

    /// Which versions of the lake's tables all of this is read from.
    pub(super) async fn versions(&self) -> Result<String> {
        self.evidence.versions().await
    }

    /// What every session is judged by.
    pub(super) async fn bench(&self) -> Result<Arc<Bench>> {
        let load = || async {
            let answers = self.answers().await?;
            let documents = preferences::documents(&answers, self.as_of);
            let newest: HashMap<String, Timestamp> = self.reaches.events.iter().map(|(source, reach)| (source.clone(), reach.last)).collect();
            let context = preferences::context(&answers, newest, &documents, self.as_of);
            let fleet = snapshots::fleet(&self.evidence, &answers, self.as_of).await?;
            Ok(Arc::new(Bench { context, policy: Arc::clone(&self.policy), fleet }))
        };
        self.bench.get_or_try_init(load).await.cloned()
    }

    /// Sessions of which something is dated after `as_of`, reconstructed from what is not.
    pub(super) async fn earlier(&self) -> Result<Arc<Earlier>> {
        let load = || async {
            let straddling = col("last_fact_at").gt(instant(self.as_of)).and(col("first_fact_at").lt_eq(instant(self.as_of)));
            let facts = self.evidence.session_facts().await?.filter(straddling)?.select(["bucket", "session_id", "activity_events"].map(col).to_vec())?;
            let (mut earlier, mut buckets) = (Earlier::default(), BTreeMap::<i64, u64>::new());
            for batch in facts.collect().await? {
                let [bucket, activity] = [0, 2].map(|column| batch.column(column).as_primitive::<Int64Type>());
                let session_ids = batch.column(1).as_string::<i32>();
                for row in 0..batch.num_rows() {
                    let streamed = if activity.is_valid(row) { activity.value(row).unsigned_abs() } else { 0 };
                    *buckets.entry(bucket.value(row)).or_default() += EVENTS_BESIDES_ACTIVITY + streamed;
                    earlier.session_ids.insert(session_ids.value(row).to_owned());
                }
            }
            for portion in portions(&buckets) {
                for events in self.events_of(&portion, &earlier.session_ids).await?.into_values() {
                    earlier.facts.extend(reconstruct(events, Some(self.as_of)));
                }
            }
            Ok(Arc::new(earlier))
        };
        self.earlier.get_or_try_init(load).await.cloned()
    }

    /// The events of these sessions in some buckets, by which they are sorted in the lake: most of it need not be read.
    async fn events_of(&self, buckets: &[i64], session_ids: &HashSet<String>) -> Result<BTreeMap<String, Vec<Event>>> {
        let mut by_session: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        let among = col("bucket").in_list(buckets.iter().map(|bucket| lit(*bucket)).collect(), false);
        let mut copies = self.evidence.table("event_copies").await?.filter(among)?.execute_stream().await?;
        while let Some(batch) = copies.try_next().await? {
            let Some(named) = batch.column_by_name("session_id").map(|column| column.as_string::<i32>()) else { continue };
            let wanted: BooleanArray = (0..batch.num_rows()).map(|row| Some(named.is_valid(row) && session_ids.contains(named.value(row)))).collect();
            for event in rows::events_from(&filter_record_batch(&batch, &wanted)?).map_err(external)? {
                by_session.entry(event.session_id.clone().unwrap_or_default()).or_default().push(event);
            }
        }
        Ok(by_session)
    }

    /// What coverage counts.
    pub(super) async fn counts(&self) -> Result<Arc<Vec<Count>>> {
        let load = || async {
            let answers = self.answers().await?;
            let documents = preferences::documents(&answers, self.as_of);
            let wanted = coverage::counted(&answers.observations, self.as_of, |at| self.calendar.local_date(at));
            let nodes_answered = coverage::whole(&answers.observations, Answer::InstanceInformation);
            let mut rosters = snapshots::rosters(&self.evidence, &wanted, self.as_of).await?;
            let counts = wanted.into_iter().map(|(snapshot, observed_on)| {
                let roster = rosters.remove(&snapshot).unwrap_or_default();
                let assessed = coverage::assess(&snapshot, &roster, nodes_answered.contains(&snapshot), documents.get(&snapshot), &self.policy);
                Count { snapshot, observed_on, assessed }
            });
            Ok(Arc::new(counts.collect()))
        };
        self.counts.get_or_try_init(load).await.cloned()
    }

    /// What the fleet was, by spells.
    pub(super) async fn instance_spells(&self) -> Result<Arc<Vec<Spell<spells::Instance>>>> {
        let load = || async {
            let answers = self.answers().await?;
            let answered = |answer| coverage::whole(&answers.observations, answer);
            let mut fleet = spells::Instances::new(&self.policy, answered(Answer::InstanceInformation));
            snapshots::each_roster(&self.evidence, &answered(Answer::Instances), self.as_of, |snapshot, roster| fleet.observe(snapshot, roster)).await?;
            Ok(Arc::new(fleet.finish()))
        };
        self.fleet.get_or_try_init(load).await.cloned()
    }

    /// What the Session documents set, by spells.
    pub(super) async fn document_spells(&self) -> Result<Vec<Spell<spells::Document>>> {
        let answers = self.answers().await?;
        Ok(spells::documents(&answers, &preferences::documents(&answers, self.as_of), self.as_of))
    }

    /// Where session logs went, by spells.
    pub(super) async fn destination_spells(&self) -> Result<Vec<Spell<spells::Destination>>> {
        let answers = self.answers().await?;
        Ok(spells::destinations(&answers, &preferences::documents(&answers, self.as_of), self.as_of))
    }

    /// What everything is ruled by.
    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// How far every configured source reaches: its events, and for account sources its snapshots.
    pub(super) async fn source_reach(&self, configured: &[String]) -> Result<RecordBatch> {
        let mut reaches = Reaches { events: self.reaches.events.clone(), vouched: None };
        for (source, reached) in &self.answers().await?.reached.events {
            reaches.widen(source, reached.first);
            reaches.widen(source, reached.last);
        }
        let mut rows: BTreeMap<&str, Option<Reach>> = configured.iter().map(|source| (source.as_str(), None)).collect();
        for (source, reach) in &reaches.events {
            // A source that is configured no more is read by nobody: its silence says nothing about the estate.
            if configured.is_empty() || rows.contains_key(source.as_str()) {
                rows.insert(source, Some(*reach));
            }
        }
        Ok(super::tables::source_reach(&rows)?)
    }

    async fn answers(&self) -> Result<Arc<Answers>> {
        self.answers.get_or_try_init(|| async { Ok(Arc::new(answers::read(&self.evidence, self.as_of).await?)) }).await.cloned()
    }
}

/// Buckets whose sessions are reconstructed at once: as many as keep few events in memory, and at least one.
fn portions(buckets: &BTreeMap<i64, u64>) -> Vec<Vec<i64>> {
    let mut portions: Vec<Vec<i64>> = Vec::new();
    let mut held = u64::MAX;
    for (bucket, events) in buckets {
        held = held.saturating_add(*events);
        match portions.last_mut() {
            Some(portion) if held <= EVENTS_AT_ONCE => portion.push(*bucket),
            _ => {
                portions.push(vec![*bucket]);
                held = *events;
            }
        }
    }
    portions
}

/// Events that are held at once, copies not counted.
const EVENTS_AT_ONCE: u64 = 100_000;
/// What a session has beside streaming events: calls, listings, a text.
const EVENTS_BESIDES_ACTIVITY: u64 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_reconstructed_some_buckets_at_once() {
        let of = |events: &[u64]| portions(&(0..).zip(events.iter().copied()).collect());
        assert_eq!(of(&[]), Vec::<Vec<i64>>::new());
        assert_eq!(of(&[10, 20, 30]), [vec![0, 1, 2]]);
        assert_eq!(of(&[60_000, 40_000, 1, 900_000, 5]), [vec![0, 1], vec![2], vec![3], vec![4]]);
    }
}
