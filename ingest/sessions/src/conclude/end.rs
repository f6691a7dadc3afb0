//! The end, its bounds and the status (SPEC §5, rulings R10 to R13), and what follows from them.

use schemas::{PREFERENCES_DOCUMENT, Tier, Timestamp};

use super::context::{Context, Place};
use super::reason::reason;
use super::{Conclusion, Preferences};
use crate::reconstruct::{EndMethod, Facts};

/// The state of a session by `as_of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not known to be over.
    Open,
    /// Over, and when is known.
    Ended,
    /// Over, but when is not known.
    Lost,
    /// AWS lists it as `Failed`.
    Failed,
}

impl Status {
    /// The word of the `status` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended => "ended",
            Self::Lost => "lost",
            Self::Failed => "failed",
        }
    }
}

/// AWS cuts and lists a little late: a timeout is over only this much after it.
const SLACK_SECONDS: i64 = 60;
/// AWS lists a session whose client is gone for 30 days at most.
const LISTED_SECONDS: i64 = 30 * 24 * 3600;
/// A transcript that has not come this long after the end is missing.
const TRANSCRIPT_SECONDS: i64 = 3600;

/// Concludes from `facts`, which must have been reconstructed for the context's `as_of`.
#[must_use]
pub fn conclude(facts: &Facts, context: &Context) -> Conclusion {
    let nowhere = Place::default();
    let place = context.places.get(&(facts.account_id.clone(), facts.region.clone())).unwrap_or(&nowhere);
    let end = fixed(facts).or_else(|| streamed(facts, place, context)).unwrap_or_else(|| bounded(facts, place));
    let status = match (facts.service_status.as_deref(), end.at) {
        (Some("Failed"), _) => Status::Failed,
        (_, Some(_)) => Status::Ended,
        _ if is_named(facts, place) => Status::Open,
        _ if end.before.is_some_and(|before| before <= context.as_of) => Status::Lost,
        _ => Status::Open,
    };
    let session_type = session_type(facts, place);
    Conclusion {
        session_type,
        ended_at: end.at,
        end_method: end.method,
        ended_after: end.after,
        ended_before: end.before,
        ended_before_inferred: end.inferred,
        status,
        reason: reason(facts, place, end.at, end.method),
        transcript: transcript(facts, place, session_type, end.before, context.as_of),
        evidence_tier: end.tier,
        life_tier: end.life_tier,
    }
}

struct End {
    at: Option<Timestamp>,
    method: Option<EndMethod>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    inferred: Option<bool>,
    tier: Option<Tier>,
    life_tier: Option<Tier>,
}

/// The candidates that need no context.
fn fixed(facts: &Facts) -> Option<End> {
    let method = facts.end_method?;
    let exact = matches!(method, EndMethod::History | EndMethod::TerminateCall);
    let life_tier = if exact {
        facts.end_tier
    } else if facts.ended_after == facts.last_proof_at {
        facts.last_proof_tier
    } else {
        Some(Tier::C)
    };
    Some(End {
        at: facts.ended_at,
        method: Some(method),
        after: facts.ended_after,
        before: facts.ended_before,
        inferred: Some(false),
        tier: facts.end_tier,
        life_tier,
    })
}

/// The last streaming event, once its source has gone on for longer than the session could have been silent.
fn streamed(facts: &Facts, place: &Place, context: &Context) -> Option<End> {
    let last = facts.last_activity_at?;
    let silent_until = last.plus_seconds(place.idle_seconds_at(last) + SLACK_SECONDS);
    let newest = facts.activity_sources.iter().filter_map(|source| context.newest_of_source.get(source)).max()?;
    let named = place.complete_active.last().is_some_and(|listing| is_listed_at(facts, listing));
    // Whoever was seen alive later did not end with the last line: then only bounds are known.
    let outlived = facts.last_proof_at.is_some_and(|life| last < life);
    (*newest > silent_until && !named && !outlived).then_some(End {
        at: Some(last),
        method: Some(EndMethod::Stream),
        after: facts.last_proof_at,
        before: Some(silent_until),
        inferred: Some(true),
        tier: Some(Tier::C),
        life_tier: facts.last_proof_tier,
    })
}

