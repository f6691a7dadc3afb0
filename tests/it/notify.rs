//! `--notify`: each finding once over many runs, at least once over bad ones, and nothing in it that anybody would obey.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::hook::{Hook, Posted};
use crate::support::trail::{Ran, ran};
use crate::support::world::{World, no_instances, start_session, terminate_session, update_preferences};

/// What nobody but the configuration may hold.
const SECRET: &str = "T0B0SECRET";
const JANE: &str = "jane-0a1b2c3d4e5f60718";
const KIM: &str = "kim-0a1b2c3d4e5f60719";

/// A world with a trail and an account, and with these lines under `[notify]`.
pub(super) fn world(notify: &str) -> World {
    let world = World::new();
    world.write(
        "sessiontrail.toml",
        format!(
            "[lake]\nuri = \"./lake\"\n\n[policy]\nfile = \"policy.toml\"\n\n[[source]]\nname = \"trail\"\nkind = \"cloudtrail\"\nuri = \"trail\"\n\n\
             [[source]]\nname = \"account\"\nkind = \"account\"\nuri = \"account\"\n\n[notify]\n{notify}\n"
        ),
    );
    world
}

fn hooked(hook: &Hook) -> World {
    world(&format!("webhook = \"{}/{SECRET}\"", hook.url()))
}

/// Sessions that begin at 09:00 and are alive at 20:00: over their 8 hours since 17:00, and over the hour in which somebody should have ended them since 18:00.
pub(super) fn overdue(world: &World, ids: &[&str]) {
    let started: Vec<Value> = ids.iter().map(|id| start_session(id, "2026-07-06T09:00:00Z", "jane")).collect();
    world.deliver("20260706T0905Z", &started);
    alive(world, "20260706T200000Z", ids);
}

fn alive(world: &World, taken: &str, ids: &[&str]) {
    let sessions: Vec<Value> = ids.iter().map(|id| json!({ "SessionId": id, "Target": "i-0123456789abcdef0", "Status": "Connected" })).collect();
    world.answer(taken, "describe-sessions-active.json", &json!({ "Sessions": sessions }));
    world.answer(taken, "describe-instances.json", &no_instances());
}

fn notified(world: &World, code: i32) -> Ran {
    let ran = ran(world.path(), &["ingest", "--notify"]);
    assert_eq!(ran.code, Some(code), "{}\n{}", ran.stdout, ran.stderr);
    assert!(!ran.stderr.contains(SECRET), "the address of a webhook is told nobody: {}", ran.stderr);
    ran
}

/// Session and rule of each finding in these posts.
fn told(posts: &[Posted]) -> Vec<(String, String)> {
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    let findings = posts.iter().flat_map(|posted| posted.json()["findings"].as_array().cloned().expect("findings"));
    let mut told: Vec<_> = findings.map(|finding| (text(&finding, "session_id"), text(&finding, "rule"))).collect();
    told.sort();
    told
}

fn both(session: &str) -> Vec<(String, String)> {
    ["SESSION-OVER-MAX", "SLOW-TERMINATION"].map(|rule| (session.to_owned(), rule.to_owned())).to_vec()
}

#[test]
fn each_finding_is_sent_once_over_many_runs() {
    let hook = Hook::start();
    let world = hooked(&hook);
    overdue(&world, &[JANE]);
    let first = notified(&world, 0);
    assert!(first.stderr.contains("webhook: 2 new findings sent"), "{}", first.stderr);
    let posts = hook.taken();
    assert_eq!((posts.len(), told(&posts)), (1, both(JANE)));
    let (post, sent) = (&posts[0], posts[0].json());
    assert_eq!((post.path.as_str(), post.header("content-type")), (format!("/{SECRET}").as_str(), Some("application/json")));
    assert!(post.header("user-agent").is_some_and(|agent| agent.starts_with("sessiontrail/")));
    assert_eq!((&sent["schema"], &sent["as_of"]), (&json!("sessiontrail.notice/1"), &json!("2026-07-06T20:00:00.000000Z")));
    assert!(sent["text"].as_str().is_some_and(|text| text.starts_with("sessiontrail: 2 new findings (2 high), as of ")), "{sent}");
    assert_eq!(sent["findings"][0]["detail"]["max_duration_seconds"], 28_800, "JSON, and no text of JSON: {sent}");

    notified(&world, 0);
    assert_eq!(ran(world.path(), &["status", "--notify", "--quiet"]).code, Some(0));
    assert!(hook.taken().is_empty(), "nothing new");

    // What is over is no news; what is learned late is, though it began before the last run's moment.
    world.deliver("20260706T2105Z", &[terminate_session(JANE, "2026-07-06T21:00:00Z", "jane")]);
    notified(&world, 0);
    assert!(hook.taken().is_empty(), "the end of a finding is no news");
    world.deliver("20260706T2110Z", &[start_session(KIM, "2026-07-06T10:00:00Z", "kim")]);
    alive(&world, "20260706T220000Z", &[KIM]);
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(0));
    assert!(hook.taken().is_empty(), "without --notify nobody is told");
    assert_eq!(ran(world.path(), &["status", "--notify", "--quiet"]).code, Some(0));
    assert_eq!(told(&hook.taken()), both(KIM));
    assert!(hook.refused().is_empty());
}

