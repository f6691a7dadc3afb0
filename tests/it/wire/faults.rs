//! Every kind of trouble at every call to S3 in turn, while sources are read: the run heals, or names what is missing; and the next one makes good.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use ingest::lake::Lake;
use ingest::pipeline::{Options, run};
use ingest::source::{Origin, S3, Source, SourceKind};
use ingest::summary::{Silent, Summary};
use object_store::local::LocalFileSystem;
use url::Url;

use super::{BUCKET, config, noon, origin};
use crate::support::s3::{Call, Fault, Kept, Server, StandIn, What};
use crate::support::tables::tables;
use crate::support::world::{gzip, start_session, terminate_session};

const PATIENCE: Duration = Duration::from_millis(250);

/// What goes wrong.
const TROUBLE: [What; 7] = [What::Fails, What::SlowDown, What::Resets, What::Waits(Duration::from_secs(3)), What::Tears(10), What::Stalls(10), What::Stale];

/// A little of three kinds, the last of each put there after a stale listing was made.
fn estate(stand_in: &StandIn) {
    let records = |record| gzip(&serde_json::to_vec(&serde_json::json!({ "Records": [record] })).expect("JSON"));
    let day = "trail/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/07/06";
    let line = |text: &str| gzip(format!("2026-07-06T09:29:00.000Z {text}\n").as_bytes());
    let before: [(String, Vec<u8>); 3] = [
        ("transcripts/jane-0a1b2c3d4e5f60718.log".to_owned(), b"Script started on 2026-07-06 09:00:00+00:00\n$ exit\n".to_vec()),
        (format!("{day}/a.json.gz"), records(start_session("jane-0a1b2c3d4e5f60718", "2026-07-06T09:00:00Z", "jane"))),
        ("exports/task/kim-0a1b2c3d4e5f60719/000000.gz".to_owned(), line("hello")),
    ];
    let after: [(String, Vec<u8>); 3] = [
        ("transcripts/kim-0a1b2c3d4e5f60719.log".to_owned(), b"Script started on 2026-07-06 10:00:00+00:00\n$ \n".to_vec()),
        (format!("{day}/b.json.gz"), records(terminate_session("jane-0a1b2c3d4e5f60718", "2026-07-06T10:00:00Z", "jane"))),
        ("exports/task/kim-0a1b2c3d4e5f60719/000001.gz".to_owned(), line("again")),
    ];
    for objects in [before, after] {
        // What is remembered last is the estate without the objects of this turn.
        stand_in.remember();
        for (key, bytes) in objects {
            stand_in.plant(BUCKET, &key, Kept::new(bytes, noon()));
        }
    }
}

/// The sources, with little patience: what a store needs minutes for must not take a suite hours.
async fn sources(server: &Server) -> Vec<Arc<dyn Source>> {
    let timeouts = TimeoutConfig::builder().connect_timeout(PATIENCE).read_timeout(PATIENCE).operation_attempt_timeout(4 * PATIENCE).build();
    let config = config(server).await.into_builder();
    let config = config
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1)))
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(PATIENCE).build())
        .build();
    let source = |kind, folder: &str| -> Arc<dyn Source> { Arc::new(S3::new(Origin { name: folder.to_owned(), ..origin(kind) }, &config, BUCKET, folder)) };
    vec![source(SourceKind::Transcripts, "transcripts"), source(SourceKind::CloudTrail, "trail"), source(SourceKind::CloudWatch, "exports")]
}

async fn ingested(lake: &Path, server: &Server) -> Summary {
    let mut lake = Lake::local(lake).await.expect("a lake");
    run(&mut lake, &sources(server).await, &Options { from: None, to: None }, &Silent).await.expect("the lake is well")
}

async fn told(lake: &Path) -> BTreeMap<&'static str, Vec<String>> {
    tables(Arc::new(LocalFileSystem::new()), &Url::from_directory_path(lake.canonicalize().expect("a folder")).expect("an address"), "gaps").await
}

/// Whether what is missing is named: the object of the call, or the folder that was to be listed, or one above it.
fn names(summary: &Summary, key: &str) -> bool {
    summary.unread.values().any(|missed| format!("{}/{}", missed.sample.source, key).starts_with(&missed.sample.source) && key.contains(&missed.sample.place))
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_at_every_call_to_s3_heal_or_are_named_and_lose_nothing() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    estate(&stand_in);
    let whole = tempfile::tempdir().expect("a folder");
    stand_in.calls();
    assert!(ingested(whole.path(), &server).await.is_complete());
    let calls = stand_in.calls();
    let expected = told(whole.path()).await;
    assert!(calls.len() >= 10 && expected["objects"].len() == 6 && expected["sessions"].len() == 2, "{calls:?}");
    let kinds: BTreeSet<String> = calls.iter().map(|(call, _)| format!("{call:?}")).collect();
    let (mut faults, mut healed, mut named, mut passed) = (0, 0, 0, 0);
    for what in TROUBLE {
        for (number, (call, key)) in calls.iter().enumerate() {
            if what == What::Stale && *call != Call::List {
                continue;
            }
            for for_good in [false, true] {
                let fault = match for_good {
                    false => Fault { after: number, ..Fault::first(1, Call::Any, what) },
                    true => Fault::always(*call, what).at(key),
                };
                stand_in.faults(vec![fault]);
                let lake = tempfile::tempdir().expect("a folder");
                let summary = ingested(lake.path(), &server).await;
                let case = format!("{what:?} at call {number}, {call:?} of {key}, for good: {for_good}: {:?}", summary.unread);
                match (what, summary.is_complete()) {
                    // A listing that leaves something out looks like any other.
                    (What::Stale, is_complete) => {
                        assert!(is_complete, "{case}");
                        passed += 1;
                    }
                    (_, true) => {
                        assert!(!for_good, "nobody answered, and it was not said: {case}");
                        assert_eq!(summary.counts.read, 6, "{case}");
                        healed += 1;
                    }
                    (_, false) => {
                        assert!(!for_good || names(&summary, key), "{case}");
                        assert_eq!(told(lake.path()).await["gaps"].len() as u64, summary.counts.unread, "each is a gap: {case}");
                        named += 1;
                    }
                }
                stand_in.faults(Vec::new());
                assert!(ingested(lake.path(), &server).await.is_complete(), "the next run: {case}");
                let found = told(lake.path()).await;
                for (table, rows) in &expected {
                    assert_eq!(&found[table], rows, "{table}: {case}");
                }
                faults += 1;
            }
        }
    }
    println!("S3: {faults} faults at {} calls ({kinds:?}): {healed} healed, {named} named, {passed} listings out of date; nothing lost", calls.len());
    assert!(healed > 0 && named > 0 && passed > 0);
}
