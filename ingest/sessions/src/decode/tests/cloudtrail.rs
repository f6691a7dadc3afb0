//! CloudTrail: which calls count, as what, and that nothing in a file can hide one.

use super::*;

const RECORDS: &[u8] = include_bytes!("../../../fixtures/cloudtrail/records.json");
const KEY: &str = "AWSLogs/210987654321/CloudTrail/eu-west-3/2026/07/14/210987654321_CloudTrail_eu-west-3_20260714T0945Z_abcdefghijklmnop.json.gz";

fn trail(key: &str, bytes: &[u8]) -> (Found, Explained) {
    read(SourceKind::CloudTrail, key, bytes)
}

/// The records of the fixture, one by one.
fn records() -> Vec<String> {
    let json = Json::parse(RECORDS).unwrap();
    json.get("Records").unwrap().items().unwrap().iter().map(ToString::to_string).collect()
}

#[test]
fn every_call_of_interest_says_what_it_did() {
    use EventKind::{OtherCall, ResumeCall, StartCall, TerminateCall};
    let (found, explained) = trail(KEY, &gzip(RECORDS));
    assert_eq!(found.rejects, []);
    assert_eq!((explained.passed_over, explained.gzip_members, explained.vouched_at), (3, Some(1), Some(at("2026-07-14T09:45:00Z"))));
    let told: Vec<_> = found
        .events()
        .iter()
        .map(|event| (event.kind, &event.event_id[3..], event.session_id.as_deref(), event.target_id.as_deref(), event.document_name.as_deref()))
        .collect();
    let shell = Some("SSM-SessionManagerRunShell");
    assert_eq!(
        told,
        [
            (StartCall, "e-1", Some(SESSION), Some(NODE), shell),
            (StartCall, "e-2", Some("ana-0c3d5e7f90a1b2c3e"), Some(NODE), Some("AWS-StartPortForwardingSession")),
            (ResumeCall, "e-3", Some(SESSION), None, None),
            (TerminateCall, "e-4", Some(SESSION), None, None),
            (StartCall, "e-5", Some("ecs-execute-command-0d3d5e7f90a1b2c3d"), None, None),
            (OtherCall, "e-6", None, Some("i-0aa1dc2ba3987654f"), None),
            (OtherCall, "e-7", None, None, None),
            (OtherCall, "e-8", None, Some("mi-0fe1dc2ba3987654f"), shell),
            (OtherCall, "e-9", None, Some(NODE), shell),
            (OtherCall, "e-10", None, None, None),
            (OtherCall, "e-12", None, None, Some("Tail-Logs")),
            (OtherCall, "e-14", None, None, shell),
            (OtherCall, "e-15", None, None, shell),
            (OtherCall, "e-16", None, None, Some("Tail-Logs")),
            (OtherCall, "e-17", None, None, Some("Tail-Logs")),
        ]
    );
    let events = found.events();
    let versions: Vec<_> = events[10..].iter().map(|event| event.document_version.as_deref()).collect();
    assert_eq!(versions, [Some("1"), Some("4"), Some("4"), Some("1"), None]);
    let (first, second, denied) = (events[0], events[1], events[5]);
    assert_eq!(
        (first.event_time, first.account_id.as_deref(), first.region.as_deref()),
        (Some(at("2026-07-14T09:00:00Z")), Some("210987654321"), Some("eu-west-3"))
    );
    assert_eq!((first.principal_arn.as_deref(), first.source_ip.as_deref(), first.mfa, first.position), (Some(OWNER), Some("198.51.100.7"), Some(true), 1));
    assert_eq!(
        (first.user_agent.as_deref(), first.event_name.as_deref(), first.event_source.as_deref()),
        (Some("aws-cli/2.17 \"x\""), Some("StartSession"), Some("ssm.amazonaws.com"))
    );
    assert_eq!(second.reason.as_deref(), Some("ticket 7"));
    assert_eq!((denied.error_code.as_deref(), denied.error_message.is_some()), (Some("AccessDenied"), true));
    assert_eq!(events[14].position, 17);
    assert_eq!(first.sha256, schemas::sha256_hex(records()[1].as_bytes()));
}

