//! Python, with what the suites need from PyPI, in a virtual environment under cargo's target directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The interpreter of the virtual environment, which the first caller makes.
///
/// # Panics
/// Where Python 3 is missing or PyPI cannot be reached: the message says what to install.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let requirements = root().join("tests/requirements.txt");
        let wanted = std::fs::read_to_string(&requirements).expect("tests/requirements.txt is part of the project");
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let (python, stamp) = (home.join("bin/python"), home.join("installed.txt"));
        if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return python;
        }
        let _ = std::fs::remove_dir_all(&home);
        let made = Command::new("python3").args(["-m", "venv"]).arg(&home).output();
        assert!(made.is_ok_and(|made| made.status.success()), "the suites need Python 3 with venv: install python3 and python3-venv");
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&requirements));
        std::fs::write(&stamp, wanted).expect("the target directory can be written");
        python
    })
}

/// Runs a command that must succeed.
///
/// # Panics
/// Where it does not, with what it said.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} could not be started: {error}"));
    assert!(output.status.success(), "{command:?} failed:\n{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output
}
