//! The product, as a whole process.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The product's binary in a folder that holds a configuration.
pub(crate) fn product(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sessiontrail"));
    command.current_dir(dir).env_clear();
    command
}

/// Ingests into a new lake.
pub(crate) fn ingest(dir: &Path) -> Duration {
    let _ = std::fs::remove_dir_all(dir.join("lake"));
    run(product(dir).args(["ingest", "--quiet"]))
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) -> Duration {
    let begin = Instant::now();
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} could not be started: {error}"));
    let took = begin.elapsed();
    assert!(output.status.success(), "{command:?} failed:\n{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    took
}
