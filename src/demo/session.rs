//! What a session of the story is, before any evidence of it is written.

use super::cast::Caller;
use super::moment::Moment;
use super::place::{Place, preferences_at};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Shell,
    /// `AWS-StartNonInteractiveCommand`: logged at its end only.
    Command,
    /// Port forwarding and SSH are never logged.
    Port,
    Ssh,
    Ecs,
}

/// How a session came to its end. Only terminations leave a call in CloudTrail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Exit,
    Idle,
    Maximum,
    Owner,
    Other(Caller),
    /// The client vanished without a word; the service noticed at the end.
    Dropped,
    /// It never came up.
    Failed,
}

#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) target: String,
    pub(super) caller: Caller,
    /// Where it was started from.
    pub(super) address: String,
    pub(super) kind: Kind,
    /// The document that the caller named; without one, the place's preferences rule.
    pub(super) document: Option<&'static str>,
    pub(super) reason: Option<&'static str>,
    pub(super) started: Moment,
    /// Null while it is open at the end of the story.
    pub(super) end: Option<(Moment, Ending)>,
    /// When its client vanished while the service still lists it.
    pub(super) disconnected: Option<Moment>,
    /// When it printed something.
    pub(super) activity: Vec<Moment>,
    /// From which activity on nobody was there any more.
    pub(super) left_at: usize,
    /// False where the machine was stopped before the transcript could be uploaded.
    pub(super) uploaded: bool,
}

impl Session {
    /// The document's name as listings tell it.
    pub(super) fn document_name(&self) -> &'static str {
        self.document.unwrap_or("SSM-SessionManagerRunShell")
    }

    pub(super) fn owner(&self) -> String {
        self.caller.arn(self.place.account)
    }

    /// Whether the listings name it as active at a moment.
    pub(super) fn is_active_at(&self, moment: Moment) -> bool {
        self.started <= moment && self.end.is_none_or(|(end, _)| end > moment)
    }

    /// The limit in minutes that the service applies, where there is one.
    pub(super) fn service_maximum(&self) -> Option<i64> {
        if self.document.is_some() || self.kind == Kind::Ecs { None } else { preferences_at(self.place, self.started).maximum }
    }

    /// Whether the machine keeps a log of it.
    pub(super) const fn is_logged(&self) -> bool {
        matches!(self.kind, Kind::Shell | Kind::Command)
    }

    /// The end of a session whose text could be kept, unless it failed.
    pub(super) fn logged_end(&self) -> Option<(Moment, Ending)> {
        self.end.filter(|(_, ending)| self.is_logged() && self.uploaded && *ending != Ending::Failed)
    }
}
