//! Reports as people get them: every figure is what its SQL gives, every form says the same, nothing is ever written over, and nothing in it acts.

mod browser;
mod forms;
mod late;
mod made;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::python::{python, root, run};
use crate::support::rows::ndjson;
use crate::support::trail::{must, ran};

/// The demo's estate, ingested; suites write their reports elsewhere.
fn demo() -> &'static Path {
    static DEMO: OnceLock<tempfile::TempDir> = OnceLock::new();
    DEMO.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        must(folder.path(), &["demo", "--dir", ".", "--quiet"], &[0]);
        folder
    })
    .path()
}

/// Writes a report of the estate in `dir` below `out`; gives its folder.
fn write(dir: &Path, out: &Path, args: &[&str]) -> PathBuf {
    let out = out.to_str().expect("UTF-8");
    let told = must(dir, &[&["report"], args, &["--out", out]].concat(), &[0]);
    let folder = PathBuf::from(told.trim_end());
    assert!(folder.is_dir(), "{told}");
    folder
}

/// The JSON of a report.
fn read(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("report.json")).expect("a report")).expect("JSON")
}

/// Every table of a report.
fn tables(report: &Value) -> impl Iterator<Item = &Value> {
    report["sections"].as_array().into_iter().flatten().flat_map(|section| section["tables"].as_array().into_iter().flatten())
}

fn table<'r>(report: &'r Value, id: &str) -> &'r Value {
    tables(report).find(|table| table["id"] == id).unwrap_or_else(|| panic!("there is no table {id}"))
}

/// The cells of a column.
fn column<'r>(table: &'r Value, name: &str) -> Vec<&'r Value> {
    let place = table["columns"].as_array().expect("columns").iter().position(|column| column["name"] == name);
    let place = place.unwrap_or_else(|| panic!("there is no column {name} in {}", table["id"]));
    table["rows"].as_array().expect("rows").iter().map(|row| &row[place]).collect()
}

fn figure<'r>(report: &'r Value, id: &str) -> &'r Value {
    report["figures"].as_array().expect("figures").iter().find(|figure| figure["id"] == id).unwrap_or_else(|| panic!("there is no figure {id}"))
}

/// Has one of the programs beside this file look at a report.
fn looked_at(program: &str, args: &[&Path]) {
    run(Command::new(python()).arg(root().join("tests/it/report").join(program)).args(args));
}

