//! What is there already must cost a run nearly nothing: opening a lake of a million objects and as many sessions, a run that finds nothing
//! new, and one more hour, against the listing alone and against the same hour into an empty lake.
//!
//! `SESSIONTRAIL_BENCH_OBJECTS` sets another number of objects. The lake is made through its own interface, by rows that are made up.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use ingest::lake::{Lake, ObjectRow, Status};
use ingest::pipeline::{Options, run};
use ingest::source::{Custody, Memory, Origin, Resume, Source, SourceKind};
use ingest::summary::Silent;
use schemas::{Event, EventKind, Timestamp};

use crate::line;

/// Objects that are known, each about one session of two events.
const OBJECTS: usize = 1_000_000;
/// Objects of a batch, as a run commits them.
const BATCH: usize = 4_096;
/// Objects of one more hour: of ten sessions nine are new, and one began an hour before.
const HOUR: usize = 500;

pub(crate) fn bench() {
    let objects = std::env::var("SESSIONTRAIL_BENCH_OBJECTS").ok().and_then(|text| text.parse().ok()).unwrap_or(OBJECTS);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    let (full, empty) = (base.join(format!("state-{objects}")), base.join("state-0"));
    runtime.block_on(async {
        make(&full, objects).await;
        let _ = fs::remove_dir_all(&empty);

        line("open", fastest_of(async || drop(Lake::local(&full).await.expect("a lake"))).await, objects as u64, "objects");
        let source: Arc<dyn Source> = Arc::new(listing(objects));
        let alone = fastest_of(async || assert_eq!(source.objects(Resume::beginning()).count().await, objects)).await;
        line("the listing alone, in memory", alone, objects as u64, "objects");
        let nothing = fastest_of(async || {
            let mut lake = Lake::local(&full).await.expect("a lake");
            let summary = run(&mut lake, std::slice::from_ref(&source), &Options { from: None, to: None }, &Silent).await.expect("a run");
            assert_eq!((summary.counts.known, summary.counts.read), (objects as u64, 0));
        })
        .await;
        line("open, list, nothing new", nothing, objects as u64, "objects");
        println!("  → against the listing alone: {:.2} ×", nothing.as_secs_f64() / alone.as_secs_f64());

        let mut next = objects;
        let more = timed_hours(&full, &mut next).await;
        line("one more hour", more, HOUR as u64, "objects");
        let mut next = HOUR;
        let first = timed_hours(&empty, &mut next).await;
        line("the same hour into an empty lake", first, HOUR as u64, "objects");
        println!("  → against an empty lake: {:.2} ×", more.as_secs_f64() / first.as_secs_f64());
    });
}

async fn fastest_of(mut go: impl AsyncFnMut()) -> Duration {
    let mut fastest = Duration::MAX;
    for _ in 0..crate::RUNS {
        let begin = Instant::now();
        go().await;
        fastest = fastest.min(begin.elapsed());
    }
    fastest
}

/// The fastest of some hours, one after the other.
async fn timed_hours(place: &Path, next: &mut usize) -> Duration {
    fastest_of(async || {
        let mut lake = Lake::local(place).await.expect("a lake");
        commit(&mut lake, *next, HOUR).await;
        lake.refresh().await.expect("refreshed");
        lake.settle().await.expect("settled");
        *next += HOUR;
    })
    .await
}

/// A lake of so many objects, or the one that an earlier run made.
async fn make(place: &Path, objects: usize) {
    let stamp = place.join("made.txt");
    if stamp.exists() {
        return;
    }
    let _ = fs::remove_dir_all(place);
    let begin = Instant::now();
    let mut lake = Lake::local(place).await.expect("a lake");
    for first in (0..objects).step_by(BATCH) {
        commit(&mut lake, first, BATCH.min(objects - first)).await;
    }
    lake.refresh().await.expect("refreshed");
    lake.settle().await.expect("settled");
    println!("made {} in {:.0} s", place.display(), begin.elapsed().as_secs_f64());
    fs::write(stamp, "").expect("the target directory can be written");
}

fn key(number: usize) -> String {
    format!("sessions/operator-{number:017x}.log")
}

fn modified() -> Timestamp {
    Timestamp::from_micros(1_782_864_000_000_000)
}

fn listing(objects: usize) -> Memory {
    let origin = Origin { name: "transcripts".to_owned(), kind: SourceKind::Transcripts, account_id: None, region: None };
    (0..objects).fold(Memory::new(origin), |source, number| source.with(&key(number), modified(), ""))
}

/// Commits these objects as one batch, with two events of a session for each.
async fn commit(lake: &mut Lake, first: usize, objects: usize) {
    let mut batch = lake.stage();
    for number in first..first + objects {
        let session = if number >= HOUR && number.is_multiple_of(10) { number - HOUR } else { number };
        for (position, kind) in [EventKind::StartCall, EventKind::TerminateCall].into_iter().enumerate() {
            let event_id = format!("ct:{number:08x}-0000-4000-8000-{position:012x}");
            let event = Event {
                event_time: Some(modified().plus_seconds((number * 60 + position * 600) as i64 / 100)),
                session_id: Some(format!("operator-{session:017x}")),
                account_id: Some("111122223333".to_owned()),
                region: Some("eu-central-1".to_owned()),
                target_id: Some(format!("i-{:017x}", session % 5_000)),
                principal_arn: Some(format!("arn:aws:sts::111122223333:assumed-role/Operator/o{:03}", session % 400)),
                source: "transcripts".to_owned(),
                object: key(number),
                object_version: version(),
                position: position as i64,
                sha256: schemas::sha256_hex(event_id.as_bytes()),
                ..Event::blank(kind, event_id)
            };
            batch.event(event).await.expect("staged");
        }
        batch.object(ObjectRow {
            source: "transcripts".to_owned(),
            object: key(number),
            object_version: version(),
            size: 0,
            last_modified: Some(modified()),
            sha256: Some(schemas::sha256_hex(&number.to_le_bytes())),
            status: Status::Read,
            events: 2,
            rejects: 0,
            oldest_event_at: Some(modified()),
            newest_event_at: Some(modified()),
            vouched_at: None,
            gzip_members: None,
            custody: Custody::default(),
        });
    }
    lake.commit(batch).await.expect("committed");
}

/// As a source says it of an empty object.
fn version() -> String {
    format!("0-{}", modified().micros())
}
