//! One row of `sessions`: facts, conclusion, and what the policy says of them.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::error::ArrowError;
use policy::{Limits as PolicyLimits, Policy, Subject};
use schemas::{Tier, Timestamp, table};
use sessions::conclude::{Conclusion, Context, Limits, Verdict, conclude, judge};
use sessions::reconstruct::{EndMethod, Facts, StartMethod};

use super::fleet::{Fleet, Tags};

/// What every row is judged by.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) context: Context,
    pub(super) policy: Arc<Policy>,
    pub(super) fleet: Fleet,
}

struct Row<'b> {
    facts: Facts,
    conclusion: Conclusion,
    verdict: Verdict,
    tags: Option<Arc<Tags>>,
    tier: Option<&'b str>,
    limits: PolicyLimits,
    automation: bool,
    outlived: bool,
}

impl Bench {
    fn row(&self, facts: Facts) -> Row<'_> {
        let conclusion = conclude(&facts, &self.context);
        let tags = match (&facts.account_id, &facts.region, &facts.target_id, facts.started_at) {
            (Some(account_id), Some(region), Some(target_id), Some(at)) => self.fleet.tags_at(account_id, region, target_id, at).cloned(),
            _ => None,
        };
        let subject = Subject {
            principal_arn: facts.principal_arn.as_deref(),
            account_id: facts.account_id.as_deref(),
            region: facts.region.as_deref(),
            target_id: facts.target_id.as_deref(),
            document_name: facts.document_name.as_deref(),
            tags: tags.as_ref().map(|tags| &tags.map),
        };
        let ruling = facts.started_at.and_then(|at| self.policy.rule(&subject, at));
        let limits = ruling.as_ref().map(|ruling| ruling.limits).unwrap_or_default();
        let automation = facts.principal_arn.as_deref().is_some_and(|arn| self.policy.is_automation(arn));
        let own = Limits {
            max_duration_seconds: limits.max_duration_seconds,
            idle_timeout_seconds: limits.idle_timeout_seconds,
            grace_seconds: self.policy.grace_seconds(),
            break_glass: ruling.as_ref().is_some_and(|ruling| ruling.break_glass),
            automation,
        };
        let outlived = facts.started_at.is_some_and(|at| {
            let since = ruling.as_ref().map(|ruling| ruling.version.effective_from());
            let later = self.policy.versions().iter().filter(|version| since.is_none_or(|since| version.effective_from() > since));
            later.into_iter().any(|version| conclusion.outlived(at, &own, version.effective_from(), version.rule(&subject, at).limits.max_duration_seconds))
        });
        let verdict = judge(&facts, &conclusion, &own, self.context.as_of);
        let tier = ruling.map(|ruling| ruling.tier);
        Row { verdict, tier, limits, automation, outlived, tags, conclusion, facts }
    }

    /// The rows of `sessions` for these facts, in their order.
    pub(super) fn sessions(&self, facts: Vec<Facts>) -> Result<RecordBatch, ArrowError> {
        let names = self.policy.tag_names();
        let rows: Vec<Row<'_>> = facts.into_iter().map(|facts| self.row(facts)).collect();
        let tag = |name: &str| text(&rows, |row| row.tags.as_ref()?.map.get(name).map(String::as_str));
        let columns: Vec<ArrayRef> = vec![
            text(&rows, |row| Some(&row.facts.session_id)),
            text(&rows, |row| row.facts.account_id.as_deref()),
            text(&rows, |row| row.facts.region.as_deref()),
            text(&rows, |row| row.facts.target_id.as_deref()),
            text(&rows, |row| row.facts.document_name.as_deref()),
            text(&rows, |_| None),
            text(&rows, |row| Some(row.conclusion.session_type)),
            text(&rows, |row| row.facts.principal_arn.as_deref()),
            text(&rows, |row| row.facts.principal_arn.as_deref().and_then(principal_name)),
            text(&rows, |row| Some(principal_class(row))),
            truth(&rows, |row| row.facts.mfa),
            text(&rows, |row| row.facts.run_as_user.as_deref()),
            text(&rows, |row| row.facts.reason.as_deref()),
            text(&rows, |row| row.facts.source_ip.as_deref()),
            text(&rows, |row| row.facts.access_type.as_deref()),
            number(&rows, |row| Some(row.facts.resumes)),
            text(&rows, |row| row.facts.service_status.as_deref()),
            tag(&names.environment),
            tag(&names.owner),
            tag(&names.cost_center),
            text(&rows, |row| row.tags.as_ref().map(|tags| tags.json.as_str())),
            instant(&rows, |row| row.facts.started_at),
            text(&rows, |row| row.facts.start_method.map(StartMethod::as_str)),
            instant(&rows, |row| row.conclusion.ended_at),
            text(&rows, |row| row.conclusion.end_method.map(EndMethod::as_str)),
            instant(&rows, |row| row.conclusion.ended_after),
            instant(&rows, |row| row.conclusion.ended_before),
            truth(&rows, |row| row.conclusion.ended_before_inferred),
            text(&rows, |row| Some(row.conclusion.status.as_str())),
            double(&rows, duration),
            truth(&rows, |row| duration(row).map(|_| is_lower_bound(row))),
            text(&rows, |row| Some(row.conclusion.reason.0.as_str())),
            text(&rows, |row| Some(row.conclusion.reason.1.as_str())),
            instant(&rows, |row| row.facts.first_activity_at),
            instant(&rows, |row| row.facts.last_activity_at),
            number(&rows, |row| row.facts.activity_events),
            double(&rows, |row| row.verdict.longest_idle_seconds),
            text(&rows, |row| Some(row.conclusion.transcript)),
            text(&rows, |row| row.conclusion.evidence_tier.map(Tier::as_str)),
            text(&rows, |row| row.tier),
            number(&rows, |row| row.limits.max_duration_seconds),
            number(&rows, |row| row.limits.idle_timeout_seconds),
            number(&rows, |row| row.limits.terminate_within_seconds),
            instant(&rows, |row| row.verdict.over_limit.map(|over| over.at)),
            text(&rows, |row| row.verdict.over_limit.map(|over| if over.certain { "certain" } else { "possible" })),
            double(&rows, |row| row.verdict.over_limit.and_then(|over| over.seconds)),
            text(&rows, |row| row.verdict.over_limit.and_then(|over| over.tier).map(Tier::as_str)),
            instant(&rows, |row| row.verdict.idle_breach_at),
            truth(&rows, |row| Some(row.outlived)),
            truth(&rows, |row| Some(row.facts.ghost)),
            truth(&rows, |row| Some(duration(row).is_some_and(|seconds| seconds <= NEVER_CONNECTED_SECONDS))),
            text(&rows, |row| row.verdict.pattern.map(sessions::conclude::Pattern::as_str)),
            truth(&rows, |row| (row.conclusion.end_method == Some(EndMethod::TerminateCall)).then_some(row.facts.corroborated)),
            number(&rows, |row| Some(row.facts.log_bytes)),
        ];
        RecordBatch::try_new(table::SESSIONS.schema(), columns)
    }
}

