//! Snapshots of an account.

use schemas::Answer;

use super::*;

macro_rules! answer {
    ($name:literal) => {
        snapshot($name, include_bytes!(concat!("../../../fixtures/account/", $name)))
    };
}

fn snapshot(name: &str, bytes: &[u8]) -> Found {
    let (found, explained) = read(SourceKind::Account, &format!("mirror/210987654321/eu-west-3/20260714T091500Z/{name}"), bytes);
    assert_eq!(explained.vouched_at, Some(at("2026-07-14T09:15:00Z")));
    found
}

/// What was asked and not answered: the one fact that is found, which names nothing.
fn unanswered(found: &Found) -> (Answer, Option<String>) {
    let [Fact::Observation(observation)] = &found.facts[..] else { panic!("{found:?}") };
    assert_eq!((observation.complete, observation.items, observation.detail.as_ref()), (false, 0, None));
    assert_eq!((observation.observed_at, &*observation.account_id), (at("2026-07-14T09:15:00Z"), "210987654321"));
    (observation.answer, observation.subject.clone())
}

#[test]
fn listings_name_sessions() {
    let found = answer!("describe-sessions-active.json");
    assert_eq!(found.rejects(), [("Sessions[1].SessionId", Code::FieldInvalid)]);
    let [first, second] = found.events()[..] else { panic!("{found:?}") };
    assert_eq!((first.kind, first.event_time, first.session_id.as_deref()), (EventKind::ListedActive, Some(at("2026-07-14T09:15:00Z")), Some(SESSION)));
    assert_eq!((first.account_id.as_deref(), first.region.as_deref()), (Some("210987654321"), Some("eu-west-3")));
    assert_eq!((first.listed_start, first.listed_end), (Some(at("2026-07-14T09:00:00.123456Z")), None));
    assert_eq!((first.document_name.as_deref(), first.reason.as_deref(), first.principal_arn.as_deref()), (None, None, Some(OWNER)));
    assert_eq!(
        (first.max_duration_seconds, first.access_type.as_deref(), first.service_status.as_deref()),
        (Some(63_000), Some("Standard"), Some("Connected"))
    );
    assert_eq!((second.listed_start, second.max_duration_seconds, second.position), (Some(at("2026-07-14T09:00:00.123456Z")), None, 2));
    let observation = found.observations()[0];
    assert_eq!((observation.answer, observation.complete, observation.items), (Answer::SessionsActive, false, 2));

    let found = answer!("describe-sessions-history.json");
    let event = found.events()[0];
    assert_eq!((event.kind, event.listed_end, event.target_id.as_deref()), (EventKind::ListedHistory, Some(at("2026-07-14T09:20:00.5Z")), Some(NODE)));
    assert_eq!((found.observations()[0].answer, found.observations()[0].complete), (Answer::SessionsHistory, false));
}

#[test]
fn a_wrong_attribute_is_refused_and_its_session_stays() {
    let found = snapshot(
        "describe-sessions-active.json",
        br#"{"Sessions":[{"SessionId":"a","StartDate":"soon","EndDate":-1,"MaxSessionDuration":"long"},{"SessionId":"b","SessionId":"c"},17]}"#,
    );
    assert_eq!(
        found.rejects(),
        [
            ("Sessions[0].StartDate", Code::TimeInvalid),
            ("Sessions[0].EndDate", Code::TimeInvalid),
            ("Sessions[0].MaxSessionDuration", Code::FieldInvalid),
            ("Sessions[1]", Code::JsonDuplicateKey),
            ("Sessions[2].SessionId", Code::FieldInvalid),
        ]
    );
    assert_eq!((found.events().len(), found.events()[0].session_id.as_deref(), found.observations()[0].items), (1, Some("a"), 1));
}

