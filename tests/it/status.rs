//! `status`: what whoever is on call has to see, and the thresholds that end with code 4.

use serde_json::json;

use crate::support::trail::{must, ran};
use crate::support::world::{ACCOUNT, World, no_instances, start_session, update_preferences};

const JANE: &str = "jane-0a1b2c3d4e5f60718";

/// A world with a trail and an account source, to which `more` is added.
fn world(more: &str) -> World {
    let world = World::new();
    world.write(
        "sessiontrail.toml",
        format!(
            "[lake]\nuri = \"./lake\"\n\n[policy]\nfile = \"policy.toml\"\n\n[[source]]\nname = \"trail\"\nkind = \"cloudtrail\"\nuri = \"trail\"\n\n\
             [[source]]\nname = \"account\"\nkind = \"account\"\nuri = \"account\"\n{more}\n"
        ),
    );
    world
}

/// A session that begins at 09:00 and is alive at 20:00, on an instance with an owner.
fn overdue(world: &World) {
    let instance = json!({ "InstanceId": "i-0123456789abcdef0", "State": { "Name": "running" }, "Tags": [{ "Key": "Owner", "Value": "payments\u{1b}" }] });
    world.answer("20260706T080000Z", "describe-instances.json", &json!({ "Reservations": [{ "Instances": [instance] }] }));
    world.deliver("20260706T0905Z", &[start_session(JANE, "2026-07-06T09:00:00Z", "jane")]);
    let session = json!({ "SessionId": JANE, "Target": "i-0123456789abcdef0", "Status": "Connected" });
    world.answer("20260706T200000Z", "describe-sessions-active.json", &json!({ "Sessions": [session] }));
    world.answer("20260706T200000Z", "describe-instances.json", &no_instances());
}

fn ingested(world: &World, code: i32) {
    let ran = ran(world.path(), &["ingest", "--quiet"]);
    assert_eq!(ran.code, Some(code), "{}", ran.stderr);
}

/// The code of `status` with these thresholds.
fn code(world: &World, fail_on: &[&str]) -> Option<i32> {
    let args = fail_on.iter().flat_map(|what| ["--fail-on", *what]);
    ran(world.path(), &["status"].into_iter().chain(args).collect::<Vec<_>>()).code
}

#[test]
fn an_open_session_is_told_with_all_that_it_takes_to_end_it() {
    let world = world("profile = \"ops eu\"");
    overdue(&world);
    ingested(&world, 0);
    let status = must(world.path(), &["status"], &[0]);
    assert!(
        status.contains(
            "\n  certain: jane on i-0123456789abcdef0 in 111122223333 eu-central-1, tier default, owner payments\\u{1b}, over its 8h since 2026-07-06T17:00:00.000000Z (3.0 h)\n    \
             aws ssm terminate-session --session-id jane-0a1b2c3d4e5f60718 --region eu-central-1 --profile 'ops eu'\n"
        ),
        "the account's only source names a profile: {status}"
    );
    assert!(
        status.contains("\nOpen findings\n  high: 2\n    SESSION-OVER-MAX: 1, the oldest since 2026-07-06T17:00:00.000000Z\n    SLOW-TERMINATION: 1,"),
        "{status}"
    );
    assert!(status.contains("\nChanges of the preferences in the last 7 days\n  none\n"), "{status}");
    assert!(status.contains("\nExceptions of the policy that end within 30 days\n  none\n"), "{status}");
}

#[test]
fn a_profile_is_named_for_its_own_account_only() {
    let role = format!("profile = \"hub\"\nrole_arn = \"arn:aws:iam::{ACCOUNT}:role/reader\"");
    for (more, expected) in [
        (format!("account = \"{ACCOUNT}\"\nprofile = \"ops\""), " --region eu-central-1 --profile ops\n"),
        ("account = \"444455556666\"\nprofile = \"ops\"".to_owned(), " --region eu-central-1\n"),
        (role, " --region eu-central-1\n"),
    ] {
        let world = world(&more);
        overdue(&world);
        ingested(&world, 0);
        let status = must(world.path(), &["status"], &[0]);
        assert!(status.contains(expected), "{more}: {status}");
    }
}

