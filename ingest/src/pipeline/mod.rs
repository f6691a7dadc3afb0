//! The only place that names every room of the write side: sources → decode → lake → facts.
//!
//! ```text
//!   ask ahead ─▶ objects() ─▶ what is not known yet ─▶ a round ─▶ decode (CPU, side by side) ─▶ stage ─▶ commit ─▶ … ─▶ close gaps ─▶ refresh ─▶ settle
//! ```
//!
//! A *round* is a bounded set of objects that are committed together. What is in flight is bounded by the size of a round, by the channel
//! between decoding and staging, and by the batch, which spills to the lake's own store as it grows.

mod outlet;
mod reading;
mod round;
mod sight;
mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream;
use schemas::Timestamp;

use crate::lake::{Asked, Batch, GapRow, Known, Lake, LakeError, Outcome};
use crate::source::{ErrorKind, Listed, Resume, Source};
use crate::summary::{Progress, Summary, Unread};
use round::{Broken, Round};
use sight::Sight;

/// What a run reads.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only objects that were modified at or after this.
    pub from: Option<Timestamp>,
    /// Only objects that were modified before this.
    pub to: Option<Timestamp>,
}

/// Pulls what is new from every source into the lake, and refreshes the facts of the sessions touched.
///
/// Safe to repeat, to interrupt, and to run twice at once: see the first decision record.
///
/// # Errors
/// Where the lake cannot be read or written. A source that cannot be read is no error: it is in the summary.
pub async fn run(lake: &mut Lake, sources: &[Arc<dyn Source>], options: &Options, progress: &dyn Progress) -> Result<Summary, LakeError> {
    let mut run = Run::new(Goal::Lake(lake), options, progress);
    run.ask_ahead(sources).await;
    for source in sources {
        run.read(source).await?;
    }
    run.tell("refreshing sessions");
    if let Goal::Lake(lake) = &mut run.goal {
        run.summary.counts.refreshed = lake.refresh().await?;
    }
    run.tell("merging small files");
    if let Goal::Lake(lake) = &mut run.goal {
        lake.settle().await?;
    }
    run.tell("done");
    Ok(run.summary)
}

/// Lists and decodes what [`run`] would read, and writes nothing at all.
///
/// # Errors
/// As [`run`]; without a lake to write to there are none. A source that cannot be read is in the summary.
pub async fn dry_run(known: &Known, sources: &[Arc<dyn Source>], options: &Options, progress: &dyn Progress) -> Result<Summary, LakeError> {
    let mut run = Run::new(Goal::Nowhere(known), options, progress);
    run.ask_ahead(sources).await;
    for source in sources {
        run.read(source).await?;
    }
    run.tell("done");
    Ok(run.summary)
}

/// Where goes what is read.
enum Goal<'r> {
    Lake(&'r mut Lake),
    /// It is counted, and no more.
    Nowhere(&'r Known),
}

impl Goal<'_> {
    fn known(&self) -> &Known {
        match self {
            Self::Lake(lake) => lake.known(),
            Self::Nowhere(known) => known,
        }
    }

    fn stage(&self) -> Option<Batch> {
        match self {
            Self::Lake(lake) => Some(lake.stage()),
            Self::Nowhere(_) => None,
        }
    }
}

struct Run<'r> {
    goal: Goal<'r>,
    summary: Summary,
    options: &'r Options,
    progress: &'r dyn Progress,
    /// Gaps that are found and not in the lake yet, by their ids.
    gaps: BTreeMap<String, GapRow>,
}

impl<'r> Run<'r> {
    fn new(goal: Goal<'r>, options: &'r Options, progress: &'r dyn Progress) -> Self {
        Self { goal, summary: Summary::default(), options, progress, gaps: BTreeMap::new() }
    }

    fn tell(&self, doing: &str) {
        self.progress.update(doing, &self.summary.counts);
    }

