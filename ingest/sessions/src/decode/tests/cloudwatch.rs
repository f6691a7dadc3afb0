//! CloudWatch Logs: the API's shapes and export tasks say the same.

use schemas::Delivery;

use super::*;

const PAGE: &[u8] = include_bytes!("../../../fixtures/cloudwatch/page.ndjson");
const ANSWER: &[u8] = include_bytes!("../../../fixtures/cloudwatch/answer.json");
const GET_LOG_EVENTS: &[u8] = include_bytes!("../../../fixtures/cloudwatch/get-log-events.json");
const EXPORT: &[u8] = include_bytes!("../../../fixtures/cloudwatch/export.txt");
const EXPORT_KEY: &str = "exports/task/ana-0c3d5e7f90a1b2c3d/000000.gz";

fn cloudwatch(key: &str, bytes: &[u8]) -> Found {
    read(SourceKind::CloudWatch, key, bytes).0
}

/// An event without what tells one delivery from another.
fn essence(event: &Event) -> Event {
    let nothing = String::new();
    Event { event_id: nothing.clone(), delivery: None, ingestion_time: None, object: nothing, position: 0, ..event.clone() }
}

#[test]
fn the_api_gives_streaming_events_and_texts() {
    let (found, explained) = read(SourceKind::CloudWatch, "api/page.ndjson", PAGE);
    assert_eq!(found.rejects, []);
    assert_eq!(explained.vouched_at, Some(at("2026-07-14T09:15:03Z")));
    let [first, second, upload, stamp] = found.events()[..] else { panic!("{found:?}") };
    assert_eq!((first.kind, first.event_time, &*first.event_id), (EventKind::Stream, Some(at("2026-07-14T09:00:02.017Z")), "cw:3801"));
    assert_eq!((first.session_id.as_deref(), first.account_id.as_deref(), first.region.as_deref()), (Some(SESSION), Some("210987654321"), Some("eu-west-3")));
    assert_eq!((first.principal_arn.as_deref(), first.target_id.as_deref(), first.run_as_user.as_deref()), (Some(OWNER), Some(NODE), Some("ssm-user")));
    assert_eq!(
        (first.lines, first.exit_line, first.delivery, first.ingestion_time),
        (Some(2), Some(false), Some(Delivery::Api), Some(at("2026-07-14T09:00:02.9Z")))
    );
    assert_eq!((first.bytes, second.exit_line), (Some(295), Some(true)));
    assert_eq!((first.source_account_id.as_deref(), first.source_region.as_deref()), (Some("999999999999"), Some("eu-north-1")));
    assert_eq!((upload.kind, upload.event_time, &*upload.event_id), (EventKind::UploadAtEnd, Some(at("2026-07-14T09:15:02Z")), "cw:3803"));
    assert_eq!((upload.session_id.as_deref(), upload.target_id.as_deref(), upload.exit_line, upload.lines), (Some(SESSION), Some(NODE), Some(true), Some(4)));
    assert_eq!((upload.account_id.as_deref(), upload.region.as_deref()), (None, None));
    assert_eq!((stamp.kind, stamp.event_time, stamp.content_id.as_ref()), (EventKind::Stamp, Some(at("2026-07-14T09:15:00Z")), upload.content_id.as_ref()));
    assert_eq!(found.events().iter().map(|event| event.position).collect::<Vec<_>>(), [0, 1, 2, 2]);
}

#[test]
fn all_deliveries_say_the_same() {
    let expected: Vec<Event> = cloudwatch("p.ndjson", PAGE).events().into_iter().map(essence).collect();
    for (key, bytes) in [("a.json", ANSWER), ("g.json", GET_LOG_EVENTS), (EXPORT_KEY, EXPORT), (EXPORT_KEY, &gzip(EXPORT)), ("p.ndjson.gz", &gzip(PAGE))] {
        let found = cloudwatch(key, bytes);
        assert_eq!((found.rejects(), found.events().into_iter().map(essence).collect::<Vec<_>>()), (vec![], expected.clone()), "{key}");
    }
    let exported = cloudwatch(EXPORT_KEY, EXPORT);
    assert!(exported.events().iter().all(|event| event.delivery == Some(Delivery::Export) && event.ingestion_time.is_none()));
}