/// A session that ended this soon after its start never had a client.
const NEVER_CONNECTED_SECONDS: f64 = 2.0;

fn duration(row: &Row<'_>) -> Option<f64> {
    Some(row.conclusion.ended_at?.seconds_since(row.facts.started_at?))
}

fn is_lower_bound(row: &Row<'_>) -> bool {
    row.facts.start_method == Some(StartMethod::Stream) || row.conclusion.end_method == Some(EndMethod::Stream)
}

/// Ruling R3.
fn principal_name(arn: &str) -> Option<&str> {
    match arn.rsplit_once('/') {
        Some((_, name)) => Some(name).filter(|name| !name.is_empty()),
        None => arn.ends_with(":root").then_some("root"),
    }
}

fn principal_class(row: &Row<'_>) -> &'static str {
    match (&row.facts.principal_arn, row.automation) {
        (None, _) => "unknown",
        (Some(_), true) => "automation",
        (Some(_), false) => "human",
    }
}

fn text<'r>(rows: &'r [Row<'_>], field: impl Fn(&'r Row<'_>) -> Option<&'r str>) -> ArrayRef {
    Arc::new(rows.iter().map(field).collect::<StringArray>())
}

fn number(rows: &[Row<'_>], field: impl Fn(&Row<'_>) -> Option<i64>) -> ArrayRef {
    Arc::new(rows.iter().map(field).collect::<Int64Array>())
}

fn double(rows: &[Row<'_>], field: impl Fn(&Row<'_>) -> Option<f64>) -> ArrayRef {
    Arc::new(rows.iter().map(field).collect::<Float64Array>())
}

fn truth(rows: &[Row<'_>], field: impl Fn(&Row<'_>) -> Option<bool>) -> ArrayRef {
    Arc::new(rows.iter().map(field).collect::<BooleanArray>())
}

fn instant(rows: &[Row<'_>], field: impl Fn(&Row<'_>) -> Option<Timestamp>) -> ArrayRef {
    Arc::new(rows.iter().map(|row| field(row).map(Timestamp::micros)).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}
