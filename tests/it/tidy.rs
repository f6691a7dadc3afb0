//! The house keeps its own order: which room may know which, how large a file may grow, and one version of what must agree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::python::root;

/// The rooms of ours that each room may know, and what of the outside world it must never touch.
const ROOMS: [(&str, &[&str], &[&str]); 9] = [
    ("schemas", &[], &["tokio", "object_store", "deltalake", "datafusion", "parquet", "serde_json"]),
    ("ingest/sessions", &["schemas"], &["tokio", "object_store", "deltalake", "datafusion", "parquet", "rand", "tracing", "jiff"]),
    ("ingest/policy", &["schemas"], &["tokio", "object_store", "deltalake", "datafusion", "parquet", "arrow", "rand"]),
    ("queries", &["schemas"], &["tokio", "object_store", "deltalake", "datafusion", "parquet", "arrow"]),
    ("ingest", &["schemas", "sessions"], &["datafusion", "clap", "indicatif"]),
    ("analyze", &["schemas", "queries", "policy", "sessions", "report"], &["clap", "indicatif", "rayon"]),
    ("report", &["schemas"], &["tokio", "object_store", "deltalake", "datafusion", "parquet", "arrow", "rand"]),
    ("deliver", &["schemas"], &["deltalake", "datafusion", "parquet", "arrow", "clap"]),
    (".", &["analyze", "deliver", "ingest", "policy", "queries", "report", "schemas", "sessions"], &["deltalake", "datafusion", "parquet"]),
];

const OURS: [&str; 8] = ["schemas", "sessions", "policy", "ingest", "queries", "analyze", "report", "deliver"];

#[test]
fn every_room_knows_only_the_rooms_that_the_picture_allows() {
    for (room, allowed, forbidden) in ROOMS {
        let manifest = read(&root().join(room).join("Cargo.toml"));
        let dependencies = dependencies(&manifest);
        for dependency in &dependencies {
            assert!(!OURS.contains(&dependency.as_str()) || allowed.contains(&dependency.as_str()), "{room} must not know {dependency}");
            assert!(!forbidden.contains(&dependency.as_str()), "{room} must not touch {dependency}");
        }
    }
}

/// Names under `[dependencies]`.
fn dependencies(manifest: &str) -> Vec<String> {
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    section.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty() && !name.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn no_file_outgrows_what_can_be_read_in_one_go() {
    const LONGEST: usize = 400;
    for path in sources().into_iter().chain(below(&["tests/reference", "benches"], "py")) {
        let text = read(&path);
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//") && !line.trim_start().starts_with('#')).count();
        assert!(lines <= LONGEST, "{} has {lines} lines of code; {LONGEST} is the end", path.display());
    }
}

#[test]
fn every_file_says_what_it_is() {
    for path in sources() {
        assert!(read(&path).starts_with("//!"), "{} does not begin with a word on what it is", path.display());
    }
}

#[test]
fn what_must_agree_is_there_in_one_version() {
    let lock = read(&root().join("Cargo.lock"));
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |name: &str| package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = ")).unwrap_or_default().trim_matches('"');
        versions.entry(field("name")).or_default().push(field("version"));
    }
    for name in ["arrow", "arrow-schema", "parquet", "datafusion", "object_store", "deltalake-core"] {
        assert_eq!(versions.get(name).map(Vec::len), Some(1), "{name}: {:?}", versions.get(name));
    }
}

#[test]
fn pure_rooms_have_a_linter_of_their_own() {
    for room in ["schemas", "ingest/sessions", "ingest/policy", "queries", "report"] {
        let rules = read(&root().join(room).join("clippy.toml"));
        for forbidden in ["std::time::SystemTime::now", "std::env::var", "std::fs::read"] {
            assert!(rules.contains(forbidden), "{room}/clippy.toml does not forbid {forbidden}");
        }
    }
}

#[test]
fn nothing_depends_on_the_workplace() {
    for path in sources().into_iter().chain(pages()) {
        let text = read(&path);
        for word in [["sha", "red/fix"].concat(), ["/wo", "rk/"].concat(), [".lib", "rary"].concat()] {
            assert!(!text.contains(&word), "{} names {word}", path.display());
        }
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sources() -> Vec<PathBuf> {
    below(
        &[
            "src",
            "schemas/src",
            "ingest/src",
            "ingest/sessions/src",
            "ingest/policy/src",
            "queries/src",
            "analyze/src",
            "report/src",
            "deliver/src",
            "tests/it",
            "benches",
        ],
        "rs",
    )
}

fn pages() -> Vec<PathBuf> {
    let mut pages = below(&["docs", "queries", "tests/reference"], "");
    pages.extend(["README.md", "ARCHITECTURE.md", "Cargo.toml"].map(|page| root().join(page)));
    pages.retain(|page| page.extension().is_some_and(|kind| ["md", "sql", "slt", "py", "toml"].iter().any(|known| kind == *known)));
    pages
}

fn below(folders: &[&str], kind: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if kind.is_empty() || path.extension().is_some_and(|found| found == kind) {
                found.push(path);
            }
        }
    }
    found
}
