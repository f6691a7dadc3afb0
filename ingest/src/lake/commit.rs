//! The commit of a batch: one Delta commit on `objects`, which is the bookmark and the redo log in one.
//!
//! ```text
//!   stage ─▶ files in every table's folder, seen by nobody
//!   commit ─▶ objects v+1: rows of objects + promise (the files of the other tables)      the batch exists from here on
//!   redeem ─▶ events, observations, …: the promised files, each under the number of the batch
//! ```
//!
//! A crash before the commit leaves garbage; a crash after it leaves a promise, which the next `open` redeems. No row that is in the lake
//! is ever read to find out whether it is there. See the first decision record.

use std::collections::BTreeMap;

use deltalake::kernel::{Action, Add};
use schemas::table::{GAPS, OBJECTS};
use serde::{Deserialize, Serialize};

use super::error::LakeError;
use super::order::Sorted;
use super::shelf::{Change, Landing, Shelf};
use super::stage::Batch;
use super::write::write_sorted;
use super::{ATTEMPTS, Lake};
use crate::batch::{GapRow, gaps_batch, objects_batch};

/// How a commit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The batch is in the lake, or was empty.
    Committed,
    /// Another run was faster with some of its objects: none of the batch is in the lake. [`Lake::known`] knows the winner's objects.
    Conflicted,
}

/// The application transaction of the raw tables: the last batch that was committed to `objects`, or redeemed in another table.
const BATCH: &str = "sessiontrail.batch";
/// The name of the promise in the commit's information.
const PROMISE: &str = "sessiontrail";

/// The files of the other tables that a batch promises, by the table's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Promise {
    batch: i64,
    adds: BTreeMap<String, Vec<serde_json::Value>>,
    /// The last batch that promises something to each table, this one included: a table that is there has nothing to redeem.
    last: BTreeMap<String, i64>,
}

impl Lake {
    /// Commits a batch: all of it, or nothing.
    ///
    /// # Errors
    /// Where the lake could not be read or written. Whether the batch is in the lake is then not known before the lake is opened again.
    pub async fn commit(&mut self, mut batch: Batch) -> Result<Outcome, LakeError> {
        let staged = batch.finish().await?;
        for _ in 0..ATTEMPTS {
            if batch.objects.iter().any(|row| self.known.has_object(row)) {
                return Ok(Outcome::Conflicted);
            }
            batch.objects.retain(|row| !self.known.repeats(row));
            let gaps: Vec<GapRow> = batch.gaps.values().filter(|gap| !self.known.has_gap(gap)).cloned().collect();
            if staged.is_empty() && gaps.is_empty() && batch.objects.is_empty() {
                return Ok(Outcome::Committed);
            }
            if self.commit_once(&batch, &staged, &gaps).await? == Landing::Landed {
                self.redeem().await?;
                return Ok(Outcome::Committed);
            }
            // What the winner committed decides what this batch may still say.
            self.catch_up().await?;
        }
        Err(LakeError::Contended { table: OBJECTS.name })
    }

    /// Learns what others have committed, and redeems what they have promised.
    pub(super) async fn catch_up(&mut self) -> Result<(), LakeError> {
        self.objects.refresh().await?;
        self.redeem().await?;
        self.gaps.refresh().await?;
        self.known.learn(&self.objects, &self.gaps).await
    }

    async fn commit_once(&mut self, batch: &Batch, staged: &BTreeMap<String, Vec<Add>>, gaps: &[GapRow]) -> Result<Landing, LakeError> {
        let before = self.last_promise().await?;
        let number = before.as_ref().map_or(0, |promise| promise.batch) + 1;
        let mut promise = Promise { batch: number, adds: BTreeMap::new(), last: before.map(|promise| promise.last).unwrap_or_default() };
        for (table, adds) in staged {
            promise.adds.insert(table.clone(), adds.iter().map(serde_json::to_value).collect::<Result<_, _>>().map_err(|error| promise_lost(number, &error))?);
        }
        if !gaps.is_empty() {
            let add = write_sorted(&GAPS, &self.gaps.store, &self.tuning, &Sorted::new(&GAPS, vec![gaps_batch(gaps)?])?).await?;
            promise.adds.insert(GAPS.name.to_owned(), vec![serde_json::to_value(add).map_err(|error| promise_lost(number, &error))?]);
        }
        let mut actions = Vec::new();
        if !batch.objects.is_empty() {
            let rows = Sorted::new(&OBJECTS, vec![objects_batch(&batch.objects, number)?])?;
            actions.push(Action::Add(write_sorted(&OBJECTS, &self.objects.store, &self.tuning, &rows).await?));
        }
        promise.last.extend(promise.adds.keys().map(|table| (table.clone(), number)));
        let mut change = Change::append(actions).mark(BATCH, number);
        change.metadata = vec![(PROMISE.to_owned(), serde_json::to_value(&promise).map_err(|error| promise_lost(number, &error))?)];
        let landing = self.objects.commit(change).await?;
        if landing == Landing::Landed {
            batch.objects.iter().for_each(|row| self.known.add_object(row, number));
            gaps.iter().for_each(|gap| self.known.add_gap(gap));
            self.last = Some(promise);
        }
        Ok(landing)
    }

