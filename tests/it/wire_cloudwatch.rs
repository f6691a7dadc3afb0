//! A log group over the wire, as the product reads it: the same rows as from a folder, late and failing or not.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::support::cloudwatch::behaviour::{Behaviour, Fault};
use crate::support::cloudwatch::wired::{ingest, ran};
use crate::support::cloudwatch::{Cloud, Put, output, said};
use crate::support::estate::{KPIS, key, make};
use crate::support::rows::{Row, differences, ndjson};
use crate::support::told::say;
use crate::support::world::{ACCOUNT, REGION, World};

const GROUP: &str = "/ssm/sessions";
const NOON: i64 = 1_784_030_400_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

#[test]
fn an_estate_gives_the_same_rows_from_a_folder_and_over_the_wire() {
    let mut sessions = 0;
    for seed in 700..702 {
        let cloud = Cloud::start();
        let (folder, wire) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        for dir in [folder.path(), wire.path()] {
            make(dir, seed);
        }
        let mut moved = 0;
        for (uri, kind) in [("logs", "cloudwatch"), ("trail-logs", "cloudtrail")] {
            let events = events(&folder.path().join(uri));
            if events.is_empty() {
                continue;
            }
            moved += events.len();
            std::fs::remove_dir_all(folder.path().join(uri)).expect("the folder is there");
            std::fs::create_dir(folder.path().join(uri)).expect("a folder");
            let lines: String = events.values().map(|event| format!("{event}\n")).collect();
            std::fs::write(folder.path().join(uri).join("events.ndjson"), lines).expect("a file");
            for (id, event) in &events {
                let text = |field: &str| event[field].as_str().expect("a text");
                let millis = |field: &str| event[field].as_i64().expect("milliseconds");
                let put = Put { received: millis("ingestionTime"), ..said(millis("timestamp"), text("message")) };
                cloud.put_as("us-east-1", kind, text("logStreamName"), put, id);
            }
            edit(folder.path(), uri, "region = \"us-east-1\"");
            edit(wire.path(), uri, &format!("log_group = \"{kind}\"\nendpoint_url = \"{}\"\nregion = \"us-east-1\"", cloud.url()));
        }
        cloud.behave(Behaviour { page: 50, empty_every: 5, repeats: 3, ..Behaviour::default() });
        // The estate's other sources hold what cannot be read.
        let codes = [folder.path(), wire.path()].map(|dir| ran(dir, &["ingest", "--quiet"]).code);
        assert!(codes.iter().all(|code| matches!(code, Some(0 | 3))), "seed {seed}: {codes:?}");
        let (expected, found) = (tables(folder.path()), tables(wire.path()));
        same(&format!("seed {seed}"), &expected, &found);
        sessions += expected["sessions"].len();
        say(&format!("seed {seed}: {moved} events over the wire, {} calls, {} sessions", cloud.calls(), expected["sessions"].len()));
    }
    assert!(sessions > 50, "{sessions} sessions");
}

/// The sessions of one day: two that stream, and one that uploads its transcript at its end.
fn put_day(cloud: &Cloud) {
    for (session, from) in [("jane@example.com-0a1b2c3d4e5f60718", NOON), ("root-0a1b2c3d4e5f60719", NOON + HOUR)] {
        cloud.put(REGION, GROUP, session, (0..12).map(|n| output(session, from + n * 7 * MINUTE, &["ls", "bin etc"])));
    }
    let text = "Script started on 2026-07-14 14:00:05+00:00\nsh-5.2$ exit\n\nScript done on 2026-07-14 14:00:05+00:00\n";
    cloud.put(REGION, GROUP, "bob-0a1b2c3d4e5f60720", [said(NOON + 2 * HOUR + 6_000, text)]);
}

/// What comes later: events of a session that were sent late, and of one that was not there.
fn put_late(cloud: &Cloud) {
    let late = |session, at, received| Put { received, ..output(session, at, &["late"]) };
    let (jane, new) = ("jane@example.com-0a1b2c3d4e5f60718", "new-0a1b2c3d4e5f60721");
    cloud.put(REGION, GROUP, jane, [late(jane, NOON + 3 * MINUTE, NOON + 2 * HOUR), late(jane, NOON + 90 * MINUTE, NOON + 2 * HOUR)]);
    cloud.put(REGION, GROUP, new, (0..3).map(|n| output(new, NOON + 2 * HOUR + n * MINUTE, &["w"])));
}

