//! Bad input: a reject or a named error each, all the rest ingested, exit code 3, and memory that stays bounded.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::python::{python, run};
use crate::support::rows::ndjson;
use crate::support::trail::{must, ran};
use crate::support::world::{World, gzip, start_session, terminate_session};

const GOOD: &str = "jane-0a1b2c3d4e5f60718";

/// A world with one good session in CloudTrail, from 09:00 to 10:00.
fn world() -> World {
    let world = World::new();
    world.deliver("20260706T0905Z", &[start_session(GOOD, "2026-07-06T09:00:00Z", "jane")]);
    world.deliver("20260706T1005Z", &[terminate_session(GOOD, "2026-07-06T10:00:00Z", "jane")]);
    world
}

/// Ingests, which must end with 3; gives the codes of the rejects by object's ending, and checks that the good session is whole.
fn codes(world: &World) -> Vec<String> {
    let summary = ran(world.path(), &["ingest"]);
    assert_eq!(summary.code, Some(3), "{}\n{}", summary.stdout, summary.stderr);
    let good = ndjson(&must(
        world.path(),
        &["query", &format!("SELECT status, duration_seconds FROM sessions WHERE session_id = '{GOOD}'"), "--format", "ndjson"],
        &[0],
    ));
    assert_eq!(good.len(), 1);
    assert_eq!((good[0]["status"].as_str(), good[0]["duration_seconds"].as_f64()), (Some("ended"), Some(3600.0)));
    let rejects = ndjson(&must(world.path(), &["query", "SELECT code FROM rejects ORDER BY code", "--format", "ndjson"], &[0]));
    let codes: Vec<String> = rejects.iter().map(|reject| reject["code"].as_str().expect("a code").to_owned()).collect();
    for code in &codes {
        assert!(summary.stderr.contains(code.as_str()), "the summary does not name {code}:\n{}", summary.stderr);
    }
    codes
}

#[test]
fn a_corrupt_gzip() {
    let world = world();
    let mut bytes = gzip(&serde_json::to_vec(&json!({ "Records": [start_session("late-0a1b2c3d4e5f60719", "2026-07-06T11:00:00Z", "late")] })).expect("JSON"));
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    bytes[middle + 1] ^= 0xff;
    world.write("trail/AWSLogs/111122223333/CloudTrail/eu-central-1/2026/07/06/corrupt.json.gz", bytes);
    // What was inflated before the damage showed may be no JSON either.
    let codes = codes(&world);
    assert!(codes[0] == "gzip_corrupt" && codes.iter().all(|code| code == "gzip_corrupt" || code == "json_invalid"), "{codes:?}");
}

