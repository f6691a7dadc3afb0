//! The end, as far as the session's own evidence fixes it (rulings R9, R15).
//!
//! The last candidate, `stream`, stands or falls with what other sessions and listings say; it is decided in `conclude`.

use schemas::{Tier, Timestamp};

use super::evidence::Evidence;
use super::facts::EndMethod;
use super::life::{FLUSH_SECONDS, Proof};

/// A candidate that stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixed {
    pub(super) at: Timestamp,
    pub(super) method: EndMethod,
    pub(super) after: Option<Timestamp>,
    pub(super) before: Timestamp,
    pub(super) tier: Tier,
}

/// What is known of the end.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) fixed: Option<Fixed>,
    /// The caller of the TerminateSession that explains the end, where one does.
    pub(super) closing: Option<Option<String>>,
    pub(super) corroborated: bool,
}

/// A TerminateSession this much after the transcript ended a session that was already dead; evidence this near corroborates one.
const DEAD_SECONDS: f64 = 300.0;
/// A TerminateSession this near to a listed end explains it.
const EXPLAINS_SECONDS: f64 = 60.0;

pub(super) fn end(evidence: &Evidence, proof: Option<Proof>) -> End {
    let last_life = proof.map(|proof| proof.at);
    let alive_at = |at: Timestamp| last_life.is_some_and(|life| at < life);
    let exact = |at, method, tier| Fixed { at, method, after: Some(at), before: at, tier };

    let history = evidence.listings.iter().find_map(|listing| listing.end).map(|at| exact(at, EndMethod::History, Tier::B));
    let terminate = evidence.terminates.iter().find(|(at, _)| !alive_at(*at)).filter(|(at, _)| !was_dead(evidence, *at));
    let called = terminate.map(|(at, _)| exact(*at, EndMethod::TerminateCall, Tier::A));
    let transcript = evidence.stamps.first().copied().filter(|at| !alive_at(*at)).map(|at| Fixed {
        at,
        method: EndMethod::Transcript,
        after: last_life.max(Some(at.plus_seconds(-FLUSH_SECONDS))),
        before: at,
        tier: Tier::C,
    });
    // Of two uploads at the same time, the object's LastModified is the stronger.
    let upload = evidence.uploads.iter().min_by_key(|(at, object)| (*at, !object)).filter(|(at, _)| !alive_at(*at)).map(|(at, object)| Fixed {
        at: *at,
        method: EndMethod::Upload,
        after: last_life,
        before: *at,
        tier: if *object { Tier::B } else { Tier::C },
    });
    let fixed = history.or(called).or(transcript).or(upload);

    let closing = fixed.and_then(|fixed| match fixed.method {
        EndMethod::TerminateCall => terminate.map(|(_, caller)| caller.clone()),
        EndMethod::History => nearest_call(evidence, fixed.at),
        EndMethod::Transcript | EndMethod::Upload | EndMethod::Stream => None,
    });
    let corroborated = fixed.is_some_and(|fixed| fixed.method == EndMethod::TerminateCall && is_corroborated(evidence, fixed.at));
    End { fixed, closing, corroborated }
}

/// Whether the transcript was made so long before the call that the call ended a dead session.
fn was_dead(evidence: &Evidence, called_at: Timestamp) -> bool {
    texts(evidence).any(|at| called_at.seconds_since(at) > DEAD_SECONDS)
}

fn nearest_call(evidence: &Evidence, ended_at: Timestamp) -> Option<Option<String>> {
    let distance = |at: Timestamp| ended_at.seconds_since(at).abs();
    let near = evidence.terminates.iter().filter(|(at, _)| distance(*at) <= EXPLAINS_SECONDS);
    near.min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)).then(a.0.cmp(&b.0))).map(|(_, caller)| caller.clone())
}

fn is_corroborated(evidence: &Evidence, called_at: Timestamp) -> bool {
    texts(evidence).chain(evidence.streams.iter().map(|stream| stream.at)).any(|at| called_at.seconds_since(at).abs() <= DEAD_SECONDS)
}

fn texts(evidence: &Evidence) -> impl Iterator<Item = Timestamp> {
    evidence.stamps.iter().copied().chain(evidence.uploads.iter().map(|(at, _)| *at))
}
