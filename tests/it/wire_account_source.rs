//! An account over the wire, as a source: what it lists, every page of it, and what it says of what it cannot have.
//!
//! The suite of the contract does not fit it: an account is never empty, since to hold nothing is an answer; and what was answered at a moment cannot be asked for
//! again. The clauses that it has in common with all sources are tried here.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use ingest::source::{ErrorKind, Resume, Source};
use serde_json::Value;
use sessions::decode::{Interest, interest};

use crate::support::account::behaviour::{Behaviour, Failing, Fault};
use crate::support::account::estate::{ACCOUNT, REGIONS, account, holdings};
use crate::support::account::wired::{Asked, Cli, Patience, ask, folder, source};
use crate::support::account::{CALLS, Holdings, StandIn};
use crate::support::python::{python, root, run};

#[tokio::test(flavor = "multi_thread")]
async fn lists_each_answer_once_in_order_and_again_the_same() {
    let stand_in = account();
    let source = source(&stand_in, Some(ACCOUNT), &[REGIONS[1], REGIONS[0], REGIONS[1]], Patience::None).await;
    let first = ask(&source, Resume::beginning()).await;
    assert!(first.errors.is_empty(), "{:?}", first.errors);
    let files: Vec<&str> = first.answers.keys().filter_map(|key| key.strip_prefix(&folder(REGIONS[0]))).collect();
    let expected = [
        "describe-document-SSM-SessionManagerRunShell.json",
        "describe-document-Team-2-Shell.json",
        "describe-instance-information.json",
        "describe-instances.json",
        "describe-log-groups.json",
        "describe-sessions-active.json",
        "describe-sessions-history.json",
        "get-bucket-encryption-org-session-logs.json",
        "get-bucket-encryption-plain-logs.json",
        "get-bucket-versioning-org-session-logs.json",
        "get-bucket-versioning-plain-logs.json",
        "get-document-SSM-SessionManagerRunShell-1.json",
        "get-document-SSM-SessionManagerRunShell-2.json",
        "get-document-Team-2-Shell-1.json",
        "get-document-Team-2-Shell-2.json",
        "get-object-lock-configuration-org-session-logs.json",
        "get-object-lock-configuration-plain-logs.json",
        "list-documents.json",
    ];
    assert_eq!(files, expected, "each once, though a region was named twice; nothing of a bucket that only an old version names");
    assert!(first.answers.keys().all(|key| interest(source.kind(), key) == Interest::Read));
    let again = ask(&source, Resume::beginning()).await;
    assert_eq!((first.answers, again.errors.len()), (again.answers, 0), "the same moment and the same answers");
    source.ask_ahead(Resume::beginning()).await;
    let (asked, before) = (stand_in.calls("DescribeInstances"), 2 * 3);
    assert_eq!((ask(&source, Resume::beginning()).await.errors.len(), stand_in.calls("DescribeInstances"), asked), (0, before, before), "asked ahead, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn opens_nothing_but_what_was_listed() {
    let stand_in = account();
    let source = source(&stand_in, None, &REGIONS[..1], Patience::None).await;
    let listed: Vec<_> = futures::StreamExt::collect::<Vec<_>>(source.objects(Resume::beginning())).await.into_iter().flatten().collect();
    let key = listed[0].object.key.clone();
    for stray in ["", "a.json", "../x", &format!("{key}/"), &format!("/{key}")] {
        let mut outside = listed[0].clone();
        stray.clone_into(&mut outside.object.key);
        assert_eq!(source.open(&outside).await.err().map(|error| error.kind), Some(ErrorKind::NotFound), "{stray:?}");
    }
    let mut older = listed[0].clone();
    older.object.object_version = "another".to_owned();
    assert_eq!(source.open(&older).await.err().map(|error| error.kind), Some(ErrorKind::Conflict), "bytes of another version are not passed off");
    assert_eq!((listed[0].object.region.as_deref(), listed[0].object.account_id.as_deref()), (Some(REGIONS[0]), Some(ACCOUNT)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_paging_gives_the_same_answers() {
    let stand_in = account();
    let source = source(&stand_in, None, &REGIONS, Patience::None).await;
    let expected = ask(&source, Resume::beginning()).await;
    for (page, empty_every) in [(1, 0), (2, 2), (3, 2), (100, 2)] {
        stand_in.behave(Behaviour { page, empty_every, ..Behaviour::default() });
        let found = ask(&source, Resume::beginning()).await;
        assert!(found.errors.is_empty(), "{:?}", found.errors);
        assert_eq!(found.answers, expected.answers, "pages of {page}, every {empty_every}th empty");
        if page == 2 {
            assert!(stand_in.calls("DescribeSessions-History") > 2 * 4, "empty pages are gone through");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_a_later_page_failed_is_kept_as_incomplete() {
    let stand_in = account();
    let source = source(&stand_in, None, &REGIONS[..1], Patience::None).await;
    let lists = [
        ("DescribeSessions-History", "describe-sessions-history", "Sessions"),
        ("DescribeInstances", "describe-instances", "Reservations"),
        ("DescribeInstanceInformation", "describe-instance-information", "InstanceInformationList"),
        ("ListDocuments", "list-documents", "DocumentIdentifiers"),
    ];
    for (operation, stem, list) in lists {
        let failing = Failing { operation, from: 1, count: u64::MAX, fault: Fault::Broken };
        stand_in.behave(Behaviour { page: 1, failing: vec![failing], ..Behaviour::default() });
        let asked = ask(&source, Resume::beginning()).await;
        let answer = asked.json(REGIONS[0], &format!("{stem}.json"));
        assert_eq!((answer[list].as_array().map(Vec::len), answer["NextToken"].as_str()), (Some(1), Some("1.1")), "{operation}");
        assert_eq!(asked.places(), [(format!("{ACCOUNT}/{}/{stem}/", REGIONS[0]).as_str(), ErrorKind::Unreachable)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_that_fails_is_told_at_its_own_place_and_the_rest_still_comes() {
    let stand_in = account();
    let region = REGIONS[0];
    let source = source(&stand_in, None, &[region], Patience::None).await;
    let whole = ask(&source, Resume::beginning()).await;
    for (fault, kind) in [
        (Fault::Denied, ErrorKind::Denied),
        (Fault::Throttled, ErrorKind::Throttled),
        (Fault::Broken, ErrorKind::Unreachable),
        (Fault::HungUp, ErrorKind::Unreachable),
    ] {
        for operation in CALLS {
            stand_in.behave(Behaviour::failing(operation, fault));
            let asked = ask(&source, Resume::beginning()).await;
            let told: BTreeSet<&str> = asked.places().into_iter().map(|(place, _)| place).collect();
            assert!(!told.is_empty() && asked.errors.iter().all(|error| error.kind == kind), "{operation} {fault:?}: {:?}", asked.errors);
            let expected = places(operation, fault == Fault::Denied);
            let expected: BTreeSet<String> =
                expected.iter().map(|within| within.map_or_else(String::new, |within| format!("{ACCOUNT}/{region}/{within}"))).collect();
            assert_eq!(told, expected.iter().map(String::as_str).collect(), "{operation} {fault:?}");
            // What was not asked, because nobody could say what to ask for, is missing too; all else is there, byte by byte.
            let rest = whole.answers.iter().filter(|(key, _)| asked.answers.contains_key(*key));
            assert!(rest.clone().all(|(key, bytes)| asked.answers[key] == *bytes), "{operation} {fault:?}");
            assert_eq!(rest.count(), 18 - missing(operation), "{operation} {fault:?}: {:?}", asked.answers.keys());
        }
    }
}

/// The places within the region that are told where an operation fails; `None` for the source itself.
fn places(operation: &str, is_denied: bool) -> Vec<Option<&'static str>> {
    let all = |places: &[&'static str]| places.iter().copied().map(Some).collect();
    match operation {
        "GetCallerIdentity" => vec![None],
        "DescribeSessions-Active" => all(&["describe-sessions-active/"]),
        "DescribeSessions-History" => all(&["describe-sessions-history/"]),
        "DescribeInstances" => all(&["describe-instances/"]),
        "DescribeInstanceInformation" => all(&["describe-instance-information/"]),
        "ListDocuments" => all(&["list-documents/"]),
        "DescribeDocument" => all(&["list-documents/describe-document-SSM-SessionManagerRunShell/", "list-documents/describe-document-Team-2-Shell/"]),
        "ListDocumentVersions" => {
            all(&["list-documents/list-document-versions-SSM-SessionManagerRunShell/", "list-documents/list-document-versions-Team-2-Shell/"])
        }
        "GetDocument" => {
            let mut places = vec![
                "list-documents/list-document-versions-SSM-SessionManagerRunShell/get-document-SSM-SessionManagerRunShell-1/",
                "list-documents/list-document-versions-Team-2-Shell/get-document-Team-2-Shell-1/",
            ];
            if !is_denied {
                places.push("list-documents/list-document-versions-SSM-SessionManagerRunShell/get-document-SSM-SessionManagerRunShell-2/");
                places.push("list-documents/list-document-versions-Team-2-Shell/get-document-Team-2-Shell-2/");
            }
            all(&places)
        }
        "GetBucketVersioning" => all(&["get-bucket-versioning-org-session-logs/", "get-bucket-versioning-plain-logs/"]),
        "GetBucketEncryption" => all(&["get-bucket-encryption-org-session-logs/", "get-bucket-encryption-plain-logs/"]),
        "GetObjectLockConfiguration" => all(&["get-object-lock-configuration-org-session-logs/", "get-object-lock-configuration-plain-logs/"]),
        _ => all(&["describe-log-groups/"]),
    }
}

/// How many of the eighteen answers are missing then.
fn missing(operation: &str) -> usize {
    match operation {
        "GetCallerIdentity" => 18,
        // The only version that is neither the default nor the newest.
        "ListDocumentVersions" => 1,
        // No documents: no versions, no buckets, no log groups.
        "ListDocuments" => 1 + 2 + 4 + 6 + 1,
        "GetDocument" => 4 + 6 + 1,
        "DescribeDocument" | "GetBucketVersioning" | "GetBucketEncryption" | "GetObjectLockConfiguration" => 2,
        _ => 1,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_were_missing_stay_missing_while_nobody_can_say_what_to_ask_for() {
    let stand_in = account();
    let region = REGIONS[0];
    let source = source(&stand_in, None, &[region], Patience::None).await;
    let gap = |within: &str| format!("{ACCOUNT}/{region}/{within}");
    let gaps = ["get-bucket-encryption-org-session-logs/", "describe-log-groups/", "describe-instances/"].map(gap);
    let resume = Resume { gaps: Arc::new(gaps.iter().cloned().collect()), ..Resume::beginning() };
    stand_in.behave(Behaviour::failing("ListDocuments", Fault::Denied));
    let asked = ask(&source, resume.clone()).await;
    let told: BTreeSet<&str> = asked.places().into_iter().map(|(place, _)| place).collect();
    assert_eq!(told, [gaps[0].as_str(), &gaps[1], &gap("list-documents/")].into(), "the instances were told");
    stand_in.behave(Behaviour::default());
    assert!(ask(&source, resume).await.errors.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_out_of_reach_leaves_the_others() {
    let stand_in = account();
    let source = source(&stand_in, None, &REGIONS, Patience::None).await;
    stand_in.behave(Behaviour { unreachable: [REGIONS[0].to_owned()].into(), ..Behaviour::default() });
    let asked = ask(&source, Resume::beginning()).await;
    assert!(asked.answers.len() > 10 && asked.answers.keys().all(|key| key.starts_with(&folder(REGIONS[1]))), "whose account it is, another region tells");
    // The settings of a bucket that lies there are out of reach for the others, too.
    let is_there = |place: &str| place.starts_with(&format!("{ACCOUNT}/{}/", REGIONS[0])) || place.ends_with("-org-session-logs/");
    assert!(asked.places().iter().all(|(place, kind)| is_there(place) && *kind == ErrorKind::Unreachable), "{:?}", asked.places());
    assert!(asked.answers.len() > 10, "{:?}", asked.answers.keys());
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_waited_out() {
    let stand_in = account();
    let source = source(&stand_in, None, &REGIONS[..1], Patience::Own).await;
    let throttled = |operation| Failing { operation, from: 0, count: 1, fault: Fault::Throttled };
    // One of each service: a client that is throttled goes on slowly.
    let calls = ["GetCallerIdentity", "DescribeInstanceInformation", "DescribeInstances", "GetBucketEncryption", "DescribeLogGroups"];
    stand_in.behave(Behaviour { failing: calls.into_iter().map(throttled).collect(), ..Behaviour::default() });
    let asked = ask(&source, Resume::beginning()).await;
    assert!(asked.errors.is_empty() && asked.answers.len() == 18, "{:?}", asked.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_than_the_configured_one_is_told_with_both() {
    let stand_in = account();
    let source = source(&stand_in, Some("999988887777"), &REGIONS, Patience::None).await;
    let Asked { answers, errors } = ask(&source, Resume::beginning()).await;
    assert!(answers.is_empty() && errors.len() == 1 && errors[0].place.is_empty());
    assert!(errors[0].detail.contains(ACCOUNT) && errors[0].detail.contains("999988887777"), "{}", errors[0].detail);
    assert_eq!(stand_in.calls("DescribeSessions-Active"), 0, "it was not asked for anything else");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_none_are_told_and_never_become_paths() {
    let stand_in = StandIn::of(ACCOUNT);
    let mut hostile = holdings(REGIONS[0]);
    let (mut path, template) = (hostile.documents["Team-2-Shell"].clone(), hostile.documents["Team-2-Shell"].clone());
    for version in &mut path.versions {
        version.content = version.content.replace("plain-logs", "../../x");
    }
    hostile.documents = [("../../../x".to_owned(), template), ("Plain".to_owned(), path)].into();
    stand_in.hold(REGIONS[0], hostile);
    let asked = ask(&source(&stand_in, None, &REGIONS[..1], Patience::None).await, Resume::beginning()).await;
    assert!(asked.answers.keys().all(|key| !key.contains("..")), "{:?}", asked.answers.keys());
    let place = format!("{ACCOUNT}/{}/list-documents/", REGIONS[0]);
    assert_eq!(asked.places(), [(place.as_str(), ErrorKind::Corrupt), (place.as_str(), ErrorKind::Corrupt)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_of_an_instance_is_told_as_the_cli_tells_it() {
    let script = root().join("tests/it/support/account/every_member.py");
    let told = String::from_utf8(run(Command::new(python()).arg(script)).stdout).expect("UTF-8");
    let stand_in = StandIn::of(ACCOUNT);
    stand_in.hold(REGIONS[0], Holdings { told_instances: Some(told), ..Holdings::default() });
    let expected: Value = serde_json::from_slice(&Cli::new(&stand_in.url(), REGIONS[0]).told(&["ec2", "describe-instances"])).expect("JSON");
    let asked = ask(&source(&stand_in, None, &REGIONS[..1], Patience::None).await, Resume::beginning()).await;
    let found = asked.json(REGIONS[0], "describe-instances.json");
    let (mut members, mut different) = (0, Vec::new());
    compare("", &expected, &found, &mut members, &mut different);
    println!("{members} members of two reservations, {} of them told otherwise: {different:?}", different.len());
    assert!(members > 1_000 && different.is_empty());
}

/// Counts values, and names those that differ.
fn compare(path: &str, expected: &Value, found: &Value, members: &mut usize, different: &mut Vec<String>) {
    *members += 1;
    match (expected, found) {
        (Value::Object(left), Value::Object(right)) => {
            for name in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
                let nothing = Value::Null;
                compare(&format!("{path}.{name}"), left.get(name).unwrap_or(&nothing), right.get(name).unwrap_or(&nothing), members, different);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (number, (left, right)) in left.iter().zip(right).enumerate() {
                compare(&format!("{path}[{number}]"), left, right, members, different);
            }
        }
        (left, right) if left == right => {}
        _ => different.push(path.to_owned()),
    }
}
