//! An account, asked: its sessions, instances, documents and the settings of what these name, in each region.
//!
//! What comes in are answers of five services; what goes out are objects, each an answer as the AWS CLI would have written it into a folder of
//! snapshots, under the key that it has there. This room refuses to know what the answers mean, and what time it is: it is handed a clock.
//!
//! ```text
//!   whose credentials? ─▶ each region: survey ─▶ Page … ─▶ Joined ─▶ Spool ─▶ Listed … open ─▶ Body
//!                                         └─ denied, unreachable: SourceError, and the rest still comes
//! ```
//!
//! A snapshot is of its moment: the account is asked when it is listed, and what is opened is what was answered then. Why the fleet is asked of EC2 itself, and
//! why answers are what they are: the tenth decision record.

mod failure;
mod page;
mod question;
mod region;
mod shape;
mod spool;
mod survey;
mod told;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use aws_config::SdkConfig;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use schemas::Timestamp;
use sessions::decode::{Object, SourceKind};

use super::{Body, Custody, ErrorKind, Listed, Opened, Origin, Resume, Source, SourceError};
use failure::Failure;
use region::Region;
use spool::{Answer, Spool};

/// Tells the moment at which a region is asked.
pub type Clock = fn() -> Timestamp;

/// One account, in one region or several.
pub struct Account {
    origin: Origin,
    clock: Clock,
    /// In the order of their names.
    regions: Vec<Region>,
    /// What was asked ahead of its listing.
    ahead: Mutex<Option<Vec<Item>>>,
    answers: Mutex<HashMap<String, (Object, Answer)>>,
}

type Item = Result<Listed, SourceError>;

impl Account {
    /// The account that the credentials are of, in each region. Nothing is asked yet. Where the origin names an account, it must be that one.
    #[must_use]
    pub fn new(origin: Origin, regions: impl IntoIterator<Item = (String, SdkConfig)>, clock: Clock) -> Self {
        Self::at_pace(origin, regions, clock, CALLS_PER_SECOND)
    }

    /// The same with another number of calls a second about documents in each region, for who knows what is granted.
    #[must_use]
    pub fn at_pace(origin: Origin, regions: impl IntoIterator<Item = (String, SdkConfig)>, clock: Clock, calls_per_second: f64) -> Self {
        let regions = regions.into_iter().map(|(name, config)| Region::new(&origin.name, name, &config, calls_per_second));
        let mut regions: Vec<Region> = regions.collect();
        regions.sort_by(|a, b| a.name.cmp(&b.name));
        regions.dedup_by(|a, b| a.name == b.name);
        Self { origin, clock, regions, ahead: Mutex::default(), answers: Mutex::default() }
    }

    /// Asks for everything there is.
    async fn ask(&self, resume: &Resume) -> Vec<Item> {
        // What was asked before is of another moment; its spool goes with its last reader.
        self.answers().clear();
        let account = match self.account().await {
            Ok(account) => account,
            Err(failure) => return vec![Err(self.error("", failure))],
        };
        if let Some(configured) = self.origin.account_id.as_deref().filter(|configured| *configured != account) {
            let detail = format!("the credentials are of account {account}, and the configuration says {configured}");
            return vec![Err(self.origin.error(ErrorKind::Corrupt, "", detail))];
        }
        let spool = Spool::default();
        let asks: Vec<_> = self.regions.iter().map(|region| self.ask_region(&account, region, &spool, resume).boxed()).collect();
        stream::iter(asks).buffered(REGIONS_AT_ONCE).concat().await
    }

    /// Whose the credentials are. It is asked in one region after the other, since one may be out of reach.
    async fn account(&self) -> Result<String, Failure> {
        let mut first = None;
        for region in &self.regions {
            match region.account().await {
                Ok(account) if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => return Ok(account),
                Ok(account) => first = first.or(Some(Failure::new(ErrorKind::Corrupt, format!("this is no account id: {account:?}")))),
                Err(failure) => first = first.or(Some(failure)),
            }
        }
        Err(first.unwrap_or_else(|| Failure::new(ErrorKind::Bug, "there is no region to ask in")))
    }