#[test]
fn the_fleet() {
    let found = answer!("describe-instances.json");
    assert_eq!(found.rejects(), [("Reservations[1].Instances[0].InstanceId", Code::FieldInvalid)]);
    let [running, stopped] = found.instances()[..] else { panic!("{found:?}") };
    assert_eq!((running.state.as_deref(), running.tags.as_deref()), (Some("running"), Some(r#"{"Environment":"prod","Owner":"payments"}"#)));
    assert_eq!((stopped.state.as_deref(), stopped.tags.as_deref(), running.platform.as_deref()), (Some("stopped"), Some("{}"), Some("Linux/UNIX")));
    assert_eq!((found.observations()[0].items, found.observations()[0].complete), (2, false));

    let found = answer!("describe-instance-information.json");
    assert_eq!(found.rejects(), [("InstanceInformationList[1].LastPingDateTime", Code::TimeInvalid)]);
    let [online, lost] = found.instances()[..] else { panic!("{found:?}") };
    assert_eq!((online.ping_status.as_deref(), online.last_ping_at, online.tags.as_deref()), (Some("Online"), Some(at("2026-07-14T09:14:59.5Z")), None));
    assert_eq!((&*lost.instance_id, lost.ping_status.as_deref(), lost.last_ping_at), ("mi-0fe1dc2ba3987654f", Some("ConnectionLost"), None));
}

#[test]
fn documents_by_version() {
    let found = answer!("get-document-SSM-SessionManagerRunShell-4.json");
    assert_eq!(found.rejects, []);
    let preference = found.preferences()[0];
    assert_eq!(
        (&*preference.document_name, &*preference.document_version, preference.session_type.as_deref()),
        ("SSM-SessionManagerRunShell", "4", Some("Standard_Stream"))
    );
    assert_eq!((preference.idle_session_timeout.as_deref(), preference.max_session_duration.as_deref()), (Some("15"), None));
    assert_eq!((preference.s3_bucket_name.as_deref(), preference.s3_key_prefix.as_deref(), preference.kms_key_id.as_deref()), (Some("logs"), None, None));
    assert_eq!((preference.s3_encryption_enabled, preference.cloud_watch_encryption_enabled, preference.run_as_enabled), (Some(true), Some(true), Some(false)));
    assert_eq!((preference.shell_profile_linux.as_deref(), preference.shell_profile_windows.as_deref()), (Some("date"), None));
    assert_eq!(preference.created_at, Some(at("2026-07-01T08:00:00.5Z")));
    assert_eq!(preference.content_sha256, schemas::sha256_hex(preference.content.as_bytes()));
    assert_eq!(found.observations()[0].subject.as_deref(), Some("SSM-SessionManagerRunShell:4"));

    let found = answer!("get-document-Tail-Logs-2.json");
    assert_eq!(found.rejects, []);
    let preference = found.preferences()[0];
    assert_eq!((preference.idle_session_timeout.as_deref(), preference.max_session_duration.as_deref()), (Some("15"), Some("{{ssm:limit}}")));
    assert_eq!((preference.run_as_enabled, preference.s3_encryption_enabled), (Some(true), None));
    assert!(preference.content.starts_with(r#"{"schemaVersion":"1.0","#), "{}", preference.content);
}

#[test]
fn a_document_that_says_nothing_was_not_given() {
    for (answer, place, code) in [
        (r#"{"Name":"X"}"#, "Content", Code::JsonUnexpected),
        (r#"{"Content":"{"}"#, "Content", Code::JsonInvalid),
        (r#"{"Content":"[]"}"#, "Content", Code::JsonUnexpected),
        (r#"{"Content":"{\"inputs\":{\"a\":1,\"a\":2}}"}"#, "Content", Code::JsonDuplicateKey),
        (r#"{"Content":"a: [","DocumentFormat":"YAML"}"#, "Content", Code::JsonInvalid),
    ] {
        let found = snapshot("get-document-X-1.json", answer.as_bytes());
        assert_eq!((found.rejects(), unanswered(&found)), (vec![(place, code)], (Answer::GetDocument, Some("X:1".to_owned()))), "{answer}");
    }
    let found = snapshot("get-document-X-1.json", br#"{"Content":{"inputs":{"runAsEnabled":"perhaps","idleSessionTimeout":20}}}"#);
    assert_eq!(found.rejects(), [("Content.inputs.runAsEnabled", Code::FieldInvalid)]);
    let preference = found.preferences()[0];
    assert_eq!((&*preference.document_name, &*preference.document_version, preference.idle_session_timeout.as_deref()), ("X", "1", Some("20")));
}

#[test]
fn other_answers_are_kept_as_they_are() {
    let detail = |found: &Found| (found.observations()[0].subject.clone(), found.observations()[0].detail.clone().unwrap());
    assert_eq!(
        detail(&answer!("describe-document-SSM-SessionManagerRunShell.json")),
        (
            Some("SSM-SessionManagerRunShell".to_owned()),
            r#"{"name":"SSM-SessionManagerRunShell","default_version":"1","latest_version":"4","status":"Active"}"#.to_owned()
        )
    );
    assert_eq!(
        detail(&answer!("list-documents.json")).1,
        r#"{"documents":[{"name":"SSM-SessionManagerRunShell","document_type":"Session","document_version":"1","default_version":"1"},{"name":"Tail-Logs","document_type":"Session","document_version":"2"}]}"#
    );
    assert_eq!(detail(&answer!("get-bucket-versioning-logs.json")), (Some("logs".to_owned()), r#"{"Status":"Enabled"}"#.to_owned()));
    assert!(!answer!("describe-log-groups.json").observations()[0].complete);
}

#[test]
fn an_answer_that_is_cut_short_was_not_given() {
    for bytes in [&b""[..], b"{\"Sessions\":[{\"SessionId\":\"a\"}", b"{\"Sessions\":[{\"SessionId\":\"a\"}]} {}"] {
        let found = snapshot("describe-sessions-active.json", bytes);
        assert_eq!((found.rejects(), unanswered(&found)), (vec![("", Code::JsonInvalid)], (Answer::SessionsActive, None)));
    }
    for (bytes, place, code) in [
        (&b"[]"[..], "", Code::JsonUnexpected),
        (b"{\"Sessions\":[],\"Sessions\":[]}", "", Code::JsonDuplicateKey),
        (b"{}", "Sessions", Code::JsonUnexpected),
        (b"\x1f\x8b\x08\x00", "", Code::GzipCorrupt),
    ] {
        let found = snapshot("describe-sessions-active.json", bytes);
        assert_eq!((found.rejects(), unanswered(&found)), (vec![(place, code)], (Answer::SessionsActive, None)));
    }
    let found = snapshot("notes.json", b"{}");
    assert_eq!((found.rejects(), found.facts.len()), (vec![("", Code::KeyUnexpected)], 0));
    assert_eq!(read(SourceKind::Account, "prod/eu-west-3/20260714T091500Z/describe-instances.json", b"{}").0.rejects(), [("", Code::KeyUnexpected)]);
}

#[test]
fn no_spelling_hides_a_listing() {
    let entry = r#"{"SessionId":"ana-0c3d5e7f90a1b2c3d","Status":"Connected"}"#;
    let plain = snapshot("describe-sessions-active.json", format!("{{\"Sessions\":[{entry}]}}").as_bytes());
    for spelled in ["Sess\\u0069ons", "\\u0053essions", "Session\\u0073"] {
        for text in [format!("{{\"{spelled}\":[{entry}]}}"), format!("{{\"a\":[{{\"Sessions\":[]}}],\"{spelled}\" : [ {entry} ],\"b\":0}}")] {
            let found = snapshot("describe-sessions-active.json", text.as_bytes());
            assert_eq!((found.rejects(), found.events()), (vec![], plain.events()), "{text}");
            assert_eq!((found.observations()[0].items, found.observations()[0].complete), (1, true));
        }
        let twice = format!("{{\"Sessions\":[],\"{spelled}\":[{entry}]}}");
        assert_eq!(snapshot("describe-sessions-active.json", twice.as_bytes()).rejects(), [("", Code::JsonDuplicateKey)]);
    }
}

#[test]
fn an_answer_with_a_refused_entry_is_not_whole() {
    let whole = |name: &str, text: &str| {
        let found = snapshot(name, text.as_bytes());
        (found.rejects().into_iter().map(|(place, _)| place.to_owned()).collect::<Vec<_>>(), found.observations()[0].complete)
    };
    for (name, list, good, bad, place) in [
        ("describe-sessions-active.json", "Sessions", r#"{"SessionId":"a","EndDate":"odd"}"#, "{}", "Sessions[1].SessionId"),
        ("describe-sessions-history.json", "Sessions", r#"{"SessionId":"a","EndDate":"odd"}"#, r#"{"SessionId":"b","Status":1,"Status":2}"#, "Sessions[1]"),
        (
            "describe-instances.json",
            "Reservations",
            r#"{"Instances":[{"InstanceId":"i-1","Tags":17}]}"#,
            r#"{"Instances":[17]}"#,
            "Reservations[1].Instances[0].InstanceId",
        ),
        ("describe-instances.json", "Reservations", r#"{"Instances":[{"InstanceId":"i-1","Tags":17}]}"#, "{}", "Reservations[1].Instances"),
        (
            "describe-instance-information.json",
            "InstanceInformationList",
            r#"{"InstanceId":"i-1","LastPingDateTime":"odd"}"#,
            "null",
            "InstanceInformationList[1].InstanceId",
        ),
    ] {
        let (rejects, complete) = whole(name, &format!("{{\"{list}\":[{good}]}}"));
        assert_eq!((rejects.len(), complete), (1, true), "{name}: an attribute that is refused hides nobody");
        let (rejects, complete) = whole(name, &format!("{{\"{list}\":[{good},{bad}]}}"));
        assert_eq!((rejects.get(1).map(String::as_str), complete), (Some(place), false), "{name} {bad}");
    }
    let (rejects, complete) = whole("list-documents.json", r#"{"DocumentIdentifiers":[{"Name":"X"},{"DefaultVersion":"1"}]}"#);
    assert_eq!((rejects, complete), (vec!["DocumentIdentifiers[1].Name".to_owned()], false));
}

#[test]
fn what_stands_twice_in_the_fleet_is_refused() {
    let found = snapshot(
        "describe-instances.json",
        br#"{"Reservations":[{"Instances":[{"InstanceId":"i-1"}],"Instances":[{"InstanceId":"i-2"}]},
            {"Instances":[{"InstanceId":"i-3","Tags":[{"Key":"Tier","Value":"dev"},{"Key":"Owner","Value":"x"},{"Key":"Tier","Value":"prod"},{"Key":"Tier","Value":"dev"}]}]}]}"#,
    );
    let twice = Code::JsonDuplicateKey;
    assert_eq!(found.rejects(), [("Reservations[0]", twice), ("Reservations[1].Instances[0].Tags[2]", twice), ("Reservations[1].Instances[0].Tags[3]", twice)]);
    assert_eq!(
        found.instances().iter().map(|instance| (&*instance.instance_id, instance.tags.as_deref())).collect::<Vec<_>>(),
        [("i-3", Some(r#"{"Owner":"x"}"#))]
    );
}

#[test]
fn what_is_too_large_is_refused_before_it_is_built() {
    let yaml = format!("inputs:\n  a: &a [{}]\n  b: [{}]\n", vec!["x"; 12_000].join(","), vec!["*a"; 10_000].join(","));
    let long = format!("{{\"description\":\"{}\"}}", "x".repeat(64 << 10));
    for answer in [
        format!("{{\"DocumentFormat\":\"YAML\",\"Content\":{}}}", Json::Text(yaml.into())),
        format!("{{\"Content\":{}}}", Json::Text(long.as_str().into())),
        format!("{{\"Content\":{long}}}"),
    ] {
        let found = snapshot("get-document-X-1.json", answer.as_bytes());
        assert_eq!((found.rejects(), unanswered(&found).0), (vec![("Content", Code::TooLarge)], Answer::GetDocument));
    }
    let found = snapshot("describe-sessions-active.json", format!("{{\"Sessions\":[{}0]}}", "0,".repeat(8 << 20)).as_bytes());
    assert_eq!((found.rejects(), unanswered(&found).0), (vec![("", Code::TooLarge)], Answer::SessionsActive));
}

#[test]
fn a_field_that_is_too_long_is_refused_and_its_session_stays() {
    let long = "x".repeat((8 << 10) + 1);
    let found = snapshot(
        "describe-sessions-active.json",
        format!("{{\"Sessions\":[{{\"SessionId\":\"a\",\"Reason\":\"{long}\",\"Owner\":\"{}\"}},{{\"SessionId\":\"{long}\"}}]}}", &long[1..]).as_bytes(),
    );
    assert_eq!(found.rejects(), [("Sessions[0].reason", Code::TooLarge), ("Sessions[1].SessionId", Code::FieldInvalid)]);
    let event = found.events()[0];
    assert_eq!((event.reason.as_ref(), event.principal_arn.as_deref()), (None, Some(&long[1..])));
    let found = snapshot(
        "describe-instance-information.json",
        format!("{{\"InstanceInformationList\":[{{\"InstanceId\":\"i-1\",\"AgentVersion\":\"{long}\"}}]}}").as_bytes(),
    );
    assert_eq!((found.rejects(), found.instances().len()), (vec![("InstanceInformationList[0].AgentVersion", Code::TooLarge)], 1));
}

#[test]
fn no_answer_is_dated_beyond_the_years_of_evidence() {
    let found = snapshot("describe-sessions-active.json", br#"{"Sessions":[{"SessionId":"a","StartDate":253402300799,"EndDate":"2200-01-01T00:00:00Z"}]}"#);
    assert_eq!(found.rejects(), [("Sessions[0].StartDate", Code::TimeInvalid), ("Sessions[0].EndDate", Code::TimeInvalid)]);
    let (found, explained) = read(SourceKind::Account, "210987654321/eu-west-3/99991231T235959Z/describe-sessions-active.json", br#"{"Sessions":[]}"#);
    assert_eq!((found.rejects(), found.facts.len(), explained.vouched_at), (vec![("", Code::KeyUnexpected)], 0, None));
    let found = snapshot("get-document-X-1.json", br#"{"Content":"{}","CreatedDate":"soon"}"#);
    assert_eq!(found.rejects(), [("CreatedDate", Code::TimeInvalid)]);
}
