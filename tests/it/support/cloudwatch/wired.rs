//! The binary and the AWS CLI, with credentials that nobody checks.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::python::python;
use crate::support::trail::{Ran, trail};

const CREDENTIALS: [(&str, &str); 3] = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")];

/// Runs the binary in a folder.
///
/// # Panics
/// Where it could not be started.
pub fn ran(dir: &Path, args: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = trail(dir).envs(CREDENTIALS).args(args).output().expect("the binary starts");
    Ran { code: status.code(), stdout: String::from_utf8(stdout).expect("stdout is UTF-8"), stderr: String::from_utf8(stderr).expect("stderr is UTF-8") }
}

/// Ingests, which must end with this code; gives what people are told.
///
/// # Panics
/// Where it ends otherwise.
pub fn ingest(dir: &Path, more: &[&str], code: i32) -> String {
    let ran = ran(dir, &[&["ingest"], more].concat());
    assert_eq!(ran.code, Some(code), "{}\n{}", ran.stdout, ran.stderr);
    ran.stderr
}

/// Runs `aws logs …` against an endpoint; gives its exit code, what it printed and what it complained of.
///
/// # Panics
/// Where the CLI could not be started.
pub fn aws(url: &str, region: &str, args: &[&str]) -> Ran {
    let mut command = Command::new(python().with_file_name("aws"));
    command.env_clear().envs(CREDENTIALS).env("AWS_DEFAULT_REGION", region).env("HOME", "/nonexistent");
    command.args(["--endpoint-url", url, "--output", "json", "logs"]).args(args);
    let Output { status, stdout, stderr } = command.output().expect("the AWS CLI starts");
    Ran { code: status.code(), stdout: String::from_utf8_lossy(&stdout).into_owned(), stderr: String::from_utf8_lossy(&stderr).into_owned() }
}

/// The same; it must succeed, and prints JSON or nothing.
///
/// # Panics
/// Where it fails.
pub fn must_aws(url: &str, region: &str, args: &[&str]) -> serde_json::Value {
    let ran = aws(url, region, args);
    assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.stderr);
    if ran.stdout.trim().is_empty() { serde_json::Value::Null } else { serde_json::from_str(&ran.stdout).expect("the CLI prints JSON") }
}
