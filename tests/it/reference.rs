//! The second opinion has worlds of its own, worked out by hand: they must hold before it may judge anything.

use std::process::Command;

use crate::support::python::{python, root, run};

#[test]
fn the_worlds_of_the_reference_hold() {
    let folder = root().join("tests/reference");
    let ran = run(Command::new(python()).args(["-m", "unittest", "discover", "--pattern", "test_*.py", "--start-directory"]).arg(&folder));
    // unittest ends well where it finds nothing.
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    let count = said.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse::<u32>().ok());
    assert!(count >= Some(40), "{said}");
}
