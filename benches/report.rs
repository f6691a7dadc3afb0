//! Reports: 50,000 sessions of a year, each report a whole process, in every form. As published, and worked out anew as after an edit of the policy.
//!
//! `SESSIONTRAIL_BENCH_REPORTED` says how many sessions.

use std::fs;
use std::path::Path;

use crate::corpus::{corpus, sessions_of};
use crate::product::{ingest, product, run};
use crate::{fastest, line};

const YEAR: i64 = 52 * 7 * 86_400;

pub(crate) fn bench() {
    let count = std::env::var("SESSIONTRAIL_BENCH_REPORTED").ok().and_then(|count| count.parse().ok()).unwrap_or(50_000);
    let year = corpus(&format!("year-{count}"), |dir| sessions_of(dir, count, YEAR));
    if !year.dir.join("lake").is_dir() {
        ingest(&year.dir);
    }
    edited(&year.dir);
    for (way, configuration) in [("as published", "sessiontrail.toml"), ("from the facts", "edited.toml")] {
        for kind in ["weekly", "quarterly"] {
            let took = fastest(|| {
                let out = year.dir.join("reports");
                let _ = fs::remove_dir_all(&out);
                run(product(&year.dir).args(["report", kind, "--config", configuration, "--quiet", "--out"]).arg(&out))
            });
            line(&format!("report {kind}, {way}"), took, count, "sessions");
        }
    }
}

/// A configuration whose answers are the same and were never published.
fn edited(dir: &Path) {
    let text = |file: &str| fs::read_to_string(dir.join(file)).expect("a file");
    fs::write(dir.join("edited.toml"), text("sessiontrail.toml").replace("policy.toml", "edited-policy.toml")).expect("a file");
    fs::write(dir.join("edited-policy.toml"), format!("# edited\n{}", text("policy.toml"))).expect("a file");
}
