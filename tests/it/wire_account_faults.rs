//! An account over the wire that fails: what is missing is named, what is there is read, and the next good run closes the gap.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures::future::join_all;
use ingest::lake::Lake;
use ingest::pipeline::{self, Options};
use ingest::source::Source;
use ingest::summary::{Silent, Summary};
use object_store::local::LocalFileSystem;
use schemas::Timestamp;
use url::Url;

use crate::support::account::behaviour::{Behaviour, Failing, Fault};
use crate::support::account::estate::{ACCOUNT, REGIONS, account};
use crate::support::account::wired::{Patience, must, noon, shared, source_at, world};
use crate::support::account::{CALLS, StandIn};
use crate::support::rows::ndjson;
use crate::support::tables::tables;
use crate::support::told::say;

/// A minute for each time somebody looks at it.
fn clock() -> Timestamp {
    static MINUTES: AtomicI64 = AtomicI64::new(0);
    noon().plus_seconds(60 * MINUTES.fetch_add(1, Ordering::SeqCst))
}

async fn run(lake: &mut Lake, stand_in: &StandIn) -> Summary {
    // A new source for each run, as the product has it.
    let source: Arc<dyn Source> = shared(source_at(stand_in, None, &REGIONS[..1], Patience::None, clock).await);
    pipeline::run(lake, &[source], &Options { from: None, to: None }, &Silent).await.expect("the lake is written")
}

