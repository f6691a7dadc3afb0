//! Ten times the input: time against ten times the time, and the peak of memory, which must not grow.

use crate::corpus::{corpus, logs, trail};
use crate::peer::peak_mib;
use crate::product::{ingest, product};
use crate::{fastest, line};

pub(crate) fn bench() {
    let sizes = [1, 10].map(|times| {
        let corpus = corpus(&format!("growth-{times}"), |dir| {
            let (trail_bytes, trail_files) = trail(dir, 60 * times, 1_000, 10);
            let (logs_bytes, logs_files) = logs(dir, 100 * times, 400);
            (trail_bytes + logs_bytes, trail_files + logs_files)
        });
        let took = fastest(|| ingest(&corpus.dir));
        line(&format!("ingest, {} files, {} MB", corpus.files, corpus.bytes / 1_000_000), took, corpus.bytes / 1_000_000, "MB");
        let _ = std::fs::remove_dir_all(corpus.dir.join("lake"));
        println!("  peak of memory: {:.0} MiB", peak_mib(product(&corpus.dir).args(["ingest", "--quiet"])));
        took
    });
    println!("  → ten times the input takes {:.1} × the time", sizes[1].as_secs_f64() / sizes[0].as_secs_f64());
}
