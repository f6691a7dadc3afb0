//! Questions: the first answer of a small lake, and every KPI over many sessions, each in three ways: as it was published; worked out from the
//! published `sessions`; and worked out from the facts, as after an edit of the policy. Against DuckDB saying the same numbers over the published
//! `sessions` (`duckdb/*.sql`), which is checked. Ours are whole processes, DuckDB's are statements in a process that runs, which favours it.
//!
//! `SESSIONTRAIL_BENCH_SESSIONS` says how many sessions; a million where it does not.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::corpus::{Corpus, corpus, sessions, trail};
use crate::peer::peer;
use crate::product::{ingest, product, run};
use crate::{fastest, line, ratio};

const KPIS: [&str; 7] = ["kpi_weekly", "kpi_duration", "kpi_duration_histogram", "kpi_mttt", "kpi_evidence", "kpi_coverage", "kpi_fleet_coverage"];

/// How a question is answered, and the configuration that has it so: the same numbers in each.
const WAYS: [(&str, &str); 3] = [("as published", "sessiontrail.toml"), ("from published sessions", "zone.toml"), ("from the facts", "edited.toml")];

pub(crate) fn bench() {
    let small = ingested("small", |dir| trail(dir, 20, 100, 100));
    let first = fastest(|| run(product(&small.dir).args(["query", "SELECT count(*) FROM sessions", "--quiet"])));
    println!("{:<52} {:>9.3} s", "query, first answer of a small lake, whole process", first.as_secs_f64());

    let count = std::env::var("SESSIONTRAIL_BENCH_SESSIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let many = ingested(&format!("sessions-{count}"), |dir| sessions(dir, count));
    configure(&many.dir);
    for kpi in KPIS {
        let took = WAYS.map(|(way, configuration)| {
            let took = fastest(|| ask(&many.dir, configuration, kpi));
            line(&format!("{kpi}, {way}"), took, count, "sessions");
            took
        });
        let sql = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/duckdb/{kpi}.sql"));
        if sql.is_file() {
            let duckdb = peer("duckdb_kpi", &[&text(&many.dir), &text(&sql), &text(&many.dir.join("answer.ndjson"))]);
            line("DuckDB, from published sessions", duckdb, count, "sessions");
            WAYS.iter().zip(took).for_each(|((way, _), took)| ratio(&format!("sessiontrail {way}"), duckdb, took));
        }
    }
}

fn ask(dir: &Path, configuration: &str, kpi: &str) -> Duration {
    run(product(dir).args(["kpi", kpi, "--config", configuration, "--format", "ndjson", "-o", "answer.ndjson", "--quiet"]))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Configurations that say the same and are not the same: another name of UTC, and a policy with one more word.
fn configure(dir: &Path) {
    let plain = fs::read_to_string(dir.join("sessiontrail.toml")).expect("a configuration");
    fs::write(dir.join("zone.toml"), format!("{plain}[report]\ntimezone = \"Etc/UTC\"\n")).expect("a file");
    fs::write(dir.join("edited.toml"), plain.replace("policy.toml", "edited-policy.toml")).expect("a file");
    let policy = fs::read_to_string(dir.join("policy.toml")).expect("a policy");
    fs::write(dir.join("edited-policy.toml"), format!("# edited\n{policy}")).expect("a file");
    run(product(dir).args(["query", "SELECT * FROM calendar", "--format", "parquet", "-o", "calendar.parquet", "--quiet"]));
}

fn ingested(name: &str, make: impl FnOnce(&Path) -> (u64, u64)) -> Corpus {
    let corpus = corpus(name, make);
    if !corpus.dir.join("lake").is_dir() {
        let took = ingest(&corpus.dir);
        println!("{:<52} {:>9.3} s", format!("ingest of {name}, once"), took.as_secs_f64());
    }
    corpus
}