/// No candidate stands: only bounds.
fn bounded(facts: &Facts, place: &Place) -> End {
    let (before, inferred) = upper_bound(facts, place);
    End { at: None, method: None, after: facts.last_proof_at, before, inferred, tier: None, life_tier: facts.last_proof_tier }
}

fn upper_bound(facts: &Facts, place: &Place) -> (Option<Timestamp>, Option<bool>) {
    let Some(life) = facts.last_proof_at.filter(|_| !is_named(facts, place)) else { return (None, None) };
    let later = place.complete_active.partition_point(|listing| *listing <= life);
    let unnamed = place.complete_active.get(later..).unwrap_or_default().iter().find(|listing| !is_listed_at(facts, listing));
    if let Some(listing) = unnamed {
        return (Some(*listing), Some(false));
    }
    let Some(start) = facts.started_at else { return (None, None) };
    let maximum = place.preferences_at(start).and_then(|preferences| preferences.max_seconds);
    let inferred = [maximum.map(|seconds| start.plus_seconds(seconds + SLACK_SECONDS)), Some(start.plus_seconds(LISTED_SECONDS))];
    let before = inferred.into_iter().flatten().filter(|bound| *bound >= life).min();
    (before, before.map(|_| true))
}

/// Whether the Active listing of a moment names the session.
fn is_listed_at(facts: &Facts, listing: &Timestamp) -> bool {
    facts.listed_active_at.binary_search(listing).is_ok()
}

/// Whether the newest listing that says anything of the session names it (ruling R11).
fn is_named(facts: &Facts, place: &Place) -> bool {
    facts.listed_active_at.last().is_some_and(|named| place.complete_active.last().is_none_or(|complete| complete <= named))
}

fn session_type(facts: &Facts, place: &Place) -> &'static str {
    if facts.ecs {
        return "ecs";
    }
    let by_stream = if facts.streamed { "shell" } else { "unknown" };
    let Some(document) = facts.document_name.as_deref() else { return by_stream };
    match document {
        PREFERENCES_DOCUMENT => "shell",
        "AWS-StartInteractiveCommand" | "AWS-StartNonInteractiveCommand" => "command",
        "AWS-StartSSHSession" => "ssh",
        _ if document.starts_with("AWS-StartPortForwardingSession") => "port",
        _ => match place.session_types.get(document).map(String::as_str) {
            Some("Standard_Stream") => "shell",
            Some("InteractiveCommands" | "NonInteractiveCommands") => "command",
            Some("Port") => "port",
            _ => by_stream,
        },
    }
}

/// Ruling R24.
fn transcript(facts: &Facts, place: &Place, session_type: &str, ended_before: Option<Timestamp>, as_of: Timestamp) -> &'static str {
    if facts.has_transcript {
        return "present";
    }
    if matches!(session_type, "port" | "ssh") {
        return "not_loggable";
    }
    // A task's own cluster says where its sessions are logged, which nobody asks.
    if session_type == "ecs" {
        return "unknown";
    }
    let expected = facts.started_at.and_then(|start| logs_at(facts, place, start));
    let overdue = || ended_before.is_some_and(|before| before.plus_seconds(TRANSCRIPT_SECONDS) <= as_of);
    match expected {
        Some(false) => "not_expected",
        Some(true) if overdue() => "missing",
        _ => "unknown",
    }
}

/// Whether sessions such as this one were logged when it began: as its own document says, where an observation shows that, else as the preferences do.
fn logs_at(facts: &Facts, place: &Place, start: Timestamp) -> Option<bool> {
    let other = facts.document_name.as_deref().filter(|document| *document != PREFERENCES_DOCUMENT);
    let own = other.and_then(|document| place.document_logs_at(document, start));
    own.or_else(|| place.preferences_at(start).map(|preferences: &Preferences| preferences.logs))
}

impl Facts {
    /// Whether a streaming event with a usable time names the session.
    #[must_use]
    pub fn has_stream(&self) -> bool {
        self.last_activity_at.is_some()
    }
}