#[test]
fn a_change_of_the_preferences_is_sent() {
    let hook = Hook::start();
    let world = hooked(&hook);
    world.deliver("20260706T0905Z", &[update_preferences("change-1", "2026-07-06T09:00:00Z", "mallory")]);
    alive(&world, "20260706T120000Z", &[]);
    notified(&world, 0);
    let posts = hook.taken();
    assert_eq!(told(&posts), [(String::new(), "PREFS-CHANGED".to_owned())]);
    let detail = &posts[0].json()["findings"][0]["detail"];
    assert_eq!((&detail["event_name"], &detail["document_version"]), (&json!("UpdateDocument"), &json!("4")));
    assert!(detail["principal_arn"].as_str().is_some_and(|arn| arn.ends_with("/mallory")), "{detail}");
}

#[test]
fn who_begins_with_an_old_lake_is_told_of_the_last_day_and_not_flooded() {
    let hook = Hook::start();
    let world = hooked(&hook);
    let old = "old-0a1b2c3d4e5f60710";
    world.deliver("20260701T0905Z", &[start_session(old, "2026-07-01T09:00:00Z", "old")]);
    alive(&world, "20260702T000000Z", &[old]);
    world.deliver("20260702T0105Z", &[terminate_session(old, "2026-07-02T01:00:00Z", "old")]);
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(0));
    overdue(&world, &[JANE]);
    notified(&world, 0);
    assert_eq!(told(&hook.taken()), both(JANE));
    notified(&world, 0);
    assert!(hook.taken().is_empty(), "nor later");
}

#[test]
fn what_fails_is_said_and_tried_again() {
    let hook = Hook::start();
    let world = hooked(&hook);
    overdue(&world, &[JANE]);
    hook.answer(|_| ("500 Oops".to_owned(), format!("broken\u{1b}[2J\nnot notified: forged {}", "x".repeat(10_000))));
    let failed = notified(&world, 3);
    assert!(
        failed.stderr.contains("not notified: webhook: it answered 500 Internal Server Error: broken\\u{1b}[2J\\u{a}not notified: forged"),
        "{}",
        failed.stderr
    );
    assert!(failed.stderr.contains("; left for the next run with --notify: 2 new findings") && failed.stderr.len() < 2_000, "{}", failed.stderr);
    assert_eq!(hook.refused().len(), 3, "some attempts, and no more");
    assert_eq!(ran(world.path(), &["ingest", "--notify", "--quiet"]).stderr.lines().count(), 1, "an error is not silenced");
    hook.accept();
    notified(&world, 0);
    assert_eq!(told(&hook.taken()), both(JANE));
    notified(&world, 0);
    assert!(hook.taken().is_empty());
}

#[test]
fn who_is_busy_is_asked_again_and_who_sends_elsewhere_is_not_followed() {
    let hook = Hook::start();
    let world = hooked(&hook);
    overdue(&world, &[JANE]);
    let elsewhere = Hook::start();
    let away = format!("302 Found\r\nlocation: {}/", elsewhere.url());
    hook.answer(move |_| (away.clone(), String::new()));
    let sent_away = notified(&world, 3);
    assert!(sent_away.stderr.contains("it answered 302 Found"), "{}", sent_away.stderr);
    assert_eq!((hook.refused().len(), elsewhere.taken().len()), (1, 0));
    let mut posts = 0;
    hook.answer(move |_| {
        posts += 1;
        let head = if posts == 1 { "429 Too Many Requests\r\nretry-after: 1" } else { "204 No Content" };
        (head.to_owned(), String::new())
    });
    notified(&world, 0);
    assert_eq!((hook.refused().len(), told(&hook.taken())), (1, both(JANE)));
}

