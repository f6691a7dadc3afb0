//! `session_facts`.

use arrow::array::RecordBatch;
use schemas::Tier;
use schemas::table::SESSION_FACTS;

use crate::reconstruct::{EndMethod, Facts, StartMethod};

use super::{Read, RowError, Write};

/// Facts as rows of `session_facts`, in their order.
///
/// # Errors
/// Where the code and the contract of the table have come apart.
pub fn facts_batch(facts: &[Facts]) -> Result<RecordBatch, RowError> {
    Write::new(&SESSION_FACTS, facts)
        .integer("bucket", |facts| Some(facts.bucket))?
        .text("session_id", |facts| Some(&facts.session_id))?
        .text("account_id", |facts| facts.account_id.as_deref())?
        .text("region", |facts| facts.region.as_deref())?
        .instant("first_fact_at", |facts| facts.first_fact_at)?
        .instant("last_fact_at", |facts| facts.last_fact_at)?
        .text("target_id", |facts| facts.target_id.as_deref())?
        .text("document_name", |facts| facts.document_name.as_deref())?
        .text("principal_arn", |facts| facts.principal_arn.as_deref())?
        .text("reason", |facts| facts.reason.as_deref())?
        .text("source_ip", |facts| facts.source_ip.as_deref())?
        .boolean("mfa", |facts| facts.mfa)?
        .text("run_as_user", |facts| facts.run_as_user.as_deref())?
        .text("access_type", |facts| facts.access_type.as_deref())?
        .text("service_status", |facts| facts.service_status.as_deref())?
        .boolean("ecs", |facts| Some(facts.ecs))?
        .instant("started_at", |facts| facts.started_at)?
        .text("start_method", |facts| facts.start_method.map(StartMethod::as_str))?
        .integer("resumes", |facts| Some(facts.resumes))?
        .instant("last_proof_at", |facts| facts.last_proof_at)?
        .text("last_proof_tier", |facts| facts.last_proof_tier.map(Tier::as_str))?
        .instant("vouched_proof_at", |facts| facts.vouched_proof_at)?
        .text("vouched_proof_tier", |facts| facts.vouched_proof_tier.map(Tier::as_str))?
        .instant("ended_at", |facts| facts.ended_at)?
        .text("end_method", |facts| facts.end_method.map(EndMethod::as_str))?
        .instant("ended_after", |facts| facts.ended_after)?
        .instant("ended_before", |facts| facts.ended_before)?
        .text("end_tier", |facts| facts.end_tier.map(Tier::as_str))?
        .text("closing_principal_arn", |facts| facts.closing_principal_arn.as_deref())?
        .boolean("closed_by_call", |facts| Some(facts.closed_by_call))?
        .boolean("corroborated", |facts| Some(facts.corroborated))?
        .boolean("exit_line", |facts| Some(facts.exit_line))?
        .integer("listed_max_duration_seconds", |facts| facts.listed_max_duration_seconds)?
        .instant("first_activity_at", |facts| facts.first_activity_at)?
        .instant("last_activity_at", |facts| facts.last_activity_at)?
        .integer("activity_events", |facts| facts.activity_events)?
        .integer("activity_bytes", |facts| facts.activity_bytes)?
        .texts("activity_sources", |facts| &facts.activity_sources)?
        .instants("gap_starts", |facts| &facts.gap_starts)?
        .instants("gap_ends", |facts| &facts.gap_ends)?
        .instants("listed_active_at", |facts| &facts.listed_active_at)?
        .boolean("ghost", |facts| Some(facts.ghost))?
        .boolean("has_transcript", |facts| Some(facts.has_transcript))?
        .boolean("streamed", |facts| Some(facts.streamed))?
        .instant("text_arrived_at", |facts| facts.text_arrived_at)?
        .integer("log_bytes", |facts| Some(facts.log_bytes))?
        .integer("stored_bytes", |facts| Some(facts.stored_bytes))?
        .finish()
}

