//! The sizes of the lake: one estate, ingested in each of several layouts; the bytes and files that come of it, what ingesting takes, and what questions
//! take that read the stored facts, as after an edit of the policy.
//!
//! `SESSIONTRAIL_BENCH_LAID` says how many sessions.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ingest::lake::{Lake, TUNING, Tuning};
use ingest::pipeline::{Options, run};
use ingest::source::{Directory, Origin, Source, SourceKind};
use ingest::summary::Silent;
use object_store::local::LocalFileSystem;
use url::Url;

use crate::corpus::{corpus, sessions};
use crate::fastest;
use crate::product::{product, run as finish};

/// One thing changed at a time.
const LAYOUTS: [(&str, Tuning); 9] = [
    ("as it is", TUNING),
    ("row groups of 32,768", Tuning { row_group_rows: 32_768, ..TUNING }),
    ("row groups of 1,048,576", Tuning { row_group_rows: 1_048_576, ..TUNING }),
    ("pages of 1,024", Tuning { page_rows: 1_024, ..TUNING }),
    ("pages of 20,000", Tuning { page_rows: 20_000, ..TUNING }),
    ("zstd 3", Tuning { zstd: 3, ..TUNING }),
    ("zstd 6", Tuning { zstd: 6, ..TUNING }),
    ("files of facts of 4 MiB", Tuning { facts_bytes: 4 << 20, ..TUNING }),
    ("files of facts of 64 MiB", Tuning { facts_bytes: 64 << 20, ..TUNING }),
];

const QUESTIONS: [&str; 3] =
    ["SELECT * FROM kpi_weekly", "SELECT * FROM kpi_mttt", "SELECT owner, count(*), sum(duration_seconds) FROM sessions GROUP BY owner"];

pub(crate) fn bench() {
    let count = std::env::var("SESSIONTRAIL_BENCH_LAID").ok().and_then(|count| count.parse().ok()).unwrap_or(500_000);
    let estate = corpus(&format!("laid-{count}"), |dir| sessions(dir, count));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for (name, tuning) in LAYOUTS {
        let lake = estate.dir.join("laid");
        let took = fastest(|| {
            let _ = fs::remove_dir_all(&lake);
            runtime.block_on(lay(&estate.dir, &lake, tuning))
        });
        println!("{name}: ingested in {:.2} s", took.as_secs_f64());
        for table in ["events", "session_facts", "objects"] {
            let (files, bytes) = size(&lake.join(table));
            println!("  {table:<14} {files:>4} files {:>9.2} MB {:>7.1} bytes a session", bytes as f64 / 1e6, bytes as f64 / count as f64);
        }
        let asked =
            |question: &str| finish(product(&estate.dir).args(["query", question, "--lake", "laid", "--format", "ndjson", "-o", "answer.ndjson", "--quiet"]));
        asked("SELECT max(session_id) AS session_id FROM event_copies");
        let answer = fs::read_to_string(estate.dir.join("answer.ndjson")).expect("an answer");
        let of: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        // By name, as whoever looks into one session asks.
        let one = format!("SELECT * FROM events WHERE session_id = {}", of["session_id"].to_string().replace('"', "'"));
        for question in QUESTIONS.into_iter().chain([one.as_str()]) {
            println!("  {:>6.2} s {question}", fastest(|| asked(question)).as_secs_f64());
        }
    }
}

async fn lay(dir: &Path, place: &Path, tuning: Tuning) -> Duration {
    fs::create_dir_all(place).expect("a folder");
    let url = Url::from_directory_path(place).expect("an address");
    let origin = Origin { name: "cloudtrail".to_owned(), kind: SourceKind::CloudTrail, account_id: None, region: None };
    let source: Arc<dyn Source> = Arc::new(Directory::new(origin, dir.join("cloudtrail")));
    let begin = Instant::now();
    let mut lake = Lake::open_tuned(Arc::new(LocalFileSystem::new()), &url, tuning).await.expect("a lake");
    run(&mut lake, &[source], &Options { from: None, to: None }, &Silent).await.expect("a run");
    begin.elapsed()
}

/// Files of a table that its log names by now, and their bytes.
fn size(table: &Path) -> (usize, u64) {
    let entries = fs::read_dir(table.join("_delta_log")).expect("a log").map(|entry| entry.expect("an entry").path());
    let mut commits: Vec<_> = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    commits.sort_unstable();
    let mut files = BTreeMap::new();
    for commit in commits {
        for line in fs::read_to_string(commit).expect("a commit").lines() {
            let action: serde_json::Value = serde_json::from_str(line).expect("JSON");
            if let Some(path) = action["add"]["path"].as_str() {
                files.insert(path.to_owned(), action["add"]["size"].as_u64().expect("a size"));
            }
            if let Some(path) = action["remove"]["path"].as_str() {
                files.remove(path);
            }
        }
    }
    (files.len(), files.values().sum())
}