#[test]
fn a_truncated_and_an_unbalanced_json_keep_the_records_before_the_damage() {
    let world = world();
    let whole = start_session("whole-0a1b2c3d4e5f60719", "2026-07-06T09:30:00Z", "whole").to_string();
    world.write("trail/truncated.json", format!("{{\"Records\":[{whole},{}", &whole[..whole.len() / 2]));
    world.write("trail/unbalanced.json", format!("{{\"Records\":[{whole}}}}}"));
    assert_eq!(codes(&world), ["json_invalid", "json_invalid"]);
    let found = must(world.path(), &["query", "SELECT count(*) AS n FROM sessions WHERE session_id LIKE 'whole-%'", "--format", "ndjson"], &[0]);
    assert_eq!(found.trim(), r#"{"n":1}"#);
}

#[test]
fn a_wrong_time_and_a_key_that_is_no_session_id() {
    let world = world();
    let mut wrong = start_session("wrong-0a1b2c3d4e5f60719", "2026-07-06T11:00:00Z", "wrong");
    wrong["eventTime"] = json!("yesterday");
    world.deliver("20260706T1105Z", &[wrong]);
    world.write_at("transcripts/ssm/notes.log", "Script started on 2026-07-06 09:00:00+00:00\nhello\n", "2026-07-06T09:00:05Z");
    world.write_at("transcripts/ssm/when-0a1b2c3d4e5f60719.log", "Script started on 2026-13-45 09:00:00+00:00\nhello\n", "2026-07-06T09:00:05Z");
    assert_eq!(codes(&world), ["key_not_session_id", "time_invalid", "time_invalid"]);
}

#[test]
fn a_bomb_of_ten_gigabytes_within_half_a_gigabyte_of_memory() {
    let world = world();
    let member = gzip(&vec![0; 64 << 20]);
    let bomb: Vec<u8> = std::iter::repeat_n(member, 160).flatten().collect();
    world.write("trail/AWSLogs/111122223333/CloudTrail/eu-central-1/2026/07/06/bomb.json.gz", &bomb);
    world.write("cloudwatch/task/jane-0a1b2c3d4e5f60719/000000.gz", &bomb);
    world.write("transcripts/jane-0a1b2c3d4e5f6071a.log", &bomb);
    let measured = run(Command::new(python()).args(["-c", PEAK, env!("CARGO_BIN_EXE_sessiontrail"), "ingest", "--quiet"]).current_dir(world.path()));
    let said = String::from_utf8_lossy(&measured.stdout).into_owned();
    let (code, kibibytes) = said.trim().split_once(' ').expect("code and peak");
    assert_eq!(code, "3");
    assert!(kibibytes.parse::<u64>().expect("a number") < 512 * 1024, "peak memory: {kibibytes} KiB");
    let rejects = must(world.path(), &["query", "SELECT count(DISTINCT object) AS n FROM rejects WHERE code = 'too_large'", "--format", "ndjson"], &[0]);
    assert_eq!(rejects.trim(), r#"{"n":3}"#);
}

/// Runs a command and prints its exit code and peak memory in KiB.
const PEAK: &str = "import resource,subprocess,sys\ncode=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL).returncode\nprint(code,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";

#[test]
fn a_folder_without_permission_is_a_named_gap_and_the_rest_is_read() {
    let world = world();
    let locked = world.path().join("transcripts/locked");
    world.write_at("transcripts/locked/jane-0a1b2c3d4e5f60719.log", "hello\n", "2026-07-06T09:00:05Z");
    // Root may read everything, so the binary runs as somebody who may not.
    let binary = world.path().join("sessiontrail-copy");
    std::fs::copy(env!("CARGO_BIN_EXE_sessiontrail"), &binary).expect("the binary can be copied");
    let mut ingest = Command::new("setpriv");
    ingest.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&binary).arg("ingest").current_dir(world.path()).env_clear();
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    if is_root {
        give_away(world.path());
    } else {
        ingest = Command::new(&binary);
        ingest.arg("ingest").current_dir(world.path()).env_clear();
    }
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).expect("the folder can be locked");
    let denied = ingest.output().expect("setpriv of util-linux: install it");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o755)).expect("the folder can be opened");
    let said = String::from_utf8_lossy(&denied.stderr);
    assert_eq!(denied.status.code(), Some(3), "{said}");
    assert!(said.contains("locked") && said.contains("denied"), "{said}");
    let gaps = ndjson(&must(world.path(), &["query", "SELECT source, place, cause FROM gaps", "--format", "ndjson"], &[0]));
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!((gaps[0]["source"].as_str(), gaps[0]["cause"].as_str()), (Some("transcripts"), Some("denied")));
    let good = must(world.path(), &["query", "SELECT count(*) AS n FROM sessions", "--format", "ndjson"], &[0]);
    assert_eq!(good.trim(), r#"{"n":1}"#);
    // The next run finds it open: nothing is missing any more.
    ingest.output().expect("the binary starts");
    let after =
        must(world.path(), &["query", "SELECT (SELECT count(*) FROM gaps) AS gaps, (SELECT count(*) FROM sessions) AS sessions", "--format", "ndjson"], &[0]);
    assert_eq!(after.trim(), r#"{"gaps":0,"sessions":2}"#);
    let status = ran(world.path(), &["status"]).stdout;
    assert!(status.contains("Rejected and missing\n  nothing"), "{status}");
}

/// Hands a tree to the user that the binary will run as.
fn give_away(dir: &Path) {
    run(Command::new("chown").args(["-R", "65534:65534"]).arg(dir));
}
