//! Late evidence restates a week that has ended, and the report says so; hostile content stays inert in every form on the way.

use serde_json::json;

use super::{figure, read, table, well_formed, write};
use crate::support::trail::{must, ran};
use crate::support::world::{World, no_instances, start_session, terminate_session};

/// Begins with a formula, and holds what terminals, browsers, spreadsheets and Markdown obey.
const HOSTILE: &str = "=HYPERLINK(\"http://evil\")</td><script>alert(1)</script><img src=x onerror=alert(1)>\u{1b}[2J\u{9b}31m\u{202e}\n| **x** | `y` |;=1+1";

pub(super) fn world() -> World {
    let world = World::new();
    let id = "=cmd|' /C calc'!A1-0a1b2c3d4e5f60718";
    let mut started = start_session(id, "2026-07-06T09:00:00Z", "jane");
    started["requestParameters"]["reason"] = json!(format!("{HOSTILE}{}", "x".repeat(3_000)));
    world.deliver("20260706T0905Z", &[started]);
    world.deliver("20260706T2005Z", &[terminate_session(id, "2026-07-06T20:00:00Z", "jane")]);
    let tags = json!([{ "Key": "Owner", "Value": HOSTILE }, { "Key": "CostCenter", "Value": "+1;@SUM(1)" }]);
    let instance = json!({ "InstanceId": "i-0123456789abcdef0", "State": { "Name": "running" }, "Tags": tags });
    world.answer("20260706T060000Z", "describe-instances.json", &json!({ "Reservations": [{ "Instances": [instance] }] }));
    world.answer("20260714T060000Z", "describe-sessions-active.json", &json!({ "Sessions": [] }));
    world.answer("20260714T060000Z", "describe-instances.json", &no_instances());
    world
}

#[test]
fn late_evidence_restates_and_hostile_content_stays_inert() {
    let world = world();
    let out = world.path().join("reports");
    must(world.path(), &["ingest", "--quiet"], &[0, 3]);
    let args = ["weekly", "--period", "2026-W28"];
    let first = write(world.path(), &out, &args);
    assert_eq!(figure(&read(&first), "over_limit")["value"], 1);
    well_formed(&first);
    let report = read(&first);
    let violations = table(&report, "violations");
    let reason = super::column(violations, "reason")[0].as_str().expect("a reason");
    assert!(reason.starts_with("=HYPERLINK") && reason.contains('\u{1b}') && reason.len() > 3_000, "JSON has all of it");
    let csv = std::fs::read_to_string(first.join("csv/violations.csv")).expect("CSV");
    assert!(csv.contains("\"'=cmd|' /C calc'!A1-") && csv.contains("\"'=HYPERLINK(") && csv.len() > 3_000, "{csv}");
    let markdown = std::fs::read_to_string(first.join("report.md")).expect("Markdown");
    assert!(markdown.contains("characters)`") && !markdown.contains(&"x".repeat(300)), "long texts are cut for people");
    assert_eq!(super::column(table(&report, "violations_by_owner"), "owner")[0], HOSTILE);

    // A session of the same week, delivered a week late.
    let late =
        [start_session("kim-0a1b2c3d4e5f60719", "2026-07-07T09:00:00Z", "kim"), terminate_session("kim-0a1b2c3d4e5f60719", "2026-07-07T23:00:00Z", "kim")];
    world.deliver("20260716T0905Z", &late);
    must(world.path(), &["ingest", "--quiet"], &[0, 3]);
    let second = write(world.path(), &out, &args);
    let report = read(&second);
    assert_eq!(figure(&report, "over_limit")["value"], 2);
    let restated = report["notices"].as_array().expect("notices").iter().find(|notice| notice["kind"] == "restated").expect("it says so");
    assert!(restated["text"].as_str().expect("a text").contains("over_limit 1 → 2"), "{restated}");
    let page = std::fs::read_to_string(second.join("report.html")).expect("HTML");
    assert!(page.find("over_limit 1 → 2").is_some_and(|place| place < page.find("class=\"tiles\"").expect("tiles")), "in the first lines");
    well_formed(&second);

    let (one, other) = (first.to_str().expect("UTF-8"), second.join("report.json"));
    let told = must(world.path(), &["report", "diff", one, other.to_str().expect("UTF-8")], &[0]);
    assert!(told.contains("\nover_limit: 1 → 2\n"), "{told}");
    assert!(told.contains("kim-0a1b2c3d4e5f60719]: none → a row"), "{told}");
    assert!(!told.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{told:?}");
    assert!(must(world.path(), &["report", "diff", one, one], &[0]).contains("both say the same"));
    // Nothing is said of a report that says the same.
    let third = write(world.path(), &out, &[&args[..], &["--as-of", "2026-07-16T10:00:00Z"]].concat());
    assert!(read(&third)["notices"].as_array().expect("notices").iter().all(|notice| notice["kind"] != "restated"));
    // Asked once more as of the first moment, what came late counts, and is told as such; and asked again, it is the very same report.
    let same = [&args[..], &["--as-of", "2026-07-14T06:00:00Z"]].concat();
    let fourth = write(world.path(), &out, &same);
    assert!(first.ends_with("20260714T060000Z") && fourth.ends_with("20260714T060000Z-2"), "{first:?} {fourth:?}");
    let restated = read(&fourth)["notices"].as_array().expect("notices").iter().find(|notice| notice["kind"] == "restated").cloned().expect("it says so");
    assert!(restated["text"].as_str().expect("a text").contains("of this very moment"), "{restated}");
    assert_eq!(write(world.path(), &out, &same), fourth);
    let quarter = write(world.path(), &out, &["quarterly"]);
    let strangers = ran(world.path(), &["report", "diff", one, quarter.to_str().expect("UTF-8")]);
    assert_eq!(strangers.code, Some(2), "{}", strangers.stderr);
    assert!(strangers.stderr.contains("hint:"), "{}", strangers.stderr);
}

#[test]
fn rejects_and_gaps_stand_in_the_first_lines() {
    let world = world();
    world.write("trail/AWSLogs/111122223333/CloudTrail/eu-central-1/2026/07/07/111122223333_CloudTrail_eu-central-1_20260707T0905Z_abc.json", "{ no JSON");
    must(world.path(), &["ingest", "--quiet"], &[0, 3]);
    let folder = write(world.path(), &world.path().join("reports"), &["weekly", "--period", "2026-W28"]);
    let report = read(&folder);
    assert!(report["notices"].as_array().expect("notices").iter().any(|notice| notice["kind"] == "rejects"), "{}", report["notices"]);
    let page = std::fs::read_to_string(folder.join("report.html")).expect("HTML");
    assert!(page.find("could not be understood").is_some_and(|place| place < page.find("class=\"tiles\"").expect("tiles")));
    assert_eq!(super::column(table(&report, "missing_evidence"), "what")[0], "reject");
}
