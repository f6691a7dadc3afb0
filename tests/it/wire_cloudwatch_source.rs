//! A log group over the wire, as a source: the contract, pages of every kind, faults at every call, and bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use ingest::source::contract::{self, Disturbance, Ground, Made, Planted};
use ingest::source::{ErrorKind, Origin, Source, SourceKind};
use schemas::Timestamp;

use crate::support::cloudwatch::behaviour::{Behaviour, Fault};
use crate::support::cloudwatch::pull::{Pulled, sessions, source, told};
use crate::support::cloudwatch::{Cloud, Message, Put, said};
use crate::support::told::say;

const HERE: &str = "eu-west-1";
const DENIED: &str = "eu-west-2";
const GROUP: &str = "/ssm/sessions";
const NOON: i64 = 1_784_030_400_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A group of its own for each source that is planted.
struct Sky {
    cloud: Cloud,
    count: AtomicU32,
    planted: Mutex<Option<Last>>,
}

#[derive(Clone)]
struct Last {
    origin: Origin,
    group: String,
    at: i64,
    regions: Vec<&'static str>,
}

impl Sky {
    fn last(&self) -> Last {
        self.planted.lock().unwrap().clone().expect("something was planted")
    }

    fn source(&self) -> Box<dyn Source> {
        let last = self.last();
        Box::new(source(&self.cloud, last.origin, &last.group, &last.regions))
    }
}

#[async_trait]
impl Ground for Sky {
    async fn plant(&self, origin: Origin, objects: &[Planted]) -> Box<dyn Source> {
        let group = format!("/contract/{}", self.count.fetch_add(1, Ordering::SeqCst));
        let at = |planted: &Planted| planted.modified.micros() / 1_000;
        let mut regions = vec![HERE];
        self.cloud.make(HERE, &group);
        for planted in objects {
            if planted.is_denied {
                regions.push(DENIED);
                continue;
            }
            let message: String = planted.bytes.iter().copied().map(char::from).collect();
            self.cloud.put(HERE, &group, &planted.key, [said(at(planted), message)]);
        }
        let origin = Origin { kind: SourceKind::CloudWatch, ..origin };
        *self.planted.lock().unwrap() = Some(Last { origin, group, at: objects.first().map_or(0, at), regions });
        self.source()
    }

    async fn disturb(&self, _key: &str, disturbance: Disturbance) {
        let last = self.last();
        assert_eq!(disturbance, Disturbance::Grows, "a log group forgets nothing");
        self.cloud.put(HERE, &last.group, "more.log", [said(last.at + 1, "more")]);
    }

    fn can_deny(&self) -> bool {
        true
    }

    fn made(&self) -> Option<&dyn Made> {
        Some(self)
    }
}

#[async_trait]
impl Made for Sky {
    async fn anew(&self) -> Box<dyn Source> {
        self.source()
    }

