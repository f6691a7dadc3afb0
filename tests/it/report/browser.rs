//! Reports in Chromium, wide and on a phone, by day and by night, on screen and on paper: everything can be read, nothing lies on anything, and the page asks
//! nobody for anything.
//!
//! Not for `cargo test`, which needs no browser: `.ci/run` installs one and runs these. By hand: `cargo test --test it -- --ignored browser`.

use std::path::{Path, PathBuf};

use super::{demo, late, looked_at, write};
use crate::support::trail::must;

/// Pictures of each look, for whoever wants to see.
fn pictures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("looks").join(name)
}

/// Where Chromium is.
fn chromium() -> PathBuf {
    let path = std::env::var_os("PATH").expect("a PATH");
    let named = |folder: PathBuf| ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name));
    let found = std::env::split_paths(&path).flat_map(named).find(|file| file.is_file());
    found.expect("these suites need Chromium: apt-get install chromium")
}

fn look(name: &str, folders: &[PathBuf]) {
    let (chromium, pictures) = (chromium(), pictures(name));
    let pages: Vec<PathBuf> = folders.iter().map(|folder| folder.join("report.html")).collect();
    let mut args = vec![chromium.as_path(), pictures.as_path()];
    args.extend(pages.iter().map(PathBuf::as_path));
    looked_at("browser.py", &args);
}

#[test]
#[ignore = "needs Chromium (apt-get install chromium); .ci/run runs it"]
fn browser_shows_reports_that_can_be_read() {
    let out = tempfile::tempdir().expect("a folder");
    let reports: [&[&str]; 4] = [&["weekly"], &["weekly", "--period", "2026-W20"], &["quarterly"], &["quarterly", "--period", "2026-Q1"]];
    let folders: Vec<PathBuf> = reports.iter().map(|args| write(demo(), out.path(), args)).collect();
    look("demo", &folders);
}

#[test]
#[ignore = "needs Chromium (apt-get install chromium); .ci/run runs it"]
fn browser_obeys_nothing_that_a_report_tells() {
    let world = late::world();
    must(world.path(), &["ingest", "--quiet"], &[0, 3]);
    let out = world.path().join("reports");
    let folders = [write(world.path(), &out, &["weekly", "--period", "2026-W28"]), write(world.path(), &out, &["quarterly"])];
    look("hostile", &folders);
}