#[test]
fn a_change_of_the_preferences_is_told_and_breaches_until_it_is_acknowledged() {
    let world = world("");
    overdue(&world);
    ingested(&world, 0);
    assert_eq!(code(&world, &["prefs-changed"]), Some(0));
    world.deliver("20260706T1005Z", &[update_preferences("change-1", "2026-07-06T10:00:00Z", "mallory\u{1b}[2J\n  forged")]);
    ingested(&world, 0);
    assert_eq!((code(&world, &["prefs-changed"]), code(&world, &["stale"]), code(&world, &["stale,prefs-changed"])), (Some(4), Some(0), Some(4)));
    let status = must(world.path(), &["status"], &[0]);
    let line = "\n  2026-07-06T10:00:00.000000Z: UpdateDocument by arn:aws:sts::111122223333:assumed-role/Ops/mallory\\u{1b}[2J\\u{a}  forged in 111122223333 eu-central-1, \
                version unknown to 4\n";
    assert!(status.contains(line), "{status}");
    let id = must(world.path(), &["query", "SELECT finding_id FROM findings WHERE rule = 'PREFS-CHANGED'", "--format", "csv"], &[0]);
    let id = id.lines().nth(1).expect("one finding").to_owned();
    assert!(status.contains(&format!("\n    not acknowledged: {id}\n")), "what the policy has to name is there to be copied: {status}");
    assert_eq!(ran(world.path(), &["--as-of", "2026-07-16T10:00:00Z", "status", "--fail-on", "prefs-changed"]).code, Some(4), "however old it is");
    let later = must(world.path(), &["--as-of", "2026-07-16T10:00:00Z", "status"], &[0]);
    assert!(later.contains("\n  none\n  and 1 earlier, not acknowledged\n"), "{later}");

    let policy = std::fs::read_to_string(world.path().join("policy.toml")).expect("the policy");
    world.write("policy.toml", format!("{policy}\n[[acknowledged]]\nfinding = \"{id}\"\nby = \"sec\"\nat = \"2026-07-06T11:00:00Z\"\nnote = \"CHG-1\"\n"));
    assert_eq!(code(&world, &["prefs-changed"]), Some(0));
    assert!(must(world.path(), &["status"], &[0]).contains(&format!("\n    acknowledged: {id}\n")));
}

#[test]
fn a_breach_is_four_though_something_is_missing_as_well() {
    let world = world("");
    overdue(&world);
    world.write("trail/AWSLogs/111122223333/CloudTrail/eu-central-1/2026/07/06/broken.json.gz", "no gzip\u{1b}");
    ingested(&world, 3);
    assert_eq!(code(&world, &[]), Some(3));
    assert_eq!(code(&world, &["prefs-changed"]), Some(3), "nothing of the kind, but something is missing");
    assert_eq!((code(&world, &["over-limit"]), code(&world, &["prefs-changed", "over-limit"])), (Some(4), Some(4)));
    let status = must(world.path(), &["status"], &[3]);
    assert!(status.contains("\nRejected and missing\n  ") && status.contains("broken.json.gz"), "{status}");
}

#[test]
fn a_source_that_never_held_anything_is_stale() {
    let world = world("\n[[source]]\nname = \"stream\"\nkind = \"cloudwatch\"\nuri = \"cloudwatch\"");
    overdue(&world);
    ingested(&world, 3);
    assert_eq!((code(&world, &[]), code(&world, &["stale"])), (Some(3), Some(4)));
}

