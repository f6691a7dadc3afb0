//! The first five minutes: the demo from an empty folder, and every command in what it leaves.

use std::time::Duration;

use crate::support::estate::{KPIS, key};
use crate::support::rows::{differences, ndjson};
use crate::support::trail::{must, ran};

#[test]
fn the_demo_tells_the_stories_and_every_command_works_in_its_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let demo = ran(folder.path(), &["demo", "--dir", "estate", "--quiet"]);
    assert_eq!(demo.code, Some(0), "{}\n{}", demo.stdout, demo.stderr);
    let estate = folder.path().join("estate");
    for (kpi, _) in KPIS {
        assert!(!must(&estate, &["kpi", kpi, "--format", "ndjson"], &[0]).is_empty(), "{kpi} says nothing");
    }
    let patterns = must(&estate, &["query", "SELECT DISTINCT pattern FROM sessions WHERE pattern IS NOT NULL ORDER BY pattern", "--format", "csv"], &[0]);
    assert_eq!(patterns.lines().collect::<Vec<_>>(), ["pattern", "break_glass_left_open", "forgotten_terminal", "zombie_automation"]);
    let listing = must(&estate, &["kpi"], &[0]);
    assert!(KPIS.iter().all(|(kpi, _)| listing.contains(kpi)), "{listing}");
    must(&estate, &["status"], &[0, 3]);
    must(&estate, &["policy", "check"], &[0]);
    must(&estate, &["ingest", "--quiet"], &[0]);
    must(&estate, &["compact", "--quiet"], &[0]);
    must(&estate, &["rebuild", "--quiet"], &[0]);
}

#[test]
fn the_demo_is_the_same_twice_and_agrees_with_the_reference() {
    let [one, two] = [(), ()].map(|()| tempfile::tempdir().expect("a temporary folder"));
    for folder in [&one, &two] {
        must(folder.path(), &["demo", "--dir", ".", "--quiet"], &[0]);
        std::thread::sleep(Duration::from_millis(5));
    }
    let all = |folder: &tempfile::TempDir, table: &str| ndjson(&must(folder.path(), &["query", &format!("SELECT * FROM {table}"), "--format", "ndjson"], &[0]));
    let (tables, _) = crate::support::estate::second_opinion(one.path(), None);
    for (name, expected) in &tables {
        let first = all(&one, name);
        let found = differences(name, expected, &first, key(name));
        assert!(found.is_empty(), "the reference disagrees:\n{}", found[..found.len().min(25)].join("\n"));
        let found = differences(name, &first, &all(&two, name), key(name));
        assert!(found.is_empty(), "the second demo differs:\n{}", found[..found.len().min(25)].join("\n"));
    }
}

#[test]
fn a_demo_that_was_interrupted_goes_on_and_a_foreign_folder_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    must(folder.path(), &["demo", "--dir", "estate", "--seed", "9", "--quiet"], &[0]);
    let estate = folder.path().join("estate");
    // As after Ctrl-C: the configuration is written last.
    std::fs::remove_file(estate.join("sessiontrail.toml")).expect("the file was there");
    let other = ran(folder.path(), &["demo", "--dir", "estate", "--quiet"]);
    assert_eq!(other.code, Some(2), "another seed is another demo");
    must(folder.path(), &["demo", "--dir", "estate", "--seed", "9", "--quiet"], &[0]);
    std::fs::create_dir(folder.path().join("mine")).expect("a folder");
    std::fs::write(folder.path().join("mine/thesis.txt"), "years of work").expect("a file");
    let mine = ran(folder.path(), &["demo", "--dir", "mine", "--quiet"]);
    assert_eq!(mine.code, Some(2));
    assert!(mine.stderr.contains("hint:"), "{}", mine.stderr);
    assert_eq!(std::fs::read_dir(folder.path().join("mine")).expect("the folder").count(), 1);
}

