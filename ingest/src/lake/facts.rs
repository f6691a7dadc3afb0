//! `session_facts`, kept equal to what `reconstruct` says of `events`.
//!
//! ```text
//!   log of events since the last time ─▶ sessions touched ─▶ all their events ─▶ reconstruct ─▶ their rows are replaced
//! ```
//!
//! The work goes through the buckets in order, some at once, so that memory does not grow with the lake. The table says itself which
//! version of `events` it reflects, and which batch, by application transactions of the very commit that made it so.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow::array::RecordBatch;
use deltalake::kernel::{Action, Add};
use deltalake::protocol::{DeltaOperation, SaveMode};
use schemas::table::{EVENTS, SESSION_FACTS};
use schemas::{Event, Timestamp};
use sessions::reconstruct::{Facts, reconstruct};
use sessions::rows::{Read, events_from, facts_batch};

use super::commit::BATCH;
use super::error::LakeError;
use super::file::StoredFile;
use super::order::Sorted;
use super::range::{Slice, slices};
use super::read::{Sessions, Wanted, gather};
use super::shelf::{Change, Landing};
use super::tuning::Tuning;
use super::write::FileWriter;
use super::{ATTEMPTS, Lake};

/// The application transaction of `session_facts`: the version of `events` that it reflects.
const EVENTS_VERSION: &str = "sessiontrail.events";
/// The application transaction of `session_facts` by which readers tell what they may judge by: the number of the last batch of `objects`
/// that every table holds and the facts reflect. The first decision record says who relies on it.
pub(super) const REFLECTED: &str = "sessiontrail.reflected";
/// Events that are values at once while sessions are reconstructed; a longer session is held whole.
const VALUES: usize = 8_192;

/// Whose facts are worked out.
enum Scope {
    /// Those of every session.
    Everyone,
    /// Those of the sessions that these files of events name.
    Touched(Vec<StoredFile>),
}

