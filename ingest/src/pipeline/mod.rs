//! The only place that names every room of the write side: sources → decode → lake → facts.
//!
//! ```text
//!   objects() ─▶ what is not known yet ─▶ a round ─▶ decode (CPU, side by side) ─▶ stage ─▶ commit ─▶ … ─▶ refresh
//! ```
//!
//! A *round* is a bounded set of objects that are committed together. What is in flight is bounded by the size of a round, by the channel
//! between decoding and staging, and by the batch, which spills to the lake's own store as it grows.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt;
use schemas::{Reject, Timestamp};
use sessions::decode::{Explained, Fact, Sink, decode};
use tokio::sync::{Semaphore, mpsc};

use crate::lake::{Batch, GapRow, Lake, LakeError, ObjectRow, Outcome, Status};
use crate::source::{ErrorKind, Listed, Source, SourceError};
use crate::summary::{Progress, Summary, Unread};

/// What a run reads.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only objects that were modified at or after this.
    pub from: Option<Timestamp>,
    /// Only objects that were modified before this.
    pub to: Option<Timestamp>,
    /// List and decode, and commit nothing.
    pub dry_run: bool,
}

/// Pulls what is new from every source into the lake, and refreshes the facts of the sessions touched.
///
/// Safe to repeat, to interrupt, and to run twice at once: see the first decision record.
///
/// # Errors
/// Where the lake cannot be read or written. A source that cannot be read is no error: it is in the summary.
pub async fn run(lake: &mut Lake, sources: &[Arc<dyn Source>], options: &Options, progress: &dyn Progress) -> Result<Summary, LakeError> {
    let mut run = Run { lake, summary: Summary::default(), options, progress, gaps: BTreeSet::new() };
    for source in sources {
        run.read(source).await?;
    }
    if !options.dry_run {
        run.tell("refreshing sessions");
        run.summary.counts.refreshed = run.lake.refresh().await?;
    }
    run.summary.unread.sort();
    run.tell("done");
    Ok(run.summary)
}

/// Objects of one round: enough to make a large file of, few enough to be lost to a crash.
const ROUND_OBJECTS: usize = 4_096;
/// Bytes of one round, as stored.
const ROUND_BYTES: u64 = 64 << 20;
/// Portions of facts between decoding and staging.
const PORTIONS_AHEAD: usize = 16;
/// Facts in a portion.
const PORTION: usize = 1_024;

struct Run<'r> {
    lake: &'r mut Lake,
    summary: Summary,
    options: &'r Options,
    progress: &'r dyn Progress,
    /// What could not be read and is not in the lake yet.
    gaps: BTreeSet<GapRow>,
}

