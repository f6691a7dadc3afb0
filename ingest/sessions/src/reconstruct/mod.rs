//! From the events of one session id to its facts: candidates, bounds and methods, whatever the policy.
//!
//! In: every event that names the session, in any order, copies included. Out: one [`Facts`] for each (account, region) that the
//! evidence gives the session to. This room looks nothing up and knows no clock: the same events give the same facts, in whatever
//! order and however often they come.
//!
//! ```text
//!   events ─▶ copies ─▶ key ─▶ evidence (dated by as_of) ─▶ life ─▶ end ─▶ Facts
//! ```

mod copies;
mod end;
mod evidence;
mod facts;
mod gaps;
mod key;
mod life;

pub use facts::{EndMethod, Facts, StartMethod};
use schemas::{Event, Timestamp};

use evidence::Evidence;

/// The facts of one session id. `events` are all events that name it; with an `as_of`, facts dated after it are ignored.
///
/// A session whose every fact is dated after `as_of` has no facts. Sorted by account and region, nulls first.
#[must_use]
pub fn reconstruct(events: Vec<Event>, as_of: Option<Timestamp>) -> Vec<Facts> {
    let (events, elsewhere) = copies::one_of_each(events);
    key::by_key(events).into_iter().filter_map(|(key, events)| Evidence::collect(events, &elsewhere, as_of).map(|evidence| facts_of(key, &evidence))).collect()
}

fn facts_of((account_id, region): key::Key, evidence: &Evidence) -> Facts {
    let life = life::life(evidence);
    let end = end::end(evidence, life.proof);
    let activity = gaps::activity(evidence, life.start.map(|(at, _)| at));
    let attributes = &evidence.attributes;
    Facts {
        bucket: i64::from(schemas::bucket(&evidence.session_id)),
        session_id: evidence.session_id.clone(),
        account_id,
        region,
        first_fact_at: evidence.first_fact_at,
        last_fact_at: evidence.last_fact_at,
        target_id: attributes.target_id.clone(),
        document_name: attributes.document_name.clone(),
        principal_arn: attributes.principal_arn.clone(),
        reason: attributes.reason.clone(),
        source_ip: attributes.source_ip.clone(),
        mfa: attributes.mfa,
        run_as_user: attributes.run_as_user.clone(),
        access_type: attributes.access_type.clone(),
        service_status: evidence.service_status.clone(),
        ecs: attributes.ecs,
        started_at: life.start.map(|(at, _)| at),
        start_method: life.start.map(|(_, method)| method),
        resumes: evidence.resumes.len() as i64,
        last_proof_at: life.proof.map(|proof| proof.at),
        last_proof_tier: life.proof.map(|proof| proof.tier),
        vouched_proof_at: life.vouched.map(|proof| proof.at),
        vouched_proof_tier: life.vouched.map(|proof| proof.tier),
        ended_at: end.fixed.map(|fixed| fixed.at),
        end_method: end.fixed.map(|fixed| fixed.method),
        ended_after: end.fixed.and_then(|fixed| fixed.after),
        ended_before: end.fixed.map(|fixed| fixed.before),
        end_tier: end.fixed.map(|fixed| fixed.tier),
        closing_principal_arn: end.closing.clone().flatten(),
        closed_by_call: end.closing.is_some(),
        corroborated: end.corroborated,
        exit_line: evidence.exit_line,
        listed_max_duration_seconds: attributes.listed_max_duration_seconds,
        first_activity_at: activity.first_at,
        last_activity_at: activity.last_at,
        activity_events: activity.last_at.map(|_| evidence.streams.len() as i64),
        activity_bytes: activity.last_at.map(|_| evidence.streams.iter().map(|stream| stream.bytes).sum()),
        activity_sources: evidence.activity_sources.iter().cloned().collect(),
        gap_starts: activity.gaps.iter().map(|gap| gap.0).collect(),
        gap_ends: activity.gaps.iter().map(|gap| gap.1).collect(),
        listed_active_at: evidence.listed_active.iter().map(|(at, _)| *at).collect(),
        ghost: life::is_ghost(evidence),
        has_transcript: evidence.has_transcript,
        streamed: evidence.streamed,
        text_arrived_at: evidence.text_arrived_at,
        log_bytes: evidence.log_bytes,
        stored_bytes: evidence.stored_bytes,
    }
}

#[cfg(test)]
mod tests;
