//! Reading a round: its objects are opened some at a time, decoded side by side, and staged as they come.

use std::sync::Arc;

use futures::stream::{self, Stream, StreamExt};
use sessions::decode::{Fact, Object};
use tokio::sync::{Semaphore, mpsc};

use super::Run;
use super::outlet::{Desks, End, Events, Portion, pour};
use super::round::{Broken, Round};
use crate::lake::{Batch, LakeError};
use crate::source::{ErrorKind, Listed, Opened, Source, SourceError};

/// Portions of facts between decoding and staging.
const PORTIONS_AHEAD: usize = 16;

impl Run<'_> {
    /// Decodes the objects of a round into a batch, or where there is none only counts what is in them. Gives those that broke off, in the
    /// order of the round: where there are any, the batch holds halves of objects.
    pub(super) async fn decode(&mut self, source: &Arc<dyn Source>, round: &Round, mut batch: Option<&mut Batch>) -> Result<Vec<Broken>, LakeError> {
        let workers = Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
        let desks = Arc::new(Desks::default());
        let (sender, portions) = mpsc::channel::<Portion>(PORTIONS_AHEAD);
        let reading = async {
            let sender = sender;
            let mut opened = opened(source, round);
            while let Some((index, object, opened)) = opened.next().await {
                let Ok(permit) = Arc::clone(&workers).acquire_owned().await else { break };
                let (sender, desks) = (sender.clone(), Arc::clone(&desks));
                tokio::task::spawn_blocking(move || {
                    let _permit = permit;
                    pour(index, &object, opened, &desks, sender);
                });
            }
            Ok::<(), LakeError>(())
        };
        let staging = async {
            // The receiver goes with the staging: where that fails, nobody may wait for it any more.
            let mut portions = portions;
            let mut has_ended = vec![false; round.objects.len()];
            let mut broken = Vec::new();
            while let Some(portion) = portions.recv().await {
                if let (Some(listed), Some(has_ended)) = (round.objects.get(portion.index), has_ended.get_mut(portion.index)) {
                    *has_ended |= portion.end.is_some();
                    broken.extend(self.stage(portion, listed, batch.as_deref_mut()).await?);
                }
            }
            // A worker that stopped midway, by a fault of this program, has sent no end: what it has sent is not the whole of its object.
            let unended = has_ended.iter().enumerate().filter(|(_, has_ended)| !**has_ended);
            let detail = "decoding it was stopped by a fault of this program";
            broken.extend(unended.map(|(index, _)| Broken { index, kind: ErrorKind::Bug, detail: detail.to_owned() }));
            broken.sort_by_key(|broken| broken.index);
            Ok(broken)
        };
        let ((), broken) = futures::try_join!(reading, staging)?;
        Ok(broken)
    }

    async fn stage(&mut self, portion: Portion, listed: &Listed, mut batch: Option<&mut Batch>) -> Result<Option<Broken>, LakeError> {
        let object = &listed.object;
        self.summary.counts.facts += portion.others.len() as u64;
        match portion.events {
            Events::Few(events) => {
                self.summary.counts.facts += events.len() as u64;
                for event in events {
                    if let Some(batch) = &mut batch {
                        batch.event(event).await?;
                    }
                }
            }
            Events::Many(rows) => {
                let rows = rows?;
                self.summary.counts.facts += rows.num_rows() as u64;
                if let Some(batch) = &mut batch {
                    batch.events(rows).await?;
                }
            }
        }
        for fact in portion.others {
            if let Some(batch) = &mut batch {
                stage_fact(batch, fact).await?;
            }
        }
        for reject in portion.rejects {
            self.summary.refuse(&reject);
            if let Some(batch) = &mut batch {
                batch.reject(reject, &object.object_version).await?;
            }
        }
        let Some(end) = portion.end else { return Ok(None) };
        match end {
            // What is still ahead goes down where it is given up.
            End::Broken(broken) => return Ok(Some(broken)),
            End::Explained(explained, tally, custody) => {
                self.summary.counts.read += 1;
                self.summary.counts.bytes += explained.bytes;
                if let Some(at) = tally.latest(&explained) {
                    self.summary.reach(&object.source, at);
                }
                if let Some(batch) = batch {
                    batch.object(tally.row(listed, custody, &explained));
                }
                if self.summary.counts.read.is_multiple_of(256) {
                    self.tell(&object.source);
                }
            }
            // It was listed and is gone: nothing is there that could be missing.
            End::Unopened(error) if error.kind == ErrorKind::NotFound => self.summary.counts.gone += 1,
            End::Unopened(error) => self.miss(&object.source, &object.key, error.kind, error.told()),
        }
        self.pass(object.size);
        Ok(None)
    }
}

/// The objects of a round as they open, as many side by side as the source allows. Each is opened by a task of its own, so that it goes on
/// while the others wait to be decoded.
fn opened(source: &Arc<dyn Source>, round: &Round) -> impl Stream<Item = (usize, Object, Result<Opened, SourceError>)> + Unpin + use<> {
    let (source, objects) = (Arc::clone(source), round.objects.clone());
    let at_once = source.opens_at_once().max(1);
    let opens = stream::iter(objects.into_iter().enumerate()).map(move |(index, listed)| {
        let source = Arc::clone(&source);
        tokio::spawn(async move {
            let opened = source.open(&listed).await;
            (index, listed.object, opened)
        })
    });
    // A task that stopped, by a fault of this program, is told as one that did not end.
    Box::pin(opens.buffer_unordered(at_once).filter_map(async |opened| opened.ok()))
}

async fn stage_fact(batch: &mut Batch, fact: Fact) -> Result<(), LakeError> {
    match fact {
        Fact::Event(event) => batch.event(*event).await,
        Fact::Observation(observation) => batch.observation(observation).await,
        Fact::Instance(instance) => batch.instance(instance).await,
        Fact::Preference(preference) => batch.preference(*preference).await,
    }
}
