//! Listings: in order and whole however many names there are, and begun where they ended only where that is safe.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ingest::source::{ErrorKind, Resume, SourceKind};
use serde_json::json;

use super::{BUCKET, keys, list, must, noon, ran, source};
use crate::support::rows::ndjson;
use crate::support::s3::{Call, Fault, Kept, StandIn, What};
use crate::support::told::say;
use crate::support::world::gzip;

const TRAIL: &str = "AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail";

fn planted(stand_in: &StandIn, keys: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut keys: Vec<String> = keys.into_iter().collect();
    keys.iter().for_each(|key| stand_in.plant(BUCKET, key, Kept::new("{}", noon())));
    keys.sort();
    keys
}

/// What was listed, by prefixes, each once.
fn listed(stand_in: &StandIn) -> BTreeSet<String> {
    stand_in.calls().into_iter().filter(|(call, _)| *call == Call::List).map(|(_, prefix)| prefix).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flat_prefix_of_many_pages_is_listed_whole_and_in_order_by_several_at_a_time() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let name = |number: usize| {
        let digest = schemas::sha256_hex(number.to_string().as_bytes());
        let user = ["jane.doe@example.com", "root", "\u{fc}ml\u{e4}ut", "ci+deploy"][number % 4];
        format!("ssm/{user}-0{}.log", &digest[..16])
    };
    let expected = planted(&stand_in, (0..12_345).map(name));
    let source = source(&server, SourceKind::Transcripts, "ssm").await;
    let found = keys(&source, Resume::beginning()).await;
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().zip(&expected).all(|(found, expected)| expected.strip_prefix("ssm/") == Some(found)), "every key once, in the order of their bytes");
    let calls = stand_in.calls().len();
    assert!(calls < 150, "{calls} calls for 13 pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_xml_cannot_hold_are_listed() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let expected = planted(&stand_in, ["a\u{1}b.log", "a+b.log", "a b%2B.log", "\u{fffe}.log"].map(str::to_owned));
    assert_eq!(keys(&source(&server, SourceKind::Transcripts, "").await, Resume::beginning()).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_is_found_at_any_depth_and_what_is_beside_it_is_not_listed() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let region = |account: &str, region: &str| format!("logs/AWSLogs/o-a1b2c3d4e5/{account}/CloudTrail/{region}");
    let expected = planted(
        &stand_in,
        [
            format!("{}/2026/07/14/111122223333_CloudTrail_eu-west-1_20260714T0915Z_abcdefghijklmnop.json.gz", region("111122223333", "eu-west-1")),
            format!("{}/2026/07/14/x.json.gz", region("111122223333", "us-east-1")),
            format!("{}/2025/12/31/x.json.gz", region("444455556666", "us-east-1")),
            "logs/exports/task/stream/000000.gz".to_owned(),
            "logs/first.json".to_owned(),
        ],
    );
    planted(&stand_in, (0..9).map(|day| format!("logs/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail-Digest/eu-west-1/2026/07/0{day}/x.json.gz")));
    for (prefix, from) in
        [("", ""), ("logs", "logs/"), ("logs/AWSLogs", "logs/AWSLogs/"), ("logs/AWSLogs/o-a1b2c3d4e5/111122223333", "logs/AWSLogs/o-a1b2c3d4e5/111122223333/")]
    {
        stand_in.calls();
        let found = keys(&source(&server, SourceKind::CloudTrail, prefix).await, Resume::beginning()).await;
        let below: Vec<&str> = expected.iter().filter_map(|key| key.strip_prefix(from)).collect();
        assert_eq!(found, below, "below {prefix:?}");
        assert!(listed(&stand_in).iter().all(|prefix| !prefix.contains("Digest")), "digests are not listed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_is_listed_from_some_days_before_its_newest_key_and_new_regions_from_their_beginning() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let day = |region: &str, day: u32| format!("{TRAIL}/{region}/2026/07/{day:02}/x.json.gz");
    let all = planted(&stand_in, (1..=20).map(|number| day("eu-west-1", number)));
    let source = source(&server, SourceKind::CloudTrail, "").await;
    let known: BTreeSet<String> = all.iter().take(15).cloned().collect();
    let resume = Resume { known: Arc::new(known.clone()), ..Resume::beginning() };
    assert_eq!(keys(&source, resume.clone()).await, all[11..], "from three days before the 15th");

    let new = planted(&stand_in, [day("us-east-1", 1), day("us-east-1", 2)]);
    assert_eq!(keys(&source, resume.clone()).await, [&all[11..], &new[..]].concat());

    let gap = Resume { gaps: Arc::new([day("eu-west-1", 6)].into()), ..resume.clone() };
    assert_eq!(keys(&source, gap).await[..2], all[2..4], "what was missing is listed again, however old it is");
    let hidden = Resume { gaps: Arc::new([format!("{TRAIL}/")].into()), ..resume.clone() };
    assert_eq!(keys(&source, hidden).await[0], all[0], "of a folder that was missing nobody knows what it hides");
    let partly = Resume { known: Arc::new(known.into_iter().skip(3).collect::<BTreeSet<_>>()), ..Resume::beginning() };
    assert_eq!(keys(&source, partly).await[0], all[0], "where the first key is not known, somebody has read a part only");
    let at = |day: u32| schemas::Timestamp::parse(&format!("2026-07-{day:02}T12:00:00Z")).ok();
    let asked = list(&source, Resume { from: at(19), ..resume.clone() }).await;
    let (skipped, shown): (Vec<_>, Vec<_>) = asked.into_iter().partition(Result::is_err);
    let skipped: Vec<_> = skipped.into_iter().filter_map(Result::err).map(|error| (error.kind, error.place)).collect();
    assert_eq!(skipped, [(ErrorKind::Skipped, format!("{TRAIL}/eu-west-1/"))], "what lies between is left out, and that is said");
    assert_eq!(shown.into_iter().flatten().next().map(|listed| listed.object.key).as_ref(), Some(&all[15]), "what was asked for, and some days before");
    assert_eq!(keys(&source, Resume { from: at(14), ..resume }).await[0], all[10], "nothing is left out: what is known reaches further");
}

/// Ingests a trail of twelve days, the first seven, then from the eleventh on, then what there is.
#[test]
fn what_from_skips_is_a_gap_until_it_is_read() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let folder = tempfile::tempdir().expect("a folder");
    let trail = "AWSLogs/111122223333/CloudTrail/eu-west-1";
    let put = |days: std::ops::RangeInclusive<u32>| {
        for day in days {
            // noon() is that of the 14th.
            let at = noon() + Duration::from_secs(u64::from(day) * 86_400) - Duration::from_secs(14 * 86_400);
            stand_in.plant(BUCKET, &format!("{trail}/2026/07/{day:02}/x.json.gz"), Kept::new(gzip(b"{\"Records\":[]}"), at));
        }
    };
    std::fs::write(
        folder.path().join("sessiontrail.toml"),
        format!("[[source]]\nname = \"trail\"\nkind = \"cloudtrail\"\nuri = \"s3://{BUCKET}/\"\nregion = \"eu-west-1\"\nendpoint_url = \"{}\"\n", server.url()),
    )
    .expect("a configuration");
    let ingest = |args: &[&str]| ran(folder.path(), &[&["ingest", "--quiet"], args].concat());
    let rows = |sql: &str| ndjson(&must(folder.path(), &["query", sql, "--format", "ndjson"], &[0]));
    let days = || rows("SELECT object FROM objects").len();
    put(1..=7);
    assert_eq!((ingest(&[]).code, days()), (Some(0), 7));
    put(8..=16);
    let skipping = ingest(&["--from", "2026-07-14T00:00:00Z"]);
    assert!(skipping.code == Some(3) && skipping.stderr.contains("not read: trail: skipped: 1"), "{:?}: {}", skipping.code, skipping.stderr);
    assert_eq!(days(), 10, "those of the 14th to the 16th");
    assert_eq!(rows("SELECT place, cause FROM gaps"), [json!({ "place": format!("{trail}/"), "cause": "skipped" }).as_object().expect("a row").clone()]);
    // It stays one while more is asked for by time, though nothing new is left out now.
    assert_eq!((ingest(&["--from", "2026-07-14T00:00:00Z"]).code, rows("SELECT place FROM gaps").len()), (Some(3), 1));
    let whole = ingest(&[]);
    assert_eq!((whole.code, days(), rows("SELECT place FROM gaps").len()), (Some(0), 16, 0), "{}", whole.stderr);
    assert_eq!(ingest(&["--from", "2026-07-14T00:00:00Z"]).code, Some(0), "nothing is left out");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_lie_flat_beside_a_layout_come_page_by_page_and_in_order() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let flat = (0..3_500).map(|number| format!("m{number:05}.json.gz"));
    let within =
        ["AWSLogs/111122223333", "mirror/AWSLogs/111122223333", "zz/AWSLogs/111122223333"].map(|at| format!("{at}/CloudTrail/eu-west-1/2026/07/01/x.json.gz"));
    let all = planted(&stand_in, flat.chain(within));
    let source = source(&server, SourceKind::CloudTrail, "").await;
    assert_eq!(keys(&source, Resume::beginning()).await, all);
    let listed = stand_in.calls().into_iter().filter(|(call, prefix)| *call == Call::List && prefix.is_empty()).count();
    assert!(listed >= 4, "{listed} pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_accounts_and_regions_come_in_order() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let regions = ["ap-south-1", "eu-central-1", "eu-west-1", "sa-east-1", "us-east-1", "us-gov-west-1"];
    let names = (0..12).flat_map(|account| {
        regions.iter().flat_map(move |region| (1..=4).map(move |day| format!("AWSLogs/1111222233{account:02}/CloudTrail/{region}/2026/07/0{day}/x.json.gz")))
    });
    let expected = planted(&stand_in, names);
    assert_eq!(keys(&source(&server, SourceKind::CloudTrail, "").await, Resume::beginning()).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_listed_is_told_with_its_place_and_the_rest_comes() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let day = |region: &str| format!("{TRAIL}/{region}/2026/07/14/x.json.gz");
    planted(&stand_in, ["ap-south-1", "eu-west-1", "us-east-1"].map(day));
    stand_in.deny_listing(&format!("{TRAIL}/eu-west-1/"));
    let source = source(&server, SourceKind::CloudTrail, "").await;
    let told: Vec<_> = list(&source, Resume::beginning())
        .await
        .into_iter()
        .map(|item| item.map(|listed| listed.object.key).map_err(|error| (error.kind, error.place)))
        .collect();
    assert_eq!(told, [Ok(day("ap-south-1")), Err((ErrorKind::Denied, format!("{TRAIL}/eu-west-1/"))), Ok(day("us-east-1"))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_not_there_and_one_that_is_closed_are_told_apart() {
    let stand_in = StandIn::with_bucket("another-bucket");
    let server = stand_in.serve();
    for kind in [SourceKind::Transcripts, SourceKind::CloudTrail] {
        let source = source(&server, kind, "").await;
        let errors = |items: Vec<Result<_, ingest::source::SourceError>>| -> Vec<_> {
            items.into_iter().filter_map(Result::err).map(|error| (error.kind, error.place)).collect()
        };
        assert_eq!(errors(list(&source, Resume::beginning()).await), [(ErrorKind::Missing, String::new())]);
        stand_in.deny_listing("");
        assert_eq!(errors(list(&source, Resume::beginning()).await), [(ErrorKind::Denied, String::new())]);
        stand_in.allow_everything();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_down_is_heard_and_the_listing_is_whole() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let expected = planted(&stand_in, (0..2_500).map(|number| format!("jane-0{number:016x}.log")));
    stand_in.faults(vec![
        Fault::first(2, Call::List, What::SlowDown),
        Fault::first(1, Call::List, What::Waits(Duration::from_millis(200))),
        Fault { after: 1, ..Fault::first(1, Call::List, What::Fails) },
    ]);
    assert_eq!(keys(&source(&server, SourceKind::Transcripts, "").await, Resume::beginning()).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stale_listing_leaves_out_the_next_one_shows() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let source = source(&server, SourceKind::CloudTrail, "").await;
    let day = |day: u32| format!("{TRAIL}/eu-west-1/2026/07/{day:02}/x.json.gz");
    let before = planted(&stand_in, [day(1), day(3)]);
    stand_in.remember();
    let all = [&before[..1], &planted(&stand_in, [day(2)]), &before[1..]].concat();
    stand_in.faults(vec![Fault::always(Call::List, What::Stale)]);
    let stale = keys(&source, Resume::beginning()).await;
    assert_eq!(stale, before);
    stand_in.faults(Vec::new());
    let resume = Resume { known: Arc::new(stale.into_iter().collect::<BTreeSet<_>>()), ..Resume::beginning() };
    assert_eq!(keys(&source, resume).await, all, "the days before the newest key are listed again");
}

/// The stamp of a snapshot so many hours after a day in July.
fn stamp(hours: u64) -> String {
    format!("202607{:02}T{:02}1500Z", 1 + hours / 24, hours % 24)
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_are_listed_from_some_days_before_their_newest() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let source = source(&server, SourceKind::Account, "").await;
    let snapshot = |region: &str, day: u64| format!("111122223333/{region}/{}/describe-instances.json", stamp(day * 24));
    let all = planted(&stand_in, ["eu-west-1", "us-east-1"].iter().flat_map(|region| (0..20).map(|day| snapshot(region, day))));
    let known: BTreeSet<String> = all.iter().cloned().collect();
    let resume = Resume { known: Arc::new(known.clone()), ..Resume::beginning() };
    assert_eq!(keys(&source, Resume::beginning()).await, all);
    assert_eq!(keys(&source, resume.clone()).await, [&all[16..20], &all[36..]].concat(), "four of each region, from three days before its newest on");

    let late = planted(&stand_in, [snapshot("eu-west-1", 17).replace("instances", "instance-information")]);
    assert!(keys(&source, resume.clone()).await.contains(&late[0]), "what came late is found");
    let gap = |place: &str| Resume { gaps: Arc::new([place.to_owned()].into()), ..resume.clone() };
    assert_eq!(keys(&source, gap(&snapshot("eu-west-1", 5))).await[0], all[2], "what was missing is listed again, however old it is");
    assert_eq!(keys(&source, gap("111122223333/eu-west-1/")).await[0], all[0], "of a folder that was missing nobody knows what it hides");
    let partly = Resume { known: Arc::new(known.into_iter().skip(3).collect::<BTreeSet<_>>()), ..Resume::beginning() };
    assert_eq!(keys(&source, partly).await[0], all[0], "where the first key is not known, somebody has read a part only");
    let from = schemas::Timestamp::parse("2026-07-19T12:00:00Z").ok();
    assert_eq!(keys(&source, Resume { from, ..resume.clone() }).await.len(), 41, "a snapshot may be put there any time after it was taken");

    // What is no snapshot, and sorts before them, hides nothing that comes later.
    let strange = planted(&stand_in, ["111122223333/eu-west-1/1/x.json".to_owned()]);
    let resume = Resume { known: Arc::new([&all[..], &strange, &late].concat().into_iter().collect::<BTreeSet<_>>()), ..Resume::beginning() };
    let more = planted(&stand_in, ["111122223333/eu-west-1/1/y.json".to_owned()]);
    assert!(keys(&source, resume).await.contains(&more[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_arrives_within_the_overlap_a_resumed_listing_of_snapshots_shows_it() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let (mut left_out, mut arrived) = (0, 0);
    for seed in 1..=40_u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut random = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        let root = if random(2) == 0 { format!("{seed}") } else { format!("{seed}/mirror") };
        let names = ["describe-instances.json", "describe-sessions-active.json", "notes.txt"];
        let key = |hours: u64, random: &mut dyn FnMut(u64) -> u64| {
            let (account, region) = (111_122_223_333 + random(2), ["eu-west-1", "us-gov-west-1", "backup"][usize::try_from(random(3)).expect("small")]);
            format!("{account}/{region}/{}/{}", stamp(hours), names[usize::try_from(random(3)).expect("small")])
        };
        let before: BTreeSet<String> = (0..random(120)).map(|_| key(random(24 * 20), &mut random)).collect();
        let newest = |keys: &BTreeSet<String>, region: &str| keys.iter().filter(|key| key.starts_with(region)).max().cloned();
        let mut after = before.clone();
        for _ in 0..1 + random(20) {
            let new = key(random(24 * 25), &mut random);
            let region: String = new.split_inclusive('/').take(2).collect();
            // Within three days of the newest, or later; a region that is new may begin anywhere.
            let day = |key: &str| key.split('/').nth(2).map(|stamp| stamp[6..8].parse::<u64>().expect("a day"));
            if newest(&before, &region).is_none_or(|newest| day(&new) > day(&newest).map(|day| day.saturating_sub(3))) {
                after.insert(new);
            }
        }
        for key in &after {
            stand_in.plant(BUCKET, &format!("{root}/{key}"), Kept::new("{}", noon()));
        }
        let source = source(&server, SourceKind::Account, &seed.to_string()).await;
        let below = root.strip_prefix(&seed.to_string()).expect("its beginning").trim_start_matches('/');
        let full = |key: &String| if below.is_empty() { key.clone() } else { format!("{below}/{key}") };
        let whole = keys(&source, Resume::beginning()).await;
        assert_eq!(whole, after.iter().map(full).collect::<Vec<_>>(), "seed {seed}: whole and in order");
        let known: BTreeSet<String> = before.iter().map(full).collect();
        let resumed = keys(&source, Resume { known: Arc::new(known.clone()), ..Resume::beginning() }).await;
        let shown: BTreeSet<&String> = resumed.iter().collect();
        assert!(resumed.is_sorted() && shown.len() == resumed.len(), "seed {seed}: each once, in order");
        for key in &whole {
            assert!(known.contains(key) || shown.contains(key), "seed {seed}: {key} is not shown");
        }
        left_out += whole.len() - resumed.len();
        arrived += whole.len() - known.len();
    }
    say(&format!("snapshots: {arrived} keys that arrived are shown, {left_out} that were known are not listed again"));
    assert!(left_out > 100 && arrived > 100);
}
