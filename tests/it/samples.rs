//! The samples of every format, as the services write them, through the whole product: what is refused is refused for a reason that stands in the
//! sample, and every session is what a reader of the sample would say. The truth below was worked out by hand.

use std::path::Path;

use crate::support::python::root;
use crate::support::rows::ndjson;
use crate::support::trail::{must, ran};
use crate::support::world::{World, gzip};

/// Transcripts lie under the id that their header names, or under one of their own.
const TRANSCRIPTS: [(&str, &str); 7] = [
    ("al2", "al-0c3d5e7f90a1b2c41"),
    ("bsd", "bsd-0c3d5e7f90a1b2c42"),
    ("command", "ana.lopez@example.org-0c3d5e7f90a1b2c3d"),
    ("old-agent-noise-first", "noise-0c3d5e7f90a1b2c44"),
    ("old-agent", "old-0c3d5e7f90a1b2c45"),
    ("powershell", "ps-0c3d5e7f90a1b2c46"),
    ("util-linux-2.35", "ul-0c3d5e7f90a1b2c47"),
];

/// What a reader of the samples would say of a session.
type Truth = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, Option<i64>);

/// Session, type, status, start and end within 2026-07-14 with their methods, end reason, number of streaming events.
const SESSIONS: [Truth; 11] = [
    // Listed from 09:00:00.123 to 09:20:00.5 and terminated by its owner; three deliveries of two streaming events are two.
    ("ana-0c3d5e7f90a1b2c3d", "shell", "ended", "09:00:00.123000 history", "09:20:00.500000 history", "terminated_by_owner", Some(2)),
    // The Active listing has an entry without an id, so it is not complete: that it does not name this one proves nothing.
    ("ana-0c3d5e7f90a1b2c3e", "port", "open", "09:00:01.000000 start_call", "null null", "unknown", None),
    ("ana-0c3d5e7f90a1b2c3f", "unknown", "open", "09:00:00.123456 history", "null null", "unknown", None),
    ("ana.lopez@example.org-0c3d5e7f90a1b2c3d", "unknown", "ended", "null null", "09:15:00.000000 transcript", "unknown", None),
    ("al-0c3d5e7f90a1b2c41", "unknown", "ended", "null null", "09:15:00.000000 transcript", "exit", None),
    // Its stamp has no zone: the upload is all that tells the time.
    ("bsd-0c3d5e7f90a1b2c42", "unknown", "ended", "null null", "09:15:05.000000 upload", "exit", None),
    ("ecs-execute-command-0d3d5e7f90a1b2c3d", "ecs", "open", "09:30:00.000000 start_call", "null null", "unknown", None),
    // Of two exit lines the last is the old logger's own; in the next sample there is only the logger's.
    ("noise-0c3d5e7f90a1b2c44", "unknown", "ended", "null null", "09:15:00.000000 transcript", "exit", None),
    ("old-0c3d5e7f90a1b2c45", "unknown", "ended", "null null", "09:15:00.000000 transcript", "unknown", None),
    ("ps-0c3d5e7f90a1b2c46", "unknown", "ended", "null null", "09:15:05.000000 upload", "unknown", None),
    ("ul-0c3d5e7f90a1b2c47", "unknown", "ended", "null null", "09:15:00.000000 transcript", "exit", None),
];

#[test]
fn every_sample_is_understood_or_refused_for_a_reason_that_it_holds() {
    let world = World::new();
    let configuration = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("the configuration");
    world.write(
        "sessiontrail.toml",
        configuration.replace("uri = \"transcripts\"", "uri = \"transcripts\"\naccount = \"210987654321\"\nregion = \"eu-west-3\""),
    );
    lay_out(&world);
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(3));
    let rejects = ndjson(&must(world.path(), &["query", "SELECT object, at, code FROM rejects ORDER BY object, at", "--format", "ndjson"], &[0]));
    let told: Vec<String> =
        rejects.iter().map(|reject| format!("{} {}", reject["at"].as_str().unwrap_or_default(), reject["code"].as_str().unwrap_or_default())).collect();
    assert_eq!(
        told,
        [
            "InstanceInformationList[1].LastPingDateTime time_invalid",
            "Reservations[1].Instances[0].InstanceId field_invalid",
            "Sessions[1].SessionId field_invalid"
        ]
    );
    let sql = "SELECT session_id, session_type, status, started_at, start_method, ended_at, end_method, end_reason, activity_events, account_id, region FROM sessions";
    let rows = ndjson(&must(world.path(), &["query", sql, "--format", "ndjson"], &[0]));
    assert_eq!(rows.len(), SESSIONS.len());
    for (session_id, session_type, status, start, end, reason, activity) in SESSIONS {
        let row = rows.iter().find(|row| row["session_id"] == session_id).unwrap_or_else(|| panic!("{session_id} is missing"));
        let text = |column: &str| row[column].as_str().unwrap_or("null").trim_start_matches("2026-07-14T").trim_end_matches('Z').to_owned();
        let told = (text("session_type"), text("status"), format!("{} {}", text("started_at"), text("start_method")));
        assert_eq!(told, (session_type.to_owned(), status.to_owned(), start.to_owned()), "{session_id}");
        assert_eq!((format!("{} {}", text("ended_at"), text("end_method")), text("end_reason")), (end.to_owned(), reason.to_owned()), "{session_id}");
        assert_eq!(
            (row["activity_events"].as_i64(), text("account_id"), text("region")),
            (activity, "210987654321".to_owned(), "eu-west-3".to_owned()),
            "{session_id}"
        );
    }
}

/// The samples, each where its service would put it.
fn lay_out(world: &World) {
    let samples = root().join("ingest/sessions/fixtures");
    let sample = |name: &str| std::fs::read(samples.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    for (name, session_id) in TRANSCRIPTS {
        world.write_at(&format!("transcripts/ssm/{session_id}.log"), sample(&format!("transcripts/{name}.log")), "2026-07-14T09:15:05Z");
    }
    let trail = "trail/AWSLogs/210987654321/CloudTrail/eu-west-3/2026/07/14/210987654321_CloudTrail_eu-west-3_20260714T0945Z_abcdefghijklmnop.json.gz";
    world.write(trail, gzip(&sample("cloudtrail/records.json")));
    world.write("cloudwatch/task/ana-0c3d5e7f90a1b2c3d/000000.gz", gzip(&sample("cloudwatch/export.txt")));
    for name in ["answer.json", "get-log-events.json", "page.ndjson"] {
        world.write(&format!("cloudwatch/api/{name}"), sample(&format!("cloudwatch/{name}")));
    }
    for entry in std::fs::read_dir(samples.join("account")).expect("the samples are part of the project") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        world.write(&format!("account/210987654321/eu-west-3/20260714T093000Z/{name}"), sample(&Path::new("account").join(&name).to_string_lossy()));
    }
}