/// Rows of `session_facts` as facts, in their order.
///
/// # Errors
/// Where a column is missing, or holds what the contract does not allow.
pub fn facts_from(batch: &RecordBatch) -> Result<Vec<Facts>, RowError> {
    let read = Read::new(&SESSION_FACTS, batch);
    let bucket = read.integers("bucket")?;
    let session_id = read.texts("session_id")?;
    let account_id = read.texts("account_id")?;
    let region = read.texts("region")?;
    let first_fact_at = read.instants("first_fact_at")?;
    let last_fact_at = read.instants("last_fact_at")?;
    let target_id = read.texts("target_id")?;
    let document_name = read.texts("document_name")?;
    let principal_arn = read.texts("principal_arn")?;
    let reason = read.texts("reason")?;
    let source_ip = read.texts("source_ip")?;
    let mfa = read.booleans("mfa")?;
    let run_as_user = read.texts("run_as_user")?;
    let access_type = read.texts("access_type")?;
    let service_status = read.texts("service_status")?;
    let ecs = read.booleans("ecs")?;
    let started_at = read.instants("started_at")?;
    let start_method = read.texts("start_method")?;
    let resumes = read.integers("resumes")?;
    let last_proof_at = read.instants("last_proof_at")?;
    let last_proof_tier = read.texts("last_proof_tier")?;
    let vouched_proof_at = read.instants("vouched_proof_at")?;
    let vouched_proof_tier = read.texts("vouched_proof_tier")?;
    let ended_at = read.instants("ended_at")?;
    let end_method = read.texts("end_method")?;
    let ended_after = read.instants("ended_after")?;
    let ended_before = read.instants("ended_before")?;
    let end_tier = read.texts("end_tier")?;
    let closing_principal_arn = read.texts("closing_principal_arn")?;
    let closed_by_call = read.booleans("closed_by_call")?;
    let corroborated = read.booleans("corroborated")?;
    let exit_line = read.booleans("exit_line")?;
    let listed_max_duration_seconds = read.integers("listed_max_duration_seconds")?;
    let first_activity_at = read.instants("first_activity_at")?;
    let last_activity_at = read.instants("last_activity_at")?;
    let activity_events = read.integers("activity_events")?;
    let activity_bytes = read.integers("activity_bytes")?;
    let activity_sources = read.text_lists("activity_sources")?;
    let gap_starts = read.instant_lists("gap_starts")?;
    let gap_ends = read.instant_lists("gap_ends")?;
    let listed_active_at = read.instant_lists("listed_active_at")?;
    let ghost = read.booleans("ghost")?;
    let has_transcript = read.booleans("has_transcript")?;
    let streamed = read.booleans("streamed")?;
    let text_arrived_at = read.instants("text_arrived_at")?;
    let log_bytes = read.integers("log_bytes")?;
    let stored_bytes = read.integers("stored_bytes")?;
    let facts = |row| {
        Ok(Facts {
            bucket: bucket.required(row)?,
            session_id: session_id.required(row)?,
            account_id: account_id.owned(row),
            region: region.owned(row),
            first_fact_at: first_fact_at.get(row),
            last_fact_at: last_fact_at.get(row),
            target_id: target_id.owned(row),
            document_name: document_name.owned(row),
            principal_arn: principal_arn.owned(row),
            reason: reason.owned(row),
            source_ip: source_ip.owned(row),
            mfa: mfa.get(row),
            run_as_user: run_as_user.owned(row),
            access_type: access_type.owned(row),
            service_status: service_status.owned(row),
            ecs: ecs.required(row)?,
            started_at: started_at.get(row),
            start_method: start_method.word(row, StartMethod::parse)?,
            resumes: resumes.required(row)?,
            last_proof_at: last_proof_at.get(row),
            last_proof_tier: last_proof_tier.word(row, Tier::parse)?,
            vouched_proof_at: vouched_proof_at.get(row),
            vouched_proof_tier: vouched_proof_tier.word(row, Tier::parse)?,
            ended_at: ended_at.get(row),
            end_method: end_method.word(row, EndMethod::parse)?,
            ended_after: ended_after.get(row),
            ended_before: ended_before.get(row),
            end_tier: end_tier.word(row, Tier::parse)?,
            closing_principal_arn: closing_principal_arn.owned(row),
            closed_by_call: closed_by_call.required(row)?,
            corroborated: corroborated.required(row)?,
            exit_line: exit_line.required(row)?,
            listed_max_duration_seconds: listed_max_duration_seconds.get(row),
            first_activity_at: first_activity_at.get(row),
            last_activity_at: last_activity_at.get(row),
            activity_events: activity_events.get(row),
            activity_bytes: activity_bytes.get(row),
            activity_sources: activity_sources.required(row)?,
            gap_starts: gap_starts.required(row)?,
            gap_ends: gap_ends.required(row)?,
            listed_active_at: listed_active_at.required(row)?,
            ghost: ghost.required(row)?,
            has_transcript: has_transcript.required(row)?,
            streamed: streamed.required(row)?,
            text_arrived_at: text_arrived_at.get(row),
            log_bytes: log_bytes.required(row)?,
            stored_bytes: stored_bytes.required(row)?,
        })
    };
    (0..batch.num_rows()).map(facts).collect()
}