    /// Has every source that waits long for its answers do so now, side by side with the others: they are read one after the other.
    async fn ask_ahead(&self, sources: &[Arc<dyn Source>]) {
        self.tell("asking ahead");
        let asked = sources.iter().map(|source| source.ask_ahead(self.resume(source.name())));
        stream::iter(asked).buffer_unordered(SOURCES_AT_ONCE).collect::<()>().await;
    }

    /// What is known of a source.
    fn resume(&self, source_name: &str) -> Resume {
        let known = self.goal.known();
        let gaps = known.open_gaps(source_name).map(|gap| gap.place.clone()).collect();
        Resume { known: known.positions(source_name), gaps: Arc::new(gaps), from: self.options.from }
    }

    async fn read(&mut self, source: &Arc<dyn Source>) -> Result<(), LakeError> {
        let mut round = Round::default();
        let mut sight = Sight::new(self.goal.known(), source.name(), self.options.from.is_none());
        let mut held = false;
        let mut items = source.objects(self.resume(source.name())).ready_chunks(LISTED_AT_ONCE);
        while let Some(items) = items.next().await {
            // An error is no silence: something is there, or missing, and has just been said.
            held = true;
            let known = known_of(self.goal.known(), items.iter().flatten()).await?;
            let mut known = known.into_iter();
            for item in items {
                match item {
                    Ok(listed) => {
                        self.summary.counts.discovered += 1;
                        sight.saw(&listed);
                        if self.is_wanted(&listed, known.next() == Some(true)) {
                            self.summary.counts.bytes_ahead += listed.object.size;
                            round.push(listed);
                        }
                    }
                    Err(error) => {
                        sight.lost(&error.place);
                        self.miss(source.name(), &error.place, error.kind, error.told());
                    }
                }
                if round.is_full() || self.gaps.len() >= GAPS_HELD {
                    self.commit(source, std::mem::take(&mut round)).await?;
                }
                if self.summary.counts.discovered.is_multiple_of(1_000) {
                    self.tell(source.name());
                }
            }
        }
        drop(items);
        if !held && !self.goal.known().holds_source(source.name()).await? {
            // No gap to keep: the day it holds something, nothing is missing any more.
            let detail = "the source has never held anything".to_owned();
            self.summary.miss(Unread { source: source.name().to_owned(), place: String::new(), cause: "empty", detail });
        }
        self.commit(source, round).await?;
        self.close_gaps(&sight).await
    }

    fn is_wanted(&mut self, listed: &Listed, known: bool) -> bool {
        let object = &listed.object;
        let within = object.last_modified.is_none_or(|at| self.options.from.is_none_or(|from| at >= from) && self.options.to.is_none_or(|to| at < to));
        self.summary.counts.known += u64::from(known);
        within && !known
    }

    /// Reads a round and commits it. Where another run was faster with some of its objects, or one of them broke off while it was read,
    /// the rest is tried again: nothing of an object is committed but the whole of it.
    async fn commit(&mut self, source: &Arc<dyn Source>, round: Round) -> Result<(), LakeError> {
        let mut rounds = vec![round];
        let mut has_broken = false;
        while let Some(mut round) = rounds.pop() {
            if round.objects.is_empty() && self.gaps.is_empty() {
                continue;
            }
            let mut batch = self.goal.stage();
            let before = self.summary.clone();
            let broken = self.decode(source, &round, batch.as_mut()).await?;
            if !broken.is_empty() {
                self.summary = before;
                self.give_up(&mut round, broken);
                // From the second time on by halves, so that not all of it is read once more for each object that breaks off.
                if has_broken {
                    rounds.push(round.split_off_half());
                }
                has_broken = true;
                rounds.push(round);
                continue;
            }
            match self.land(batch).await? {
                Some(Outcome::Conflicted) => {
                    self.summary = before;
                    self.leave_to_the_winner(&mut round).await?;
                    rounds.push(round);
                    continue;
                }
                Some(Outcome::Committed) => self.summary.counts.committed += self.summary.counts.read - before.counts.read,
                None => {}
            }
            self.gaps.clear();
            self.tell(source.name());
        }
        Ok(())
    }

