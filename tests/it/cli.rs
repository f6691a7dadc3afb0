//! The door: exit codes, errors that help, formats, and hostile content that stays inert.

use crate::support::rows::ndjson;
use crate::support::trail::{must, ran};
use crate::support::world::{World, start_session, terminate_session};

fn world() -> World {
    let world = World::new();
    world.deliver("20260706T0905Z", &[start_session("jane-0a1b2c3d4e5f60718", "2026-07-06T09:00:00Z", "jane")]);
    world.deliver("20260706T1005Z", &[terminate_session("jane-0a1b2c3d4e5f60718", "2026-07-06T10:00:00Z", "jane")]);
    world.write_at("transcripts/kim-0a1b2c3d4e5f60719.log", "Script started on 2026-07-06 09:30:00+00:00\nhello\n", "2026-07-06T09:30:01Z");
    world.write("cloudwatch/task/kim-0a1b2c3d4e5f60719/000000", "2026-07-06T09:29:00.000Z {\"eventVersion\":\"1.0\",\"eventTime\":\"2026-07-06T09:29:00Z\",\"awsRegion\":\"eu-central-1\",\"target\":{\"id\":\"i-1\"},\"userIdentity\":{\"arn\":\"arn:aws:sts::111122223333:assumed-role/Ops/kim\"},\"runAsUser\":\"ssm-user\",\"sessionId\":\"kim-0a1b2c3d4e5f60719\",\"sessionData\":[\"sh-5.2$ \"]}\n");
    world.answer("20260706T120000Z", "describe-sessions-active.json", &serde_json::json!({ "Sessions": [] }));
    world.answer("20260706T120000Z", "describe-instances.json", &serde_json::json!({ "Reservations": [] }));
    world
}

#[test]
fn exit_codes() {
    let world = world();
    let code = |args: &[&str]| ran(world.path(), args).code;
    assert_eq!(code(&["query", "SELECT 1"]), Some(1), "there is no lake yet");
    assert_eq!(code(&["ingest"]), Some(0));
    assert_eq!(code(&["ingest"]), Some(0), "nothing new is done");
    assert_eq!(code(&["query", "SELECT count(*) FROM sessions"]), Some(0));
    assert_eq!(code(&["query", "SELEKT"]), Some(2));
    assert_eq!(code(&["query", "SELECT nonsense FROM sessions"]), Some(2));
    assert_eq!(code(&["query", "DROP TABLE sessions"]), Some(2), "SQL that writes is refused");
    assert_eq!(code(&["no-such-command"]), Some(2));
    assert_eq!(code(&["--config", "nowhere.toml", "status"]), Some(2));
    assert_eq!(code(&["kpi", "kpi_nonsense"]), Some(2));
    assert_eq!(code(&["--as-of", "yesterday", "kpi", "kpi_weekly"]), Some(2));
    assert_eq!(code(&["status", "--fail-on", "over-limit"]), Some(0), "nobody is over the limit");
    assert_eq!(code(&["--help"]), Some(0));
}

#[test]
fn a_breached_threshold_is_four() {
    let world = World::new();
    world.deliver("20260706T0905Z", &[start_session("jane-0a1b2c3d4e5f60718", "2026-07-06T09:00:00Z", "jane")]);
    world.answer(
        "20260707T120000Z",
        "describe-sessions-active.json",
        &serde_json::json!({ "Sessions": [{ "SessionId": "jane-0a1b2c3d4e5f60718", "Target": "i-0123456789abcdef0", "Status": "Connected", "StartDate": "2026-07-06T09:00:00.000000+00:00" }] }),
    );
    ran(world.path(), &["ingest"]);
    let status = ran(world.path(), &["status", "--fail-on", "over-limit"]);
    assert_eq!(status.code, Some(4), "{}\n{}", status.stdout, status.stderr);
    assert!(status.stdout.contains("aws ssm terminate-session --session-id jane-0a1b2c3d4e5f60718 --region eu-central-1"), "{}", status.stdout);
}

