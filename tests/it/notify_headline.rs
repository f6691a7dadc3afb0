//! `report … --notify`: the headline of a report and where it lies, once; what cannot be delivered is said, and tried again.

use serde_json::json;

use crate::notify::{overdue, world};
use crate::support::hook::Hook;
use crate::support::trail::{Ran, ran};
use crate::support::world::World;

const SECRET: &str = "T0B0SECRET";

/// A ledger with one session that is over its limit, and a webhook.
fn hooked(hook: &Hook, more: &str) -> World {
    let world = world(&format!("webhook = \"{}/{SECRET}\"\n{more}", hook.url()));
    overdue(&world, &["jane-0a1b2c3d4e5f60718"]);
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(0));
    world
}

fn reported(world: &World, code: i32) -> Ran {
    let ran = ran(world.path(), &["report", "weekly", "--out", "reports", "--notify"]);
    assert_eq!(ran.code, Some(code), "{}\n{}", ran.stdout, ran.stderr);
    assert!(world.path().join(ran.stdout.trim_end()).join("report.json").is_file(), "the report is written whatever becomes of its headline: {}", ran.stdout);
    assert!(!ran.stderr.contains(SECRET), "{}", ran.stderr);
    ran
}

#[test]
fn a_headline_says_the_paragraph_and_the_link_once() {
    let hook = Hook::start();
    let world = hooked(&hook, "reports_url = \"https://reports.example.com/sessiontrail\"");
    reported(&world, 0);
    let posts = hook.taken();
    assert_eq!(posts.len(), 1);
    let (sent, name) = (posts[0].json(), "weekly/2026-W28/20260706T200000Z");
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(world.path().join("reports").join(name).join("report.json")).expect("a report")).expect("JSON");
    assert_eq!((&sent["schema"], &sent["kind"], &sent["period"]), (&json!("sessiontrail.headline/1"), &json!("weekly"), &json!("2026-W28")));
    assert_eq!((&sent["as_of"], &sent["to_date"]), (&json!("2026-07-06T20:00:00.000000Z"), &json!(true)));
    let link = format!("https://reports.example.com/sessiontrail/{name}/report.html");
    assert_eq!(sent["link"], json!(link));
    let lines: Vec<&str> = sent["text"].as_str().expect("a text").lines().collect();
    assert_eq!(lines.first(), Some(&"sessiontrail: Weekly report 2026-W28 (to date), as of 2026-07-06T20:00:00.000000Z"));
    assert_eq!((lines.get(1).copied(), lines.last().copied()), (report["summary"].as_str(), Some(link.as_str())));
    assert!(lines.iter().any(|line| line.starts_with("To date: ")), "what to know first is told: {lines:?}");
    let tiles = sent["figures"].as_array().expect("figures");
    let told = report["figures"].as_array().expect("figures");
    assert_eq!(tiles.len(), told.len());
    for (tile, told) in tiles.iter().zip(told) {
        assert_eq!((&tile["id"], &tile["value"], &tile["before"], &tile["unit"]), (&told["id"], &told["value"], &told["before"], &told["unit"]));
    }
    assert_eq!((&tiles[0]["id"], &tiles[0]["value"]), (&json!("over_limit"), &json!(1)), "one session is over its limit");

    assert!(reported(&world, 0).stderr.contains("webhook: a headline that says the same was sent before"));
    assert!(hook.taken().is_empty(), "the very report is no news");
    // Another report of the week is.
    world.answer("20260706T210000Z", "describe-sessions-active.json", &json!({ "Sessions": [] }));
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(3), "the new snapshot says nothing of instances");
    reported(&world, 0);
    assert_eq!(hook.taken().iter().map(|post| post.json()["as_of"].clone()).collect::<Vec<_>>(), ["2026-07-06T21:00:00.000000Z"]);
    // Findings have a memory of their own.
    assert_eq!(ran(world.path(), &["status", "--notify", "--quiet"]).code, Some(3));
    assert!(!hook.taken().is_empty(), "a headline tells of no finding");
}

#[test]
fn a_headline_that_fails_is_said_and_tried_again() {
    let hook = Hook::start();
    let world = hooked(&hook, "");
    hook.answer(|_| ("500 Oops".to_owned(), "broken".to_owned()));
    let failed = reported(&world, 3);
    assert!(failed.stderr.contains("not notified: webhook: it answered 500 Internal Server Error: broken; the report itself is written"), "{}", failed.stderr);
    hook.accept();
    let again = reported(&world, 0);
    assert_eq!(again.stdout, failed.stdout, "the very report");
    let posts = hook.taken();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].json()["link"].as_str(), Some(again.stdout.trim_end()), "without an address for browsers, its folder");
}

#[test]
fn who_names_nobody_learns_it_before_the_work() {
    let world = world("");
    overdue(&world, &["jane-0a1b2c3d4e5f60718"]);
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(0));
    for args in
        [&["report", "weekly", "--out", "reports", "--notify"][..], &["--as-of", "2026-07-06T19:00:00Z", "report", "weekly", "--out", "reports", "--notify"]]
    {
        let refused = ran(world.path(), args);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{}", refused.stderr);
        assert!(refused.stderr.contains("hint:"), "{}", refused.stderr);
    }
    assert!(!world.path().join("reports").exists());
}

#[test]
fn the_last_week_is_the_newest_that_is_over() {
    let hook = Hook::start();
    let world = hooked(&hook, "");
    let none = ran(world.path(), &["report", "weekly", "--period", "last", "--out", "reports"]);
    assert_eq!(none.code, Some(2), "{}", none.stderr);
    assert!(none.stderr.contains("no week of this ledger is over yet") && none.stderr.contains("hint:"), "{}", none.stderr);
    // The next snapshot is taken on Monday of the week after.
    world.answer("20260713T060000Z", "describe-sessions-active.json", &json!({ "Sessions": [] }));
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(3), "the new snapshot says nothing of instances");
    let args = ["report", "weekly", "--period", "last", "--out", "reports", "--notify"];
    let last = ran(world.path(), &args);
    assert_eq!(hook.taken().len(), 1);
    assert!(last.code == Some(0) && last.stdout.contains("weekly/2026-W28/20260713T060000Z"), "{}\n{}", last.stdout, last.stderr);
    let running = ran(world.path(), &["report", "weekly", "--out", "reports"]);
    assert!(running.code == Some(0) && running.stdout.contains("weekly/2026-W29/20260713T060000Z"), "{}\n{}", running.stdout, running.stderr);
    // An hour later nothing else is known of that week: the report is another, its headline is not.
    world.answer("20260713T070000Z", "describe-sessions-active.json", &json!({ "Sessions": [] }));
    assert_eq!(ran(world.path(), &["ingest", "--quiet"]).code, Some(3), "the new snapshot says nothing of instances");
    let later = ran(world.path(), &args);
    assert!(later.code == Some(0) && later.stdout.contains("weekly/2026-W28/20260713T070000Z"), "{}\n{}", later.stdout, later.stderr);
    assert!(hook.taken().is_empty(), "{}", later.stderr);
}
