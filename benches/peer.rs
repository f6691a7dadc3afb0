//! What a user would use instead: each is a part of `peer.py`, in a virtual environment under cargo's target directory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::product::run;

/// Seconds that a peer says it took.
pub(crate) fn peer(name: &str, arguments: &[&str]) -> Duration {
    Duration::from_secs_f64(said(name, arguments)["seconds"].as_f64().expect("seconds"))
}

/// The most memory that a command took, in MiB.
pub(crate) fn peak_mib(command: &Command) -> f64 {
    let folder = command.get_current_dir().expect("the command has a folder").to_string_lossy().into_owned();
    let mut arguments = vec![folder, command.get_program().to_string_lossy().into_owned()];
    arguments.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    said("peak", &arguments)["kib"].as_f64().expect("kib") / 1024.0
}

fn said(name: &str, arguments: &[&str]) -> serde_json::Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peer.py");
    let output = Command::new(python()).arg(script).arg(name).args(arguments).output().expect("Python starts");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a peer answers in JSON")
}

fn python() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    let wanted = include_str!("requirements.txt");
    let stamp = home.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return home.join("bin/python");
    }
    let _ = std::fs::remove_dir_all(&home);
    run(Command::new("python3").args(["-m", "venv"]).arg(&home));
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/requirements.txt");
    run(Command::new(home.join("bin/python")).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(requirements));
    std::fs::write(&stamp, wanted).expect("the target directory can be written");
    home.join("bin/python")
}
