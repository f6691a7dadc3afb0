//! SQL as data: every view and every KPI is one file, with its meaning in its header and its proof beside it.
//!
//! ```text
//!   kpi/<id>.sql ── header ─▶ Query { id, question, unit, grain, columns … }
//!                └─ the rest ▶ one SELECT that runs as it is, ordered by its grain
//!   kpi/<id>.slt ── a small world and its truth, worked out by hand
//!   findings/<rule>.sql, .slt ── likewise, one rule each; findings/findings.sql puts them together
//!   report/<id>.sql  what a report asks of its period, which stands in it as $start, $end_at …; .slt where it works something out itself
//! ```
//!
//! This crate runs nothing and builds no SQL.

mod header;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use header::Header;

/// One view or KPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Its name, and that of the view and of the file.
    pub id: &'static str,
    /// What a reader wants to know.
    pub question: String,
    /// What the numbers count or measure.
    pub unit: String,
    /// The columns that name a row; a KPI is ordered by them.
    pub grain: Vec<String>,
    /// Name and meaning of every column, in order.
    pub columns: Vec<(String, String)>,
    /// What a reader must know to use it well; can be empty.
    pub caveats: String,
    /// The rules of `docs/rulings.md` that it follows, such as `R25`.
    pub rulings: Vec<String>,
    /// The parts of its `WITH` that are named more than once and come down to little: worked out once, and held in memory.
    pub held: Vec<String>,
    /// Of what a report asks: the KPI or table that says what its figures mean; else empty.
    pub definition: String,
    /// Of what a report asks: the tables without which it is left out.
    pub needs: Vec<String>,
    /// The whole file: header and statement.
    pub sql: &'static str,
}

impl Query {
    fn new(id: &'static str, sql: &'static str) -> Self {
        let Header { question, unit, grain, mut columns, like, caveats, rulings, held, definition, needs } = Header::parse(sql);
        // What a table's contract says of its columns is written once, there.
        if let Some(table) = like.and_then(|like| schemas::table::STORED.into_iter().chain([&schemas::table::SHOWN]).find(|table| table.name == like)) {
            columns = table.columns.iter().map(|column| (column.name.to_owned(), column.doc.to_owned())).collect();
        }
        Self { id, question, unit, grain, columns, caveats, rulings, held, definition, needs, sql }
    }

    /// The statement without the comment at its head.
    #[must_use]
    pub fn statement(&self) -> &'static str {
        let head: usize = self.sql.split_inclusive('\n').take_while(|line| line.starts_with("--")).map(str::len).sum();
        self.sql.get(head..).unwrap_or_default()
    }
}

macro_rules! catalogue {
    ($($folder:literal / $id:literal),* $(,)?) => {
        vec![$(Query::new($id, include_str!(concat!("../", $folder, "/", $id, ".sql")))),*]
    };
}

/// Definitions that others share, each after those it needs.
pub static VIEWS: LazyLock<Vec<Query>> = LazyLock::new(|| {
    catalogue![
        "views" / "events",
        "views" / "activity",
        "views" / "api_calls",
        "views" / "tiers",
        "views" / "gaps",
        "views" / "standing_rejects",
        "views" / "transcript_gaps",
        "views" / "exceptions_expiring",
        "views" / "preference_changes",
        "views" / "rules",
        "views" / "controls",
    ]
});

/// The rules of the findings, one file each, and what they come to together.
pub static FINDINGS: LazyLock<Vec<Query>> = LazyLock::new(|| {
    catalogue![
        "findings" / "session_over_max",
        "findings" / "session_over_idle",
        "findings" / "slow_termination",
        "findings" / "outlived_stricter_policy",
        "findings" / "transcript_missing",
        "findings" / "document_bypass",
        "findings" / "prefs_changed",
        "findings" / "maxdur_unset",
        "findings" / "maxdur_too_long",
        "findings" / "idle_too_long",
        "findings" / "logging_off",
        "findings" / "log_unencrypted",
        "findings" / "session_unencrypted",
        "findings" / "log_bucket_mutable",
        "findings" / "one_size_policy",
        "findings" / "not_managed",
        "findings" / "owner_untagged",
        "findings" / "findings",
    ]
});

/// The KPIs of the contract.
pub static KPIS: LazyLock<Vec<Query>> = LazyLock::new(|| {
    catalogue![
        "kpi" / "kpi_weekly",
        "kpi" / "kpi_duration",
        "kpi" / "kpi_duration_histogram",
        "kpi" / "kpi_mttt",
        "kpi" / "kpi_coverage",
        "kpi" / "kpi_fleet_coverage",
        "kpi" / "kpi_evidence",
        "kpi" / "kpi_quarterly",
        "kpi" / "kpi_quarterly_summary",
        "kpi" / "kpi_owner",
    ]
});

/// What a report asks of its period. They are no views: where the period begins and ends is put in their place before they are asked.
pub static REPORT: LazyLock<Vec<Query>> = LazyLock::new(|| {
    catalogue![
        "report" / "anomalies",
        "report" / "cost",
        "report" / "coverage",
        "report" / "coverage_by_account",
        "report" / "duration_histogram",
        "report" / "durations",
        "report" / "durations_trend",
        "report" / "evidence",
        "report" / "exceptions",
        "report" / "findings",
        "report" / "findings_and_controls",
        "report" / "findings_by_rule",
        "report" / "findings_open",
        "report" / "missing_evidence",
        "report" / "open_sessions",
        "report" / "preference_changes",
        "report" / "quarters",
        "report" / "sampling",
        "report" / "sources",
        "report" / "survival",
        "report" / "tiers",
        "report" / "time_to_terminate",
        "report" / "transcript_gaps",
        "report" / "transcripts",
        "report" / "violations",
        "report" / "violations_by_account",
        "report" / "violations_by_owner",
        "report" / "violations_by_team",
        "report" / "weeks",
    ]
});

/// Every view and KPI.
pub fn all() -> impl Iterator<Item = &'static Query> {
    VIEWS.iter().chain(FINDINGS.iter()).chain(KPIS.iter())
}

/// What `ingest` publishes beside `sessions`: the findings, and the KPIs, which ask them.
pub fn published() -> impl Iterator<Item = &'static Query> {
    FINDINGS.iter().filter(|query| query.id == "findings").chain(KPIS.iter())
}

/// The view or KPI of this name.
#[must_use]
pub fn find(id: &str) -> Option<&'static Query> {
    all().find(|query| query.id == id)
}