#[test]
fn all_deliveries_together_are_the_same_events_once() {
    let events = |key: &str, bytes: &[u8]| cloudwatch(key, bytes).events().into_iter().cloned().collect::<Vec<Event>>();
    let (page, answer, without_ids, export) =
        (events("p.ndjson", PAGE), events("a.json", ANSWER), events("g.json", GET_LOG_EVENTS), events(EXPORT_KEY, EXPORT));
    let ids = |events: &[Event]| events.iter().map(|event| event.event_id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&page), ids(&without_ids)), (ids(&answer), ids(&export)), "without an id the content names the event, whoever delivers it");
    let count = |events: Vec<Event>| crate::reconstruct::reconstruct(events, None).pop().map(|facts| (facts.activity_events, facts.log_bytes));
    let once = count(page.clone());
    assert_eq!(once.map(|(events, _)| events), Some(Some(2)));
    assert_eq!(count([without_ids.clone(), export.clone()].concat()), once);
    assert_eq!(count([export, answer, without_ids, page].concat()), once);
}

#[test]
fn the_same_line_twice_is_two_events_with_ids_that_stay() {
    let line = "2026-07-14T09:00:02.017Z {\"eventVersion\":\"1.0\",\"sessionId\":\"ana-0c3d5e7f90a1b2c3d\",\"sessionData\":[]}\n";
    let (once, twice) = (cloudwatch(EXPORT_KEY, line.as_bytes()), cloudwatch(EXPORT_KEY, line.repeat(2).as_bytes()));
    let ids = |found: &Found| found.events().iter().map(|event| event.event_id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&once).len(), ids(&twice).len(), ids(&twice)[0] == ids(&once)[0], ids(&twice)[0] == ids(&twice)[1]), (1, 2, true, false));
    assert_eq!(twice.events()[0].content_id, twice.events()[1].content_id);
}

#[test]
fn a_time_later_than_its_ingestion_is_none() {
    let page = String::from_utf8(PAGE.to_vec()).unwrap();
    let skewed = page
        .replace("\"ingestionTime\": 1784019602900", "\"ingestionTime\": 1784019602016")
        .replace("\"ingestionTime\": 1784020503000", "\"ingestionTime\": 1784020499999");
    let found = cloudwatch("p.ndjson", skewed.as_bytes());
    let times: Vec<_> = found.events().iter().map(|event| (event.kind, event.event_time)).collect();
    assert_eq!(
        times,
        [(EventKind::Stream, None), (EventKind::Stream, Some(at("2026-07-14T09:00:05Z"))), (EventKind::UploadAtEnd, None), (EventKind::Stamp, None)]
    );
    assert_eq!(found.events()[0].account_id.as_deref(), Some("210987654321"));
}

#[test]
fn lines_without_a_time_continue_the_message() {
    let text = "stray\n2026-07-14T09:00:02.017Z first\n\nthird \r\n2026-07-14T09:00:03Z not a time with milliseconds\n2026-99-14T09:00:03.000Z nor this\n2026-07-14T09:00:03.000Z\n2026-07-14T09:00:04.000Z Script started on 2026-07-14 09:00:04+0000";
    let found = cloudwatch(EXPORT_KEY, text.as_bytes());
    assert_eq!(found.rejects(), [("line 1", Code::LineUnexpected)]);
    let sizes: Vec<_> = found.events().iter().map(|event| (event.kind, event.bytes, event.lines)).collect();
    let first = "first\n\nthird \r\n2026-07-14T09:00:03Z not a time with milliseconds\n2026-99-14T09:00:03.000Z nor this".len() as i64;
    assert_eq!(
        sizes,
        [
            (EventKind::UploadAtEnd, Some(first), Some(5)),
            (EventKind::UploadAtEnd, Some(0), Some(0)),
            (EventKind::UploadAtEnd, Some(42), Some(1)),
            (EventKind::Stamp, None, None)
        ]
    );
}