#[test]
fn a_source_that_never_held_anything_is_incomplete() {
    let world = World::new();
    let ran = ran(world.path(), &["ingest"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("transcripts") && ran.stderr.contains("never held anything"), "{}", ran.stderr);
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    let world = world();
    world.write("broken.toml", "[lake]\nuri = \"./lake\"\ncolour = \"red\"\n");
    let broken = ran(world.path(), &["--config", "broken.toml", "status"]);
    assert_eq!(broken.code, Some(2));
    assert!(broken.stderr.contains("broken.toml:3") && broken.stderr.contains("colour") && broken.stderr.contains("hint:"), "{}", broken.stderr);
    ran(world.path(), &["ingest"]);
    let typo = ran(world.path(), &["query", "SELECT sesion_id FROM sessions"]);
    assert!(typo.stderr.contains("session_id"), "the nearest name is named: {}", typo.stderr);
    let no_lake = ran(world.path(), &["--lake", "elsewhere", "query", "SELECT 1 FROM sessions"]);
    assert!(no_lake.stderr.contains("hint:") && no_lake.stderr.contains("ingest"), "{}", no_lake.stderr);
}

#[test]
fn every_format_says_the_same() {
    let world = world();
    ran(world.path(), &["ingest"]);
    let sql = "SELECT session_id, started_at, duration_seconds, resumes, ghost FROM sessions ORDER BY session_id";
    let in_format = |format: &str| must(world.path(), &["query", sql, "--format", format], &[0]);
    assert_eq!(
        in_format("csv"),
        "session_id,started_at,duration_seconds,resumes,ghost\n\
         jane-0a1b2c3d4e5f60718,2026-07-06T09:00:00.000000Z,3600.0,0,false\n\
         kim-0a1b2c3d4e5f60719,2026-07-06T09:29:00.000000Z,60.0,0,false\n"
    );
    let rows = ndjson(&in_format("ndjson"));
    let json: serde_json::Value = serde_json::from_str(&in_format("json")).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(rows.len()));
    assert_eq!(json[0]["started_at"], "2026-07-06T09:00:00.000000Z");
    assert!(in_format("table").contains("kim-0a1b2c3d4e5f60719"));
    must(world.path(), &["query", sql, "--format", "parquet", "-o", "out.parquet"], &[0]);
    assert_eq!(&std::fs::read(world.path().join("out.parquet")).expect("the file")[..4], b"PAR1");
}

#[test]
fn hostile_content_stays_inert() {
    let world = World::new();
    let mut record = start_session("=1+1-0a1b2c3d4e5f60718", "2026-07-06T09:00:00Z", "jane");
    record["requestParameters"]["reason"] = serde_json::json!("=HYPERLINK(\"http://evil\")\u{1b}[2J\u{9b}31m\u{202e}\nnext\u{2028}line");
    world.deliver("20260706T0905Z", &[record]);
    ran(world.path(), &["ingest"]);
    let sql = "SELECT session_id, reason FROM sessions";
    for format in ["table", "csv", "json", "ndjson"] {
        let said = must(world.path(), &["query", sql, "--format", format], &[0]);
        let banned = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
        assert!(!said.contains(banned), "{format}: {said:?}");
    }
    let csv = must(world.path(), &["query", sql, "--format", "csv"], &[0]);
    assert!(csv.lines().nth(1).is_some_and(|line| line.starts_with("\"'=1+1-")), "{csv}");
    let rows = ndjson(&must(world.path(), &["query", sql, "--format", "ndjson"], &[0]));
    assert_eq!(rows[0]["session_id"], "=1+1-0a1b2c3d4e5f60718", "exact values live in NDJSON");
    assert!(rows[0]["reason"].as_str().is_some_and(|reason| reason.contains("\u{1b}[2J")));
}

#[test]
fn a_policy_edit_and_another_as_of_need_no_ingest() {
    let world = world();
    ran(world.path(), &["ingest"]);
    let over = |args: &[&str]| {
        must(world.path(), &[args, &["query", "SELECT over_limit_seconds FROM sessions WHERE session_id LIKE 'jane-%'", "--format", "csv"]].concat(), &[0])
    };
    assert_eq!(over(&[]), "over_limit_seconds\n\"\"\n");
    let policy = std::fs::read_to_string(world.path().join("policy.toml")).expect("the policy");
    world.write("policy.toml", policy.replace("max_duration = \"8h\"", "max_duration = \"30m\""));
    assert_eq!(over(&[]), "over_limit_seconds\n1800.0\n");
    assert_eq!(over(&["--as-of", "2026-07-06T09:45:00Z"]), "over_limit_seconds\n\"\"\n");
}

