//! Large accounts, and many of them: what is asked, how long it takes, and what is held. Times are told, not tried.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use ingest::lake::Lake;
use ingest::pipeline::{self, Options};
use ingest::source::{Recorded, Resume, Source};
use ingest::summary::Silent;
use serde_json::json;

use crate::support::account::behaviour::Behaviour;
use crate::support::account::estate::{ACCOUNT, BEGUN, account, holdings, instances, nodes};
use crate::support::account::wired::{Patience, ask, shared, source};
use crate::support::account::{Holdings, StandIn};
use crate::support::told::say;

const REGION: &str = "eu-central-1";

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_instances_and_a_hundred_thousand_sessions_are_one_snapshot() {
    const INSTANCES: usize = 20_000;
    const SESSIONS: usize = 100_000;
    let stand_in = StandIn::of(ACCOUNT);
    let session = |n: usize| json!({ "SessionId": format!("bob-0{n:016x}"), "Target": "i-1", "Status": "Terminated", "StartDate": BEGUN, "EndDate": BEGUN + 60.0, "Owner": "arn:aws:iam::111122223333:user/bob", "DocumentName": "SSM-SessionManagerRunShell" });
    let large = Holdings { instances: instances(INSTANCES), nodes: nodes(INSTANCES), history: (0..SESSIONS).map(session).collect(), ..Holdings::default() };
    stand_in.hold(REGION, large);
    let folder = tempfile::tempdir().expect("a folder");
    let mut lake = Lake::local(&folder.path().join("lake")).await.expect("a lake");
    let source = shared(source(&stand_in, None, &[REGION], Patience::Own).await);
    let recorded: Arc<dyn Source> = Arc::new(Recorded::new(source, lake.answers("account")));
    let begun = Instant::now();
    let summary = pipeline::run(&mut lake, &[recorded], &Options { from: None, to: None }, &Silent).await.expect("the lake is written");
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(summary.counts.facts as usize, 2 * INSTANCES + SESSIONS + 5, "every instance, node and session, and five answers");
    say(&format!("{INSTANCES} instances and {SESSIONS} sessions: {} MB in {:.1?}", summary.counts.bytes >> 20, begun.elapsed()));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_account_regions_are_asked_side_by_side() {
    const LATENCY: Duration = Duration::from_millis(50);
    let region = |number: usize| format!("eu-test-{number}");
    let regions: Vec<String> = (0..50).map(region).collect();
    let stand_in = account();
    for region in &regions {
        stand_in.hold(region, holdings(REGION));
    }
    stand_in.behave(Behaviour { latency: LATENCY, ..Behaviour::default() });
    let names: Vec<&str> = regions.iter().map(String::as_str).collect();
    let begun = Instant::now();
    let asked = ask(&source(&stand_in, None, &names, Patience::None).await, Resume::beginning()).await;
    assert!(asked.errors.is_empty() && asked.answers.len() == 50 * 18, "{:?}", asked.errors);
    say(&format!("50 regions of one account, {LATENCY:?} an answer: {:.1?}", begun.elapsed()));
    let mut sources = Vec::new();
    for name in &names {
        sources.push(shared(source(&stand_in, None, &[name], Patience::None).await));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut lake = Lake::local(&folder.path().join("lake")).await.expect("a lake");
    let begun = Instant::now();
    // One name stands for all: the door gives each its own, which nothing here depends on.
    for source in &sources {
        source.ask_ahead(Resume::beginning()).await;
    }
    let one_after_the_other = begun.elapsed();
    let begun = Instant::now();
    stream::iter(sources.iter().map(|source| source.ask_ahead(Resume::beginning()))).buffer_unordered(8).collect::<()>().await;
    let side_by_side = begun.elapsed();
    let begun = Instant::now();
    let summary = pipeline::run(&mut lake, &sources, &Options { from: None, to: None }, &Silent).await.expect("the lake is written");
    assert!(summary.is_complete() && summary.counts.read == 50 * 18, "{summary:?}");
    say(&format!(
        "50 accounts of one region, {LATENCY:?} an answer: asked one after the other {one_after_the_other:.1?}, eight at a time {side_by_side:.1?}; \
         asked and committed {:.1?}",
        begun.elapsed()
    ));
}
