//! `session_facts`, kept equal to what `reconstruct` says of `events`.
//!
//! ```text
//!   log of events since the last time ─▶ sessions touched ─▶ all their events ─▶ reconstruct ─▶ their rows are replaced
//! ```
//!
//! The table says itself which version of `events` it reflects, and which batch, by application transactions of the very commit that made
//! it so. What is new is taken on in steps, and everything, where it must be, bucket by bucket: so memory does not grow with the lake.

use arrow::array::RecordBatch;
use deltalake::kernel::{Action, Add};
use deltalake::protocol::{DeltaOperation, SaveMode};
use schemas::table::{EVENTS, SESSION_FACTS};
use schemas::{Event, Timestamp};
use sessions::reconstruct::{Facts, reconstruct};
use sessions::rows::{events_from, facts_batch};

use super::commit::BATCH;
use super::error::LakeError;
use super::file::StoredFile;
use super::order::Sorted;
use super::output::Output;
use super::range::slices;
use super::read::{Sessions, Wanted, gather};
use super::shelf::{Change, Landing};
use super::{ATTEMPTS, Lake};

/// The application transaction of `session_facts`: the version of `events` that it reflects.
const EVENTS_VERSION: &str = "sessiontrail.events";
/// The application transaction of `session_facts` by which readers tell what they may judge by: the number of the last batch of `objects`
/// that every table holds and the facts reflect. The first decision record says who relies on it.
pub(super) const REFLECTED: &str = "sessiontrail.reflected";
/// Events that are values at once while sessions are reconstructed; a longer session is held whole.
const VALUES: usize = 8_192;

/// What the facts reflect once a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reflects {
    /// The version of `events`.
    pub(super) version: u64,
    /// The batch.
    pub(super) batch: i64,
}

/// What a step puts in the place of what.
pub(super) struct Replaced {
    pub(super) sessions: u64,
    pub(super) removes: Vec<Action>,
    pub(super) adds: Vec<Add>,
}

/// Some of what is new in `events`.
struct Step {
    /// The files that were added.
    files: Vec<StoredFile>,
    reflects: Reflects,
}

impl Lake {
    /// Brings `session_facts` up to date with `events`. Gives the number of sessions whose facts were worked out.
    ///
    /// # Errors
    /// Where the lake could not be read or written.
    pub async fn refresh(&mut self) -> Result<u64, LakeError> {
        let (mut sessions, mut overtaken) = (0, 0);
        while overtaken < ATTEMPTS {
            let all = self.look().await?;
            let step = match self.facts.mark(EVENTS_VERSION).await? {
                Some(reflected) if reflected.unsigned_abs() >= all.version => {
                    if self.facts.mark(REFLECTED).await?.unwrap_or(0) >= all.batch {
                        return Ok(sessions);
                    }
                    // No new events; the facts reflect what the batches brought all the same, and must say so.
                    Some(Step { files: Vec::new(), reflects: all })
                }
                Some(reflected) => self.step_after(reflected.unsigned_abs(), all).await?,
                None => None,
            };
            let (replaced, reflects) = match step {
                None => (self.everyone().await?, all),
                Some(step) => match self.touched(&step.files).await {
                    // A vacuum has removed files that the log still names; the events themselves stand in merged files.
                    Err(error) if error.is_missing_file() => (self.everyone().await?, all),
                    replaced => (replaced?, step.reflects),
                },
            };
            match self.reflect(replaced, reflects).await? {
                Some(worked_out) => sessions += worked_out,
                None => {
                    overtaken += 1;
                    continue;
                }
            }
            if reflects == all {
                return Ok(sessions);
            }
        }
        Err(LakeError::Contended { table: SESSION_FACTS.name })
    }

    /// Works the facts of every session out again, whatever `session_facts` holds. Gives the number of sessions.
    ///
    /// # Errors
    /// Where the lake could not be read or written.
    pub async fn rebuild(&mut self) -> Result<u64, LakeError> {
        for _ in 0..ATTEMPTS {
            let all = self.look().await?;
            let replaced = self.everyone().await?;
            if let Some(sessions) = self.reflect(replaced, all).await? {
                return Ok(sessions);
            }
        }
        Err(LakeError::Contended { table: SESSION_FACTS.name })
    }

    /// Looks at what is there: the version of `events`, and the number of the last batch, which every table holds by then. The facts are
    /// looked at first: so whatever they reflect is seen in the other tables, and neither of their marks ever goes back.
    async fn look(&mut self) -> Result<Reflects, LakeError> {
        self.facts.refresh().await?;
        self.catch_up().await?;
        self.events.refresh().await?;
        Ok(Reflects { version: self.events.version(), batch: self.objects.mark(BATCH).await?.unwrap_or(0) })
    }

