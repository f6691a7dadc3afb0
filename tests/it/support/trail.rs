//! The product's binary, in an environment that nothing of the machine leaks into.

use std::path::Path;
use std::process::{Command, Output};

/// The binary, in the folder `dir`, with nothing of the machine's environment.
pub fn trail(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sessiontrail"));
    command.current_dir(dir).env_clear().env("TZ", "Pacific/Auckland").env("COLUMNS", "120");
    command
}

/// What a run of the binary left.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// What could be piped.
    pub stdout: String,
    /// What people are told.
    pub stderr: String,
}

/// Runs the binary with these arguments.
///
/// # Panics
/// Where it could not be started.
pub fn ran(dir: &Path, args: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = trail(dir).args(args).output().expect("the binary starts");
    Ran { code: status.code(), stdout: String::from_utf8(stdout).expect("stdout is UTF-8"), stderr: String::from_utf8(stderr).expect("stderr is UTF-8") }
}

/// Runs the binary, which must end with one of these codes, and gives its stdout.
///
/// # Panics
/// Where it ends otherwise, with what it said.
pub fn must(dir: &Path, args: &[&str], codes: &[i32]) -> String {
    let ran = ran(dir, args);
    assert!(ran.code.is_some_and(|code| codes.contains(&code)), "{args:?} ended with {:?}:\n{}\n{}", ran.code, ran.stdout, ran.stderr);
    ran.stdout
}
