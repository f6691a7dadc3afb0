//! CloudTrail `.json.gz` to session events in Parquet: against ClickHouse and DuckDB doing the same, and libdeflate's plain inflate.

use crate::corpus::{corpus, trail};
use crate::peer::peer;
use crate::product::ingest;
use crate::{fastest, line, ratio};

pub(crate) fn bench() {
    // A busy organisation: 1 % of the calls are of sessions.
    let corpus = corpus("trail", |dir| trail(dir, 400, 2_000, 1));
    let megabytes = corpus.bytes / 1_000_000;
    println!("{} files, {megabytes} MB of JSON", corpus.files);
    let folder = corpus.dir.join("cloudtrail").to_string_lossy().into_owned();
    let out = corpus.dir.join("peer.parquet").to_string_lossy().into_owned();
    let ours = fastest(|| ingest(&corpus.dir));
    line("sessiontrail ingest, whole process", ours, megabytes, "MB");
    for (name, what) in [
        ("inflate", "libdeflate, plain inflate, 1 thread"),
        ("duckdb_trail", "DuckDB, the same calls as Parquet"),
        ("clickhouse_trail", "ClickHouse, the same calls as Parquet"),
    ] {
        let arguments: &[&str] = if name == "inflate" { &[&folder] } else { &[&folder, &out] };
        let took = fastest(|| peer(name, arguments));
        line(what, took, megabytes, "MB");
        ratio("sessiontrail against it", took, ours);
    }
}