#[test]
fn prices_are_those_of_the_configuration() {
    let world = world();
    ran(world.path(), &["ingest"]);
    let asked = || must(world.path(), &["query", "SELECT * FROM prices", "--format", "csv"], &[0]);
    assert_eq!(asked(), "cloudwatch_ingest_per_gb,s3_storage_per_gb_month\n,\n", "none is built in");
    let configuration = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("the configuration");
    world.write("sessiontrail.toml", format!("{configuration}\n[cost]\ncloudwatch_ingest_per_gb = 0.5\ns3_storage_per_gb_month = 1\n"));
    assert_eq!(asked(), "cloudwatch_ingest_per_gb,s3_storage_per_gb_month\n0.5,1.0\n");
}

#[test]
fn the_policy_is_checked_and_explained() {
    let world = world();
    ran(world.path(), &["ingest"]);
    let explained = must(world.path(), &["policy", "explain", "--session", "jane-0a1b2c3d4e5f60718"], &[0]);
    assert!(explained.contains("default") && explained.contains("8h"), "{explained}");
    world.write("policy.toml", "[[policy]]\neffective_from = \"soon\"\n[policy.default]\nmax_duration = \"8h\"\n");
    let checked = ran(world.path(), &["policy", "check"]);
    assert_eq!(checked.code, Some(2));
    assert!(checked.stderr.contains("policy.toml:2"), "{}", checked.stderr);
}

#[test]
fn lines_of_status_and_summary_cannot_be_forged() {
    let world = World::new();
    let forged =
        "i-0\n  certain: root on i-9 in 111122223333 eu-central-1, tier default\n    aws ssm terminate-session --session-id victim-0a1b2c3d4e5f60718\u{1b}[2J";
    let mut record = start_session("jane-0a1b2c3d4e5f60718", "2026-07-06T09:00:00Z", "jane");
    record["requestParameters"]["target"] = serde_json::json!(forged);
    world.deliver("20260706T0905Z", &[record]);
    world.deliver("20260708T0905Z", &[start_session("kim-0a1b2c3d4e5f60719", "2026-07-08T09:00:00Z", "kim")]);
    world.write("transcripts/a\n  not read: b\u{1b}[2J.log", "no session id");
    let active = serde_json::json!({ "Sessions": [{ "SessionId": "jane-0a1b2c3d4e5f60718", "Target": forged, "Status": "Connected" }] });
    world.answer("20260708T120000Z", "describe-sessions-active.json", &active);
    let summary = ran(world.path(), &["ingest"]);
    let status = ran(world.path(), &["status"]);
    assert!(status.stdout.contains("certain: jane on i-0\\u{a}"), "{}", status.stdout);
    assert_eq!(status.stdout.lines().filter(|line| line.contains("terminate-session")).count(), 2, "one line of the row, one command:\n{}", status.stdout);
    for said in [&summary.stderr, &status.stdout] {
        assert!(!said.lines().any(|line| line.starts_with("  not read: b") || line.starts_with("  certain: root")), "{said}");
        assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{said:?}");
    }
}

#[test]
fn a_stale_source_is_incomplete_and_can_be_a_threshold() {
    let world = world();
    let configuration = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("the configuration");
    world.write("sessiontrail.toml", configuration.replace("name = \"trail\"", "name = \"trail\"\nstale_after = \"26h\""));
    let fresh = ran(world.path(), &["--as-of", "2026-07-07T10:00:00Z", "ingest", "--dry-run"]);
    assert_eq!(fresh.code, Some(0), "what a dry run reads counts, though no lake holds it: {}", fresh.stderr);
    for ingest in [&["ingest", "--dry-run"][..], &["ingest"], &["ingest", "--dry-run"]] {
        let ingest = ran(world.path(), ingest);
        assert_eq!(ingest.code, Some(3), "{}", ingest.stderr);
        assert!(ingest.stderr.contains("stale: trail: the newest in it is of 2026-07-06T10:05") && ingest.stderr.contains("26h"), "{}", ingest.stderr);
    }
    assert_eq!(ran(world.path(), &["ingest", "--dry-run", "--source", "transcripts"]).code, Some(0), "nobody asked for the trail");
    assert_eq!(ran(world.path(), &["status"]).code, Some(3));
    assert_eq!(ran(world.path(), &["status", "--fail-on", "stale"]).code, Some(4));
    // As of then, it was fresh.
    assert_eq!(ran(world.path(), &["--as-of", "2026-07-06T12:00:00Z", "status", "--fail-on", "stale"]).code, Some(0));
}

