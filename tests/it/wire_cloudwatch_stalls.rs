//! A log group over the wire that stalls, or shows an empty page, at every call in turn: what was pulled in the end is what is there.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use ingest::source::ErrorKind;

use crate::support::cloudwatch::behaviour::{Behaviour, Fault};
use crate::support::cloudwatch::pull::{Pulled, hasty, sessions, told};
use crate::support::cloudwatch::{Cloud, said};
use crate::support::told::say;

const REGION: &str = "eu-west-1";
const GROUP: &str = "/ssm/sessions";
const NOON: i64 = 1_784_030_400_000;
const MINUTE: i64 = 60_000;
/// Longer than any call takes that is answered.
const PATIENCE: Duration = Duration::from_secs(3);

/// Sixty events of two sessions within six hours, on pages of seven.
fn cloud() -> (Cloud, BTreeSet<String>) {
    let (cloud, mut ids) = (Cloud::start(), BTreeSet::new());
    for stream in ["jane-0a1b2c3d4e5f60718", "kim-0a1b2c3d4e5f60719"] {
        ids.extend(cloud.put(REGION, GROUP, stream, (0..30).map(|n| said(NOON + n * 12 * MINUTE, format!("{stream} {n}")))));
    }
    cloud.behave(way(None));
    (cloud, ids)
}

fn way(fault: Option<(u64, Fault)>) -> Behaviour {
    Behaviour { page: 7, faults: fault.into_iter().collect(), ..Behaviour::default() }
}

/// One fault at one call, and the run after it.
async fn survives(call: u64, fault: Fault) {
    let (cloud, ids) = cloud();
    cloud.behave(way(Some((call, fault))));
    let mut pulled = Pulled::default();
    let pull = tokio::time::timeout(20 * PATIENCE, pulled.pull(&hasty(&cloud, GROUP, REGION, PATIENCE), None)).await.expect("a call that stalls hangs nobody");
    assert!(cloud.calls() > call, "{fault:?}: there is such a call");
    if fault == Fault::Empty {
        assert!(pull.errors.is_empty() && pulled.ids() == ids, "an empty page at {call} is no end: {:?}", pull.errors);
    } else {
        assert_eq!(told(&pull.errors), [(ErrorKind::Unreachable, "eu-west-1/log-group:%2Fssm%2Fsessions/")], "{fault:?} at {call} is told");
    }
    cloud.behave(way(None));
    let healed = pulled.pull(&sessions(&cloud, GROUP, &[REGION]), None).await;
    assert!(healed.errors.is_empty(), "{fault:?} at {call}: {:?}", healed.errors);
    assert_eq!((pulled.ids(), pulled.copies()), (ids.clone(), ids.len()), "{fault:?} at {call}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stalls_and_empty_pages_at_every_call_lose_nothing() {
    let (cloud, ids) = cloud();
    let mut whole = Pulled::default();
    whole.pull(&sessions(&cloud, GROUP, &[REGION]), None).await;
    let calls = cloud.calls();
    assert!(calls > 8 && whole.ids() == ids && ids.len() == 60, "{calls} calls");
    // Side by side, each with a service of its own: they wait, and do little.
    let faults = [Fault::Silent, Fault::Stalls, Fault::Empty];
    join_all(faults.into_iter().flat_map(|fault| (0..calls).map(move |call| survives(call, fault)))).await;
    say(&format!("CloudWatch Logs: {} stalls and empty pages at {calls} calls, nothing lost", faults.len() as u64 * calls));
}