impl Lake {
    /// Brings `session_facts` up to date with `events`. Gives the number of sessions whose facts were worked out.
    ///
    /// # Errors
    /// Where the lake could not be read or written.
    pub async fn refresh(&mut self) -> Result<u64, LakeError> {
        for _ in 0..ATTEMPTS {
            let batch = self.look().await?;
            let version = i64::try_from(self.events.version()).unwrap_or(i64::MAX);
            let scope = match self.facts.mark(EVENTS_VERSION).await? {
                Some(reflected) if reflected >= version => {
                    if self.facts.mark(REFLECTED).await?.unwrap_or(0) >= batch {
                        return Ok(0);
                    }
                    // No new events; the facts reflect what the batches brought all the same, and must say so.
                    Scope::Touched(Vec::new())
                }
                Some(reflected) => self.touched_since(reflected.unsigned_abs()).await?,
                None => Scope::Everyone,
            };
            let reflected = match self.reflect(&scope, batch).await {
                // A vacuum has removed files that the log still names; the events themselves stand in merged files.
                Err(error) if matches!(scope, Scope::Touched(_)) && error.is_missing_file() => self.reflect(&Scope::Everyone, batch).await?,
                other => other?,
            };
            if let Some(sessions) = reflected {
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
            let batch = self.look().await?;
            if let Some(sessions) = self.reflect(&Scope::Everyone, batch).await? {
                return Ok(sessions);
            }
        }
        Err(LakeError::Contended { table: SESSION_FACTS.name })
    }

    /// Looks at what is there, and gives the number of the last batch, which every table holds by then. The facts are looked at first: so
    /// whatever they reflect is seen in the other tables, and neither of their marks ever goes back.
    async fn look(&mut self) -> Result<i64, LakeError> {
        self.facts.refresh().await?;
        self.catch_up().await?;
        self.events.refresh().await?;
        Ok(self.objects.mark(BATCH).await?.unwrap_or(0))
    }

    /// The files that were added to `events` after a version; merged files say nothing new. Everyone, where the log is incomplete.
    async fn touched_since(&self, reflected: u64) -> Result<Scope, LakeError> {
        let mut files = Vec::new();
        for version in reflected + 1..=self.events.version() {
            let Some(actions) = self.events.entry(version).await? else { return Ok(Scope::Everyone) };
            files.extend(actions.iter().filter_map(|action| match action {
                Action::Add(add) if add.data_change => Some(StoredFile::added(add)),
                _ => None,
            }));
        }
        Ok(Scope::Touched(files))
    }

    /// Replaces the rows of the scope. `None` where somebody else has changed `session_facts` meanwhile.
    async fn reflect(&mut self, scope: &Scope, batch: i64) -> Result<Option<u64>, LakeError> {
        let version = i64::try_from(self.events.version()).unwrap_or(i64::MAX);
        let events = self.events.files();
        let touched = match scope {
            Scope::Everyone => [true; 256],
            Scope::Touched(files) => self.buckets_of(files).await?,
        };
        let is_touched =
            |buckets: &RangeInclusive<i64>| buckets.clone().any(|bucket| usize::try_from(bucket).is_ok_and(|bucket| touched.get(bucket) == Some(&true)));
        let old: Vec<StoredFile> = self.facts.files().into_iter().filter(|file| is_touched(&file.buckets)).collect();

        let mut sessions = 0;
        let mut output = Output::new(&self.facts.store, self.tuning);
        for slice in slices(&events, self.tuning.range_rows) {
            if !is_touched(&slice.buckets) && !old.iter().any(|file| file.overlaps(&slice.buckets)) {
                continue;
            }
            let whose = match scope {
                Scope::Everyone => Sessions::Named,
                Scope::Touched(files) => Sessions::Only(Arc::new(self.session_ids_of(files, &slice).await?)),
            };
            let mut rows = Vec::new();
            if !matches!(&whose, Sessions::Only(ids) if ids.is_empty()) {
                let wanted = Wanted { columns: None, slice: Some(slice.clone()), sessions: whose.clone() };
                let found = gather(&self.events, &events, &wanted).await?;
                let (facts, named) = tokio::task::spawn_blocking(move || facts_of(found)).await??;
                sessions += named;
                rows.extend(facts);
            }
            if let Sessions::Only(ids) = whose {
                let wanted = Wanted { columns: None, slice: Some(slice), sessions: Sessions::Except(ids) };
                rows.extend(gather(&self.facts, &old, &wanted).await?);
            }
            output.write(rows).await?;
        }
        let adds = output.finish().await?;

        if adds.is_empty() && old.is_empty() && events.is_empty() && batch == 0 {
            return Ok(Some(0));
        }
        let removes = old.iter().filter_map(|file| file.remove(true));
        let mut change = Change::append(removes.chain(adds.into_iter().map(Action::Add)).collect()).mark(EVENTS_VERSION, version).mark(REFLECTED, batch);
        change.operation = DeltaOperation::Write { mode: SaveMode::Overwrite, partition_by: None, predicate: None };
        match self.facts.commit(change).await? {
            Landing::Landed => Ok(Some(sessions)),
            Landing::Overtaken => Ok(None),
        }
    }

    async fn buckets_of(&self, files: &[StoredFile]) -> Result<[bool; 256], LakeError> {
        let mut touched = [false; 256];
        for file in files {
            let wanted = Wanted { columns: Some(&["bucket"]), slice: Some(Slice::ALL), sessions: Sessions::Named };
            for batch in gather(&self.events, std::slice::from_ref(file), &wanted).await? {
                let buckets = Read::new(&EVENTS, &batch).integers("bucket")?;
                for row in 0..batch.num_rows() {
                    if let Some(bucket) = usize::try_from(buckets.required(row)?).ok().and_then(|bucket| touched.get_mut(bucket)) {
                        *bucket = true;
                    }
                }
            }
        }
        Ok(touched)
    }

    async fn session_ids_of(&self, files: &[StoredFile], slice: &Slice) -> Result<HashSet<String>, LakeError> {
        let mut ids = HashSet::new();
        let wanted = Wanted { columns: Some(&["session_id"]), slice: Some(slice.clone()), sessions: Sessions::Named };
        for batch in gather(&self.events, files, &wanted).await? {
            let session_ids = Read::new(&EVENTS, &batch).texts("session_id")?;
            for row in 0..batch.num_rows() {
                if let Some(id) = session_ids.get(row)
                    && !ids.contains(id)
                {
                    ids.insert(id.to_owned());
                }
            }
        }
        Ok(ids)
    }
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

/// The new files of `session_facts`, written in the order of the buckets.
struct Output<'o> {
    store: &'o Arc<dyn object_store::ObjectStore>,
    tuning: Tuning,
    file: Option<FileWriter>,
    adds: Vec<Add>,
}

impl<'o> Output<'o> {
    fn new(store: &'o Arc<dyn object_store::ObjectStore>, tuning: Tuning) -> Self {
        Self { store, tuning, file: None, adds: Vec::new() }
    }

    /// Writes the rows of the next buckets.
    async fn write(&mut self, rows: Vec<RecordBatch>) -> Result<(), LakeError> {
        if rows.is_empty() {
            return Ok(());
        }
        let sorted = Sorted::new(&SESSION_FACTS, rows)?;
        for chunk in sorted.chunks() {
            let mut file = match self.file.take() {
                Some(file) => file,
                None => FileWriter::new(&SESSION_FACTS, self.store, &self.tuning)?,
            };
            file.write(&chunk?).await?;
            if file.size() >= self.tuning.facts_bytes {
                self.adds.push(file.finish().await?);
            } else {
                self.file = Some(file);
            }
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<Vec<Add>, LakeError> {
        if let Some(file) = self.file.take() {
            self.adds.push(file.finish().await?);
        }
        Ok(self.adds)
    }
}
