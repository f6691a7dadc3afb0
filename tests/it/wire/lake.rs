//! A lake on S3 is the lake that a folder holds, also where eight write it at once.

use std::path::Path;
use std::thread;

use super::{BUCKET, answers, lake_on_s3, must, ran, upload};
use crate::support::estate::make;
use crate::support::s3::{Call, Fault, Server, StandIn, What};

/// The same estate twice: with its lake in a folder, and on S3.
fn two(seed: u64, server: &Server) -> (tempfile::TempDir, tempfile::TempDir) {
    let (folder, bucket) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    make(folder.path(), seed);
    make(bucket.path(), seed);
    // Files of the same age.
    upload(folder.path(), &StandIn::with_bucket("aside"));
    upload(bucket.path(), &StandIn::with_bucket("aside"));
    lake_on_s3(bucket.path(), server);
    (folder, bucket)
}

fn objects(dir: &Path) -> String {
    must(dir, &["query", "SELECT source, object, count(*) AS times FROM objects GROUP BY source, object ORDER BY source, object", "--format", "ndjson"], &[0])
}

fn sessions(dir: &Path) -> String {
    must(dir, &["query", "SELECT * FROM sessions ORDER BY account_id, region, session_id", "--format", "ndjson"], &[0])
}

#[test]
fn every_command_answers_from_a_lake_on_s3_as_from_one_in_a_folder() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let (folder, bucket) = two(3, &server);
    assert_eq!(ran(bucket.path(), &["status"]).code, Some(1), "there is no lake yet");
    assert_eq!(ran(bucket.path(), &["compact"]).code, Some(1), "nor is one made by a command that needs one");
    must(bucket.path(), &["ingest", "--dry-run", "--quiet"], &[0, 3]);
    assert!(stand_in.keys(BUCKET).is_empty(), "a dry run leaves no trace");
    for step in [&["ingest", "--quiet"][..], &["ingest", "--quiet"], &["compact", "--quiet"], &["rebuild", "--quiet"]] {
        must(folder.path(), step, &[0, 3]);
        must(bucket.path(), step, &[0, 3]);
        assert_eq!(objects(folder.path()), objects(bucket.path()), "after {step:?}");
        assert_eq!(sessions(folder.path()), sessions(bucket.path()), "after {step:?}");
    }
    assert_eq!(answers(folder.path()), answers(bucket.path()));
    let status = |dir: &Path| must(dir, &["status", "--as-of", "2026-07-14T00:00:00Z"], &[0, 3]);
    assert_eq!(status(folder.path()), status(bucket.path()));
    let published = stand_in.kept(BUCKET, "lake/published/sessions.parquet").expect("it is published").bytes;
    assert!(published.starts_with(b"PAR1") && published.ends_with(b"PAR1"), "published whole");
    let named = must(folder.path(), &["kpi", "kpi_weekly", "--format", "csv"], &[0]);
    assert_eq!(must(bucket.path(), &["kpi", "kpi_weekly", "--format", "csv", "--lake", &format!("s3://{BUCKET}/lake/")], &[0]), named);
}

#[test]
fn eight_at_once_lose_nothing_and_double_nothing() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let (folder, bucket) = two(4, &server);
    must(folder.path(), &["ingest", "--quiet"], &[0, 3]);
    thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| ran(bucket.path(), &["ingest", "--quiet"]))).collect();
        for run in runs {
            let run = run.join().expect("no panic");
            assert!(matches!(run.code, Some(0 | 3)), "{:?}: {}", run.code, run.stderr);
        }
    });
    assert_eq!(objects(folder.path()), objects(bucket.path()));
    assert_eq!(sessions(folder.path()), sessions(bucket.path()));
    let events = |dir: &Path| must(dir, &["query", "SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM events", "--format", "csv"], &[0]);
    assert_eq!(events(folder.path()), events(bucket.path()));
}

#[test]
fn a_store_that_falters_and_loses_answers_leaves_the_same_lake() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let (folder, bucket) = two(5, &server);
    must(folder.path(), &["ingest", "--quiet"], &[0, 3]);
    stand_in.faults(vec![
        Fault { after: 3, ..Fault::first(2, Call::Put, What::SlowDown) },
        Fault::first(3, Call::Put, What::Swallowed).at("_delta_log/"),
        Fault { after: 5, ..Fault::first(2, Call::Get, What::Tears(10)) },
        Fault { after: 2, ..Fault::first(2, Call::List, What::Fails) },
    ]);
    let faltered = ran(bucket.path(), &["ingest", "--quiet"]);
    stand_in.faults(Vec::new());
    assert!(faltered.code.is_some(), "it ends");
    must(bucket.path(), &["ingest", "--quiet"], &[0, 3]);
    assert_eq!(objects(folder.path()), objects(bucket.path()));
    assert_eq!(sessions(folder.path()), sessions(bucket.path()));
}