#[test]
fn every_layout_holds_the_same_calls() {
    let events = |found: &Found| found.events().iter().map(|event| (event.event_id.clone(), event.sha256.clone())).collect::<Vec<_>>();
    let expected = events(&trail(KEY, RECORDS).0);
    let records = records();
    let array = format!("[{}]", records.join(", "));
    let lines = records.join("\n");
    let api: String = records
        .iter()
        .map(|record| {
            format!("{{\"timestamp\":1784019602017,\"ingestionTime\":1784019603000,\"logStreamName\":\"x\",\"message\":{}}}\n", Json::Text(record.into()))
        })
        .collect();
    let answer = format!("{{\n \"events\": [{}]}}", api.trim_end().replace('\n', ","));
    let export: String = records.iter().map(|record| format!("2026-07-14T09:45:00.000Z {record}\n")).collect();
    let other_key = format!("{{\"version\":1,\"Records\":[{}],\"more\":[{{}}]}}", records.join(","));
    let log_stream = "exports/task/210987654321_CloudTrail_eu-west-3_2/000000.gz";
    for (key, text) in [
        ("r.json", array),
        ("r.ndjson", lines.clone()),
        ("r.json", lines),
        ("l.ndjson", api.clone()),
        ("l.json", answer),
        (log_stream, export),
        ("r.json", other_key),
    ] {
        let (found, explained) = trail(key, text.as_bytes());
        assert_eq!((found.rejects(), events(&found)), (vec![], expected.clone()), "{key} {text}");
        assert_eq!(explained.passed_over, 3);
        let ingested = (key == "l.ndjson" || key == "l.json").then(|| at("2026-07-14T09:00:03Z"));
        assert_eq!(explained.vouched_at, ingested);
    }
    let (found, explained) = trail("210987654321_CloudTrail_eu-west-3_20260714T0945Z_abcdefghijklmnop.json", records[1].as_bytes());
    assert_eq!((events(&found), explained.vouched_at), (expected[..1].to_vec(), Some(at("2026-07-14T09:45:00Z"))));
}

#[test]
fn printed_over_many_lines_as_well() {
    let pretty = String::from_utf8(RECORDS.to_vec())
        .unwrap()
        .replace("{\"eventVersion\"", "{\n  \"eventVersion\"")
        .replace("\"Records\":[", "\n \"Records\" : [\n")
        .replace(":\"StartSession\"", " :\t\"StartSession\"");
    let (found, explained) = trail("r.json", pretty.as_bytes());
    assert_eq!((found.rejects(), found.events().len(), explained.passed_over), (vec![], 15, 3));
    let one = records()[1].replacen('{', "{\n ", 1).replace(",\"", ",\n \"");
    assert_eq!(trail("r.json", one.as_bytes()).0.events().len(), 1);
}

#[test]
fn no_spelling_hides_a_call() {
    for (plain, spelled) in [
        ("\"eventName\"", "\"event\\u004eame\""),
        (":\"StartSession\"", ":\"St\\u0061rtSession\""),
        ("\"ssm.amazonaws.com\"", "\"ssm\\u002eamazonaws.com\""),
        ("\"eventSource\"", "\"\\u0065ventSource\""),
    ] {
        let record = records()[1].replace(plain, spelled);
        for text in [format!("{{\"Records\":[{record}]}}"), format!("[{record}]"), record.clone()] {
            let (found, _) = trail("r.json", text.as_bytes());
            assert_eq!((found.rejects(), found.events().len()), (vec![], 1), "{text}");
        }
    }
}

#[test]
fn what_is_wrong_in_one_record_refuses_that_record_alone() {
    let start = records()[1].clone();
    let cases = [
        (start.replace("2026-07-14T09:00:00Z", "yesterday"), "Records[1].eventTime", Code::TimeInvalid),
        (start.replace("\"eventTime\"", "\"eventDate\""), "Records[1].eventTime", Code::FieldInvalid),
        (start.replace("\"eventSource\"", "\"source\""), "Records[1].eventSource", Code::FieldInvalid),
        (start.replace("\"readOnly\"", "\"eventID\""), "Records[1]", Code::JsonDuplicateKey),
        (start.replace("\"target\":", "\"target\":\"i-1\",\"target\":"), "Records[1]", Code::JsonDuplicateKey),
        (start.replace("\"readOnly\":false", "\"readOnly\":nul"), "Records[1]", Code::JsonInvalid),
        ("17".to_owned(), "Records[1]", Code::JsonUnexpected),
        ("{}".to_owned(), "Records[1]", Code::JsonUnexpected),
    ];
    for (record, place, code) in cases {
        let text = format!("{{\"Records\":[{0},{record},{0}]}}", records()[4]);
        let (found, _) = trail(KEY, text.as_bytes());
        assert_eq!((found.rejects(), found.events().len()), (vec![(place, code)], 2), "{record}");
    }
    let mut bytes = format!("{{\"Records\":[{},{start}]}}", start.replace("ticket", "x")).into_bytes();
    let broken = bytes.len() - 20;
    bytes[broken] = 0xff;
    assert_eq!(trail(KEY, &bytes).0.rejects(), [("Records[1]", Code::JsonInvalid)]);
    for second in ["\"Records\":[]", "\"R\\u0065cords\":[]", "\"Records\":{}", "\"events\":[]"] {
        assert_eq!(trail(KEY, format!("{{\"Records\":[],{second}}}").as_bytes()).0.rejects(), [("", Code::JsonDuplicateKey)], "{second}");
    }
    let lone = start.replace("\"eventSource\"", "\"source\"");
    assert_eq!(trail("r.json", format!("[{lone}]").as_bytes()).0.rejects(), [("[0].eventSource", Code::FieldInvalid)]);
    assert_eq!(
        trail("r.json", format!("{lone}\n{lone} {lone}").as_bytes()).0.rejects().iter().map(|(place, _)| *place).collect::<Vec<_>>(),
        ["line 1: eventSource", "line 2: eventSource", "line 2: value 2: eventSource"]
    );
}