#[test]
fn a_snapshot_that_does_not_say_what_the_fleet_is_is_a_gap_until_it_does() {
    let world = World::new();
    world.deliver("20260706T0905Z", &[start_session("jane-0a1b2c3d4e5f60718", "2026-07-06T09:00:00Z", "jane")]);
    world.write_at("transcripts/jane-0a1b2c3d4e5f60718.log", "Script started on 2026-07-06 09:00:00+00:00\n", "2026-07-06T09:30:01Z");
    world.write(
        "cloudwatch/page.ndjson",
        "{\"timestamp\":1783328400000,\"message\":\"Script started on 2026-07-06 09:00:00+00:00\",\"logStreamName\":\"jane-0a1b2c3d4e5f60718\"}\n",
    );
    world.answer("20260706T120000Z", "describe-sessions-active.json", &serde_json::json!({ "Sessions": [] }));
    world.answer("20260706T120000Z", "list-documents.json", &serde_json::json!({ "DocumentIdentifiers": [], "NextToken": "more" }));
    // An ingest ends as one of an account that denies the same answers, now and as long as no later snapshot gives them.
    let lacking = "not answered: account: 1 (such as 111122223333/eu-central-1/20260706T120000Z/: describe-instance-information.json is not there, describe-instances.json is not there";
    for _ in 0..2 {
        let ingested = ran(world.path(), &["ingest", "--quiet"]);
        assert!(ingested.code == Some(3) && ingested.stderr.contains(lacking), "{:?}: {}", ingested.code, ingested.stderr);
    }
    must(world.path(), &["ingest", "--quiet", "--source", "trail"], &[0]);
    must(world.path(), &["ingest", "--quiet", "--dry-run"], &[3]);
    let status = ran(world.path(), &["status"]);
    let told = "unanswered in account: 111122223333/eu-central-1/20260706T120000Z/: describe-instance-information.json is not there, describe-instances.json is not there, \
                describe-sessions-history.json is not there, list-documents.json is not whole";
    assert!(status.code == Some(3) && status.stdout.contains(told), "{:?}: {}", status.code, status.stdout);
    // It comes late.
    world.answer("20260706T120000Z", "describe-instances.json", &serde_json::json!({ "Reservations": [] }));
    must(world.path(), &["ingest", "--quiet"], &[0]);
    let status = ran(world.path(), &["status"]);
    assert!(status.code == Some(0) && status.stdout.contains("Rejected and missing\n  nothing"), "{:?}: {}", status.code, status.stdout);
}

#[test]
fn a_policy_is_explained_for_an_instance_and_for_what_is_typed() {
    let world = world();
    world.write(
        "policy.toml",
        "[[policy]]\neffective_from = \"2026-01-01T00:00:00Z\"\n[policy.default]\nmax_duration = \"8h\"\n[[policy.tier]]\nname = \"production\"\ntags = { Environment = \"prod\" }\nmax_duration = \"4h\"\n",
    );
    let instance = |environment: &str| serde_json::json!({ "Reservations": [{ "Instances": [{ "InstanceId": "i-0123456789abcdef0", "State": { "Name": "running" }, "Tags": [{ "Key": "Environment", "Value": environment }] }] }] });
    world.answer("20260705T120000Z", "describe-instances.json", &instance("test"));
    world.answer("20260706T120000Z", "describe-instances.json", &instance("prod"));
    ran(world.path(), &["ingest"]);
    let explained = must(world.path(), &["policy", "explain", "--instance", "i-0123456789abcdef0"], &[0]);
    assert!(explained.contains("production") && explained.contains("4h"), "its newest tags rule: {explained}");
    let typed = must(world.path(), &["policy", "explain", "--principal", "arn:aws:iam::111122223333:root", "--tag", "Environment=test"], &[0]);
    assert!(typed.contains("default") && typed.contains("8h"), "{typed}");
    assert_eq!(ran(world.path(), &["policy", "explain", "--instance", "i-9"]).code, Some(2));
    assert_eq!(ran(world.path(), &["policy", "explain"]).code, Some(2));
}