    /// The promise of the last batch; `None` before the first. The version of the log that holds it is the newest but for rewrites of
    /// `objects`.
    async fn last_promise(&mut self) -> Result<Option<Promise>, LakeError> {
        let Some(last) = self.objects.mark(BATCH).await? else { return Ok(None) };
        if self.last.as_ref().is_none_or(|promise| promise.batch != last) {
            let mut promises = Promises::of(&self.objects, None);
            promises.read_until(&self.objects, last).await?;
            self.last = promises.found.remove(&last);
        }
        match &self.last {
            Some(promise) => Ok(Some(promise.clone())),
            None => Err(LakeError::Promise { batch: last }),
        }
    }

    /// Commits what batches have promised to the other tables, in the order of the batches, each once.
    pub(super) async fn redeem(&mut self) -> Result<(), LakeError> {
        let Some(last) = self.last_promise().await? else { return Ok(()) };
        let Self { objects, events, observations, instances, preferences, rejects, gaps, .. } = self;
        let mut promises = Promises::of(objects, Some(last.clone()));
        for shelf in [events, observations, instances, preferences, rejects, gaps] {
            if let Some(last) = last.last.get(shelf.table.name) {
                redeem_table(objects, shelf, *last, &mut promises).await?;
            }
        }
        Ok(())
    }
}

/// Brings one table up to the batch `last`.
async fn redeem_table(objects: &Shelf, shelf: &mut Shelf, last: i64, promises: &mut Promises) -> Result<(), LakeError> {
    let mut attempts = 0;
    loop {
        let redeemed = shelf.mark(BATCH).await?.unwrap_or(0);
        if redeemed >= last {
            return Ok(());
        }
        let next = promises.after(objects, shelf.table.name, redeemed).await?;
        let Some((number, adds)) = next else { return Err(LakeError::Promise { batch: last }) };
        let change = Change::append(adds.into_iter().map(Action::Add).collect()).mark(BATCH, number);
        if shelf.commit(change).await? == Landing::Overtaken {
            attempts += 1;
            if attempts > ATTEMPTS {
                return Err(LakeError::Contended { table: shelf.table.name });
            }
            // Another run redeems the same promises, or compacts: look again before anything is committed.
            shelf.refresh().await?;
        }
    }
}

/// The promises of the log of `objects`, read backwards as far as they are needed.
struct Promises {
    read_down_to: u64,
    found: BTreeMap<i64, Promise>,
}

impl Promises {
    fn of(objects: &Shelf, last: Option<Promise>) -> Self {
        Self { read_down_to: objects.version() + 1, found: last.map(|promise| (promise.batch, promise)).into_iter().collect() }
    }

    /// Reads backwards until the promise of `batch` is there.
    async fn read_until(&mut self, objects: &Shelf, batch: i64) -> Result<(), LakeError> {
        while self.read_down_to > 0 && self.found.keys().next().is_none_or(|first| *first > batch) {
            self.read_down_to -= 1;
            let actions = objects.entry(self.read_down_to).await?.ok_or(LakeError::Promise { batch })?;
            for action in actions {
                let Action::CommitInfo(mut info) = action else { continue };
                let Some(promise) = info.info.remove(PROMISE) else { continue };
                let promise: Promise = serde_json::from_value(promise).map_err(|error| promise_lost(batch, &error))?;
                self.found.insert(promise.batch, promise);
            }
        }
        Ok(())
    }

    /// The first promise after the batch `redeemed` that names the table.
    async fn after(&mut self, objects: &Shelf, table: &str, redeemed: i64) -> Result<Option<(i64, Vec<Add>)>, LakeError> {
        self.read_until(objects, redeemed + 1).await?;
        let next = self.found.range(redeemed + 1..).find_map(|(number, promise)| promise.adds.get(table).map(|adds| (*number, adds)));
        let Some((number, adds)) = next else { return Ok(None) };
        let adds = adds.iter().map(|add| serde_json::from_value(add.clone())).collect::<Result<_, _>>().map_err(|error| promise_lost(number, &error))?;
        Ok(Some((number, adds)))
    }
}

fn promise_lost(batch: i64, error: &serde_json::Error) -> LakeError {
    tracing::error!(batch, %error, "the promise of a batch cannot be read or written");
    LakeError::Promise { batch }
}