    async fn ask_region(&self, account: &str, region: &Region, spool: &Spool, resume: &Resume) -> Vec<Item> {
        let place = format!("{account}/{}/", region.name);
        let missing: Vec<&str> = resume.gaps.iter().filter_map(|gap| gap.strip_prefix(&place)).collect();
        let moment = seconds((self.clock)());
        let findings = survey::survey(region, spool, &missing).await;
        let folder = format!("{place}{}", compact(moment));
        let mut items = Vec::new();
        for (file, answer) in findings.answers {
            let object = Object {
                source: self.origin.name.clone(),
                kind: self.origin.kind,
                key: format!("{folder}/{file}"),
                object_version: answer.version.clone(),
                size: answer.size,
                last_modified: Some(moment),
                account_id: Some(account.to_owned()),
                region: Some(region.name.clone()),
            };
            self.answers().insert(object.key.clone(), (object.clone(), answer));
            items.push(Ok(Listed { object, custody: Custody::default() }));
        }
        items.extend(findings.failures.into_iter().map(|(within, failure)| Err(self.error(&format!("{place}{within}"), failure))));
        items
    }

    fn error(&self, place: &str, failure: Failure) -> SourceError {
        SourceError { source: failure.cause, ..self.origin.error(failure.kind, place, failure.detail) }
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<String, (Object, Answer)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ahead(&self) -> MutexGuard<'_, Option<Vec<Item>>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Source for Account {
    fn name(&self) -> &str {
        &self.origin.name
    }

    fn kind(&self) -> SourceKind {
        self.origin.kind
    }

    fn objects(&self, resume: Resume) -> BoxStream<'_, Item> {
        let items = async move {
            let ahead = self.ahead().take();
            match ahead {
                Some(items) => items,
                None => self.ask(&resume).await,
            }
        };
        stream::once(items).flat_map(stream::iter).boxed()
    }

    async fn ask_ahead(&self, resume: Resume) {
        let items = self.ask(&resume).await;
        *self.ahead() = Some(items);
    }

    fn opens_at_once(&self) -> usize {
        OPENS_AT_ONCE
    }

    async fn open(&self, listed: &Listed) -> Result<Opened, SourceError> {
        let key = &listed.object.key;
        let answer = self.answers().get(key).cloned();
        match answer {
            Some((object, answer)) if object == listed.object => Ok(Opened { body: Body::from_reader(answer.reader()), custody: listed.custody.clone() }),
            Some(_) => Err(self.origin.error(ErrorKind::Conflict, key, "changed since it was listed")),
            None => Err(self.origin.error(ErrorKind::NotFound, key, "was not answered to this run")),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("origin", &self.origin).field("regions", &self.regions).finish_non_exhaustive()
    }
}

/// The whole second that a moment lies in: folders of snapshots have no others.
fn seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_micros(moment.micros().div_euclid(1_000_000).saturating_mul(1_000_000))
}

/// `20260714T091500Z`.
fn compact(moment: Timestamp) -> String {
    let digits: String = moment.to_string().chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{digits}Z")
}

/// Calls a second about documents, in each region. AWS names no quota for them, throttles them early, and others in the account have their share.
const CALLS_PER_SECOND: f64 = 5.0;
/// Regions that are asked side by side.
const REGIONS_AT_ONCE: usize = 8;
/// Answers that are opened side by side: whoever keeps them waits for a store.
const OPENS_AT_ONCE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_of_its_second() {
        let moment = Timestamp::from_micros(1_784_020_500_999_999);
        assert_eq!((compact(moment).as_str(), compact(seconds(moment)).as_str()), ("20260714T091500Z", "20260714T091500Z"));
        assert_eq!(seconds(moment).micros(), 1_784_020_500_000_000);
    }
}
