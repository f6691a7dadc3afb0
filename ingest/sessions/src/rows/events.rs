//! `events`.

use std::cell::Cell;

use arrow::array::RecordBatch;
use schemas::table::EVENTS;
use schemas::{Delivery, Event, EventKind};

use super::{Read, RowError, Write};

/// The bucket by which the rows of `events` are sorted: that of the session; 0 for calls that name none. Most events follow one of the
/// same session, so the last answer is kept.
fn bucket_of<'e>(event: &'e Event, last: &Cell<Option<(&'e str, i64)>>) -> i64 {
    let Some(session_id) = event.session_id.as_deref() else { return 0 };
    match last.get() {
        Some((id, bucket)) if id == session_id => bucket,
        _ => {
            let bucket = i64::from(schemas::bucket(session_id));
            last.set(Some((session_id, bucket)));
            bucket
        }
    }
}

/// Events as rows of `events`, in their order.
///
/// # Errors
/// Where the code and the contract of the table have come apart.
pub fn events_batch(events: &[Event]) -> Result<RecordBatch, RowError> {
    let last = Cell::new(None);
    Write::new(&EVENTS, events)
        .integer("bucket", |event| Some(bucket_of(event, &last)))?
        .text("event_id", |event| Some(&event.event_id))?
        .text("kind", |event| Some(event.kind.as_str()))?
        .instant("event_time", |event| event.event_time)?
        .text("session_id", |event| event.session_id.as_deref())?
        .text("account_id", |event| event.account_id.as_deref())?
        .text("region", |event| event.region.as_deref())?
        .text("target_id", |event| event.target_id.as_deref())?
        .text("document_name", |event| event.document_name.as_deref())?
        .text("principal_arn", |event| event.principal_arn.as_deref())?
        .text("reason", |event| event.reason.as_deref())?
        .text("source_ip", |event| event.source_ip.as_deref())?
        .boolean("mfa", |event| event.mfa)?
        .text("run_as_user", |event| event.run_as_user.as_deref())?
        .text("access_type", |event| event.access_type.as_deref())?
        .text("service_status", |event| event.service_status.as_deref())?
        .instant("listed_start", |event| event.listed_start)?
        .instant("listed_end", |event| event.listed_end)?
        .integer("max_duration_seconds", |event| event.max_duration_seconds)?
        .integer("lines", |event| event.lines)?
        .integer("bytes", |event| event.bytes)?
        .boolean("exit_line", |event| event.exit_line)?
        .text("delivery", |event| event.delivery.map(Delivery::as_str))?
        .text("content_id", |event| event.content_id.as_deref())?
        .instant("ingestion_time", |event| event.ingestion_time)?
        .text("event_name", |event| event.event_name.as_deref())?
        .text("event_source", |event| event.event_source.as_deref())?
        .text("error_code", |event| event.error_code.as_deref())?
        .text("error_message", |event| event.error_message.as_deref())?
        .text("user_agent", |event| event.user_agent.as_deref())?
        .text("document_version", |event| event.document_version.as_deref())?
        .text("evidence_tier", |event| Some(event.kind.tier().as_str()))?
        .text("source", |event| Some(&event.source))?
        .text("object", |event| Some(&event.object))?
        .text("object_version", |event| Some(&event.object_version))?
        .integer("position", |event| Some(event.position))?
        .text("sha256", |event| Some(&event.sha256))?
        .text("source_account_id", |event| event.source_account_id.as_deref())?
        .text("source_region", |event| event.source_region.as_deref())?
        .finish()
}

/// Rows of `events` as events, in their order.
///
/// # Errors
/// Where a column is missing, or holds what the contract does not allow.
pub fn events_from(batch: &RecordBatch) -> Result<Vec<Event>, RowError> {
    let read = Read::new(&EVENTS, batch);
    let event_id = read.texts("event_id")?;
    let kind = read.texts("kind")?;
    let event_time = read.instants("event_time")?;
    let session_id = read.texts("session_id")?;
    let account_id = read.texts("account_id")?;
    let region = read.texts("region")?;
    let target_id = read.texts("target_id")?;
    let document_name = read.texts("document_name")?;
    let principal_arn = read.texts("principal_arn")?;
    let reason = read.texts("reason")?;
    let source_ip = read.texts("source_ip")?;
    let mfa = read.booleans("mfa")?;
    let run_as_user = read.texts("run_as_user")?;
    let access_type = read.texts("access_type")?;
    let service_status = read.texts("service_status")?;
    let listed_start = read.instants("listed_start")?;
    let listed_end = read.instants("listed_end")?;
    let max_duration_seconds = read.integers("max_duration_seconds")?;
    let lines = read.integers("lines")?;
    let bytes = read.integers("bytes")?;
    let exit_line = read.booleans("exit_line")?;
    let delivery = read.texts("delivery")?;
    let content_id = read.texts("content_id")?;
    let ingestion_time = read.instants("ingestion_time")?;
    let event_name = read.texts("event_name")?;
    let event_source = read.texts("event_source")?;
    let error_code = read.texts("error_code")?;
    let error_message = read.texts("error_message")?;
    let user_agent = read.texts("user_agent")?;
    let document_version = read.texts("document_version")?;
    let source = read.texts("source")?;
    let object = read.texts("object")?;
    let object_version = read.texts("object_version")?;
    let position = read.integers("position")?;
    let sha256 = read.texts("sha256")?;
    let source_account_id = read.texts("source_account_id")?;
    let source_region = read.texts("source_region")?;
    let event = |row| {
        Ok(Event {
            event_id: event_id.required(row)?,
            kind: kind.required_word(row, EventKind::parse)?,
            event_time: event_time.get(row),
            session_id: session_id.owned(row),
            account_id: account_id.owned(row),
            region: region.owned(row),
            target_id: target_id.owned(row),
            document_name: document_name.owned(row),
            principal_arn: principal_arn.owned(row),
            reason: reason.owned(row),
            source_ip: source_ip.owned(row),
            mfa: mfa.get(row),
            run_as_user: run_as_user.owned(row),
            access_type: access_type.owned(row),
            service_status: service_status.owned(row),
            listed_start: listed_start.get(row),
            listed_end: listed_end.get(row),
            max_duration_seconds: max_duration_seconds.get(row),
            lines: lines.get(row),
            bytes: bytes.get(row),
            exit_line: exit_line.get(row),
            delivery: delivery.word(row, Delivery::parse)?,
            content_id: content_id.owned(row),
            ingestion_time: ingestion_time.get(row),
            event_name: event_name.owned(row),
            event_source: event_source.owned(row),
            error_code: error_code.owned(row),
            error_message: error_message.owned(row),
            user_agent: user_agent.owned(row),
            document_version: document_version.owned(row),
            source: source.required(row)?,
            object: object.required(row)?,
            object_version: object_version.required(row)?,
            position: position.required(row)?,
            sha256: sha256.required(row)?,
            source_account_id: source_account_id.owned(row),
            source_region: source_region.owned(row),
        })
    };
    (0..batch.num_rows()).map(event).collect()
}
