//! Every call that a run makes to its lake on S3 goes wrong in turn: what was begun is finished by the next run, and every table is as if nothing had happened.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ingest::lake::{Lake, LakeError};
use ingest::pipeline::{Options, run};
use ingest::source::Source;
use ingest::summary::Silent;
use object_store::aws::AmazonS3Builder;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};
use tokio::runtime::Runtime;

use super::killed::{TABLES, lake, sources, world};
use super::{BUCKET, REGION};
use crate::support::s3::{ACCESS_KEY, Call, Fault, SECRET_KEY, Server, StandIn, State, What};
use crate::support::tables::{asked, tables};
use crate::support::told::say;

/// Lakes that are filled side by side.
const LANES: usize = 3;

/// What goes wrong with a call that changes something; *swallowed* is a success that nobody is told of.
const OF_CHANGES: [What; 4] = [What::Fails, What::SlowDown, What::Resets, What::Swallowed];
/// And with one that asks.
const OF_QUESTIONS: [What; 4] = [What::Fails, What::SlowDown, What::Resets, What::Tears(5)];

/// One fault: which call of all of them, what happens there, and how often the client asks again by itself.
#[derive(Debug, Clone, Copy)]
struct Case {
    number: usize,
    what: What,
    retries: usize,
}

struct Lane {
    stand_in: StandIn,
    server: Server,
    runtime: Runtime,
}

impl Lane {
    fn new() -> Self {
        let stand_in = StandIn::with_bucket(BUCKET);
        let server = stand_in.serve();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        Self { stand_in, server, runtime }
    }

    fn store(&self, max_retries: usize) -> Arc<dyn ObjectStore> {
        let backoff = BackoffConfig { init_backoff: Duration::from_millis(1), max_backoff: Duration::from_millis(5), ..BackoffConfig::default() };
        let retry = RetryConfig { max_retries, backoff, ..RetryConfig::default() };
        let store =
            AmazonS3Builder::new().with_bucket_name(BUCKET).with_region(REGION).with_endpoint(self.server.url()).with_allow_http(true).with_retry(retry);
        Arc::new(store.with_access_key_id(ACCESS_KEY).with_secret_access_key(SECRET_KEY).build().expect("a store"))
    }

    /// A run with so many repetitions of each call; what it says of the lake.
    fn ingest(&self, sources: &[Arc<dyn Source>], retries: usize) -> Result<(), LakeError> {
        self.runtime.block_on(async {
            let mut lake = Lake::open(self.store(retries), &lake()).await?;
            run(&mut lake, sources, &Options { from: None, to: None }, &Silent).await.map(drop)
        })
    }

    fn tables(&self) -> std::collections::BTreeMap<&'static str, Vec<String>> {
        self.runtime.block_on(tables(self.store(3), &lake(), &TABLES))
    }
}

#[test]
fn faults_at_every_call_to_the_lake_leave_the_same_tables() {
    let world = world();
    let sources = sources(&world);
    let lanes: Vec<Lane> = (0..LANES).map(|_| Lane::new()).collect();
    let first = &lanes[0];
    let empty: State = first.stand_in.state();
    first.stand_in.calls();
    first.ingest(&sources, 3).expect("nothing goes wrong");
    let calls = first.stand_in.calls();
    let expected = first.tables();
    // `runs` is written by the door, and nothing is published here.
    assert!(calls.len() > 30 && expected["objects"].len() >= 8 && !expected["session_facts"].is_empty(), "{} calls, {expected:?}", calls.len());
    let mut cases = Vec::new();
    for (number, (call, _)) in calls.iter().enumerate() {
        if matches!(call, Call::Put | Call::Delete) {
            cases.extend(OF_CHANGES.map(|what| Case { number, what, retries: 0 }));
            // A client that asks again is refused by what it has done itself.
            cases.push(Case { number, what: What::Swallowed, retries: 3 });
        } else {
            cases.push(Case { number, what: OF_QUESTIONS[number % OF_QUESTIONS.len()], retries: 0 });
        }
    }
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for lane in &lanes {
            let (calls, cases, sources, expected, empty, next, failed) = (&calls, &cases, &sources, &expected, &empty, &next, &failed);
            scope.spawn(move || {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    lane.stand_in.restore(empty);
                    lane.stand_in.faults(vec![Fault { after: case.number, ..Fault::first(1, Call::Any, case.what) }]);
                    let ended = lane.ingest(sources, case.retries);
                    failed.fetch_add(usize::from(ended.is_err()), Ordering::SeqCst);
                    lane.stand_in.faults(Vec::new());
                    lane.ingest(sources, 3).unwrap_or_else(|error| panic!("the run after {case:?}: {error:?}"));
                    let found = lane.tables();
                    for (table, rows) in expected {
                        assert_eq!(&found[table], rows, "{table}: {case:?} at {:?}", calls[case.number]);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    say(&format!("a lake on S3: {} faults at {} calls, {failed} runs of them failed; after the next run every table is the same", cases.len(), calls.len()));
    assert!(failed > 0 && failed < cases.len());
}

/// S3 promises that what it has acknowledged is there. Of a store that breaks this promise at any single Put, the ledger still tells no other story: it says the
/// same, or that something of it cannot be read.
#[test]
fn a_store_that_forgets_what_it_acknowledged_is_never_believed() {
    let world = world();
    let sources = sources(&world);
    let lane = Lane::new();
    let empty: State = lane.stand_in.state();
    lane.stand_in.calls();
    lane.ingest(&sources, 3).expect("nothing goes wrong");
    let puts: Vec<(usize, String)> =
        lane.stand_in.calls().into_iter().enumerate().filter(|(_, (call, _))| *call == Call::Put).map(|(number, (_, key))| (number, key)).collect();
    let expected = lane.tables();
    let (mut same, mut told, mut other) = (0, 0, Vec::new());
    for (number, key) in &puts {
        lane.stand_in.restore(&empty);
        lane.stand_in.faults(vec![Fault { after: *number, ..Fault::first(1, Call::Any, What::Forgets) }]);
        let first = lane.ingest(&sources, 3);
        lane.stand_in.faults(Vec::new());
        let second = lane.ingest(&sources, 3);
        match lane.runtime.block_on(asked(lane.store(3), &lake(), &TABLES)) {
            Ok(found) if found == expected => same += 1,
            Ok(_) if second.is_err() => told += 1,
            Ok(found) => other.push((
                key,
                first.err().map(|error| error.to_string()),
                TABLES.iter().filter(|table| found[*table] != expected[*table]).collect::<Vec<_>>(),
            )),
            Err(_) => told += 1,
        }
    }
    say(&format!(
        "a lake on S3 that forgets: {} Puts acknowledged and not kept; {same} times the same tables, {told} times it is said that they cannot be read",
        puts.len()
    ));
    assert!(other.is_empty(), "told otherwise, and in silence: {other:#?}");
}
