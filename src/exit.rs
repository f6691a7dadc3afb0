//! How a run ends: exit codes, which are a promise, and failures that say what, where, and what to do.

use std::error::Error;
use std::fmt::Write;
use std::io;

use analyze::engine::QueryError;
use analyze::ledger::LedgerError;
use ingest::lake::LakeError;

use crate::config::{ConfigError, NotYet};

/// Done. Nothing new counts as done.
pub(crate) const DONE: u8 = 0;
/// Failed: the lake, the disk or this program.
pub(crate) const FAILED: u8 = 1;
/// Usage, configuration, policy or SQL: the one who typed can mend it.
pub(crate) const USAGE: u8 = 2;
/// Done but incomplete: something was rejected, denied, unreachable, not answered or not delivered; a source has never held anything, or is older than its `stale_after`.
pub(crate) const INCOMPLETE: u8 = 3;
/// A threshold asked for with `--fail-on` is breached, whether or not something is incomplete as well.
pub(crate) const BREACHED: u8 = 4;
/// Verification failed. No command of this version verifies yet.
#[cfg(test)]
pub(crate) const UNVERIFIED: u8 = 5;

/// How a command ended that did its work; of two, the greater is told: who asked for a threshold wants to know of it, also where something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Done,
    Incomplete,
    Breached,
}

impl Outcome {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => DONE,
            Self::Incomplete => INCOMPLETE,
            Self::Breached => BREACHED,
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    error: Box<dyn Error + Send + Sync>,
    hint: Option<String>,
}

impl Failure {
    /// Something in the world or in this program.
    pub(crate) fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { code: FAILED, error: error.into(), hint: None }
    }

    /// Something that the one who typed can mend.
    pub(crate) fn usage(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { code: USAGE, error: error.into(), hint: None }
    }

    /// The same with what to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the reader of stdout went away.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        let mut cause: Option<&(dyn Error + 'static)> = Some(self.error.as_ref());
        while let Some(error) = cause {
            if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// `error: …`, its causes behind it, and `hint: …` on a line of its own. Not escaped yet.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("error: {}", self.error);
        let mut cause = self.error.source();
        while let Some(error) = cause {
            let said = error.to_string();
            // Some libraries repeat their cause in their own text.
            if !text.ends_with(&said) {
                let _ = write!(text, ": {said}");
            }
            cause = error.source();
        }
        if let Some(hint) = &self.hint {
            let _ = write!(text, "\nhint: {hint}");
        }
        text
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hint = error.hint().map(str::to_owned);
        Self { hint, ..Self::usage(error) }
    }
}

impl From<NotYet> for Failure {
    fn from(error: NotYet) -> Self {
        let hint = error.hint;
        Self::usage(error).hint(hint)
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        let hint = error.hint().map(str::to_owned);
        let code = if matches!(error, QueryError::Sql { .. }) { USAGE } else { FAILED };
        Self { code, hint, ..Self::failed(error) }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Engine(error) => error.into(),
            LedgerError::Lake(_) => {
                Self::failed(error).hint("see that every file of the lake is there and may be read; `sessiontrail rebuild` makes the derived tables anew")
            }
            LedgerError::Calendar(_) => Self::usage(error).hint("see `timezone` and `fiscal_year_start` under [report]"),
        }
    }
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Self {
        let hint = match &error {
            LakeError::Folder { .. } => Some("name a folder that you may write, in `[lake] uri` or with --lake"),
            LakeError::Contended { .. } => Some("too many others write this lake now: run it again"),
            LakeError::Contract { .. } => Some("the lake was written by another version: read it with that one, or ingest into a new lake"),
            _ => None,
        };
        let failure = Self::failed(error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the lake")]
    struct Outer(#[source] io::Error);

    #[test]
    fn codes_are_a_promise() {
        assert_eq!([DONE, FAILED, USAGE, INCOMPLETE, BREACHED, UNVERIFIED], [0, 1, 2, 3, 4, 5]);
        assert_eq!([Outcome::Done, Outcome::Incomplete, Outcome::Breached].map(Outcome::code), [0, 3, 4]);
    }

    #[test]
    fn a_breach_is_told_before_what_is_incomplete() {
        assert_eq!(Outcome::Incomplete.max(Outcome::Breached).code(), BREACHED);
        assert_eq!(Outcome::Done.max(Outcome::Incomplete).code(), INCOMPLETE);
    }

    #[test]
    fn a_failure_tells_its_causes_once_and_what_to_do() {
        let failure = Failure::failed(Outer(io::Error::other(Outer(io::Error::other("disk full"))))).hint("make room");
        assert_eq!(failure.text(), "error: cannot read the lake: disk full\nhint: make room");
        assert_eq!(Failure::usage("no such KPI").text(), "error: no such KPI");
    }
}
