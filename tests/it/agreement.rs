//! The second opinion: every row of `sessions` and of every KPI, on random estates in all four kinds, must be what the independent
//! reference under `tests/reference/` says; after one ingest, after two, in another order, and after a killed one.

use std::path::Path;

use crate::support::estate::{key, make, second_opinion};
use crate::support::rows::{differences, ndjson};
use crate::support::trail::{must, trail};

/// Compares everything that can be asked with everything that the reference says. Without an `as_of`, both must find the same one. Gives the
/// number of sessions.
fn agree(what: &str, seed: u64, dir: &Path, as_of: Option<&str>) -> usize {
    let (tables, reference_as_of) = second_opinion(dir, as_of);
    let moment: Vec<&str> = as_of.map_or_else(Vec::new, |as_of| vec!["--as-of", as_of]);
    let ask = |sql: &str| ndjson(&must(dir, &[&moment[..], &["query", sql, "--format", "ndjson"]].concat(), &[0]));
    let mut found = Vec::new();
    if ask("SELECT as_of() AS as_of")[0]["as_of"].as_str() != Some(&reference_as_of) {
        found.push(format!("as_of: expected {reference_as_of}"));
    }
    for (name, expected) in &tables {
        found.extend(differences(name, expected, &ask(&format!("SELECT * FROM {name}")), key(name)));
    }
    for (claim, exceptions) in IDENTITIES {
        found.extend(ask(exceptions).into_iter().map(|row| format!("{claim}: not {}", serde_json::Value::Object(row))));
    }
    assert!(found.is_empty(), "seed {seed}, {what}: {} disagreements, such as\n{}", found.len(), found[..found.len().min(25)].join("\n"));
    tables.iter().find(|(name, _)| *name == "sessions").map_or(0, |(_, rows)| rows.len())
}

/// What must hold of every estate, and the rows for which it does not.
const IDENTITIES: [(&str, &str); 7] = [
    (
        "opened less closed is the change in open, for every rule and quarter",
        "SELECT rule, quarter, opened, closed, open_at_end FROM (SELECT *, lag(open_at_end, 1, 0) OVER (PARTITION BY rule ORDER BY quarter_start) AS before FROM kpi_quarterly) \
         WHERE opened - closed <> open_at_end - before",
    ),
    (
        "what is open in the last quarter is what is open",
        "SELECT rule, open_at_end, n FROM (SELECT rule, open_at_end FROM kpi_quarterly WHERE quarter_start = (SELECT max(quarter_start) FROM kpi_quarterly)) \
         FULL JOIN (SELECT rule AS found, count(*) AS n FROM findings WHERE closed_at IS NULL GROUP BY rule) ON rule = found WHERE coalesce(open_at_end, 0) <> coalesce(n, 0)",
    ),
    ("a finding has a name of its own", "SELECT finding_id, count(*) AS n FROM findings GROUP BY finding_id HAVING count(*) > 1"),
    (
        "a finding opens by as_of, and closes after that and by as_of",
        "SELECT finding_id, opened_at, closed_at FROM findings WHERE opened_at > as_of() OR closed_at < opened_at OR closed_at > as_of()",
    ),
    (
        "whoever is certainly over the limit is found, and nobody else",
        "SELECT sessions.session_id, findings.session_id AS found FROM (SELECT * FROM sessions WHERE over_limit_certainty = 'certain') AS sessions \
         FULL JOIN (SELECT * FROM findings WHERE rule = 'SESSION-OVER-MAX') AS findings ON findings.session_id = sessions.session_id \
         AND coalesce(findings.account_id, '') = coalesce(sessions.account_id, '') AND coalesce(findings.region, '') = coalesce(sessions.region, '') \
         WHERE sessions.session_id IS NULL OR findings.session_id IS NULL",
    ),
    (
        "coverage by first cause adds up to the fleet, place by place",
        "SELECT * FROM kpi_coverage WHERE instances <> covered + not_assessed + not_managed + no_max_duration + max_duration_too_long + idle_timeout_too_long",
    ),
    (
        "coverage by first cause adds up to the fleet, all together",
        "SELECT * FROM kpi_fleet_coverage WHERE instances <> covered + not_assessed + not_managed + no_max_duration + max_duration_too_long + idle_timeout_too_long",
    ),
];

/// Compares with what was published, then with KPIs worked out from the copy of `sessions`, then with everything worked out from the facts.
fn agree_every_way(what: &str, seed: u64, dir: &Path) {
    agree(&format!("{what}, as published"), seed, dir, None);
    let published = dir.join("lake/published");
    for (left, way) in [("kpi_", "KPIs worked out"), ("", "all worked out")] {
        let copies = std::fs::read_dir(&published).expect("what was published").map(|copy| copy.expect("a copy"));
        let gone: Vec<_> = copies.filter(|copy| copy.file_name().to_string_lossy().starts_with(left)).collect();
        assert!(!gone.is_empty(), "seed {seed}, {what}: nothing was published");
        gone.iter().for_each(|copy| std::fs::remove_file(copy.path()).expect("a copy can be removed"));
        agree(&format!("{what}, {way}"), seed, dir, None);
    }
}

fn estate(seed: u64) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    make(dir.path(), seed);
    dir
}

/// How many estates each test looks at; more with `SESSIONTRAIL_ESTATES`.
fn seeds(from: u64, count: u64) -> impl Iterator<Item = u64> {
    let count = std::env::var("SESSIONTRAIL_ESTATES").ok().and_then(|count| count.parse().ok()).unwrap_or(count);
    from..from + count
}