#[test]
fn a_second_ingest_reads_nothing_and_what_is_late_is_found_and_counted_once() {
    let (cloud, fresh) = (Cloud::start(), Cloud::start());
    let (world, at_once) = (world(&cloud.url(), &[REGION]), world(&fresh.url(), &[REGION]));
    put_day(&cloud);
    let first = ingest(world.path(), &[], 0);
    assert!(first.contains(" 0 known already") && first.contains("26 facts"), "{first}");
    let again = ingest(world.path(), &[], 0);
    assert!(again.contains(" 0 read ") && !again.contains(" 0 known already"), "{again}");
    put_late(&cloud);
    let late = ingest(world.path(), &[], 0);
    assert!(!late.contains(" 0 read "), "{late}");
    put_day(&fresh);
    put_late(&fresh);
    ingest(at_once.path(), &[], 0);
    same("late", &tables(at_once.path()), &tables(world.path()));
    let count = |world: &World, sql: &str| ndjson(&asked(world.path(), sql))[0]["n"].as_i64();
    for world in [&world, &at_once] {
        assert_eq!(count(world, "SELECT count(*) AS n FROM events"), Some(31), "26 of the day and 5 late ones");
        assert_eq!(count(world, "SELECT count(DISTINCT event_id) AS n FROM event_copies"), Some(31));
    }
    say(&format!("copies that are stored: {:?} after late events, {:?} at once", copies(&world), copies(&at_once)));
    assert!(copies(&world) > copies(&at_once) && copies(&at_once) == Some(31), "windows that grew are stored again");
    let rebuilt = tables(world.path());
    assert_eq!(ran(world.path(), &["rebuild", "--quiet"]).code, Some(0));
    same("rebuilt", &rebuilt, &tables(world.path()));
}