    async fn clear(&self) {
        self.cloud.clear(HERE, &self.last().group);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract() {
    let cloud = Cloud::start();
    cloud.behave(Behaviour { denied: [DENIED.to_owned()].into(), page: 3, empty_every: 2, repeats: 1, ..Behaviour::default() });
    contract::holds(&Sky { cloud, count: AtomicU32::new(0), planted: Mutex::new(None) }).await;
}

/// Some hundred events of three sessions within four hours, some of one time.
fn chatter(cloud: &Cloud) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (number, stream) in ["jane@example.com-0a1b2c3d4e5f60718", "root-0a1b2c3d4e5f60719", "a=b,c+d-0a1b2c3d4e5f60720"].into_iter().enumerate() {
        let number = i64::try_from(number).unwrap();
        let events = (0..40).map(|n| said(NOON + (n / 2) * 12 * MINUTE + number * (n % 2), format!("{number} {n}")));
        ids.extend(cloud.put(HERE, GROUP, stream, events));
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_paging_gives_every_event_once() {
    let cloud = Cloud::start();
    let ids = chatter(&cloud);
    let ways = [
        Behaviour::default(),
        Behaviour { page: 1, ..Behaviour::default() },
        Behaviour { page: 7, empty_every: 2, ..Behaviour::default() },
        Behaviour { page: 7, empty_every: 3, repeats: 5, ..Behaviour::default() },
        Behaviour { page: 30, is_reversed: true, repeats: 30, ..Behaviour::default() },
    ];
    for way in ways {
        cloud.behave(way.clone());
        let mut pulled = Pulled::default();
        let pull = pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await;
        assert!(pull.errors.is_empty(), "{way:?}: {:?}", pull.errors);
        assert_eq!((pulled.ids(), pulled.copies()), (ids.clone(), ids.len()), "{way:?}");
        let again = pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await;
        assert_eq!((again.read, again.errors.len(), again.listed > 0), (0, 0, true), "{way:?}: a second pull reads nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_out_of_order_is_neither_lost_nor_counted_twice() {
    let cloud = Cloud::start();
    let mut ids = chatter(&cloud);
    // Told four minutes, and two hours, after its time.
    cloud.put_out_of_order(HERE, GROUP, "late", said(NOON + MINUTE, "soon"), NOON + 5 * MINUTE);
    cloud.put_out_of_order(HERE, GROUP, "late", said(NOON + 2 * MINUTE, "later"), NOON + 2 * HOUR);
    cloud.behave(Behaviour { page: 5, ..Behaviour::default() });
    let mut pulled = Pulled::default();
    assert!(pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await.errors.is_empty());
    assert_eq!((pulled.ids().len(), pulled.copies()), (ids.len() + 2, ids.len() + 2));
    ids.retain(|id| !pulled.ids().contains(id));
    assert!(ids.is_empty());
    assert_eq!(pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await.read, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_events_and_new_streams_within_the_overlap_are_found() {
    let cloud = Cloud::start();
    let mut ids = chatter(&cloud);
    let mut pulled = Pulled::default();
    pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await;
    let newest = NOON + 19 * 12 * MINUTE;
    // Late by less than four hours; a stream that was not there; and what happened since.
    ids.extend(cloud.put(HERE, GROUP, "root-0a1b2c3d4e5f60719", [Put { at: NOON + MINUTE, received: newest + HOUR, message: Message::Text("late".into()) }]));
    ids.extend(cloud.put(HERE, GROUP, "new-0a1b2c3d4e5f60721", [said(newest - HOUR, "new stream"), said(newest + HOUR, "since")]));
    let pull = pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await;
    assert_eq!((pull.read, pull.errors.len()), (3, 0), "three windows have grown or are new");
    assert_eq!(pulled.ids(), ids);
    let copies = pulled.copies() - ids.len();
    assert!(copies <= 6 + 6, "{copies} events are stored again, of the windows that grew");
    // Beyond the overlap an event is found where somebody asks for its time.
    ids.extend(cloud.put(HERE, GROUP, "old", [said(NOON - 30 * HOUR, "long ago")]));
    assert_eq!(pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await.read, 0);
    let from = Timestamp::from_millis(NOON - 31 * HOUR);
    assert_eq!(pulled.pull(&sessions(&cloud, GROUP, &[HERE]), from).await.read, 1);
    assert_eq!(pulled.ids(), ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_before_a_time_that_was_asked_for_is_read_by_the_next_run() {
    let cloud = Cloud::start();
    let ids: BTreeSet<String> = (0..20).flat_map(|day| cloud.put(HERE, GROUP, "s", [said(NOON + day * 24 * HOUR, day.to_string())])).collect();
    let mut pulled = Pulled::default();
    assert_eq!(pulled.pull(&sessions(&cloud, GROUP, &[HERE]), Timestamp::from_millis(NOON + 15 * 24 * HOUR)).await.read, 5);
    assert_eq!(pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await.read, 20);
    assert_eq!((pulled.ids(), pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await.read), (ids, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_fails_leaves_the_others_and_is_told() {
    let cloud = Cloud::start();
    let ids = chatter(&cloud);
    cloud.make("us-east-1", GROUP);
    cloud.behave(Behaviour { denied: [DENIED.to_owned()].into(), ..Behaviour::default() });
    let mut pulled = Pulled::default();
    let pull = pulled.pull(&sessions(&cloud, GROUP, &["us-east-1", HERE, DENIED, "ap-south-1"]), None).await;
    let places = [(ErrorKind::Missing, "ap-south-1/log-group:%2Fssm%2Fsessions/"), (ErrorKind::Denied, "eu-west-2/log-group:%2Fssm%2Fsessions/")];
    assert_eq!((told(&pull.errors), pulled.ids()), (places.to_vec(), ids));
    assert!(pull.errors[1].to_string().contains("AccessDeniedException: not authorized"), "{}", pull.errors[1]);
}

/// Every fault at every call, once and for good; then a run without one.
#[tokio::test(flavor = "multi_thread")]
async fn faults_at_every_call_lose_nothing() {
    let cloud = Cloud::start();
    let ids = chatter(&cloud);
    let way = Behaviour { page: 9, empty_every: 4, repeats: 2, ..Behaviour::default() };
    cloud.behave(way.clone());
    let mut whole = Pulled::default();
    whole.pull(&sessions(&cloud, GROUP, &[HERE]), None).await;
    let calls = cloud.calls();
    assert!(calls > 15 && whole.ids() == ids);
    let (mut faults, mut told) = (0, BTreeMap::<_, u32>::new());
    for fault in Fault::ALL {
        for call in 0..calls {
            for for_good in [false, true] {
                let mut failing = way.clone();
                if for_good {
                    failing.from = Some((call, fault));
                } else {
                    failing.faults.insert(call, fault);
                }
                cloud.behave(failing);
                let mut pulled = Pulled::default();
                let pull = pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await;
                let is_survived = !for_good && matches!(fault, Fault::Throttled | Fault::TokenExpired);
                // A token is only given from the second call on.
                let is_none = matches!(fault, Fault::TokenExpired | Fault::Stuck) && call == 0 && !for_good;
                assert_eq!(pull.errors.len(), usize::from(!is_survived && !is_none), "{fault:?} at {call}, for good: {for_good}: {:?}", pull.errors);
                for error in &pull.errors {
                    *told.entry((fault as u8, error.kind)).or_default() += 1;
                }
                assert!(is_survived || is_none || pulled.ids().len() < ids.len() || call + 1 == calls);
                cloud.behave(way.clone());
                let healed = pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await;
                assert!(healed.errors.is_empty());
                assert_eq!(pulled.ids(), ids, "{fault:?} at {call}");
                assert_eq!(pulled.copies(), ids.len(), "{fault:?} at {call}: windows are listed whole or not at all");
                faults += 1;
            }
        }
    }
    say(&format!("CloudWatch Logs: {faults} faults at {calls} calls, nothing lost; told as {told:?}"));
    let kinds: BTreeSet<_> = told.into_keys().collect();
    let expected = [
        (Fault::Throttled, ErrorKind::Throttled),
        (Fault::Denied, ErrorKind::Denied),
        (Fault::Broken, ErrorKind::Unreachable),
        (Fault::Unavailable, ErrorKind::Unreachable),
        (Fault::TornOff, ErrorKind::Unreachable),
        (Fault::Garbled, ErrorKind::Unreachable),
        (Fault::TokenExpired, ErrorKind::Unreachable),
        (Fault::Stuck, ErrorKind::Unreachable),
    ];
    assert_eq!(kinds, expected.map(|(fault, kind)| (fault as u8, kind)).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_streams_cost_no_call_each() {
    let cloud = Cloud::start();
    const STREAMS: i64 = 100_000;
    for n in 0..STREAMS {
        cloud.put(HERE, GROUP, &format!("user{n}-0{n:016x}"), [said(NOON + n * 500, "x")]);
    }
    cloud.behave(Behaviour::default());
    let mut pulled = Pulled::default();
    let pull = pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await;
    assert_eq!((pulled.copies(), pull.errors.len()), (100_000, 0));
    let first = cloud.calls();
    assert!(first <= 100_000 / 10_000 + 2, "{first} calls");
    // An hour later: as many calls as the overlap and the hour hold.
    cloud.put(HERE, GROUP, "late-0a1b2c3d4e5f60718", [said(NOON + STREAMS * 500 + HOUR, "x")]);
    cloud.behave(Behaviour::default());
    let pull = pulled.pull(&sessions(&cloud, GROUP, &[HERE]), None).await;
    say(&format!("CloudWatch Logs: 100,000 streams: {first} calls, then {} for one more hour with the overlap; {} window read", cloud.calls(), pull.read));
    assert!(pull.read == 1 && cloud.calls() <= 6, "{} calls", cloud.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_group_goes_through_little_memory() {
    let cloud = Cloud::start();
    const EVENTS: i64 = 3_000;
    // 300 MB, the half of them within one window.
    let event =
        |n: i64| Put { at: NOON + if n < EVENTS / 2 { n * 20_000 } else { EVENTS / 2 * 20_000 + n }, received: NOON, message: Message::Letters(100_000) };
    cloud.put(HERE, GROUP, "s", (0..EVENTS).map(event));
    cloud.behave(Behaviour::default());
    let source = sessions(&cloud, GROUP, &[HERE]);
    let mut bytes = 0;
    let mut items = source.objects(ingest::source::Resume::beginning());
    let mut first = None;
    while let Some(item) = futures::StreamExt::next(&mut items).await {
        let listed = item.expect("no fault");
        bytes += listed.object.size;
        first.get_or_insert(listed);
    }
    drop(items);
    say(&format!("CloudWatch Logs: {} MB listed by {} calls, {} MB held at most", bytes / 1_000_000, cloud.calls(), source.most_held() / 1_000_000));
    assert!(bytes > 300_000_000 && source.most_held() < 32_000_000, "{bytes} listed, {} held", source.most_held());
    // What was listed first is given up by now, and asked for again.
    let calls = cloud.calls();
    let listed = first.expect("a window");
    assert!(source.open(&listed).await.is_ok() && cloud.calls() > calls, "asked for again");
}