#[test]
fn one_ingest_and_a_second_one_agree_with_the_reference() {
    for seed in seeds(1, 12) {
        let estate = estate(seed);
        must(estate.path(), &["ingest", "--quiet"], &[0, 3]);
        if seed.is_multiple_of(4) {
            agree_every_way("after one ingest", seed, estate.path());
        }
        must(estate.path(), &["ingest", "--quiet"], &[0, 3]);
        agree("after two ingests", seed, estate.path(), None);
        must(estate.path(), &["rebuild", "--quiet"], &[0]);
        agree("after a rebuild", seed, estate.path(), None);
        must(estate.path(), &["compact", "--quiet"], &[0]);
        agree("after compaction", seed, estate.path(), None);
    }
}

#[test]
fn as_of_an_earlier_moment_agrees_with_the_reference() {
    for seed in seeds(100, 6) {
        let estate = estate(seed);
        must(estate.path(), &["ingest", "--quiet"], &[0, 3]);
        let moments = std::fs::read_to_string(estate.path().join("moments.json")).expect("an estate names moments within it");
        let moments: Vec<String> = serde_json::from_str(&moments).expect("a list of times");
        let sessions = moments.iter().map(|moment| agree(&format!("as of {moment}"), seed, estate.path(), Some(moment)));
        assert!(sessions.max() > Some(0), "seed {seed}: nothing had happened by any of these moments");
    }
}

#[test]
fn evidence_that_arrives_in_any_order_agrees_with_the_reference() {
    for seed in seeds(200, 6) {
        let estate = estate(seed);
        let later = tempfile::tempdir().expect("a temporary folder");
        // Two thirds of the files come later, in two deliveries that mix all kinds.
        let files = files(estate.path());
        let hidden = |file: &str, delivery: u64| schemas::sha256_hex(format!("{seed}{file}").as_bytes()).as_bytes()[0] as u64 % 3 == delivery;
        for file in files.iter().filter(|file| !hidden(file, 0)) {
            rename(estate.path(), later.path(), file);
        }
        must(estate.path(), &["ingest", "--quiet"], &[0, 3]);
        for delivery in [2, 1] {
            for file in files.iter().filter(|file| hidden(file, delivery)) {
                rename(later.path(), estate.path(), file);
            }
            must(estate.path(), &["ingest", "--quiet"], &[0, 3]);
        }
        agree("after three deliveries", seed, estate.path(), None);
    }
}

#[test]
fn sources_one_by_one_and_spans_of_time_agree_with_the_reference() {
    for seed in seeds(500, 4) {
        let estate = estate(seed);
        let configuration = std::fs::read_to_string(estate.path().join("sessiontrail.toml")).expect("an estate has a configuration");
        let names: Vec<&str> = configuration.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
        for name in names.iter().rev() {
            must(estate.path(), &["ingest", "--quiet", "--source", name], &[0, 3]);
        }
        agree("source by source", seed, estate.path(), None);
        std::fs::remove_dir_all(estate.path().join("lake")).expect("there is a lake");
        // The files of the estate are of all times: transcripts as they were uploaded, the rest of now.
        let moments = std::fs::read_to_string(estate.path().join("moments.json")).expect("an estate names moments within it");
        let moments: Vec<String> = serde_json::from_str(&moments).expect("a list of times");
        must(estate.path(), &["ingest", "--quiet", "--from", &moments[0]], &[0, 3]);
        must(estate.path(), &["ingest", "--quiet", "--to", &moments[0]], &[0, 3]);
        agree("after the newer objects, then the older ones", seed, estate.path(), None);
    }
}

#[test]
fn a_killed_ingest_loses_and_doubles_nothing() {
    for seed in seeds(300, 6) {
        let estate = estate(seed);
        let mut killed = 0;
        for attempt in 0..8_u64 {
            let mut running = trail(estate.path()).args(["ingest", "--quiet"]).stderr(std::process::Stdio::null()).spawn().expect("the binary starts");
            // From before the first commit to after the last: a run takes some hundreds of milliseconds.
            std::thread::sleep(std::time::Duration::from_millis(40 + (seed * 37 + attempt * 113) % 400));
            killed += u64::from(running.try_wait().expect("a child").is_none());
            let _ = running.kill();
            let _ = running.wait();
        }
        assert!(killed > 0, "seed {seed}: every run was done before it could be killed");
        must(estate.path(), &["ingest", "--quiet"], &[0, 3]);
        agree("after killed ingests", seed, estate.path(), None);
        nothing_is_doubled(estate.path());
    }
}

#[test]
fn two_ingests_at_once_lose_and_double_nothing() {
    for seed in seeds(400, 4) {
        let estate = estate(seed);
        let start = || trail(estate.path()).args(["ingest", "--quiet"]).stderr(std::process::Stdio::null()).spawn().expect("the binary starts");
        for mut running in [start(), start(), start()] {
            let code = running.wait().expect("the run ends").code();
            assert!(matches!(code, Some(0 | 3)), "ended with {code:?}");
        }
        agree("after three ingests at once", seed, estate.path(), None);
        nothing_is_doubled(estate.path());
    }
}

/// No copy of an event may stand twice in the lake.
fn nothing_is_doubled(dir: &Path) {
    let sql = "SELECT count(*) - count(DISTINCT event_id || source || object || object_version || position) AS doubled FROM event_copies";
    assert_eq!(must(dir, &["query", sql, "--format", "ndjson"], &[0]).trim(), r#"{"doubled":0}"#);
}

/// Every file below the source folders, relative to `dir`.
fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the estate") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.parent() != Some(dir) {
                found.push(path.strip_prefix(dir).expect("below the estate").to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// Moves a file and keeps its time of modification, as `rename` does.
fn rename(from: &Path, to: &Path, file: &str) {
    let target = to.join(file);
    std::fs::create_dir_all(target.parent().expect("a file lies in a folder")).expect("the folder can be made");
    std::fs::rename(from.join(file), target).expect("the file can be moved");
}