#[test]
fn what_is_no_event_is_refused_with_its_place() {
    let event =
        |message: &str| format!(r#"{{"timestamp":1784019602017,"ingestionTime":1784019602900,"logStreamName":"{SESSION}","message":{message},"eventId":"1"}}"#);
    let streaming = |more: &str| event(&format!("{:?}", format!(r#"{{"eventVersion":"1.0","sessionId":"ana-0c3d5e7f90a1b2c3d","sessionData":[]{more}}}"#)));
    let cases = [
        (r#"{"timestamp": 17, "message":"#.to_owned(), "line 1", Code::JsonInvalid),
        ("no JSON".to_owned(), "line 1", Code::JsonInvalid),
        ("17".to_owned() + " ", "line 1", Code::JsonUnexpected),
        (r#"{"a":1}"#.to_owned(), "line 1", Code::JsonUnexpected),
        (event("17"), "line 1: message", Code::FieldInvalid),
        (event("\"x\"").replace("1784019602017", "1.5"), "line 1: timestamp", Code::FieldInvalid),
        (event("\"x\"").replace("1784019602017", "-5"), "line 1: timestamp", Code::TimeInvalid),
        (event("\"x\"").replace("1784019602017", "253402300799000"), "line 1: timestamp", Code::TimeInvalid),
        (event("\"x\"").replace("1784019602900", "7258118400000"), "line 1: ingestionTime", Code::TimeInvalid),
        (event("\"x\"").replace("\"eventId\":\"1\"", &format!("\"eventId\":\"{}\"", "1".repeat(257))), "line 1: eventId", Code::FieldInvalid),
        (event("\"x\"").replace("1784019602900", "\"now\""), "line 1: ingestionTime", Code::FieldInvalid),
        (event("\"x\"").replace("\"logStreamName\"", "\"other\""), "line 1: logStreamName", Code::FieldInvalid),
        (event("\"x\"").replace(SESSION, "lambda"), "line 1", Code::StreamNotSessionId),
        (event("\"x\"").replace("\"eventId\"", "\"timestamp\""), "line 1", Code::JsonDuplicateKey),
        (streaming(",\"sessionId\":\"eve-0c3d5e7f90a1b2c3d\""), "line 1: message", Code::JsonDuplicateKey),
        (event(r#""{\"eventVersion\":\"1.0\",\"sess""#), "line 1: message", Code::JsonInvalid),
        (streaming("").replace(r#"\"ana-0c3d5e7f90a1b2c3d\""#, r#"\"\""#), "line 1: message.sessionId", Code::FieldInvalid),
        (streaming("").replace("[]", "{}"), "line 1: message.sessionData", Code::FieldInvalid),
    ];
    for (line, place, code) in cases {
        let good = String::from_utf8_lossy(PAGE);
        let found = cloudwatch("p.ndjson", format!("{line}\n{good}").as_bytes());
        assert_eq!((found.rejects(), found.events().len()), (vec![(place, code)], 4), "{line}");
    }
    let found = cloudwatch("p.ndjson", format!("{0}{0} tail\n{0}", event("\"x\"")).as_bytes());
    assert_eq!((found.rejects(), found.events().len()), (vec![("line 1: value 3", Code::JsonInvalid)], 3), "what is whole on the line stays");
    let found = cloudwatch("p.ndjson", b"{\"a\":1} {\"a\":1}\n{\"events\":[{\"timestamp\":1,\"message\":2}]}");
    assert_eq!(found.rejects().iter().map(|(place, _)| *place).collect::<Vec<_>>(), ["line 1", "line 1: value 2", "line 2: events[0].message"]);
    assert_eq!(cloudwatch("p.json", b" \n").rejects(), [("", Code::JsonInvalid)]);
    assert_eq!(cloudwatch("000000.gz", EXPORT).rejects(), [("", Code::KeyUnexpected)]);
}

#[test]
fn a_streaming_event_may_stand_in_a_stream_of_another_name() {
    let found = cloudwatch("exports/task/renamed/000000.gz", b"2026-07-14T09:00:02.017Z {\"eventVersion\":\"1.0\",\"sessionId\":\"ana-0c3d5e7f90a1b2c3d\",\"sessionData\":[\"x\"],\"userIdentity\":{\"arn\":\"\"},\"awsRegion\":\"\"}\n");
    let event = found.events()[0];
    assert_eq!(
        (event.kind, event.session_id.as_deref(), event.principal_arn.as_deref(), event.account_id.as_deref(), event.region.as_deref()),
        (EventKind::Stream, Some(SESSION), None, None, None)
    );
}

#[test]
fn json_that_is_not_the_agents_is_a_text() {
    for message in ["{", "{\"a\":1}", "[1]"] {
        let found = cloudwatch(EXPORT_KEY, format!("2026-07-14T09:00:02.017Z {message}\n").as_bytes());
        assert_eq!(found.events().iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::UploadAtEnd], "{message}");
    }
}

#[test]
fn an_answer_that_says_twice_which_events_it_holds_is_refused() {
    let event = r#"{"timestamp":1784019602017,"ingestionTime":1784019602900,"message":"x"}"#;
    let (stream, other) = ("\"logStreamName\":\"ana-0c3d5e7f90a1b2c3d\"", "\"logStreamName\":\"eve-0c3d5e7f90a1b2c3d\"");
    let once = format!("{{\"events\":[{event}],{stream}}}");
    assert_eq!(cloudwatch("a.json", once.as_bytes()).events().len(), 1);
    for text in [
        format!("{{\"events\":[{event}],\"events\":[{event}],{stream}}}"),
        format!("{{\"events\":[{event}],\"ev\\u0065nts\":[{event}],{stream}}}"),
        format!("{{\"events\":17,\"events\":[{event}],{stream}}}"),
        format!("{{\"events\":[{event}],{stream},{other}}}"),
        format!("{{{other},\"events\":[{event}],\"logStre\\u0061mName\":\"ana-0c3d5e7f90a1b2c3d\"}}"),
    ] {
        let found = cloudwatch("a.json", text.as_bytes());
        assert_eq!((found.rejects(), found.facts.len()), (vec![("", Code::JsonDuplicateKey)], 0), "{text}");
    }
    let spelled = once.replace("events", "ev\\u0065nts");
    assert_eq!(cloudwatch("a.json", spelled.as_bytes()).events().len(), 1);
}

#[test]
fn a_message_that_is_too_large_is_refused_alone() {
    let event = |message: &str| format!(r#"{{"timestamp":1784019602017,"logStreamName":"{SESSION}","message":"{message}","eventId":"1"}}"#);
    let large = "x".repeat((1 << 20) + 1);
    let found = cloudwatch("p.ndjson", format!("{}\n{}\n", event(&large), event(&large[1..])).as_bytes());
    assert_eq!((found.rejects(), found.events().len()), (vec![("line 1: message", Code::TooLarge)], 1));
    let escaped = "\\u0000".repeat(1 << 20);
    let found = cloudwatch("p.json", format!("[{},{}]", event(&escaped), event("x")).as_bytes());
    assert_eq!((found.rejects(), found.events().len()), (vec![("[0]", Code::TooLarge)], 1));
    let lines = format!("2026-07-14T09:00:02.017Z {large}\n2026-07-14T09:00:02.018Z x\n{}\n2026-07-14T09:00:02.019Z x\n", &large[2..]);
    let found = cloudwatch(EXPORT_KEY, lines.as_bytes());
    assert_eq!((found.rejects(), found.events().len()), (vec![("line 1", Code::TooLarge), ("line 2", Code::TooLarge)], 1));
    assert_eq!(cloudwatch("p.json", format!("\"{large}\" ").as_bytes()).rejects(), [("line 1", Code::TooLarge)]);
}

#[test]
fn a_long_field_and_a_long_key_do_not_fill_the_lake() {
    let message = |user: &str| {
        let text = format!(r#"{{"eventVersion":"1.0","sessionId":"ana-0c3d5e7f90a1b2c3d","sessionData":[],"runAsUser":"{user}"}}"#);
        format!(r#"{{"timestamp":1784019602017,"logStreamName":"{SESSION}","message":{},"eventId":"1"}}"#, Json::Text(text.into()))
    };
    let found = cloudwatch("p.ndjson", message(&"u".repeat(9_000)).as_bytes());
    assert_eq!((found.rejects(), found.events()[0].run_as_user.as_ref()), (vec![("line 1: run_as_user", Code::TooLarge)], None));
    let key = "k".repeat(100_000);
    let found = cloudwatch("p.ndjson", format!("{{\"{key}\":1,\"{key}\":2,\"message\":\"\"}}").as_bytes());
    assert_eq!((found.rejects[0].code, found.rejects[0].detail.len() < 200), (Code::JsonDuplicateKey, true));
    // What stands in a message was written on the instance, and is not told at all.
    let secret = message("x\",\"hunter2\":1,\"hunter2\":\"2");
    let found = cloudwatch("p.ndjson", secret.as_bytes());
    assert_eq!((found.rejects[0].code, found.rejects[0].detail.contains("hunter2")), (Code::JsonDuplicateKey, false));
}

#[test]
fn a_streaming_event_in_the_stream_of_another_session_proves_nothing() {
    let line = b"2026-07-14T09:00:02.017Z {\"eventVersion\":\"1.0\",\"sessionId\":\"ana-0c3d5e7f90a1b2c3d\",\"sessionData\":[]}\n";
    let found = cloudwatch("exports/task/eve-0c3d5e7f90a1b2c3d/000000.gz", line);
    assert_eq!((found.rejects(), found.facts.len()), (vec![("line 1: message.sessionId", Code::FieldInvalid)], 0));
    assert_eq!(cloudwatch(EXPORT_KEY, line).events().len(), 1);
}

#[test]
fn an_exported_time_that_no_event_can_have_is_refused() {
    let text = "2026-07-14T09:00:02.017Z first\n9999-12-31T23:59:59.999Z second\ngoes on\n2026-07-14T09:00:03.017Z third\n1969-12-31T23:59:59.999Z fourth";
    let found = cloudwatch(EXPORT_KEY, text.as_bytes());
    assert_eq!(found.rejects(), [("line 2", Code::TimeInvalid), ("line 5", Code::TimeInvalid)]);
    assert_eq!(found.events().iter().map(|event| event.bytes).collect::<Vec<_>>(), [Some(5), Some(5)]);
}