    /// What was added to `events` after a version, as much as one step takes on; merged files say nothing new. `None`, for everything,
    /// where the log is incomplete.
    async fn step_after(&self, reflected: u64, all: Reflects) -> Result<Option<Step>, LakeError> {
        let mut step = Step { files: Vec::new(), reflects: all };
        for version in reflected + 1..=all.version {
            let Some(actions) = self.events.entry(version).await? else { return Ok(None) };
            let mut batch = None;
            for action in actions {
                match action {
                    Action::Add(add) if add.data_change => step.files.push(StoredFile::added(&add)),
                    Action::Txn(mark) if mark.app_id == BATCH => batch = Some(mark.version),
                    _ => {}
                }
            }
            let rows: u64 = step.files.iter().map(StoredFile::rows_or_guess).sum();
            if let Some(batch) = batch
                && rows >= self.tuning.step_rows
                && version < all.version
            {
                step.reflects = Reflects { version, batch };
                break;
            }
        }
        Ok(Some(step))
    }

    /// The facts of every session, in the place of all that were there.
    async fn everyone(&self) -> Result<Replaced, LakeError> {
        let events = self.events.files();
        let mut sessions = 0;
        let mut output = Output::new(&self.facts.folder, self.tuning, self.tuning.facts_bytes);
        for slice in slices(&events, self.tuning.range_rows) {
            let wanted = Wanted { columns: None, slice: Some(slice), sessions: Sessions::Named };
            let found = gather(&self.events.folder, &events, &wanted).await?;
            sessions += write_facts(found, &mut output).await?;
        }
        let removes = self.facts.files().iter().filter_map(|file| file.remove(true)).collect();
        Ok(Replaced { sessions, removes, adds: output.finish().await? })
    }

    /// Commits what a step has worked out, with the marks that say so. Gives the number of sessions; `None` where somebody else has changed
    /// `session_facts` meanwhile.
    async fn reflect(&mut self, replaced: Replaced, reflects: Reflects) -> Result<Option<u64>, LakeError> {
        let Replaced { sessions, removes, adds } = replaced;
        if adds.is_empty() && removes.is_empty() && self.events.files().is_empty() && reflects.batch == 0 {
            return Ok(Some(0));
        }
        let version = i64::try_from(reflects.version).unwrap_or(i64::MAX);
        let actions = removes.into_iter().chain(adds.into_iter().map(Action::Add)).collect();
        let mut change = Change::append(actions).mark(EVENTS_VERSION, version).mark(REFLECTED, reflects.batch);
        change.operation = DeltaOperation::Write { mode: SaveMode::Overwrite, partition_by: None, predicate: None };
        match self.facts.commit(change).await? {
            Landing::Landed => Ok(Some(sessions)),
            Landing::Overtaken => Ok(None),
        }
    }
}

/// Writes the facts of all sessions that `found` names, and gives the number of these sessions.
pub(super) async fn write_facts(found: Vec<RecordBatch>, output: &mut Output<'_>) -> Result<u64, LakeError> {
    let (facts, sessions) = tokio::task::spawn_blocking(move || facts_of(found)).await??;
    if !facts.is_empty() {
        for chunk in Sorted::new(&SESSION_FACTS, facts)?.chunks() {
            output.write(&chunk?).await?;
        }
    }
    Ok(sessions)
}

/// The facts of all sessions that `found` names, as rows, and the number of these sessions. `found` holds whole sessions.
fn facts_of(found: Vec<RecordBatch>) -> Result<(Vec<RecordBatch>, u64), LakeError> {
    if found.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let sorted = Sorted::new(&EVENTS, found)?;
    let (mut rows, mut sessions, mut facts) = (Vec::new(), 0, Vec::<Facts>::new());
    for portion in sorted.portions("session_id", VALUES)? {
        let mut events = events_from(&sorted.chunk(portion)?)?.into_iter().peekable();
        while let Some(first) = events.next() {
            let session_id = first.session_id.clone();
            let mut session = vec![first];
            while let Some(next) = events.next_if(|next| next.session_id == session_id) {
                session.push(next);
            }
            sessions += 1;
            facts.extend(facts_of_session(session));
        }
        if facts.len() >= VALUES {
            rows.push(facts_batch(&std::mem::take(&mut facts))?);
        }
    }
    if !facts.is_empty() {
        rows.push(facts_batch(&facts)?);
    }
    Ok((rows, sessions))
}

/// The facts are stored without an `as_of`: it belongs to whoever asks.
fn facts_of_session(events: Vec<Event>) -> Vec<Facts> {
    const NO_AS_OF: Option<Timestamp> = None;
    reconstruct(events, NO_AS_OF)
}
