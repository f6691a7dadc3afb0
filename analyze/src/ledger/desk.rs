//! Where the pieces of the ledger lie: each is read from the lake when it is first needed, and once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use datafusion::catalog::TableProvider;
use datafusion::error::Result;
use datafusion::prelude::{SessionContext, col};
use futures::TryStreamExt;
use policy::Policy;
use schemas::{Answer, Event, Observation, Preference, Timestamp};
use sessions::reconstruct::reconstruct;
use sessions::rows;
use tokio::sync::OnceCell;

use super::coverage;
use super::preferences;
use super::row::Bench;
use super::sessions::Earlier;
use super::snapshots::{self, Reach, Reaches, external, instant};
use super::tables::Count;
use crate::calendar::Calendar;

type Answers = (Vec<Observation>, Vec<Preference>);

/// The ledger's own reading of the lake, cut at one `as_of` and ruled by one policy.
pub(super) struct Desk {
    context: SessionContext,
    policy: Arc<Policy>,
    as_of: Timestamp,
    calendar: Arc<Calendar>,
    facts: Arc<dyn TableProvider>,
    reaches: Reaches,
    answers: OnceCell<Arc<Answers>>,
    bench: OnceCell<Arc<Bench>>,
    earlier: OnceCell<Arc<Earlier>>,
    counts: OnceCell<Arc<Vec<Count>>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Desk({})", self.as_of)
    }
}

impl Desk {
    pub(super) fn new(
        context: SessionContext,
        policy: Arc<Policy>,
        as_of: Timestamp,
        calendar: Arc<Calendar>,
        facts: Arc<dyn TableProvider>,
        reaches: Reaches,
    ) -> Self {
        let (answers, bench, earlier, counts) = Default::default();
        Self { context, policy, as_of, calendar, facts, reaches, answers, bench, earlier, counts }
    }

    pub(super) fn facts(&self) -> &Arc<dyn TableProvider> {
        &self.facts
    }

    /// What every session is judged by.
    pub(super) async fn bench(&self) -> Result<Arc<Bench>> {
        let load = || async {
            let answers = self.answers().await?;
            let documents = preferences::documents(&answers.0, &answers.1, self.as_of);
            let newest: HashMap<String, Timestamp> = self.reaches.events.iter().map(|(source, reach)| (source.clone(), reach.last)).collect();
            let context = preferences::context(&answers.0, &answers.1, newest, &documents, self.as_of);
            let fleet = snapshots::fleet(&self.context, self.as_of).await?;
            Ok(Arc::new(Bench { context, policy: Arc::clone(&self.policy), fleet }))
        };
        self.bench.get_or_try_init(load).await.cloned()
    }

    /// Sessions of which something is dated after `as_of`, reconstructed from what is not.
    pub(super) async fn earlier(&self) -> Result<Arc<Earlier>> {
        let load = || async {
            let straddling = col("last_fact_at").gt(instant(self.as_of)).and(col("first_fact_at").lt_eq(instant(self.as_of)));
            let facts = self.context.table("session_facts").await?.filter(straddling)?.select(vec![col("session_id")])?;
            let mut earlier = Earlier::default();
            for batch in facts.collect().await? {
                earlier.session_ids.extend(batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned));
            }
            if !earlier.session_ids.is_empty() {
                for events in self.events_of(&earlier).await?.into_values() {
                    earlier.facts.extend(reconstruct(events, Some(self.as_of)));
                }
            }
            Ok(Arc::new(earlier))
        };
        self.earlier.get_or_try_init(load).await.cloned()
    }

    async fn events_of(&self, earlier: &Earlier) -> Result<BTreeMap<String, Vec<Event>>> {
        let mut by_session: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        let mut copies = self.context.table("event_copies").await?.filter(col("session_id").is_not_null())?.execute_stream().await?;
        while let Some(batch) = copies.try_next().await? {
            let Some(session_ids) = batch.column_by_name("session_id").map(|column| column.as_string::<i32>()) else { continue };
            let wanted: BooleanArray =
                (0..batch.num_rows()).map(|row| Some(session_ids.is_valid(row) && earlier.session_ids.contains(session_ids.value(row)))).collect();
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
            let documents = preferences::documents(&answers.0, &answers.1, self.as_of);
            let wanted = coverage::counted(&answers.0, self.as_of, |at| self.calendar.local_date(at));
            let nodes_answered = coverage::whole(&answers.0, Answer::InstanceInformation);
            let mut rosters = snapshots::rosters(&self.context, &wanted, self.as_of).await?;
            let counts = wanted.into_iter().map(|(snapshot, observed_on)| {
                let roster = rosters.remove(&snapshot).unwrap_or_default();
                let assessed = coverage::assess(&snapshot, &roster, nodes_answered.contains(&snapshot), documents.get(&snapshot), &self.policy);
                Count { snapshot, observed_on, assessed }
            });
            Ok(Arc::new(counts.collect()))
        };
        self.counts.get_or_try_init(load).await.cloned()
    }

    /// How far every configured source reaches: its events, and for account sources its snapshots.
    pub(super) async fn source_reach(&self, configured: &[String]) -> Result<RecordBatch> {
        let mut reaches = Reaches { events: self.reaches.events.clone(), vouched: None };
        for observation in self.answers().await?.0.iter().filter(|observation| observation.observed_at <= self.as_of) {
            reaches.widen(&observation.source, observation.observed_at);
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
        self.answers.get_or_try_init(|| async { Ok(Arc::new(snapshots::answers(&self.context).await?)) }).await.cloned()
    }
}