impl Run<'_> {
    fn tell(&self, doing: &str) {
        self.progress.update(doing, &self.summary.counts);
    }

    async fn read(&mut self, source: &Arc<dyn Source>) -> Result<(), LakeError> {
        let mut round = Round::default();
        let mut held = false;
        let mut items = source.objects();
        while let Some(item) = items.next().await {
            match item {
                Ok(listed) => {
                    held = true;
                    self.summary.counts.discovered += 1;
                    if self.is_wanted(&listed) {
                        self.summary.counts.bytes_ahead += listed.object.size;
                        round.push(listed);
                    }
                }
                Err(error) => {
                    // It is there, or it is missing, which has just been said: either way it is not silently empty.
                    held = true;
                    self.miss(&error);
                }
            }
            if round.is_full() {
                self.commit(source, std::mem::take(&mut round)).await?;
            }
            if self.summary.counts.discovered.is_multiple_of(1_000) {
                self.tell(source.name());
            }
        }
        drop(items);
        if !held && !self.lake.known().holds_source(source.name()) {
            // No gap to keep: the day it holds something, nothing is missing any more.
            self.summary.unread.push(Unread {
                source: source.name().to_owned(),
                place: String::new(),
                cause: "empty",
                detail: "the source has never held anything".to_owned(),
            });
        }
        self.commit(source, round).await
    }

    fn is_wanted(&mut self, listed: &Listed) -> bool {
        let object = &listed.object;
        let within = object.last_modified.is_none_or(|at| self.options.from.is_none_or(|from| at >= from) && self.options.to.is_none_or(|to| at < to));
        let known = self.lake.known().holds(&object.source, &object.key, &object.object_version);
        self.summary.counts.known += u64::from(known);
        within && !known
    }

    /// Reads a round and commits it. Where another run was faster with some of its objects, or one of them broke off while it was read,
    /// the rest is tried again: nothing of an object is committed but the whole of it.
    async fn commit(&mut self, source: &Arc<dyn Source>, mut round: Round) -> Result<(), LakeError> {
        while !round.objects.is_empty() || !self.gaps.is_empty() {
            let mut batch = self.lake.stage();
            let before = self.summary.clone();
            let broken = self.decode(source, &round, &mut batch).await?;
            if !broken.is_empty() {
                self.summary = before;
                self.give_up(&mut round, broken);
                continue;
            }
            if self.options.dry_run {
                self.gaps.clear();
                return Ok(());
            }
            self.gaps.iter().cloned().for_each(|gap| batch.gap(gap));
            match self.lake.commit(batch).await? {
                Outcome::Committed => {
                    self.summary.counts.committed += round.objects.len() as u64;
                    self.gaps.clear();
                    self.tell(source.name());
                    return Ok(());
                }
                Outcome::Conflicted => {
                    self.summary = before;
                    let known = self.lake.known();
                    round.objects.retain(|listed| !known.holds(&listed.object.source, &listed.object.key, &listed.object.object_version));
                    self.gaps.retain(|gap| !known.holds_gap(&gap.source, &gap.place));
                }
            }
        }
        Ok(())
    }

    /// Leaves objects that broke off while they were read to another run.
    fn give_up(&mut self, round: &mut Round, broken: Vec<Broken>) {
        for Broken { index, is_denied } in broken.into_iter().rev() {
            let Listed { object, .. } = round.objects.remove(index);
            let (cause, detail) = if is_denied { ("denied", "it could be listed, and not be read") } else { ("unreadable", "reading it broke off") };
            self.unread(Unread { source: object.source, place: object.key, cause, detail: detail.to_owned() });
        }
    }

    async fn decode(&mut self, source: &Arc<dyn Source>, round: &Round, batch: &mut Batch) -> Result<Vec<Broken>, LakeError> {
        let workers = Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
        let (sender, mut portions) = mpsc::channel::<Portion>(PORTIONS_AHEAD);
        let reading = async {
            for (index, listed) in round.objects.iter().enumerate() {
                let Ok(permit) = Arc::clone(&workers).acquire_owned().await else { break };
                let body = source.open(&listed.object).await;
                let (sender, object) = (sender.clone(), listed.object.clone());
                tokio::task::spawn_blocking(move || {
                    let _permit = permit;
                    let mut outlet = Outlet { index, sender, facts: Vec::new(), rejects: Vec::new() };
                    let end = match body {
                        Ok(mut body) => Ok(decode(&object, &mut body, &mut outlet)),
                        Err(error) => Err(error),
                    };
                    outlet.send(Some(end));
                });
            }
            drop(sender);
        };
        let staging = async {
            let mut tallies: Vec<Tally> = round.objects.iter().map(|_| Tally::default()).collect();
            let mut broken = Vec::new();
            while let Some(portion) = portions.recv().await {
                broken.extend(self.stage(portion, round, &mut tallies, batch).await?);
            }
            broken.sort();
            Ok(broken)
        };
        let ((), staged) = futures::join!(reading, staging);
        staged
    }

    async fn stage(&mut self, portion: Portion, round: &Round, tallies: &mut [Tally], batch: &mut Batch) -> Result<Option<Broken>, LakeError> {
        let (Some(listed), Some(tally)) = (round.objects.get(portion.index), tallies.get_mut(portion.index)) else { return Ok(None) };
        let object = &listed.object;
        self.summary.counts.facts += portion.facts.len() as u64;
        *self.summary.facts_by_source.entry(object.source.clone()).or_default() += portion.facts.len() as u64;
        for fact in portion.facts {
            tally.note(&fact);
            match fact {
                Fact::Event(event) => batch.event(*event).await?,
                Fact::Observation(observation) => batch.observation(observation).await?,
                Fact::Instance(instance) => batch.instance(instance).await?,
                Fact::Preference(preference) => batch.preference(*preference).await?,
            }
        }
        for reject in portion.rejects {
            tally.rejects += 1;
            self.summary.refuse(&reject);
            batch.reject(reject, &object.object_version).await?;
        }
        match portion.end {
            None => {}
            Some(Ok(explained)) if explained.unreadable.is_some() => return Ok(Some(Broken { index: portion.index, is_denied: explained.is_denied() })),
            Some(Ok(explained)) => {
                self.summary.counts.read += 1;
                self.summary.counts.bytes += explained.bytes;
                self.summary.counts.bytes_ahead = self.summary.counts.bytes_ahead.saturating_sub(object.size);
                batch.object(tally.row(listed, &explained));
                if self.summary.counts.read.is_multiple_of(256) {
                    self.tell(&object.source);
                }
            }
            // It was listed, and is gone or another one by now: the next run sees what is there then.
            Some(Err(error)) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Conflict) => {}
            Some(Err(error)) => self.miss(&error),
        }
        Ok(None)
    }

    fn miss(&mut self, error: &SourceError) {
        self.unread(Unread { source: error.source_name.clone(), place: error.place.clone(), cause: error.kind.as_str(), detail: error.detail.clone() });
    }

    fn unread(&mut self, unread: Unread) {
        if !self.lake.known().holds_gap(&unread.source, &unread.place) {
            let Unread { source, place, cause, detail } = unread.clone();
            self.gaps.insert(GapRow { source, place, cause: cause.to_owned(), detail });
        }
        if !self.summary.unread.contains(&unread) {
            self.summary.unread.push(unread);
        }
    }
}

