//! The start, the last proof of life, and ghosts (rulings R7, R8, R22).

use schemas::{Tier, Timestamp};

use super::evidence::Evidence;
use super::facts::StartMethod;

/// An instant at which the session was certainly alive, and how far that can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) at: Timestamp,
    pub(super) tier: Tier,
}

/// When the session began, and until when it is proven to have lived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    pub(super) start: Option<(Timestamp, StartMethod)>,
    pub(super) proof: Option<Proof>,
    /// The last proof that was not made on the instance.
    pub(super) vouched: Option<Proof>,
}

/// The last flush of a stream comes after the end, by up to this long.
pub(super) const FLUSH_SECONDS: i64 = 120;

pub(super) fn life(evidence: &Evidence) -> Life {
    let start = start(evidence);
    let told = start
        .map(|(at, method)| Proof { at, tier: tier(method) })
        .into_iter()
        .chain(evidence.resumes.iter().map(|at| Proof { at: *at, tier: Tier::A }))
        .chain(evidence.listed_active.iter().filter(|(_, status)| is_connected(status.as_deref())).map(|(at, _)| Proof { at: *at, tier: Tier::B }));
    // The latest; of equal times the strongest, and A is the smallest of the tiers.
    let last = |proof: &Proof| (proof.at, std::cmp::Reverse(proof.tier));
    let vouched = told.clone().filter(|proof| proof.tier < Tier::C).max_by_key(last);
    let proof = told.chain(evidence.streams.iter().map(|stream| Proof { at: stream.at.plus_seconds(-FLUSH_SECONDS), tier: Tier::C })).max_by_key(last);
    Life { start, proof, vouched }
}

/// Whether the newest Active listing shows the session `Disconnected`, and nothing shows it alive after.
pub(super) fn is_ghost(evidence: &Evidence) -> bool {
    let Some((listed_at, status)) = evidence.listed_active.last() else { return false };
    let later = |at: &Timestamp| at > listed_at;
    status.as_deref() == Some("Disconnected") && !evidence.streams.iter().any(|stream| later(&stream.at)) && !evidence.resumes.iter().any(later)
}

fn start(evidence: &Evidence) -> Option<(Timestamp, StartMethod)> {
    let listed = evidence.listings.iter().find_map(|listing| listing.start).map(|at| (at, StartMethod::History));
    let called = || evidence.start_calls.first().map(|at| (*at, StartMethod::StartCall));
    let streamed = || evidence.streams.first().map(|stream| (stream.at, StartMethod::Stream));
    listed.or_else(called).or_else(streamed)
}

const fn tier(method: StartMethod) -> Tier {
    match method {
        StartMethod::StartCall => Tier::A,
        StartMethod::History => Tier::B,
        StartMethod::Stream => Tier::C,
    }
}

fn is_connected(status: Option<&str>) -> bool {
    matches!(status, Some("Connected" | "Connecting"))
}
