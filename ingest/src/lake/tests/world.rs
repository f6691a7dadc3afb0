//! A small world to ingest, and everything that a lake holds, as text.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use schemas::{Answer, Code, Event, EventKind, Instance, Listed, Observation, Preference, Reject, Timestamp};
use url::Url;

use crate::lake::read::{Wanted, gather};
use crate::lake::tuning::Tuning;
use crate::lake::{Asked, GapRow, Lake, LakeError, ObjectRow, Outcome, Status};
use crate::source::Custody;

/// Sizes so small that even this world takes many files, row groups and ranges.
pub(crate) const SMALL: Tuning = Tuning {
    spill_rows: 5,
    spill_bytes: 1 << 20,
    range_rows: 9,
    step_rows: 6,
    row_group_rows: 3,
    page_rows: 2,
    zstd: 1,
    facts_bytes: 400_000,
    compact_bytes: 1 << 20,
    settle_bytes: 1 << 20,
    fan: 2,
};

/// Where the lakes in memory are.
const PLACE: &str = "memory:///some/lake";

pub(crate) fn memory() -> Arc<dyn ObjectStore> {
    Arc::new(InMemory::new())
}

/// A lake without a row, to be forked.
pub(crate) async fn empty_lake() -> InMemory {
    let empty = InMemory::new();
    let store: Arc<dyn ObjectStore> = Arc::new(empty.clone());
    drop(open(&store).await.unwrap());
    empty.fork()
}

pub(crate) async fn open(store: &Arc<dyn ObjectStore>) -> Result<Lake, LakeError> {
    Lake::open_tuned(Arc::clone(store), &Url::parse(PLACE).unwrap(), SMALL).await
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_782_864_000_000_000).plus_seconds(seconds)
}

/// Objects of the world, by number. Object n is about the sessions n, n + 1 and n + 2, so that every session comes in several objects.
pub(crate) fn keys(count: usize) -> Vec<usize> {
    (0..count).collect()
}

fn session_id(number: usize) -> String {
    format!("jane-{:017x}", 0x0a1b_2c3d_0000_0000 + number)
}

pub(crate) fn event(object: usize, position: usize, kind: EventKind, session: Option<usize>) -> Event {
    Event {
        event_time: Some(at((object * 60 + position) as i64)),
        session_id: session.map(session_id),
        account_id: Some("111122223333".to_owned()),
        region: Some("eu-central-1".to_owned()),
        target_id: Some(format!("i-{object:017x}")),
        principal_arn: Some("arn:aws:sts::111122223333:assumed-role/Admin/jane".to_owned()),
        mfa: Some(true),
        lines: Some(1),
        bytes: Some(10),
        source: "world".to_owned(),
        object: key(object),
        object_version: "1".to_owned(),
        position: position as i64,
        sha256: "00".to_owned(),
        ..Event::blank(kind, format!("{}-{session:?}-{object}", kind.as_str()))
    }
}

pub(crate) fn key(object: usize) -> String {
    format!("object-{object:03}")
}

pub(crate) fn object_row(object: usize) -> ObjectRow {
    ObjectRow {
        source: "world".to_owned(),
        object: key(object),
        object_version: "1".to_owned(),
        size: 100,
        last_modified: Some(at(0)),
        sha256: Some("00".to_owned()),
        status: Status::Read,
        events: 4,
        rejects: 1,
        oldest_event_at: None,
        newest_event_at: None,
        vouched_at: None,
        gzip_members: None,
        custody: Custody::default(),
    }
}

/// Ingests these objects, `portion` of them in a batch, as the pipeline does: what is known is not read again, and where another run was
/// faster the rest is tried again.
pub(crate) async fn ingest(lake: &mut Lake, objects: &[usize], portion: usize) -> Result<(), LakeError> {
    for round in objects.chunks(portion) {
        loop {
            let keys: Vec<String> = round.iter().map(|object| key(*object)).collect();
            let asked: Vec<Asked<'_>> = keys.iter().map(|object| Asked { source: "world", object, object_version: "1" }).collect();
            let known = lake.known().holds_each(&asked).await?;
            let new: Vec<usize> = round.iter().zip(known).filter(|(_, known)| !known).map(|(object, _)| *object).collect();
            if new.is_empty() {
                break;
            }
            let mut batch = lake.stage();
            for object in new {
                stage(&mut batch, object).await?;
            }
            if lake.commit(batch).await? == Outcome::Committed {
                break;
            }
        }
    }
    Ok(())
}

