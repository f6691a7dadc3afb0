//! Random estates, and the second opinion on them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::python::{python, root, run};
use super::rows::{Row, ndjson};

/// The KPIs with their grain.
pub const KPIS: [(&str, &[&str]); 7] = [
    ("kpi_weekly", &["week_start", "tier"]),
    ("kpi_duration", &["period_kind", "period_start", "tier"]),
    ("kpi_duration_histogram", &["period_kind", "period_start", "tier", "lower_seconds"]),
    ("kpi_mttt", &["period_kind", "period_start", "tier"]),
    ("kpi_coverage", &["observed_on", "account_id", "region", "tier"]),
    ("kpi_fleet_coverage", &["observed_on"]),
    ("kpi_evidence", &["week_start", "account_id"]),
];

/// The columns that name a row of a KPI, or of `sessions`.
pub fn key(table: &str) -> &'static [&'static str] {
    KPIS.iter().find(|(kpi, _)| *kpi == table).map_or(&["account_id", "region", "session_id"], |(_, key)| key)
}

/// Makes the random estate of this seed in `dir`.
pub fn make(dir: &Path, seed: u64) {
    run(Command::new(python()).arg(root().join("tests/reference/estate.py")).args(["--seed", &seed.to_string(), "--out"]).arg(dir));
}

/// What the reference says of the estate in `dir`: rows by table, and its `as_of`.
///
/// # Panics
/// Where the reference fails.
pub fn second_opinion(dir: &Path, as_of: Option<&str>) -> (Vec<(&'static str, Vec<Row>)>, String) {
    let out: PathBuf = dir.join("reference");
    let mut command = Command::new(python());
    command.arg(root().join("tests/reference/reference.py")).arg("--config").arg(dir.join("sessiontrail.toml")).arg("--out").arg(&out);
    if let Some(as_of) = as_of {
        command.args(["--as-of", as_of]);
    }
    run(&mut command);
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let tables = std::iter::once("sessions").chain(KPIS.iter().map(|(name, _)| *name)).map(|name| (name, ndjson(&read(&format!("{name}.ndjson"))))).collect();
    let meta: serde_json::Value = serde_json::from_str(&read("meta.json")).expect("meta.json is JSON");
    (tables, meta["as_of"].as_str().unwrap_or_default().to_owned())
}