#[test]
fn nobody_there_is_incomplete() {
    let world = world(&format!("webhook = \"http://127.0.0.1:9/{SECRET}\""));
    overdue(&world, &[JANE]);
    let nobody = notified(&world, 3);
    assert!(nobody.stderr.contains("not notified: webhook: ") && nobody.stderr.contains("next run with --notify: 2 new findings"), "{}", nobody.stderr);
}

/// 23 sessions, and 46 findings.
fn many() -> Vec<String> {
    (0..23).map(|number| format!("jane-0a1b2c3d4e5f607{number:02}")).collect()
}

#[test]
fn twenty_are_sent_together_and_those_that_were_accepted_stay_so() {
    let hook = Hook::start();
    let world = hooked(&hook);
    let ids = many();
    overdue(&world, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let mut posts = 0;
    hook.answer(move |_| {
        posts += 1;
        (if posts == 1 { "200 OK" } else { "503 Later" }.to_owned(), String::new())
    });
    let failed = notified(&world, 3);
    assert!(failed.stderr.contains("next run with --notify: 26 new findings"), "{}", failed.stderr);
    let mut sent = told(&hook.taken());
    assert_eq!((sent.len(), hook.refused().len()), (20, 3), "who takes nothing is not asked to take the rest");
    hook.accept();
    notified(&world, 0);
    let posts = hook.taken();
    assert_eq!(posts.iter().map(|post| post.json()["findings"].as_array().map_or(0, Vec::len)).collect::<Vec<_>>(), [20, 6]);
    sent.extend(told(&posts));
    sent.sort();
    let expected: Vec<_> = ids.iter().flat_map(|id| both(id)).collect();
    assert_eq!(sent, expected);
}

#[test]
fn a_finding_that_is_refused_keeps_no_other_back() {
    let hook = Hook::start();
    let world = hooked(&hook);
    overdue(&world, &[JANE, KIM, "lee-0a1b2c3d4e5f60720"]);
    hook.answer(|posted| {
        let poisoned =
            posted.json()["findings"].as_array().is_some_and(|found| found.iter().any(|of| of["session_id"] == KIM && of["rule"] == "SLOW-TERMINATION"));
        (if poisoned { "400 Bad Request" } else { "200 OK" }.to_owned(), "no_text".to_owned())
    });
    let failed = notified(&world, 3);
    assert!(failed.stderr.contains("it answered 400 Bad Request: no_text; left for the next run with --notify: 1 new finding\n"), "{}", failed.stderr);
    assert_eq!((hook.taken().len(), hook.refused().len()), (5, 2), "all together, then each alone");
    notified(&world, 3);
    assert_eq!((hook.taken().len(), hook.refused().len()), (0, 1));
}

#[test]
fn one_channel_does_not_wait_for_another_and_a_new_one_begins_anew() {
    let (hook, other) = (Hook::start(), Hook::start());
    let world = hooked(&hook);
    overdue(&world, &[JANE]);
    notified(&world, 0);
    assert_eq!(told(&hook.taken()), both(JANE));
    let configuration = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("the configuration");
    world.write("sessiontrail.toml", configuration.replace(&hook.url(), &other.url()));
    notified(&world, 0);
    assert_eq!((told(&other.taken()), hook.taken().len()), (both(JANE), 0));
    world.write("sessiontrail.toml", configuration);
    notified(&world, 0);
    assert!(hook.taken().is_empty(), "it has them already");
}

#[test]
fn what_is_remembered_is_in_the_lake_and_holds_no_address() {
    let hook = Hook::start();
    let world = hooked(&hook);
    overdue(&world, &[JANE]);
    notified(&world, 0);
    let notices = objects(&world.path().join("lake/notices"));
    let since: Vec<&String> = notices.keys().filter(|name| name.starts_with("since-")).collect();
    assert_eq!((notices.len(), since.len()), (3, 1), "{notices:?}");
    assert_eq!(notices[since[0]]["since"], "2026-07-05T20:00:00.000000Z");
    for (name, said) in &notices {
        assert!(!name.contains(SECRET) && !said.to_string().contains(SECRET) && !said.to_string().contains("127.0.0.1"), "{name}: {said}");
        assert_eq!((&said["schema"], &said["channel"]), (&json!("sessiontrail.notices/1"), &json!("webhook")));
    }
    hook.taken();

    // As if the run had been killed between the answer and the mark.
    let marks: Vec<&String> = notices.keys().filter(|name| !name.starts_with("since-")).collect();
    let gone = world.path().join("lake/notices").join(marks[0]);
    std::fs::remove_file(gone).expect("a mark");
    notified(&world, 0);
    let again = hook.taken();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].json()["findings"].as_array().map(Vec::len), Some(1), "at least once: that one, and no other");
    assert_eq!(objects(&world.path().join("lake/notices")).len(), 3);
}

