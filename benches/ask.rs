//! Questions: the first answer of a small lake, and every KPI over many sessions. Against DuckDB on the published Parquet where a KPI can
//! be said in its SQL without the product's functions; whole processes of ours, against statements of DuckDB in a process that runs.

use crate::corpus::{Corpus, corpus, trail};
use crate::peer::peer;
use crate::product::{ingest, product, run};
use crate::{fastest, line, ratio};

/// KPIs in DuckDB's SQL, tier by tier and over all, as far as `sessions` alone gives them.
const PEERS: [(&str, &str); 3] = [
    (
        "kpi_duration",
        "SELECT kind, date_trunc(kind, started_at) AS period, tier, count(*), quantile_cont(duration_seconds, [0.5, 0.75, 0.9, 0.95, 0.99]), avg(duration_seconds), max(duration_seconds) \
         FROM sessions, unnest(['week', 'month', 'quarter']) AS kinds(kind) WHERE status <> 'failed' GROUP BY GROUPING SETS ((kind, period, tier), (kind, period))",
    ),
    (
        "kpi_duration_histogram",
        "SELECT kind, date_trunc(kind, started_at) AS period, tier, floor(log2(greatest(duration_seconds, 1))) AS bucket, count(*) \
         FROM sessions, unnest(['week', 'month', 'quarter']) AS kinds(kind) WHERE status <> 'failed' GROUP BY GROUPING SETS ((kind, period, tier, bucket), (kind, period, bucket))",
    ),
    (
        "kpi_weekly",
        "WITH weeks AS (SELECT unnest(generate_series(date_trunc('week', min(started_at)), max(started_at), INTERVAL 7 DAY)) AS week FROM sessions) \
         SELECT week, tier, count(*) FILTER (WHERE started_at >= week), count(*) FILTER (WHERE over_limit_certainty = 'certain'), \
         sum(epoch(least(coalesce(ended_at, ended_after), week + INTERVAL 7 DAY)) - epoch(greatest(over_limit_at, week))) FILTER (WHERE over_limit_certainty = 'certain') \
         FROM weeks JOIN sessions ON started_at < week + INTERVAL 7 DAY AND coalesce(ended_at, ended_after) >= week GROUP BY GROUPING SETS ((week, tier), (week))",
    ),
];

const KPIS: [&str; 7] = ["kpi_weekly", "kpi_duration", "kpi_duration_histogram", "kpi_mttt", "kpi_coverage", "kpi_fleet_coverage", "kpi_evidence"];

pub(crate) fn bench() {
    let small = ingested("small", 20, 100);
    let first = fastest(|| run(product(&small.dir).args(["query", "SELECT count(*) FROM sessions", "--quiet"])));
    println!("{:<52} {:>9.3} s", "query, first answer of a small lake, whole process", first.as_secs_f64());

    let many = ingested("many", 200, 2_000);
    let parquet = many.dir.join("lake/published/sessions.parquet").to_string_lossy().into_owned();
    for kpi in KPIS {
        let ours = fastest(|| run(product(&many.dir).args(["kpi", kpi, "--format", "ndjson", "--quiet"])));
        line(&format!("{kpi}, whole process"), ours, SESSIONS, "sessions");
        for (_, sql) in PEERS.iter().filter(|(name, _)| *name == kpi) {
            let took = peer("duckdb", &[&parquet, sql]);
            line("DuckDB on the published Parquet", took, SESSIONS, "sessions");
            ratio("sessiontrail against it", took, ours);
        }
    }
}

/// Half as many sessions as calls.
const SESSIONS: u64 = 200 * 2_000 / 2;

/// A lake of sessions only, each with its start and its TerminateSession.
fn ingested(name: &str, files: u64, records: u64) -> Corpus {
    let corpus = corpus(name, |dir| trail(dir, files, records, 100));
    if !corpus.dir.join("lake").is_dir() {
        ingest(&corpus.dir);
    }
    corpus
}
