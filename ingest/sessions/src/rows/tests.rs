//! What goes in comes out, whatever engine hands the batch over.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use schemas::{Answer, Code, Delivery, Event, EventKind, Instance, Listed, Observation, Preference, Reject, Tier, Timestamp, table};

use super::*;
use crate::reconstruct::{EndMethod, Facts, StartMethod};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_784_020_500_123_456).plus_seconds(seconds)
}

fn text(word: &str) -> Option<String> {
    Some(word.to_owned())
}

fn full_event() -> Event {
    Event {
        event_id: "ct:1".into(),
        kind: EventKind::StartCall,
        event_time: Some(at(0)),
        session_id: text("Matt-07a16060613c408b5"),
        account_id: text("account"),
        region: text("region"),
        target_id: text("target"),
        document_name: text("document"),
        principal_arn: text("principal"),
        reason: text("reason \u{1F600}"),
        source_ip: text("ip"),
        mfa: Some(false),
        run_as_user: text("user"),
        access_type: text("access"),
        service_status: text("status"),
        listed_start: Some(at(1)),
        listed_end: Some(at(2)),
        max_duration_seconds: Some(3),
        lines: Some(4),
        bytes: Some(5),
        exit_line: Some(true),
        delivery: Some(Delivery::Export),
        content_id: text("content"),
        ingestion_time: Some(at(6)),
        event_name: text("name"),
        event_source: text("event source"),
        error_code: text("code"),
        error_message: text("message"),
        user_agent: text("agent"),
        document_version: text("7"),
        source: "source".into(),
        object: "object".into(),
        object_version: "version".into(),
        position: 8,
        sha256: "hash".into(),
        source_account_id: text("source account"),
        source_region: text("source region"),
    }
}

fn full_facts() -> Facts {
    Facts {
        bucket: 17,
        session_id: "Matt-07a16060613c408b5".into(),
        account_id: text("account"),
        region: None,
        first_fact_at: Some(at(0)),
        last_fact_at: Some(at(1)),
        target_id: text("target"),
        document_name: text("document"),
        principal_arn: text("principal"),
        reason: text("reason"),
        source_ip: text("ip"),
        mfa: Some(true),
        run_as_user: text("user"),
        access_type: text("access"),
        service_status: text("status"),
        ecs: true,
        started_at: Some(at(2)),
        start_method: Some(StartMethod::StartCall),
        resumes: 3,
        last_proof_at: Some(at(4)),
        last_proof_tier: Some(Tier::A),
        vouched_proof_at: Some(at(18)),
        vouched_proof_tier: Some(Tier::B),
        ended_at: Some(at(5)),
        end_method: Some(EndMethod::TerminateCall),
        ended_after: Some(at(6)),
        ended_before: Some(at(7)),
        end_tier: Some(Tier::C),
        closing_principal_arn: text("closer"),
        closed_by_call: true,
        corroborated: false,
        exit_line: true,
        listed_max_duration_seconds: Some(8),
        first_activity_at: Some(at(9)),
        last_activity_at: Some(at(10)),
        activity_events: Some(11),
        activity_bytes: Some(12),
        activity_sources: vec!["other".to_owned(), "source".to_owned()],
        gap_starts: vec![at(13), at(14)],
        gap_ends: vec![at(15), at(16)],
        listed_active_at: vec![],
        ghost: false,
        streamed: true,
        has_transcript: true,
        text_arrived_at: Some(at(19)),
        log_bytes: 17,
        stored_bytes: 20,
    }
}

/// As DataFusion hands batches over: texts as views, and the columns in another order.
fn as_another_engine(batch: &RecordBatch) -> RecordBatch {
    let columns: Vec<(Field, ArrayRef)> = batch
        .schema()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| {
            let column = if column.data_type() == &DataType::Utf8 { cast(column, &DataType::Utf8View).unwrap() } else { column.clone() };
            (Field::new(field.name(), column.data_type().clone(), true), column)
        })
        .rev()
        .collect();
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

#[test]
fn events_come_back() {
    let mut events: Vec<Event> = EventKind::ALL.into_iter().map(|kind| Event::blank(kind, "cw:2".into())).collect();
    events.push(full_event());
    let batch = events_batch(&events).unwrap();
    assert_eq!(batch.schema(), table::EVENTS.schema());
    assert_eq!(events_from(&batch).unwrap(), events);
    assert_eq!(events_from(&as_another_engine(&batch)).unwrap(), events);
}

#[test]
fn an_event_lies_in_the_bucket_of_its_session() {
    let batch = events_batch(&[full_event(), Event::blank(EventKind::OtherCall, "cw:2".into())]).unwrap();
    let buckets = Read::new(&table::EVENTS, &batch).integers("bucket").unwrap();
    assert_eq!(buckets.get(0), Some(i64::from(schemas::bucket("Matt-07a16060613c408b5"))));
    assert_eq!(buckets.get(1), Some(0));
}