/// An object that broke off while it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Broken {
    index: usize,
    is_denied: bool,
}

#[derive(Default)]
struct Round {
    objects: Vec<Listed>,
    bytes: u64,
}

impl Round {
    fn push(&mut self, listed: Listed) {
        self.bytes += listed.object.size;
        self.objects.push(listed);
    }

    fn is_full(&self) -> bool {
        self.objects.len() >= ROUND_OBJECTS || self.bytes >= ROUND_BYTES
    }
}

/// Some of what an object holds, on its way from decoding to staging; the last portion carries the end.
struct Portion {
    index: usize,
    facts: Vec<Fact>,
    rejects: Vec<Reject>,
    end: Option<Result<Explained, SourceError>>,
}

/// Takes what decoding finds, and sends it on in portions; waits while staging is behind.
struct Outlet {
    index: usize,
    sender: mpsc::Sender<Portion>,
    facts: Vec<Fact>,
    rejects: Vec<Reject>,
}

impl Outlet {
    fn send(&mut self, end: Option<Result<Explained, SourceError>>) {
        let portion = Portion { index: self.index, facts: std::mem::take(&mut self.facts), rejects: std::mem::take(&mut self.rejects), end };
        // Nobody receives any more only where staging has failed; that failure is what the run ends with.
        let _ = self.sender.blocking_send(portion);
    }

    fn send_full(&mut self) {
        if self.facts.len() + self.rejects.len() >= PORTION {
            self.send(None);
        }
    }
}

impl Sink for Outlet {
    fn fact(&mut self, fact: Fact) {
        self.facts.push(fact);
        self.send_full();
    }

    fn reject(&mut self, reject: Reject) {
        self.rejects.push(reject);
        self.send_full();
    }
}

/// What was found in one object so far.
#[derive(Default)]
struct Tally {
    events: i64,
    rejects: i64,
    others: i64,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl Tally {
    fn note(&mut self, fact: &Fact) {
        let Fact::Event(event) = fact else {
            self.others += 1;
            return;
        };
        self.events += 1;
        if let Some(at) = event.event_time {
            self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
            self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
        }
    }

    fn row(&self, listed: &Listed, explained: &Explained) -> ObjectRow {
        let nothing = self.events == 0 && self.others == 0 && self.rejects > 0;
        let Listed { object, custody } = listed.clone();
        ObjectRow {
            source: object.source,
            object: object.key,
            object_version: object.object_version,
            size: i64::try_from(object.size).unwrap_or(i64::MAX),
            last_modified: object.last_modified,
            sha256: explained.sha256.clone(),
            status: if nothing { Status::Rejected } else { Status::Read },
            events: self.events,
            rejects: self.rejects,
            oldest_event_at: self.oldest,
            newest_event_at: self.newest,
            vouched_at: explained.vouched_at,
            gzip_members: explained.gzip_members,
            custody,
        }
    }
}