/// Every object of a folder, as JSON.
fn objects(folder: &Path) -> BTreeMap<String, Value> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    entries.map(|path| (name(&path), serde_json::from_slice(&std::fs::read(&path).expect("an object")).expect("JSON"))).collect()
}

#[test]
fn two_runs_at_once_send_everything() {
    let hook = Hook::start();
    let world = hooked(&hook);
    overdue(&world, &[JANE, KIM]);
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(0));
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(|| ran(world.path(), &["status", "--notify", "--quiet"]))).collect();
        for run in runs {
            let run = run.join().expect("no panic");
            assert_eq!(run.code, Some(0), "{}", run.stderr);
        }
    });
    let mut sent = told(&hook.taken());
    sent.dedup();
    assert_eq!(sent, [both(JANE), both(KIM)].concat());
    assert_eq!(ran(world.path(), &["status", "--notify", "--quiet"]).code, Some(0));
    assert!(hook.taken().is_empty(), "and then nothing");
}

#[test]
fn nothing_in_a_notice_is_obeyed() {
    let hook = Hook::start();
    let world = hooked(&hook);
    let owner = "<!channel> `@here` <http://evil.example|click>\n\u{1b}[2J\u{202e}\",\"schema\":\"x";
    let tags = json!([{ "Key": "Owner", "Value": owner }]);
    let instance = json!({ "InstanceId": "i-0123456789abcdef0", "State": { "Name": "running" }, "Tags": tags });
    world.answer("20260706T080000Z", "describe-instances.json", &json!({ "Reservations": [{ "Instances": [instance] }] }));
    overdue(&world, &[JANE, KIM]);
    notified(&world, 0);
    let posts = hook.taken();
    let mut owners = 0;
    for posted in &posts {
        let sent = posted.json();
        let text = sent["text"].as_str().expect("a text");
        let found = sent["findings"].as_array().expect("findings");
        assert_eq!(text.lines().count(), found.len() + 1, "no line is forged: {text}");
        assert!(!text.contains(['<', '>', '&']) && !text.contains(|c: char| c.is_control() && c != '\n') && !text.contains('\u{202e}'), "{text:?}");
        assert!(text.lines().all(|line| line.matches('`').count() % 2 == 0), "no value leaves its backticks: {text}");
        assert_eq!(sent.as_object().map(serde_json::Map::len), Some(4), "no field is forged: {sent}");
        owners += found.iter().filter(|finding| finding["owner"] == owner).count();
    }
    assert!(owners >= 2, "the exact value is in the data: {posts:?}");
}

#[test]
fn what_cannot_be_meant_is_usage() {
    let hook = Hook::start();
    let world = hooked(&hook);
    overdue(&world, &[JANE]);
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(0));
    for args in [
        &["--as-of", "2026-07-06T20:00:00Z", "status", "--notify"][..],
        &["--as-of", "2026-07-06T20:00:00Z", "ingest", "--notify"],
        &["ingest", "--notify", "--dry-run"],
    ] {
        assert_eq!(ran(world.path(), args).code, Some(2), "{args:?}");
    }
    let configuration = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("the configuration");
    world.write("sessiontrail.toml", configuration.split("[notify]").next().expect("the rest"));
    let nobody = ran(world.path(), &["status", "--notify"]);
    assert_eq!((nobody.code, nobody.stdout.as_str()), (Some(2), ""), "{}", nobody.stderr);
    assert!(nobody.stderr.contains("hint:") && nobody.stderr.contains("[notify]"), "{}", nobody.stderr);
    assert!(hook.taken().is_empty());
}