#[test]
fn a_region_that_is_denied_is_a_named_gap_until_it_is_read() {
    let cloud = Cloud::start();
    put_day(&cloud);
    cloud.put("us-east-1", GROUP, "eve-0a1b2c3d4e5f60722", [output("eve-0a1b2c3d4e5f60722", NOON, &["id"])]);
    let world = world(&cloud.url(), &[REGION, "us-east-1"]);
    cloud.behave(Behaviour { denied: ["us-east-1".to_owned()].into(), ..Behaviour::default() });
    let told = ingest(world.path(), &[], 3);
    assert!(told.contains("not read: stream: denied: 1 (such as us-east-1/log-group:%2Fssm%2Fsessions/:"), "{told}");
    let places = || asked(world.path(), "SELECT place, cause FROM gaps");
    assert_eq!(places().trim(), r#"{"place":"us-east-1/log-group:%2Fssm%2Fsessions/","cause":"denied"}"#);
    let sessions = |world: &World| ndjson(&asked(world.path(), "SELECT session_id, region FROM sessions ORDER BY 1")).len();
    assert_eq!(sessions(&world), 3, "the other region is read");
    cloud.behave(Behaviour::default());
    ingest(world.path(), &[], 0);
    assert_eq!((places().as_str(), sessions(&world)), ("", 4), "the gap is closed");
}

#[test]
fn faults_at_calls_all_along_end_in_the_same_tables() {
    let cloud = Cloud::start();
    put_day(&cloud);
    put_late(&cloud);
    let way = Behaviour { page: 4, empty_every: 3, repeats: 1, ..Behaviour::default() };
    cloud.behave(way.clone());
    let whole = world(&cloud.url(), &[REGION]);
    ingest(whole.path(), &[], 0);
    let (calls, expected) = (cloud.calls(), asked(whole.path(), EVERYTHING));
    let mut faults = 0;
    // A whole ingest takes long where nothing is optimised: the source alone is tried at every call, in `wire_cloudwatch_source`.
    for call in (0..calls).step_by(5) {
        let world = world(&cloud.url(), &[REGION]);
        cloud.behave(Behaviour { from: Some((call, Fault::Denied)), ..way.clone() });
        ingest(world.path(), &["--quiet"], 3);
        // The client tries again by itself after these.
        cloud.behave(Behaviour { faults: [(call, Fault::Throttled), (call + 2, Fault::Broken)].into(), ..way.clone() });
        ingest(world.path(), &["--quiet"], 0);
        assert_eq!(asked(world.path(), EVERYTHING), expected, "denied from call {call} on");
        faults += 3;
    }
    say(&format!("CloudWatch Logs: {faults} faults along {calls} calls of whole ingests, the same tables after each"));
}

/// The sessions as one text, with the number of events and of open gaps.
const EVERYTHING: &str = "SELECT s.*, (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM gaps) AS gaps FROM sessions s ORDER BY session_id";

fn copies(world: &World) -> Option<i64> {
    ndjson(&asked(world.path(), "SELECT count(*) AS n FROM event_copies"))[0]["n"].as_i64()
}

fn asked(dir: &Path, sql: &str) -> String {
    let ran = ran(dir, &["query", sql, "--format", "ndjson"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stdout
}

fn tables(dir: &Path) -> BTreeMap<&'static str, Vec<Row>> {
    let names = std::iter::once("sessions").chain(KPIS.iter().map(|(name, _)| *name));
    names.map(|name| (name, ndjson(&asked(dir, &format!("SELECT * FROM {name}"))))).collect()
}

fn same(what: &str, expected: &BTreeMap<&'static str, Vec<Row>>, found: &BTreeMap<&'static str, Vec<Row>>) {
    let mut wrong = Vec::new();
    for (name, rows) in expected {
        wrong.extend(differences(name, rows, &found[name], key(name)));
    }
    assert!(wrong.is_empty(), "{what}: {} differences, such as\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n"));
}

fn world(url: &str, regions: &[&str]) -> World {
    let world = World::new();
    let text = format!(
        "[lake]\nuri = \"./lake\"\n\n[policy]\nfile = \"policy.toml\"\n\n[[source]]\nname = \"stream\"\nkind = \"cloudwatch\"\nlog_group = \"{GROUP}\"\n\
         regions = {regions:?}\naccount = \"{ACCOUNT}\"\nendpoint_url = \"{url}\"\n"
    );
    world.write("sessiontrail.toml", text);
    world
}

/// Every whole event that the files below a folder hold as the API tells it, by its id.
fn events(folder: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(path.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if let Ok(bytes) = std::fs::read(&path) {
            let mut text = Vec::new();
            let is_packed = flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text).is_ok();
            let text = String::from_utf8_lossy(if is_packed { &text } else { &bytes }).into_owned();
            let whole = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let listed = whole.flat_map(|value| value["events"].as_array().cloned().unwrap_or_else(|| vec![value]));
            found.extend(listed.filter_map(|event| Some((event["eventId"].as_str()?.to_owned(), event))));
        }
    }
    found.retain(|_, event| event["ingestionTime"].is_i64() && event["logStreamName"].is_string() && event["message"].is_string());
    found
}

/// Puts other lines in the place of a source's `uri`, and of its region where it has one.
fn edit(dir: &Path, uri: &str, lines: &str) {
    let file = dir.join("sessiontrail.toml");
    let text = std::fs::read_to_string(&file).expect("an estate has a configuration");
    let blocks = text.split("[[source]]").map(|block| {
        let is_meant = block.lines().any(|line| [format!("uri = \"{uri}\""), format!("uri = \"./{uri}\"")].contains(&line.to_owned()));
        if !is_meant {
            return block.to_owned();
        }
        let is_kept = |line: &&str| !(line.starts_with("region = ") || lines.contains("log_group") && line.starts_with("uri = "));
        let kept: Vec<&str> = block.lines().filter(is_kept).collect();
        format!("\n{}\n{lines}\n\n", kept.join("\n").trim())
    });
    let text = blocks.collect::<Vec<_>>().join("[[source]]");
    std::fs::write(file, text).expect("the configuration can be written");
}