#[test]
fn a_record_without_an_id_has_a_computed_one() {
    let record = records()[1].replace("\"eventID\":\"e-1\",", "");
    let (found, _) = trail("r.json", record.as_bytes());
    assert_eq!(found.events()[0].event_id.len(), 64);
    assert_eq!(trail("r.json", record.as_bytes()).0, found);
}

#[test]
fn the_account_may_stand_with_the_caller_alone() {
    let record = records()[1].replace("\"recipientAccountId\":\"210987654321\",", "").replace("\"awsRegion\":\"eu-west-3\",", "");
    let (found, _) = trail("r.json", record.as_bytes());
    assert_eq!((found.events()[0].account_id.as_deref(), found.events()[0].region.as_deref()), (Some("210987654321"), None));
}

#[test]
fn what_is_no_trail_is_refused() {
    for (key, bytes, code) in [
        (KEY, &b""[..], Code::JsonInvalid),
        (KEY, b"<html>", Code::JsonInvalid),
        (KEY, b"{\"Records\":{}}", Code::JsonUnexpected),
        (KEY, b"\"text\"", Code::JsonUnexpected),
        ("exports/task/lambda/000000.gz", b"2026-07-14T09:45:00.000Z {}\n", Code::KeyUnexpected),
        ("exports/task/210987654321_CloudTrail_eu-west-3/000000.gz", b"2026-07-14T09:45:00.000Z {}\n", Code::JsonUnexpected),
        ("exports/task/210987654321_CloudTrail_eu-west-3/000000.gz", b"2026-07-14T09:45:00.000Z {\"eventName\":\"StartSe\n", Code::JsonInvalid),
    ] {
        let (found, _) = trail(key, bytes);
        assert_eq!((found.facts.len(), found.rejects().iter().map(|(_, code)| *code).collect::<Vec<_>>()), (0, vec![code]), "{key}");
    }
}

#[test]
fn a_record_that_is_too_large_is_refused_alone() {
    let start = records()[1].clone();
    let large = start.replace("\"readOnly\":false", &format!("\"more\":[{}0]", "0,".repeat(1 << 19)));
    let (found, _) = trail(KEY, format!("{{\"Records\":[{large},{start}]}}").as_bytes());
    assert_eq!((found.rejects(), found.events().len()), (vec![("Records[0]", Code::TooLarge)], 1));
}

#[test]
fn a_field_that_is_too_long_is_refused_and_its_call_stays() {
    let long = "x".repeat(9_000);
    let start = records()[1].clone();
    let (found, _) = trail("r.json", format!("[{}]", start.replace("198.51.100.7", &long).replace("e-1", &long)).as_bytes());
    let event = found.events()[0];
    assert_eq!((found.rejects(), event.kind, event.source_ip.as_ref()), (vec![("[0].source_ip", Code::TooLarge)], EventKind::StartCall, None));
    assert_eq!(event.event_id.len(), 64, "an id that long is none");
    let (found, _) = trail("r.json", format!("[{}]", start.replace(SESSION, &long)).as_bytes());
    let event = found.events()[0];
    assert_eq!((found.rejects(), event.kind, event.session_id.as_ref()), (vec![("[0].session_id", Code::TooLarge)], EventKind::OtherCall, None));
}