    /// Commits a batch together with the gaps that were found; `None` where nothing is to be written.
    async fn land(&mut self, batch: Option<Batch>) -> Result<Option<Outcome>, LakeError> {
        let (Goal::Lake(lake), Some(mut batch)) = (&mut self.goal, batch) else { return Ok(None) };
        self.gaps.values().cloned().for_each(|gap| batch.gap(gap));
        lake.commit(batch).await.map(Some)
    }

    /// Leaves objects that broke off while they were read to another run.
    fn give_up(&mut self, round: &mut Round, broken: Vec<Broken>) {
        for Broken { index, kind, detail } in broken.into_iter().rev() {
            let object = round.objects.remove(index).object;
            self.pass(object.size);
            self.miss(&object.source, &object.key, kind, detail);
        }
    }

    async fn leave_to_the_winner(&mut self, round: &mut Round) -> Result<(), LakeError> {
        let (known, left) = (self.goal.known(), std::mem::take(&mut round.objects));
        let mut theirs = known_of(known, &left).await?.into_iter();
        self.gaps.retain(|_, gap| !known.is_open(gap));
        for listed in left {
            match theirs.next() {
                Some(true) => self.pass(listed.object.size),
                _ => round.objects.push(listed),
            }
        }
        Ok(())
    }

    /// Bytes that are no longer ahead, read or not.
    fn pass(&mut self, size: u64) {
        self.summary.counts.bytes_ahead = self.summary.counts.bytes_ahead.saturating_sub(size);
    }

    /// Something could be named and not be read.
    fn miss(&mut self, source: &str, place: &str, kind: ErrorKind, detail: String) {
        let (source, place) = (source.to_owned(), place.to_owned());
        // What has changed is a gap too, so that the next run lists it however long ago it was.
        let detail = if kind == ErrorKind::Conflict { format!("{detail}; the next run reads it") } else { detail };
        let gap = GapRow { source: source.clone(), place: place.clone(), cause: kind.as_str().to_owned(), detail: detail.clone() };
        if !self.goal.known().is_open(&gap) {
            self.gaps.insert(gap.id(), gap);
        }
        self.summary.miss(Unread { source, place, cause: kind.as_str(), detail });
    }

    /// Notes the gaps of a source that this run has found closed. A closing note too many, or too early, is put right by the next run: of
    /// what is still missing it says so again.
    async fn close_gaps(&mut self, sight: &Sight) -> Result<(), LakeError> {
        let Goal::Lake(lake) = &mut self.goal else { return Ok(()) };
        let closed = sight.closed(lake.known()).await?;
        if closed.is_empty() {
            return Ok(());
        }
        let mut batch = lake.stage();
        closed.into_iter().for_each(|gap| batch.close(gap));
        // A batch without objects conflicts with nobody: where another run was faster, what it has noted already is left out.
        lake.commit(batch).await.map(drop)
    }
}

/// Whether each of these is known.
async fn known_of(known: &Known, listed: impl IntoIterator<Item = &Listed>) -> Result<Vec<bool>, LakeError> {
    let objects = listed.into_iter().map(|listed| &listed.object);
    let asked: Vec<Asked<'_>> = objects.map(|object| Asked { source: &object.source, object: &object.key, object_version: &object.object_version }).collect();
    known.holds_each(&asked).await
}

/// Sources that are asked ahead side by side.
const SOURCES_AT_ONCE: usize = 8;

/// Objects of a listing that are looked up at once, where so many are there without waiting.
const LISTED_AT_ONCE: usize = 4_096;

/// Gaps that are held before they are committed, where a listing finds no objects between them.
const GAPS_HELD: usize = 4_096;

#[cfg(test)]
mod tests;