fn open_gaps(lake: &Lake) -> Vec<String> {
    let mut open: Vec<String> = lake.known().open_gaps("account").map(|gap| format!("{} {}", gap.cause, gap.place)).collect();
    open.sort();
    open
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_that_fails_is_a_gap_until_the_next_good_run() {
    let stand_in = account();
    let folder = tempfile::tempdir().expect("a folder");
    let mut lake = Lake::local(&folder.path().join("lake")).await.expect("a lake");
    let whole = run(&mut lake, &stand_in).await;
    assert!(whole.is_complete() && open_gaps(&lake).is_empty(), "{whole:?}");
    let mut gaps = 0;
    for operation in CALLS {
        for fault in [Fault::Denied, Fault::Broken] {
            stand_in.behave(Behaviour::failing(operation, fault));
            let summary = run(&mut lake, &stand_in).await;
            let open = open_gaps(&lake);
            assert!(!summary.is_complete() && !open.is_empty() && summary.counts.unread as usize == open.len(), "{operation} {fault:?}: {open:?}");
            assert!(operation == "GetCallerIdentity" || summary.counts.read > 3, "{operation} {fault:?}: {:?}", summary.counts);
            assert_eq!(summary.counts.rejected, 0, "{operation} {fault:?}");
            // Failing again opens nothing more.
            run(&mut lake, &stand_in).await;
            assert_eq!(open_gaps(&lake), open, "{operation} {fault:?}");
            gaps += open.len();
            stand_in.behave(Behaviour::default());
            let summary = run(&mut lake, &stand_in).await;
            assert!(summary.is_complete() && summary.counts.read == whole.counts.read && open_gaps(&lake).is_empty(), "{operation} {fault:?}: {summary:?}");
        }
    }
    say(&format!("an account: {} calls failed in two ways each, {gaps} gaps, all of them closed", CALLS.len()));
}

/// What the lake says of the snapshot of an hour after noon, and what is missing.
async fn told(folder: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let url = Url::from_directory_path(folder.canonicalize().expect("a folder")).expect("an address");
    let mut told = tables(Arc::new(LocalFileSystem::new()), &url, &["observations", "instances", "preferences", "gaps"]).await;
    told.iter_mut().filter(|(table, _)| **table != "gaps").for_each(|(_, rows)| rows.retain(|row| row.contains("/20260714T130000Z/")));
    told
}

/// One source at a moment; what went wrong, if anything did.
async fn run_at(lake: &Path, stand_in: &StandIn, moment: fn() -> Timestamp) -> Summary {
    let source = shared(source_at(stand_in, None, &REGIONS[..1], Patience::None, moment).await);
    let mut lake = Lake::local(lake).await.expect("a lake");
    pipeline::run(&mut lake, &[source], &Options { from: None, to: None }, &Silent).await.expect("the lake is written")
}

/// Each single call of each operation, not every call of it: a page in the middle, the second document, the third bucket.
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_at_any_single_call_leaves_what_the_next_run_tells_as_it_is() {
    const BUCKET_SETTINGS: [&str; 3] = ["GetBucketVersioning", "GetBucketEncryption", "GetObjectLockConfiguration"];
    let paged = || Behaviour { page: 1, ..Behaviour::default() };
    let later: fn() -> Timestamp = || noon().plus_seconds(3_600);
    let stand_in = account();
    stand_in.behave(paged());
    let folder = tempfile::tempdir().expect("a folder");
    assert!(run_at(folder.path(), &stand_in, noon).await.is_complete());
    let calls: Vec<(&str, u64)> = CALLS.iter().flat_map(|operation| (0..stand_in.calls_in_a_region(operation)).map(move |call| (*operation, call))).collect();
    assert!(calls.len() > CALLS.len() + 5, "{calls:?}");
    assert!(run_at(folder.path(), &stand_in, later).await.is_complete());
    let expected = told(folder.path()).await;
    assert!(expected.iter().all(|(table, rows)| rows.is_empty() == (*table == "gaps")), "{expected:?}");
    let faults = [Fault::Denied, Fault::Throttled, Fault::TornOff];
    // An account for each fault, and a lake for each call.
    let lanes = faults.map(|fault| {
        let (calls, expected) = (&calls, &expected);
        async move {
            let stand_in = account();
            for (operation, from) in calls.iter().copied() {
                let folder = tempfile::tempdir().expect("a folder");
                stand_in.behave(Behaviour { failing: vec![Failing { operation, from, count: 1, fault }], ..paged() });
                let failed = run_at(folder.path(), &stand_in, noon).await;
                // That a bucket lies elsewhere, the head of an answer says: what is torn off is not needed.
                let is_redirect = fault == Fault::TornOff && from == 1 && BUCKET_SETTINGS.contains(&operation);
                assert_eq!(failed.is_complete(), is_redirect, "{fault:?} at call {from} of {operation} is told");
                stand_in.behave(paged());
                assert!(run_at(folder.path(), &stand_in, later).await.is_complete(), "the run after {fault:?} at call {from} of {operation}");
                assert_eq!(told(folder.path()).await, *expected, "{fault:?} at call {from} of {operation}");
            }
        }
    });
    join_all(lanes).await;
    say(&format!("an account: {} faults at {} single calls; the next run tells what it would have told", faults.len() * calls.len(), calls.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_of_settings_stays_open_while_the_documents_cannot_be_read() {
    let stand_in = account();
    let folder = tempfile::tempdir().expect("a folder");
    let mut lake = Lake::local(&folder.path().join("lake")).await.expect("a lake");
    stand_in.behave(Behaviour::failing("GetBucketEncryption", Fault::Denied));
    run(&mut lake, &stand_in).await;
    let settings = open_gaps(&lake);
    assert_eq!(settings.len(), 2);
    for operation in ["ListDocuments", "GetDocument"] {
        stand_in.behave(Behaviour::failing(operation, Fault::Denied));
        run(&mut lake, &stand_in).await;
        let open = open_gaps(&lake);
        assert!(settings.iter().all(|gap| open.contains(gap)), "{operation}: {open:?}");
    }
    stand_in.behave(Behaviour::default());
    run(&mut lake, &stand_in).await;
    assert_eq!(open_gaps(&lake).len(), 0);
}

#[test]
fn the_binary_names_what_is_denied_ends_with_3_and_closes_the_gap() {
    let stand_in = account();
    let world = world(&stand_in.url(), &REGIONS, "");
    stand_in.behave(Behaviour {
        failing: ["DescribeInstances", "GetBucketVersioning"].into_iter().flat_map(|call| Behaviour::failing(call, Fault::Denied).failing).collect(),
        ..Behaviour::default()
    });
    let (_, told) = must(world.path(), &["ingest"], 3);
    assert!(
        told.contains("not read: account: denied: 6 (such as 111122223333/eu-central-1/describe-instances/: it may not be asked (UnauthorizedOperation"),
        "{told}"
    );
    let asked = |sql: &str| ndjson(&must(world.path(), &["query", sql, "--format", "ndjson"], 0).0);
    let places = || asked("SELECT place FROM gaps ORDER BY cause, place");
    let unanswered = asked("SELECT DISTINCT region FROM observations").len();
    assert_eq!((places().len(), places()[0]["place"].as_str()), (6 + unanswered, Some(format!("{ACCOUNT}/eu-central-1/describe-instances/").as_str())));
    assert_eq!((unanswered, asked("SELECT place FROM gaps WHERE cause = 'unanswered' AND detail = 'describe-instances.json is not there'").len()), (2, 2));
    let coverage = ndjson(&must(world.path(), &["query", "SELECT * FROM kpi_coverage", "--format", "ndjson"], 0).0);
    assert!(coverage.is_empty(), "what was not asked is no fleet of none: {coverage:?}");
    let throttled = |operation| Failing { operation, from: 0, count: 2, fault: Fault::Throttled };
    // The snapshot is of its second.
    std::thread::sleep(std::time::Duration::from_secs(1));
    stand_in.behave(Behaviour { failing: ["DescribeInstances", "GetDocument"].map(throttled).into(), ..Behaviour::default() });
    must(world.path(), &["ingest"], 0);
    assert_eq!(places().len(), 0, "the gaps are closed, and patience was enough for the rest");
}
