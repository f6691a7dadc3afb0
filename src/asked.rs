//! Every question that the door itself asks of the ledger, in one place.

use queries::Query;
use schemas::Timestamp;

/// Open sessions over their limit, the longest first; whoever is certainly over it before who may be.
pub(crate) const OVER_LIMIT: &str = "\
SELECT session_id, account_id, region, target_id, principal_name, owner, tier, max_duration_seconds, over_limit_at, over_limit_certainty, ghost
FROM sessions WHERE status = 'open' AND over_limit_certainty IS NOT NULL
ORDER BY over_limit_certainty, over_limit_at, account_id, region, session_id";

/// What is known of each source: objects, and the newest time in them.
pub(crate) const FRESHNESS: &str = "\
SELECT source, count(*) AS objects, sum(events) AS events, max(newest_event_at) AS newest_event_at, max(vouched_at) AS vouched_at
FROM objects GROUP BY source ORDER BY source";

/// Rejects by cause, with one of them; not those of versions that have since been replaced.
pub(crate) const REJECTS: &str = "\
SELECT code, source, count(*) AS rejects, min(object) AS object FROM standing_rejects GROUP BY code, source ORDER BY code, source";

/// What could be named and not be read.
pub(crate) const GAPS: &str = "SELECT source, place, cause, detail FROM gaps ORDER BY source, place, cause";

/// Snapshots that do not say what the fleet is, by source, with one of them.
pub(crate) const UNANSWERED: &str = "\
SELECT source, count(*) AS snapshots, first_value(detail ORDER BY place) AS detail, min(place) AS place FROM gaps WHERE cause = 'unanswered' GROUP BY source ORDER BY source";

/// Accounts whose snapshots one source holds and that source holds no other's: its profile is that account's.
pub(crate) const ACCOUNTS: &str = "\
SELECT source, min(account_id) AS account_id FROM observations GROUP BY source HAVING count(DISTINCT account_id) = 1 ORDER BY source";

/// Changes of the preferences in the week before, each with its finding; one that only observations show has none.
pub(crate) const PREFERENCE_CHANGES: &str = "\
SELECT changes.event_time, changes.account_id, changes.region, changes.event_name, changes.principal_arn, changes.version_before, changes.version_after, changes.changes,
    changes.coverage_before, changes.coverage_after, found.finding_id, found.closed_at
FROM preference_changes AS changes
LEFT JOIN findings AS found
    ON found.rule = 'PREFS-CHANGED' AND found.account_id = changes.account_id AND found.region = changes.region AND found.subject = changes.event_id
WHERE changes.event_time >= as_of() - INTERVAL '7 days'
ORDER BY changes.event_time, changes.account_id, changes.region, changes.event_name, changes.event_id";

/// Exceptions of the policy in force that end soon.
pub(crate) const EXPIRING: &str = "SELECT owner, until_at, days_left, reason, matchers FROM exceptions_expiring ORDER BY until_at, owner, from_at, reason";

/// Findings that are open, the gravest first.
pub(crate) const OPEN_FINDINGS: &str = "\
SELECT severity, rule, count(*) AS findings, sum(CASE WHEN certainty = 'suspected' THEN 1 ELSE 0 END) AS suspected, min(opened_at) AS oldest
FROM findings WHERE closed_at IS NULL GROUP BY severity, rule
ORDER BY CASE severity WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, rule";

/// The ids of the findings that were opened at this time or later.
pub(crate) fn findings_since(since: Timestamp) -> String {
    format!("SELECT finding_id FROM findings WHERE opened_at >= '{since}' ORDER BY opened_at, finding_id")
}

/// These findings, as notices tell them.
pub(crate) fn findings(ids: &[String]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
    format!(
        "SELECT finding_id, rule, severity, certainty, account_id, region, subject_kind, subject, session_id, tier, owner, opened_at, closed_at, closed_by, detail, controls \
         FROM findings WHERE finding_id IN ({}) ORDER BY opened_at, finding_id",
        ids.join(", ")
    )
}

/// What is published beside the KPIs.
pub(crate) const SESSIONS: &str = "SELECT * FROM sessions ORDER BY account_id, region, session_id";

/// A KPI as a table, in the order of its grain: as a table its columns say what they mean, in Parquet too.
pub(crate) fn kpi(kpi: &Query) -> String {
    format!("SELECT * FROM {} ORDER BY {}", kpi.id, kpi.grain.join(", "))
}

/// The KPIs as the demo shows them: the last weeks or days over everything.
pub(crate) const SHOWN: [(&str, &str); 5] = [
    (
        "Who is over the limit, week by week (kpi_weekly, all tiers together)",
        "SELECT week, sessions_started, over_limit_active, over_limit_new, over_limit_possible, round(over_limit_hours, 1) AS over_limit_hours, over_limit_open_at_end \
         FROM kpi_weekly WHERE tier = '(all)' ORDER BY week_start",
    ),
    (
        "How fast such sessions end (kpi_mttt, by quarter)",
        "SELECT period_start, violations, terminated, still_open, round(p50_seconds / 3600, 1) AS p50_hours, round(rmst_seconds / 3600, 1) AS rmst_hours, within_target \
         FROM kpi_mttt WHERE tier = '(all)' AND period_kind = 'quarter' ORDER BY period_start",
    ),
    (
        "How long sessions last (kpi_duration, by month)",
        "SELECT period_start, n, round(p50_seconds / 60, 1) AS p50_minutes, round(p95_seconds / 60, 1) AS p95_minutes, round(max_seconds / 3600, 1) AS max_hours, lost \
         FROM kpi_duration WHERE tier = '(all)' AND period_kind = 'month' ORDER BY period_start",
    ),
    (
        "Which instances the limits cover (kpi_fleet_coverage, by week)",
        "SELECT observed_on, instances, covered, round(coverage_percent, 1) AS coverage_percent, not_managed, no_max_duration, max_duration_too_long \
         FROM kpi_fleet_coverage WHERE extract(dow FROM observed_on) = 1 ORDER BY observed_on",
    ),
    (
        "What was found, by rule (findings)",
        "SELECT rule, severity, count(*) AS found, count(*) FILTER (WHERE closed_at IS NULL) AS still_open, min(opened_at) AS first_opened_at \
         FROM findings GROUP BY rule, severity ORDER BY severity, rule",
    ),
];

/// What the policy is asked about a session.
pub(crate) fn session(session_id: &str) -> String {
    let id = quoted(session_id);
    format!(
        "SELECT account_id, region, target_id, document_name, principal_arn, tags, started_at FROM sessions WHERE session_id = {id} ORDER BY account_id, region"
    )
}

/// What the policy is asked about an instance: its newest listing in each account and region.
pub(crate) fn instance(instance_id: &str) -> String {
    let id = quoted(instance_id);
    format!(
        "SELECT account_id, region, tags, observed_at FROM instances AS listed WHERE instance_id = {id} AND observed_at = \
         (SELECT max(observed_at) FROM instances AS newest WHERE newest.instance_id = {id} AND newest.account_id = listed.account_id AND newest.region = listed.region) \
         ORDER BY account_id, region, listed_by"
    )
}

/// A text as SQL writes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_quotes() {
        assert!(session("x' OR 'a' = 'a").contains("session_id = 'x'' OR ''a'' = ''a' ORDER"));
    }
}