/// Every form of the report in a folder is well formed, and they say the same.
fn well_formed(folder: &Path) {
    looked_at("read_html.py", &[&folder.join("report.html")]);
    looked_at("read_xlsx.py", &[&folder.join("report.xlsx"), &folder.join("report.json")]);
    looked_at("read_schema.py", &[&root().join("docs/report.schema.json"), &folder.join("report.json")]);
    let report = read(folder);
    let banned = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    let mut files = vec!["report.html".to_owned(), "report.md".to_owned(), "report.json".to_owned()];
    files.extend(tables(&report).map(|table| format!("csv/{}.csv", table["id"].as_str().expect("a name"))));
    for file in files {
        let text = std::fs::read_to_string(folder.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(!text.contains(banned), "{file} holds something that acts");
    }
}

#[test]
fn every_figure_is_what_its_sql_gives() {
    let out = tempfile::tempdir().expect("a folder");
    for args in [&["weekly", "--period", "2026-W25"][..], &["quarterly"]] {
        let folder = write(demo(), out.path(), args);
        let report = read(&folder);
        let mut asked = 0;
        for table in tables(&report) {
            let sql = table["sql"].as_str().expect("SQL");
            let names: Vec<&str> = table["columns"].as_array().expect("columns").iter().map(|column| column["name"].as_str().expect("a name")).collect();
            let rows = ndjson(&must(demo(), &["query", sql, "--format", "ndjson"], &[0]));
            let told = table["rows"].as_array().expect("rows");
            assert_eq!(rows.len(), told.len(), "{}", table["id"]);
            for (row, told) in rows.iter().zip(told) {
                for (place, name) in names.iter().enumerate() {
                    assert_eq!(row.get(*name).unwrap_or(&Value::Null), &told[place], "{}.{name}", table["id"]);
                }
            }
            asked += 1;
            if ["violations", "durations", "sources"].iter().any(|id| table["id"] == *id) {
                let csv = std::fs::read_to_string(folder.join(format!("csv/{}.csv", table["id"].as_str().expect("a name")))).expect("CSV");
                assert_eq!(csv, must(demo(), &["query", sql, "--format", "csv"], &[0]), "{}", table["id"]);
            }
        }
        assert!(asked >= 12, "only {asked} questions were asked");
        for figure in report["figures"].as_array().expect("figures") {
            let table = table(&report, figure["table"].as_str().expect("a table"));
            let place = column(table, table["key"][0].as_str().expect("a key")).iter().position(|at| **at == report["period"]["starts_on"]);
            let place = place.unwrap_or_else(|| panic!("{} has no row of the period", table["id"]));
            assert_eq!(&figure["value"], column(table, figure["column"].as_str().expect("a column"))[place], "{}", figure["id"]);
            assert_eq!(
                &figure["before"],
                column(table, figure["column"].as_str().expect("a column")).get(place.wrapping_sub(1)).copied().unwrap_or(&Value::Null)
            );
        }
    }
}

#[test]
fn tables_of_violations_add_up_to_the_headline() {
    let out = tempfile::tempdir().expect("a folder");
    let report = read(&write(demo(), out.path(), &["weekly", "--period", "2026-W25"]));
    let (over, hours) =
        (figure(&report, "over_limit")["value"].as_i64().expect("a count"), figure(&report, "over_limit_hours")["value"].as_f64().expect("hours"));
    assert!(over > 0, "the demo has a violation in this week");
    for by in ["violations_by_owner", "violations_by_team", "violations_by_account"] {
        let by = table(&report, by);
        assert_eq!(column(by, "over_limit_active").iter().filter_map(|n| n.as_i64()).sum::<i64>(), over, "{}", by["id"]);
        let sum: f64 = column(by, "over_limit_hours").iter().filter_map(|n| n.as_f64()).sum();
        assert!((sum - hours).abs() < 1e-6, "{}: {sum} {hours}", by["id"]);
        let before: i64 = column(by, "over_limit_active_before").iter().filter_map(|n| n.as_i64()).sum();
        assert_eq!(Some(before), figure(&report, "over_limit")["before"].as_i64());
    }
    assert_eq!(i64::try_from(column(table(&report, "violations"), "session_id").len()), Ok(over));
    // The curve begins with all of them, and its steps are those of Kaplan and Meier: its median is that of the KPI over the same cohort.
    let survival = table(&report, "survival");
    let running: Vec<f64> = column(survival, "still_running_percent").iter().filter_map(|share| share.as_f64()).collect();
    assert_eq!(running.first(), Some(&100.0));
    assert!(running.windows(2).all(|pair| pair[0] + 1e-9 >= pair[1]), "{running:?}");
}

#[test]
fn a_curve_has_the_median_of_the_kpi() {
    let out = tempfile::tempdir().expect("a folder");
    let report = read(&write(demo(), out.path(), &["quarterly", "--period", "2026-Q2"]));
    let survival = table(&report, "survival");
    let times = column(survival, "after_seconds");
    let shares = column(survival, "still_running_percent");
    let first_below =
        |share: f64| times.iter().zip(&shares).find(|(_, left)| left.as_f64().is_some_and(|left| left <= share + 1e-9)).and_then(|(at, _)| at.as_f64());
    let time = figure(&report, "time_to_terminate");
    assert!(time["value"].is_number());
    assert_eq!(first_below(50.0), time["value"].as_f64());
    assert_eq!(
        first_below(10.0),
        time["details"].as_array().expect("details").iter().find(|detail| detail["column"] == "p90_seconds").expect("p90")["value"].as_f64()
    );
}

#[test]
fn the_sample_is_in_the_order_that_anybody_can_work_out() {
    let out = tempfile::tempdir().expect("a folder");
    let report = read(&write(demo(), out.path(), &["quarterly", "--period", "2026-Q2"]));
    let sample = table(&report, "sampling");
    let (ids, keys, strata) = (column(sample, "session_id"), column(sample, "draw_key"), column(sample, "stratum"));
    for (id, key) in ids.iter().zip(&keys) {
        assert_eq!(key.as_str(), Some(&*schemas::sha256_hex(format!("2026-Q2:{}", id.as_str().expect("an id")).as_bytes())));
    }
    assert_eq!(strata.first().and_then(|first| first.as_str()), Some("violation"), "violations come first");
    for stratum in ["violation", "other"] {
        let of: Vec<&str> = keys.iter().zip(&strata).filter(|(_, found)| **found == stratum).filter_map(|(key, _)| key.as_str()).collect();
        assert!(!of.is_empty() && of.len() <= 25 && of.is_sorted(), "{stratum}");
    }
}

#[test]
fn every_form_is_well_formed() {
    let out = tempfile::tempdir().expect("a folder");
    for kind in ["weekly", "quarterly"] {
        well_formed(&write(demo(), out.path(), &[kind]));
    }
}

#[test]
fn nothing_is_written_over_and_the_latest_is_named() {
    let out = tempfile::tempdir().expect("a folder");
    let args = ["weekly", "--period", "2026-W25"];
    let folder = write(demo(), out.path(), &args);
    assert!(folder.ends_with("weekly/2026-W25/20260629T060000Z"), "{folder:?}");
    let html = std::fs::read(folder.join("report.html")).expect("HTML");
    let again = ran(demo(), &[&["report"], &args[..], &["--out", out.path().to_str().expect("UTF-8")]].concat());
    assert_eq!((again.code, again.stdout.trim_end()), (Some(0), folder.to_str().expect("UTF-8")));
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    // Another name of the same zone makes other words, and the same numbers.
    let plain = std::fs::read_to_string(demo().join("sessiontrail.toml")).expect("a configuration");
    std::fs::write(demo().join("zone.toml"), plain.replace("timezone = \"UTC\"", "timezone = \"Etc/UTC\"")).expect("a file");
    let other = write(demo(), out.path(), &[&args[..], &["--config", "zone.toml"]].concat());
    assert!(other.ends_with("weekly/2026-W25/20260629T060000Z-2"), "{other:?}");
    assert_eq!(std::fs::read(folder.join("report.html")).expect("HTML"), html, "the first is untouched");
    let latest = |file: &str| std::fs::read_to_string(out.path().join(file)).expect("a pointer");
    assert_eq!(latest("weekly/2026-W25/latest"), "20260629T060000Z-2\n");
    assert_eq!(latest("weekly/latest"), "2026-W25/20260629T060000Z-2\n");
    let running = write(demo(), out.path(), &["weekly"]);
    assert_eq!(latest("weekly/latest"), format!("2026-W27/{}\n", running.file_name().expect("a name").to_str().expect("UTF-8")));
}

#[test]
fn a_period_that_has_not_ended_is_to_date() {
    let out = tempfile::tempdir().expect("a folder");
    let words = |folder: &Path| std::fs::read_to_string(folder.join("report.md")).expect("Markdown");
    let running = write(demo(), out.path(), &["weekly"]);
    let report = read(&running);
    assert_eq!((&report["period"]["label"], &report["period"]["to_date"]), (&Value::from("2026-W27"), &Value::from(true)));
    assert!(words(&running).starts_with("# Weekly report 2026-W27 (to date)\n"), "{}", words(&running));
    assert_eq!(report["notices"][0]["kind"], "to_date");
    let ended = write(demo(), out.path(), &["weekly", "--period", "2026-w26"]);
    assert_eq!(read(&ended)["period"]["to_date"], false);
    assert!(words(&ended).starts_with("# Weekly report 2026-W26\n"), "{}", words(&ended));
    let earlier = write(demo(), out.path(), &["weekly", "--as-of", "2026-06-24T12:00:00Z"]);
    assert_eq!((&read(&earlier)["period"]["label"], &read(&earlier)["period"]["to_date"]), (&Value::from("2026-W26"), &Value::from(true)));
    assert_eq!(read(&write(demo(), out.path(), &["quarterly"]))["period"]["to_date"], true);
}

#[test]
fn periods_are_those_of_the_configured_zone_and_fiscal_year() {
    let out = tempfile::tempdir().expect("a folder");
    let plain = std::fs::read_to_string(demo().join("sessiontrail.toml")).expect("a configuration");
    let fiscal = plain.replace("timezone = \"UTC\"", "timezone = \"Asia/Kolkata\"").replace("fiscal_year_start = 1", "fiscal_year_start = 7");
    std::fs::write(demo().join("fiscal.toml"), fiscal).expect("a file");
    let folder = write(demo(), out.path(), &["quarterly", "--period", "FY2026-Q4", "--config", "fiscal.toml"]);
    assert!(folder.ends_with("quarterly/FY2026-Q4/20260629T060000Z"), "{folder:?}");
    let report = read(&folder);
    // Local midnight in India.
    assert_eq!((&report["period"]["start_at"], &report["period"]["starts_on"]), (&Value::from("2026-03-31T18:30:00.000000Z"), &Value::from("2026-04-01")));
    let sql = "SELECT violations, p50_seconds FROM kpi_mttt WHERE period_kind = 'quarter' AND tier = '(all)' AND period_start = '2026-04-01'";
    let kpi = ndjson(&must(demo(), &["query", sql, "--format", "ndjson", "--config", "fiscal.toml"], &[0]));
    assert_eq!(figure(&report, "violations")["value"], kpi[0]["violations"]);
    assert_eq!(figure(&report, "time_to_terminate")["value"], kpi[0]["p50_seconds"]);
    let new: i64 = column(table(&report, "violations_by_account"), "over_limit_new").iter().filter_map(|n| n.as_i64()).sum();
    assert_eq!(Value::from(new), kpi[0]["violations"], "tables of sessions keep the same bounds");
    well_formed(&folder);
}

#[test]
fn what_cannot_be_reported_is_refused_with_a_way_out() {
    let out = tempfile::tempdir().expect("a folder");
    let path = out.path().to_str().expect("UTF-8");
    let refused = |args: &[&str], code: i32, word: &str| {
        let ran = ran(demo(), args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("hint:") && ran.stderr.contains(word), "{args:?}: {}", ran.stderr);
    };
    refused(&["report", "weekly", "--period", "2031-W01", "--out", path], 2, "2026-W14 to 2026-W27");
    refused(&["report", "quarterly", "--period", "2026-W25", "--out", path], 2, "2026-Q2");
    refused(&["report", "weekly", "--lake", "elsewhere", "--out", path], 1, "ingest");
    let ran = ran(demo(), &["report", "weekly", "--out", "https://example.com/"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(std::fs::read_dir(out.path()).expect("the folder").all(|entry| entry.expect("an entry").path().is_dir()), "nothing half done is left");
}

#[test]
fn the_demo_ends_with_its_weekly_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = must(folder.path(), &["demo", "--dir", "estate", "--quiet"], &[0]);
    let path = told.lines().find(|line| line.ends_with("report.html")).unwrap_or_else(|| panic!("{told}"));
    assert!(std::fs::read_to_string(path).expect("the page").starts_with("<!DOCTYPE html>"));
    must(folder.path(), &["demo", "--dir", "estate", "--quiet"], &[0]);
}