pub(crate) async fn stage(batch: &mut crate::lake::Batch, object: usize) -> Result<(), LakeError> {
    batch.event(event(object, 0, EventKind::StartCall, Some(object))).await?;
    batch.event(event(object, 1, EventKind::Stream, Some(object + 1))).await?;
    batch.event(event(object, 2, EventKind::TerminateCall, Some(object + 2))).await?;
    batch.event(event(object, 3, EventKind::OtherCall, None)).await?;
    batch.reject(Reject { source: "world".into(), object: key(object), at: "line 1".into(), code: Code::LineUnexpected, detail: "no".into() }, "1").await?;
    batch.gap(GapRow { source: "world".into(), place: format!("place-{}", object / 3), cause: "denied".into(), detail: "no".into() });
    let (account_id, region, source) = ("111122223333".to_owned(), "eu-central-1".to_owned(), "world".to_owned());
    let observed_at = at(object as i64);
    if object.is_multiple_of(3) {
        batch
            .observation(Observation {
                account_id: account_id.clone(),
                region: region.clone(),
                observed_at,
                answer: Answer::Instances,
                subject: None,
                complete: true,
                items: 1,
                detail: None,
                source: source.clone(),
                object: key(object),
                sha256: "00".into(),
            })
            .await?;
    }
    if object.is_multiple_of(4) {
        batch
            .instance(Instance {
                account_id: account_id.clone(),
                region: region.clone(),
                observed_at,
                instance_id: format!("i-{object:017x}"),
                listed_by: Listed::Ec2,
                state: Some("running".into()),
                tags: None,
                ping_status: None,
                last_ping_at: None,
                agent_version: None,
                platform: None,
                source: source.clone(),
                object: key(object),
            })
            .await?;
    }
    if object.is_multiple_of(5) {
        batch.preference(preference(account_id, region, observed_at, source, key(object))).await?;
    }
    batch.object(object_row(object));
    Ok(())
}

pub(crate) fn preference(account_id: String, region: String, observed_at: Timestamp, source: String, object: String) -> Preference {
    Preference {
        account_id,
        region,
        observed_at,
        document_name: "SSM-SessionManagerRunShell".into(),
        document_version: "1".into(),
        session_type: None,
        idle_session_timeout: Some("20".into()),
        max_session_duration: None,
        s3_bucket_name: None,
        s3_key_prefix: None,
        s3_encryption_enabled: None,
        cloud_watch_log_group_name: None,
        cloud_watch_encryption_enabled: None,
        cloud_watch_streaming_enabled: None,
        kms_key_id: None,
        run_as_enabled: None,
        run_as_default_user: None,
        shell_profile_linux: None,
        shell_profile_windows: None,
        created_at: None,
        content_sha256: "00".into(),
        content: "{}".into(),
        source,
        object,
    }
}

/// Every row of every table but `runs`, by table, sorted; without the number of the batch, which tells how the runs went.
pub(crate) async fn rows(store: &Arc<dyn ObjectStore>) -> BTreeMap<&'static str, Vec<String>> {
    rows_at(store, &Url::parse(PLACE).unwrap()).await
}

/// As [`rows`], of the lake at `url`.
pub(crate) async fn rows_at(store: &Arc<dyn ObjectStore>, url: &Url) -> BTreeMap<&'static str, Vec<String>> {
    rows_of(&mut Lake::open_tuned(Arc::clone(store), url, SMALL).await.unwrap()).await
}

/// As [`rows`], of a lake as this process has seen it last.
pub(crate) async fn rows_of(lake: &mut Lake) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for shelf in lake.shelves_mut().into_iter().filter(|shelf| shelf.folder.table.name != "runs") {
        let mut rows = Vec::new();
        for batch in gather(&shelf.folder, &shelf.files(), &Wanted::ALL).await.unwrap() {
            let schema = batch.schema();
            let columns: Vec<_> = schema.fields().iter().zip(batch.columns()).filter(|(field, _)| field.name() != "batch").collect();
            let formats: Vec<_> = columns
                .iter()
                .map(|(field, column)| (field.name(), ArrayFormatter::try_new(column.as_ref(), &FormatOptions::default().with_null("-")).unwrap()))
                .collect();
            rows.extend(
                (0..batch.num_rows()).map(|row| formats.iter().map(|(name, format)| format!("{name}={}", format.value(row))).collect::<Vec<_>>().join(" ")),
            );
        }
        rows.sort();
        all.insert(shelf.folder.table.name, rows);
    }
    all
}

/// The rows of the run that went well.
pub(crate) async fn expected(count: usize) -> BTreeMap<&'static str, Vec<String>> {
    let store = memory();
    let mut lake = open(&store).await.unwrap();
    ingest(&mut lake, &keys(count), count).await.unwrap();
    lake.refresh().await.unwrap();
    let rows = rows(&store).await;
    assert_eq!(rows["events"].len(), 4 * count);
    assert_eq!(rows["objects"].len(), count);
    assert_eq!(rows["rejects"].len(), count);
    assert_eq!(rows["gaps"].len(), count.div_ceil(3));
    assert_eq!(rows["observations"].len(), count.div_ceil(3));
    assert_eq!(rows["instances"].len(), count.div_ceil(4));
    assert_eq!(rows["preferences"].len(), count.div_ceil(5));
    assert_eq!(rows["session_facts"].len(), count + 2, "sessions 0 to count + 1");
    rows
}
