//! What the account snapshots say, in whatever order they are found (rulings R29, R33).

use schemas::{Answer, Observation, PREFERENCES_DOCUMENT, Preference};

use super::world::{at, observation, preference};
use crate::ledger::answers::Answers;
use crate::ledger::preferences::{Timeout, documents};

fn described(sha256: &str, default: &str) -> Observation {
    let detail = format!(r#"{{"name":"{PREFERENCES_DOCUMENT}","default_version":"{default}"}}"#);
    Observation {
        sha256: sha256.to_owned(),
        detail: Some(detail),
        subject: Some(PREFERENCES_DOCUMENT.to_owned()),
        ..observation(Answer::DescribeDocument, "10:00")
    }
}

fn listed(sha256: &str, complete: bool, documents: &str) -> Observation {
    Observation {
        sha256: sha256.to_owned(),
        complete,
        detail: Some(format!(r#"{{"documents":[{documents}]}}"#)),
        ..observation(Answer::ListDocuments, "10:00")
    }
}

#[test]
fn of_two_answers_to_one_question_the_greater_counts_in_any_order() {
    let own = format!(r#"{{"name":"{PREFERENCES_DOCUMENT}","default_version":"7"}}"#);
    let observations = vec![described("b", "2"), described("a", "1"), listed("c", true, &own), listed("d", true, ""), described("c", "3")];
    let preferences: Vec<Preference> = [("a", "15"), ("c", "45"), ("b", "30")]
        .map(|(content, idle)| Preference { content_sha256: content.to_owned(), ..preference("10:00", "1", Some(idle), None) })
        .to_vec();
    for turn in 0..5 {
        let (mut observations, mut preferences) = (observations.clone(), preferences.clone());
        observations.rotate_left(turn);
        preferences.rotate_left(turn % 3);
        let answers = Answers::new(observations, preferences);
        let documents = documents(&answers, at("11:00"));
        let (_, documents) = documents.first_key_value().unwrap();
        assert_eq!(documents.default_version.as_deref(), Some("3"), "{turn}");
        assert!(documents.lacks_preferences, "{turn}: the later list does not name them");
        let idle: Vec<_> = documents.preferences.iter().map(|version| version.idle_session_timeout.as_deref()).collect();
        assert_eq!(idle, [Some("45")], "{turn}");
    }
}

#[test]
fn a_source_whose_answers_another_one_repeats_is_not_forgotten() {
    let of = |source: &str| Observation { source: source.to_owned(), ..observation(Answer::Instances, "10:00") };
    let answers = Answers::new(vec![of("one"), of("two")], Vec::new());
    assert_eq!(answers.observations.len(), 1);
    assert_eq!(answers.reached.events.keys().collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn what_a_snapshot_shows_of_the_documents() {
    let own = |default: &str| format!(r#"{{"name":"{PREFERENCES_DOCUMENT}"{default}}}"#);
    let other = r#"{"name":"Acme-Shell","default_version":"9"}"#;
    for (what, observations, default, lacks) in [
        ("nothing", vec![observation(Answer::Instances, "10:00")], None, false),
        ("a whole list without them", vec![listed("a", true, other)], None, true),
        ("a list cut short without them", vec![listed("a", false, other)], None, false),
        ("a list that names their default", vec![listed("a", true, &own(r#","default_version":"4""#))], Some("4"), false),
        ("a list that names no default", vec![listed("a", true, &own(""))], None, false),
        ("a description beside a list", vec![listed("a", true, &own(r#","default_version":"4""#)), described("a", "2")], Some("2"), false),
    ] {
        let answers = Answers::new(observations, vec![preference("10:00", "9", None, None), preference("10:00", "10", None, None)]);
        let documents = documents(&answers, at("11:00"));
        let documents = &documents[&(answers.preferences[0].account_id.clone(), answers.preferences[0].region.clone(), at("10:00"))];
        assert_eq!((documents.default_version.as_deref(), documents.lacks_preferences), (default, lacks), "{what}");
        let versions: Vec<&str> = documents.preferences.iter().map(|version| version.document_version.as_str()).collect();
        assert_eq!(versions, ["9", "10"], "{what}: versions are numbers");
    }
    let answers = Answers::new(vec![listed("a", true, other)], vec![preference("10:00", "1", None, None)]);
    assert!(documents(&answers, at("09:59")).is_empty(), "nothing after as_of");
}

#[test]
fn a_timeout_is_a_whole_number_or_cannot_be_told() {
    let seconds = |minutes: i64| Timeout::Seconds(minutes * 60);
    for (written, expected) in [
        (None, Timeout::Unset),
        (Some("60"), seconds(60)),
        (Some("0"), seconds(0)),
        (Some("007"), seconds(7)),
        (Some("9999999"), seconds(9_999_999)),
        (Some(""), Timeout::Unreadable),
        (Some("+60"), Timeout::Unreadable),
        (Some("-1"), Timeout::Unreadable),
        (Some(" 60"), Timeout::Unreadable),
        (Some("60.0"), Timeout::Unreadable),
        (Some("٦٠"), Timeout::Unreadable),
        (Some("{{ssm:timeout}}"), Timeout::Unreadable),
    ] {
        assert_eq!(Timeout::parse(written), expected, "{written:?}");
    }
    for beyond in ["99999999999", "9223372036854775807", "99999999999999999999999999"] {
        let Timeout::Seconds(seconds) = Timeout::parse(Some(beyond)) else { unreachable!("{beyond} is a number") };
        assert!(seconds > 9_999_999 && seconds.checked_mul(1_000).is_some(), "{beyond}: {seconds}");
    }
}