#[test]
fn facts_come_back() {
    let mut other = full_facts();
    other.start_method = None;
    other.end_method = None;
    other.last_proof_tier = None;
    other.vouched_proof_tier = None;
    other.end_tier = None;
    other.gap_starts = vec![];
    other.activity_sources = vec![];
    let facts = [full_facts(), other];
    let batch = facts_batch(&facts).unwrap();
    assert_eq!(batch.schema(), table::SESSION_FACTS.schema());
    assert_eq!(facts_from(&batch).unwrap(), facts);
    assert_eq!(facts_from(&as_another_engine(&batch)).unwrap(), facts);
}

#[test]
fn snapshots_come_back() {
    let observation = |answer| Observation {
        account_id: "account".into(),
        region: "region".into(),
        observed_at: at(0),
        answer,
        subject: text("subject"),
        complete: false,
        items: 1,
        detail: None,
        source: "source".into(),
        object: "object".into(),
        sha256: "hash".into(),
    };
    let observations: Vec<Observation> = Answer::ALL.into_iter().map(observation).collect();
    assert_eq!(observations_from(&as_another_engine(&observations_batch(&observations).unwrap())).unwrap(), observations);

    let instance = |listed_by| Instance {
        account_id: "account".into(),
        region: "region".into(),
        observed_at: at(0),
        instance_id: "instance".into(),
        listed_by,
        state: text("running"),
        tags: text("{}"),
        ping_status: None,
        last_ping_at: Some(at(1)),
        agent_version: text("3"),
        platform: text("Linux"),
        source: "source".into(),
        object: "object".into(),
    };
    let instances = [instance(Listed::Ec2), instance(Listed::Ssm)];
    assert_eq!(instances_from(&as_another_engine(&instances_batch(&instances).unwrap())).unwrap(), instances);

    let preferences = [Preference {
        account_id: "account".into(),
        region: "region".into(),
        observed_at: at(0),
        document_name: "name".into(),
        document_version: "1".into(),
        session_type: text("type"),
        idle_session_timeout: text("20"),
        max_session_duration: None,
        s3_bucket_name: text("bucket"),
        s3_key_prefix: text("prefix"),
        s3_encryption_enabled: Some(true),
        cloud_watch_log_group_name: text("group"),
        cloud_watch_encryption_enabled: Some(false),
        cloud_watch_streaming_enabled: None,
        kms_key_id: text("key"),
        run_as_enabled: Some(true),
        run_as_default_user: text("user"),
        shell_profile_linux: text("linux"),
        shell_profile_windows: text("windows"),
        created_at: Some(at(1)),
        content_sha256: "hash".into(),
        content: "{}".into(),
        source: "source".into(),
        object: "object".into(),
    }];
    assert_eq!(preferences_from(&as_another_engine(&preferences_batch(&preferences).unwrap())).unwrap(), preferences);
}

#[test]
fn rejects_come_back_and_their_ids_tell_versions_apart() {
    let reject = |code, version: &str| RejectRow {
        reject: Reject { source: "source".into(), object: "object".into(), at: "line 1".into(), code, detail: "detail".into() },
        object_version: version.to_owned(),
    };
    let mut rejects: Vec<RejectRow> = Code::ALL.into_iter().map(|code| reject(code, "1")).collect();
    rejects.push(reject(Code::GzipCorrupt, "2"));
    assert_eq!(rejects_from(&as_another_engine(&rejects_batch(&rejects).unwrap())).unwrap(), rejects);
    let ids: std::collections::HashSet<String> = rejects.iter().map(RejectRow::id).collect();
    assert_eq!(ids.len(), rejects.len());
}

#[test]
fn a_batch_that_is_not_of_the_table_is_refused_with_the_column() {
    let batch = events_batch(&[full_event()]).unwrap();
    let names: Vec<usize> = (0..batch.num_columns()).filter(|index| batch.schema().field(*index).name() != "sha256").collect();
    let error = events_from(&batch.project(&names).unwrap()).unwrap_err();
    assert!(matches!(error, RowError::Column { ref column, .. } if column == "sha256"), "{error}");
    let error = facts_from(&batch).unwrap_err();
    assert!(matches!(error, RowError::Column { table: "session_facts", .. }), "{error}");
}

#[test]
fn an_unknown_word_is_refused_with_its_column() {
    let batch = events_batch(&[full_event()]).unwrap();
    let index = batch.schema().index_of("kind").unwrap();
    let mut columns = batch.columns().to_vec();
    columns[index] = Arc::new(arrow::array::StringArray::from(vec!["dance"]));
    let error = events_from(&RecordBatch::try_new(batch.schema(), columns).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "the column kind of events holds the unknown word \"dance\"");
}