#[test]
fn another_engine_reads_what_is_published() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    must(folder.path(), &["demo", "--dir", ".", "--quiet"], &[0]);
    let published = folder.path().join("lake/published");
    for table in std::iter::once("sessions").chain(KPIS.iter().map(|(kpi, _)| *kpi)) {
        let script = format!("import duckdb;print(duckdb.sql(\"SELECT count(*) FROM '{}/{table}.parquet'\").fetchall()[0][0])", published.display());
        let counted = crate::support::python::run(std::process::Command::new(crate::support::python::python()).args(["-c", &script]));
        let ours = must(folder.path(), &["query", &format!("SELECT count(*) AS n FROM {table}"), "--format", "csv"], &[0]);
        assert_eq!(Some(String::from_utf8_lossy(&counted.stdout).trim()), ours.lines().nth(1), "{table}");
    }
    let script = format!(
        "import duckdb;print(sorted(set(r[0] for r in duckdb.sql(\"SELECT type FROM parquet_schema('{}/sessions.parquet') WHERE type IS NOT NULL\").fetchall())));\
         print(sorted(r[0] for r in duckdb.sql(\"SELECT decode(key) FROM parquet_kv_metadata('{}/sessions.parquet')\").fetchall()))",
        published.display(),
        published.display()
    );
    let said = crate::support::python::run(std::process::Command::new(crate::support::python::python()).args(["-c", &script]));
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("['BOOLEAN', 'BYTE_ARRAY', 'DOUBLE', 'INT64']"), "{said}");
    for key in ["sessiontrail.as_of", "sessiontrail.policy_digest", "sessiontrail.timezone", "sessiontrail.fiscal_year_start"] {
        assert!(said.contains(key), "{said}");
    }
}

/// What must add up does, over an estate with every rule's neighbours in it: counted a second time from the findings themselves, by their own times.
#[test]
fn what_opens_less_what_closes_is_the_change_and_causes_make_up_the_fleet() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    must(folder.path(), &["demo", "--dir", ".", "--quiet"], &[0]);
    let rows = |sql: &str| ndjson(&must(folder.path(), &["query", sql, "--format", "ndjson"], &[0]));
    let quarters = rows("SELECT period_start AS quarter_start, start_at, end_at FROM calendar WHERE period_kind = 'quarter' ORDER BY period_start");
    let findings = rows("SELECT rule, opened_at, closed_at FROM findings");
    let kpi = rows("SELECT * FROM kpi_quarterly");
    assert!(quarters.len() >= 2 && findings.len() > 20 && kpi.len() > 10, "{} quarters, {} findings, {} rows", quarters.len(), findings.len(), kpi.len());
    let rules: std::collections::BTreeSet<&str> = findings.iter().filter_map(|finding| finding["rule"].as_str()).collect();
    for rule in rules {
        let own: Vec<_> = findings.iter().filter(|finding| finding["rule"] == rule).collect();
        let mut open = 0;
        for quarter in &quarters {
            let text = |row: &crate::support::rows::Row, column: &str| row.get(column).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let (start, end) = (text(quarter, "start_at"), text(quarter, "end_at"));
            let within = |column: &str| own.iter().filter(|finding| (start.as_str()..end.as_str()).contains(&text(finding, column).as_str())).count();
            let (opened, closed) = (within("opened_at"), within("closed_at"));
            let lasting = own
                .iter()
                .filter(|finding| text(finding, "opened_at") < end && (text(finding, "closed_at").is_empty() || text(finding, "closed_at") >= end))
                .count();
            let told = kpi.iter().find(|row| row["rule"] == rule && row["quarter_start"] == quarter["quarter_start"]);
            let told = ["opened", "closed", "open_at_end"].map(|column| told.and_then(|row| row[column].as_u64()).unwrap_or(0));
            assert_eq!(told, [opened, closed, lasting].map(|count| count as u64), "{rule} in {quarter:?}");
            assert_eq!(opened + open, closed + lasting, "{rule} in {quarter:?}");
            open = lasting;
        }
    }
    for (table, least) in [("kpi_coverage", 20), ("kpi_fleet_coverage", 20)] {
        let days = rows(&format!("SELECT * FROM {table}"));
        assert!(days.len() >= least, "{table} has {} rows", days.len());
        let mut causes = std::collections::BTreeSet::new();
        for day in &days {
            let of = |column: &str| day[column].as_i64().expect("a count");
            let parts = ["covered", "not_assessed", "not_managed", "no_max_duration", "max_duration_too_long", "idle_timeout_too_long"];
            assert_eq!(parts.map(of).iter().sum::<i64>(), of("instances"), "{table}: {day:?}");
            causes.extend(parts.into_iter().filter(|part| of(part) > 0));
        }
        assert!(causes.len() >= 3, "{table} shows only {causes:?}");
    }
}
