//! Speed and size, side by side with what a user would use instead: every line is a ratio of two figures of the same run.
//!
//! ```text
//! cargo bench                  # all of them
//! cargo bench -- trail logs    # these: trail, logs, ask, growth, decode, fleet, state, wire, report, layout
//! ```
//!
//! Each figure is the fastest of [`RUNS`] whole processes, but for the peers that work in memory, which are timed inside of theirs: that
//! favours the peer. Results are kept, with date and machine, in `docs/benchmarks.md`.
#![allow(missing_debug_implementations, reason = "nobody outside of this binary sees it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench talks to its one user, and ends where something is wrong"
)]

mod ask;
mod corpus;
mod decode;
mod fleet;
mod growth;
mod layout;
mod logs;
mod peer;
mod product;
#[path = "../src/demo/random.rs"]
#[allow(dead_code, reason = "the demo uses more of it")]
mod random;
mod report;
#[path = "../tests/it/support/s3/mod.rs"]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the suites use more of it")]
mod s3;
mod state;
mod trail;
mod wire;

use std::time::Duration;

/// How often each figure is taken; the fastest counts.
const RUNS: usize = 3;

fn main() {
    // Cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let benches: [(&str, fn()); 10] = [
        ("trail", trail::bench),
        ("logs", logs::bench),
        ("ask", ask::bench),
        ("growth", growth::bench),
        ("decode", decode::bench),
        ("fleet", fleet::bench),
        ("state", state::bench),
        ("wire", wire::bench),
        ("report", report::bench),
        ("layout", layout::bench),
    ];
    for stranger in wanted.iter().filter(|name| benches.iter().all(|(known, _)| known != name)) {
        println!("there is no bench {stranger:?}");
    }
    for (name, bench) in benches {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            println!("\n== {name}");
            bench();
        }
    }
}

/// The fastest of [`RUNS`] goes.
fn fastest(mut go: impl FnMut() -> Duration) -> Duration {
    (0..RUNS).map(|_| go()).min().unwrap_or_default()
}

/// One line: what, how long, how much of it in a second.
fn line(what: &str, took: Duration, amount: u64, unit: &str) {
    println!("{what:<52} {:>9.3} s {:>12.1} {unit}/s", took.as_secs_f64(), amount as f64 / took.as_secs_f64());
}

/// The ratio that a goal speaks of.
fn ratio(what: &str, peer: Duration, ours: Duration) {
    println!("  → {what}: {:.2} ×", peer.as_secs_f64() / ours.as_secs_f64());
}
