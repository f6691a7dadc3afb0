//! The commit of a batch: one Delta commit on `objects`, which is the bookmark and the redo log in one.
//!
//! ```text
//!   stage ─▶ files in every table's folder, seen by nobody
//!   commit ─▶ objects v+1: rows of objects + promise (the files of the other tables)      the batch exists from here on
//!   redeem ─▶ events, observations, …: the promised files, each under the number of the batch
//! ```
//!
//! A crash before the commit leaves garbage; a crash after it leaves a promise, which the next `open` redeems. What is known is read from
//! `objects` and `gaps` alone: no row of another table is ever read to find out whether it is there. See the first decision record.

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
use crate::batch::{GapNote, gaps_batch, objects_batch};

/// How a commit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The batch is in the lake, or was empty.
    Committed,
    /// Another run was faster with some of its objects: none of the batch is in the lake. [`Lake::known`] knows the winner's objects.
    Conflicted,
}

/// The application transaction of the raw tables: the last batch that was committed to `objects`, or redeemed in another table.
pub(super) const BATCH: &str = "sessiontrail.batch";
/// The name of the promise in the commit's information.
const PROMISE: &str = "sessiontrail";

/// The files of the other tables that a batch promises, by the table's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Promise {
    batch: i64,
    adds: BTreeMap<String, Vec<serde_json::Value>>,
    /// The last batch that promises something to each table, this one included: a table that is there has nothing to redeem.
    last: BTreeMap<String, i64>,
    /// For each table that this batch promises something to: the last batch before it that did. So that a table that is seldom written to
    /// is redeemed without a look at all the batches in between.
    before: BTreeMap<String, i64>,
}

impl Lake {
    /// Commits a batch: all of it, or nothing.
    ///
    /// # Errors
    /// Where the lake could not be read or written. Whether the batch is in the lake is then not known before the lake is opened again.
    pub async fn commit(&mut self, mut batch: Batch) -> Result<Outcome, LakeError> {
        let staged = batch.finish().await?;
        for _ in 0..ATTEMPTS {
            if self.known.has_any(&batch.objects).await? {
                return Ok(Outcome::Conflicted);
            }
            let notes: Vec<GapNote> = batch.notes.values().filter(|note| !self.known.repeats(note)).cloned().collect();
            if staged.is_empty() && notes.is_empty() && batch.objects.is_empty() {
                return Ok(Outcome::Committed);
            }
            if self.commit_once(&batch, &staged, &notes).await? == Landing::Landed {
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
        self.known.look(&self.objects);
        self.known.learn(&self.gaps).await
    }

    async fn commit_once(&mut self, batch: &Batch, staged: &BTreeMap<String, Vec<Add>>, notes: &[GapNote]) -> Result<Landing, LakeError> {
        let before = self.last_promise().await?;
        let number = before.as_ref().map_or(0, |promise| promise.batch) + 1;
        let last = before.map(|promise| promise.last).unwrap_or_default();
        let mut promise = Promise { batch: number, adds: BTreeMap::new(), last: BTreeMap::new(), before: BTreeMap::new() };
        for (table, adds) in staged {
            promise.adds.insert(table.clone(), adds.iter().map(serde_json::to_value).collect::<Result<_, _>>().map_err(|error| promise_lost(number, &error))?);
        }
        if !notes.is_empty() {
            let add = write_sorted(&GAPS, &self.gaps.folder.store, &self.tuning, &Sorted::new(&GAPS, vec![gaps_batch(notes, number)?])?).await?;
            promise.adds.insert(GAPS.name.to_owned(), vec![serde_json::to_value(add).map_err(|error| promise_lost(number, &error))?]);
        }
        let mut actions = Vec::new();
        if !batch.objects.is_empty() {
            let rows = Sorted::new(&OBJECTS, vec![objects_batch(&batch.objects, number)?])?;
            actions.push(Action::Add(write_sorted(&OBJECTS, &self.objects.folder.store, &self.tuning, &rows).await?));
        }
        promise.before = promise.adds.keys().filter_map(|table| last.get(table).map(|before| (table.clone(), *before))).collect();
        promise.last = last;
        promise.last.extend(promise.adds.keys().map(|table| (table.clone(), number)));
        let mut change = Change::append(actions).mark(BATCH, number);
        change.metadata = vec![(PROMISE.to_owned(), serde_json::to_value(&promise).map_err(|error| promise_lost(number, &error))?)];
        let landing = self.objects.commit(change).await?;
        if landing == Landing::Landed {
            self.known.look(&self.objects);
            notes.iter().for_each(|note| self.known.add_note(note.clone(), number));
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
            if let Some(last) = last.last.get(shelf.folder.table.name) {
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
        let (number, adds) = promises.after(objects, shelf.folder.table.name, redeemed, last).await?;
        let change = Change::append(adds.into_iter().map(Action::Add).collect()).mark(BATCH, number);
        if shelf.commit(change).await? == Landing::Overtaken {
            attempts += 1;
            if attempts > ATTEMPTS {
                return Err(LakeError::Contended { table: shelf.folder.table.name });
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

    /// The first promise to a table after the batch `redeemed`, found from the batch `last`, the last that promises it something.
    async fn after(&mut self, objects: &Shelf, table: &str, redeemed: i64, last: i64) -> Result<(i64, Vec<Add>), LakeError> {
        let mut batch = last;
        loop {
            self.read_until(objects, batch).await?;
            let lost = LakeError::Promise { batch };
            let Some(promise) = self.found.get(&batch) else { return Err(lost) };
            match promise.before.get(table) {
                Some(before) if *before > redeemed => batch = *before,
                _ => {
                    let adds = promise.adds.get(table).ok_or(lost)?;
                    let adds = adds.iter().map(|add| serde_json::from_value(add.clone())).collect::<Result<_, _>>();
                    return Ok((batch, adds.map_err(|error| promise_lost(batch, &error))?));
                }
            }
        }
    }
}

fn promise_lost(batch: i64, error: &serde_json::Error) -> LakeError {
    tracing::error!(batch, %error, "the promise of a batch cannot be read or written");
    LakeError::Promise { batch }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::lake::tests::world::{ingest, keys, memory, open};

    #[tokio::test]
    async fn a_table_that_is_seldom_written_to_needs_no_look_at_what_lies_between() {
        let mut lake = open(&memory()).await.unwrap();
        // Every fifth object has preferences: those of the batches 1, 6 and 11.
        ingest(&mut lake, &keys(11), 1).await.unwrap();
        let last = lake.last_promise().await.unwrap();
        let mut promises = Promises::of(&lake.objects, last);
        let unread = promises.read_down_to;
        assert_eq!(promises.after(&lake.objects, "preferences", 6, 11).await.unwrap().0, 11);
        assert_eq!(promises.read_down_to, unread, "the log was read");
        assert_eq!(promises.after(&lake.objects, "preferences", 0, 11).await.unwrap().0, 1);
        assert_eq!(promises.after(&lake.objects, "preferences", 1, 11).await.unwrap().0, 6);
        assert_eq!(promises.after(&lake.objects, "events", 4, 11).await.unwrap().0, 5);
    }
}
