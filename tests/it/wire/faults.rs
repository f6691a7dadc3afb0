//! Every kind of trouble at every call to S3 in turn, while sources are read: the run heals, or names what is missing; and the next one makes good.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
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
use crate::support::told::say;
use crate::support::world::{gzip, start_session, terminate_session};

const PATIENCE: Duration = Duration::from_millis(250);

/// What goes wrong.
const TROUBLE: [What; 7] = [What::Fails, What::SlowDown, What::Resets, What::Waits(Duration::from_secs(3)), What::Tears(3), What::Stalls(3), What::Stale];

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

type Tables = BTreeMap<&'static str, Vec<String>>;

async fn told(lake: &Path) -> Tables {
    let url = Url::from_directory_path(lake.canonicalize().expect("a folder")).expect("an address");
    tables(Arc::new(LocalFileSystem::new()), &url, &["objects", "event_copies", "rejects", "gaps", "session_facts"]).await
}

/// An S3 with the estate, and an empty lake, since it takes a while to make one.
struct Lane {
    stand_in: StandIn,
    server: Server,
    empty: tempfile::TempDir,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Became {
    Healed,
    Named,
    /// A listing that leaves something out looks like any other.
    Unseen,
}

/// One thing that goes wrong: at which call of all of them, or at every call of a kind and key.
#[derive(Debug, Clone)]
struct Case {
    what: What,
    number: usize,
    call: Call,
    key: String,
    for_good: bool,
}

impl Lane {
    async fn new() -> Self {
        let stand_in = StandIn::with_bucket(BUCKET);
        let server = stand_in.serve();
        estate(&stand_in);
        let empty = tempfile::tempdir().expect("a folder");
        Lake::local(empty.path()).await.expect("a lake");
        Self { stand_in, server, empty }
    }

    /// A lake that holds nothing yet.
    fn lake(&self) -> tempfile::TempDir {
        let lake = tempfile::tempdir().expect("a folder");
        let mut open = vec![self.empty.path().to_owned()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let copy = lake.path().join(path.strip_prefix(self.empty.path()).expect("below it"));
                if path.is_dir() {
                    std::fs::create_dir(copy).expect("a folder");
                    open.push(path);
                } else {
                    std::fs::copy(path, copy).expect("a file");
                }
            }
        }
        lake
    }

    async fn survives(&self, case: &Case, expected: &Tables) -> Became {
        let Case { what, number, call, key, for_good } = case;
        let fault = match for_good {
            false => Fault { after: *number, ..Fault::first(1, Call::Any, *what) },
            true => Fault::always(*call, *what).at(key),
        };
        self.stand_in.faults(vec![fault]);
        let lake = self.lake();
        let summary = ingested(lake.path(), &self.server).await;
        self.stand_in.faults(Vec::new());
        let became = match (what, summary.is_complete()) {
            (What::Stale, is_complete) => {
                assert!(is_complete, "{case:?}: {:?}", summary.unread);
                Became::Unseen
            }
            (_, true) => {
                assert!(!for_good, "nobody answered, and it was not said: {case:?}");
                assert_eq!(summary.counts.read, 6, "{case:?}");
                Became::Healed
            }
            (_, false) => {
                // What is missing is named: the object of the call, or the folder that was to be listed, or one above it.
                let is_named = summary.unread.values().any(|missed| key.starts_with(&missed.sample.source) && key.contains(&missed.sample.place));
                assert!(!for_good || is_named, "{case:?}: {:?}", summary.unread);
                Became::Named
            }
        };
        assert!(ingested(lake.path(), &self.server).await.is_complete(), "the run after {case:?}");
        let found = told(lake.path()).await;
        for (table, rows) in expected {
            assert_eq!(&found[table], rows, "{table}: {case:?}");
        }
        became
    }
}

/// Lakes that are filled side by side.
const LANES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn faults_at_every_call_to_s3_heal_or_are_named_and_lose_nothing() {
    let lane = Lane::new().await;
    let lake = lane.lake();
    lane.stand_in.calls();
    assert!(ingested(lake.path(), &lane.server).await.is_complete());
    let calls = lane.stand_in.calls();
    let expected = Arc::new(told(lake.path()).await);
    assert!(calls.len() >= 10 && expected["objects"].len() == 6 && expected["session_facts"].len() == 2 && expected["gaps"].is_empty(), "{calls:?}");
    let applies = |what: What, call: Call| what != What::Stale || call == Call::List;
    let cases = TROUBLE.into_iter().flat_map(|what| calls.iter().enumerate().map(move |(number, (call, key))| (what, number, *call, key)));
    let cases = cases.filter(|(what, _, call, _)| applies(*what, *call));
    let cases = cases.flat_map(|(what, number, call, key)| [false, true].map(|for_good| Case { what, number, call, key: key.clone(), for_good }));
    let cases: Arc<Mutex<Vec<Case>>> = Arc::new(Mutex::new(cases.collect()));
    let faults = cases.lock().expect("nobody panics").len();
    let lanes = (0..LANES).map(|_| {
        let (cases, expected) = (Arc::clone(&cases), Arc::clone(&expected));
        async move {
            let (lane, mut became) = (Lane::new().await, Vec::new());
            while let Some(case) = { cases.lock().expect("nobody panics").pop() } {
                became.push(lane.survives(&case, &expected).await);
            }
            became
        }
    });
    let became: Vec<Became> = futures::future::join_all(lanes).await.into_iter().flatten().collect();
    let count = |what| became.iter().filter(|became| **became == what).count();
    let kinds: BTreeSet<String> = calls.iter().map(|(call, _)| format!("{call:?}")).collect();
    let [healed, named, unseen] = [Became::Healed, Became::Named, Became::Unseen].map(count);
    say(&format!("S3: {faults} faults at {} calls ({kinds:?}): {healed} healed, {named} named, {unseen} listings out of date; nothing lost", calls.len()));
    assert!(became.len() == faults && healed > 0 && named > 0 && unseen > 0);
}