#[test]
fn a_lake_or_a_source_out_of_reach_hinders_only_who_needs_it() {
    let world = world();
    let configuration = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("the configuration");
    // Nobody answers at the lake's address, nor at the account's.
    let lake = "uri = \"s3://org-lake/st\"\nendpoint_url = \"http://127.0.0.1:9\"";
    let elsewhere = configuration.replace("uri = \"./lake\"", lake).replace("uri = \"account\"\n", "endpoint_url = \"http://127.0.0.1:9\"\n");
    world.write("sessiontrail.toml", elsewhere);
    assert_eq!(ran(world.path(), &["policy", "check"]).code, Some(0));
    assert_eq!(ran(world.path(), &["--lake", "lake", "ingest", "--source", "trail"]).code, Some(0), "--lake overrides, and only the trail is read");
}

#[test]
fn a_lake_that_nobody_answers_for_is_told_within_seconds() {
    let world = world();
    let configuration = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("the configuration");
    // One that refuses every connection, and one that takes them and stays silent.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    for endpoint in ["http://127.0.0.1:9".to_owned(), format!("http://{}", silent.local_addr().expect("an address"))] {
        let lake = format!("uri = \"s3://org-lake/st\"\nregion = \"eu-west-1\"\nendpoint_url = \"{endpoint}\"");
        world.write("sessiontrail.toml", configuration.replace("uri = \"./lake\"", &lake));
        for args in [&["ingest"][..], &["status"]] {
            let begin = std::time::Instant::now();
            let keys = [("AWS_ACCESS_KEY_ID", "AKIASUITESUITESUITE0"), ("AWS_SECRET_ACCESS_KEY", "secret")];
            let ended = crate::support::trail::trail(world.path()).args(args).envs(keys).output().expect("the binary starts");
            let (seconds, said) = (begin.elapsed().as_secs_f64(), String::from_utf8_lossy(&ended.stderr));
            println!("{args:?} with a lake at {endpoint}: {seconds:.1} s");
            assert_eq!(ended.status.code(), Some(1), "{said}");
            assert!(said.starts_with("error: the bucket org-lake cannot be reached: ") && said.contains("\nhint: see that this machine reaches"), "{said}");
            assert!(seconds < 20.0, "{seconds} s");
        }
    }
}

#[test]
fn a_configuration_of_no_name_is_told_as_such() {
    let world = world();
    let ended = crate::support::trail::trail(world.path()).arg("status").env("SESSIONTRAIL_CONFIG", "").output().expect("the binary starts");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("--config") && said.contains("unset SESSIONTRAIL_CONFIG"), "{said}");
}

#[test]
fn quiet_silences_what_is_no_error_and_a_reader_may_leave() {
    let world = world();
    let loud = ran(world.path(), &["ingest"]);
    assert!(loud.stderr.contains("discovered") && loud.stdout.is_empty(), "stdout carries only what could be piped: {}", loud.stdout);
    let quiet = ran(world.path(), &["ingest", "--quiet"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let mut child = crate::support::trail::trail(world.path())
        .args(["query", "SELECT * FROM generate_series(1, 3000000)", "--format", "csv"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("the run ends");
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_dry_run_tells_and_leaves_no_trace() {
    let world = world();
    let dry = ran(world.path(), &["ingest", "--dry-run"]);
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    assert!(dry.stderr.contains("6 read") && dry.stderr.contains("nothing written"), "{}", dry.stderr);
    assert!(!world.path().join("lake").exists());
    ran(world.path(), &["ingest", "--quiet"]);
    let before = tree(&world.path().join("lake"));
    world.deliver("20260707T0905Z", &[start_session("late-0a1b2c3d4e5f60719", "2026-07-07T09:00:00Z", "late")]);
    let dry = ran(world.path(), &["ingest", "--dry-run"]);
    assert!(dry.stderr.contains("6 known already") && dry.stderr.contains("1 read"), "{}", dry.stderr);
    assert!(tree(&world.path().join("lake")) == before, "a dry run changes nothing");
}

/// Every file below a folder with its bytes.
fn tree(folder: &std::path::Path) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let (mut files, mut open) = (std::collections::BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.insert(path.clone(), std::fs::read(&path).expect("a file"));
            }
        }
    }
    files
}