#[test]
fn exceptions_are_told_before_they_end() {
    let world = world("");
    overdue(&world);
    ingested(&world, 0);
    let policy = std::fs::read_to_string(world.path().join("policy.toml")).expect("the policy");
    let exception = |owner: &str, until: &str| {
        format!(
            "\n  [[policy.exception]]\n  principals = [\"*\"]\n  from = \"2026-06-01T00:00:00Z\"\n  until = \"{until}\"\n  max_duration = \"12h\"\n  owner = \"{owner}\"\n  reason = \"CHG-1234\"\n"
        )
    };
    world.write("policy.toml", policy + &exception("data-platform", "2026-07-20T00:00:00Z") + &exception("later", "2026-12-01T00:00:00Z"));
    let status = must(world.path(), &["status"], &[0]);
    assert!(status.contains("\n  data-platform: until 2026-07-20T00:00:00.000000Z (13 d): CHG-1234\n    {"), "{status}");
    assert!(!status.contains("later: until"), "{status}");
}

/// Two sessions of one node that leave no transcript: the node is gone when the fleet is looked at next; then the preferences name a log group that is not there.
#[test]
fn what_left_no_transcript_is_told_with_its_cause() {
    let world = world("");
    let (kim, jane) = ("kim-0a1b2c3d4e5f60719", "jane-0a1b2c3d4e5f60718");
    world.deliver("20260706T0905Z", &[start_session(kim, "2026-07-06T09:00:00Z", "kim")]);
    world.deliver("20260706T1305Z", &[start_session(jane, "2026-07-06T13:00:00Z", "jane")]);
    let node = json!({ "InstanceId": "i-0123456789abcdef0", "State": { "Name": "running" } });
    let fleet = json!({ "Reservations": [{ "Instances": [node] }] });
    let look = |taken: &str, version: &str, inputs: serde_json::Value, nodes: serde_json::Value| {
        let content = json!({ "schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs });
        let document = json!({ "Name": "SSM-SessionManagerRunShell", "DocumentVersion": version, "Content": content.to_string(), "DocumentType": "Session" });
        world.answer(taken, &format!("get-document-SSM-SessionManagerRunShell-{version}.json"), &document);
        world.answer(taken, "describe-log-groups.json", &json!({ "logGroups": [{ "logGroupName": "/another" }] }));
        world.answer(taken, "describe-instances.json", &fleet);
        world.answer(taken, "describe-instance-information.json", &json!({ "InstanceInformationList": nodes }));
    };
    let online = json!([{ "InstanceId": "i-0123456789abcdef0", "PingStatus": "Online" }]);
    look("20260706T080000Z", "1", json!({ "s3BucketName": "logs" }), online);
    look("20260706T120000Z", "2", json!({ "cloudWatchLogGroupName": "/ssm" }), json!([]));
    let ended = |id: &str, start: &str, end: &str| json!({ "SessionId": id, "Target": "i-0123456789abcdef0", "Status": "Terminated", "StartDate": start, "EndDate": end });
    let history = [ended(kim, "2026-07-06T09:00:00Z", "2026-07-06T10:00:00Z"), ended(jane, "2026-07-06T13:00:00Z", "2026-07-06T14:00:00Z")];
    world.answer("20260706T200000Z", "describe-sessions-history.json", &json!({ "Sessions": history }));
    world.answer("20260706T200000Z", "describe-sessions-active.json", &json!({ "Sessions": [] }));
    world.answer("20260706T200000Z", "describe-instances.json", &fleet);
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(0));
    let sql = "SELECT session_id, cause, certainty, detail FROM transcript_gaps ORDER BY started_at";
    let found = ran(world.path(), &["query", sql, "--format", "csv"]);
    let told = format!(
        "session_id,cause,certainty,detail\n{kim},agent_killed,suspected,not managed any more at 2026-07-06T12:00:00Z\n{jane},log_group_missing,suspected,/ssm\n"
    );
    assert_eq!(found.stdout.replace('\r', ""), told, "{}", found.stderr);
}
