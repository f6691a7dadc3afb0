//! One row of `sessions`: facts, conclusion, and what the policy says of them.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use policy::{Limits as PolicyLimits, Policy, Subject, Version};
use schemas::{Tier, Timestamp};
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
    outlived_at: Option<Timestamp>,
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
        let outlived_at = facts.started_at.and_then(|at| {
            let since = ruling.as_ref().map(|ruling| ruling.version.effective_from());
            let later = self.policy.versions().iter().filter(|version| since.is_none_or(|since| version.effective_from() > since));
            let outlived =
                |version: &Version| conclusion.outlived_at(at, &own, version.effective_from(), version.rule(&subject, at).limits.max_duration_seconds);
            later.filter_map(outlived).min()
        });
        let verdict = judge(&facts, &conclusion, &own, self.context.as_of);
        let tier = ruling.map(|ruling| ruling.tier);
        Row { verdict, tier, limits, automation, outlived_at, tags, conclusion, facts }
    }

    /// These columns of `sessions` for these facts, in their order.
    pub(super) fn sessions(&self, facts: Vec<Facts>, columns: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let rows: Vec<Row<'_>> = facts.into_iter().map(|facts| self.row(facts)).collect();
        let arrays = columns.fields().iter().map(|field| self.column(field.name(), &rows)).collect::<Result<_, _>>()?;
        // Whoever only counts asks for no column.
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        RecordBatch::try_new_with_options(Arc::clone(columns), arrays, &options)
    }

    /// These columns of `idle_spells` for these facts.
    pub(super) fn idle_spells(&self, facts: Vec<Facts>, columns: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let rows: Vec<Row<'_>> = facts.into_iter().map(|facts| self.row(facts)).collect();
        let names = self.policy.tag_names();
        let spells: Vec<(&Row<'_>, Timestamp, Timestamp)> =
            rows.iter().flat_map(|row| row.verdict.idle.iter().map(move |(from, to)| (row, *from, *to))).collect();
        let told = |field: &dyn Fn(&'_ Row<'_>) -> Option<String>| Arc::new(spells.iter().map(|(row, ..)| field(row)).collect::<StringArray>()) as ArrayRef;
        let times = |time: fn(&(&Row<'_>, Timestamp, Timestamp)) -> Timestamp| {
            Arc::new(TimestampMicrosecondArray::from_iter_values(spells.iter().map(|spell| time(spell).micros())).with_timezone("UTC")) as ArrayRef
        };
        let array = |name: &str| {
            Ok(match name {
                "session_id" => told(&|row| Some(row.facts.session_id.clone())),
                "account_id" => told(&|row| row.facts.account_id.clone()),
                "region" => told(&|row| row.facts.region.clone()),
                "owner" => told(&|row| tag(row, &names.owner).map(str::to_owned)),
                "cost_center" => told(&|row| tag(row, &names.cost_center).map(str::to_owned)),
                "idle_from" => times(|(_, from, _)| *from),
                "idle_until" => times(|(.., until)| *until),
                stranger => return Err(ArrowError::SchemaError(format!("idle_spells has no column {stranger}"))),
            })
        };
        let arrays = columns.fields().iter().map(|field| array(field.name())).collect::<Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(spells.len()));
        RecordBatch::try_new_with_options(Arc::clone(columns), arrays, &options)
    }

    fn column(&self, name: &str, rows: &[Row<'_>]) -> Result<ArrayRef, ArrowError> {
        let names = self.policy.tag_names();
        let tag = |name: &str| text(rows, |row| tag(row, name));
        Ok(match name {
            "session_id" => text(rows, |row| Some(&row.facts.session_id)),
            "account_id" => text(rows, |row| row.facts.account_id.as_deref()),
            "region" => text(rows, |row| row.facts.region.as_deref()),
            "target_id" => text(rows, |row| row.facts.target_id.as_deref()),
            "document_name" => text(rows, |row| row.facts.document_name.as_deref()),
            "document_version" => text(rows, |_| None),
            "session_type" => text(rows, |row| Some(row.conclusion.session_type)),
            "principal_arn" => text(rows, |row| row.facts.principal_arn.as_deref()),
            "principal_name" => text(rows, |row| row.facts.principal_arn.as_deref().and_then(principal_name)),
            "principal_class" => text(rows, |row| Some(principal_class(row))),
            "mfa" => truth(rows, |row| row.facts.mfa),
            "run_as_user" => text(rows, |row| row.facts.run_as_user.as_deref()),
            "reason" => text(rows, |row| row.facts.reason.as_deref()),
            "source_ip" => text(rows, |row| row.facts.source_ip.as_deref()),
            "access_type" => text(rows, |row| row.facts.access_type.as_deref()),
            "resumes" => number(rows, |row| Some(row.facts.resumes)),
            "service_status" => text(rows, |row| row.facts.service_status.as_deref()),
            "environment" => tag(&names.environment),
            "owner" => tag(&names.owner),
            "cost_center" => tag(&names.cost_center),
            "tags" => text(rows, |row| row.tags.as_ref().map(|tags| tags.json.as_str())),
            "started_at" => instant(rows, |row| row.facts.started_at),
            "start_method" => text(rows, |row| row.facts.start_method.map(StartMethod::as_str)),
            "ended_at" => instant(rows, |row| row.conclusion.ended_at),
            "end_method" => text(rows, |row| row.conclusion.end_method.map(EndMethod::as_str)),
            "ended_after" => instant(rows, |row| row.conclusion.ended_after),
            "ended_before" => instant(rows, |row| row.conclusion.ended_before),
            "ended_before_inferred" => truth(rows, |row| row.conclusion.ended_before_inferred),
            "status" => text(rows, |row| Some(row.conclusion.status.as_str())),
            "duration_seconds" => double(rows, duration),
            "duration_is_lower_bound" => truth(rows, |row| duration(row).map(|_| is_lower_bound(row))),
            "end_reason" => text(rows, |row| Some(row.conclusion.reason.0.as_str())),
            "end_reason_certainty" => text(rows, |row| Some(row.conclusion.reason.1.as_str())),
            "first_activity_at" => instant(rows, |row| row.facts.first_activity_at),
            "last_activity_at" => instant(rows, |row| row.facts.last_activity_at),
            "activity_events" => number(rows, |row| row.facts.activity_events),
            "longest_idle_seconds" => double(rows, |row| row.verdict.longest_idle_seconds),
            "transcript" => text(rows, |row| Some(row.conclusion.transcript)),
            "evidence_tier" => text(rows, |row| row.conclusion.evidence_tier.map(Tier::as_str)),
            "tier" => text(rows, |row| row.tier),
            "max_duration_seconds" => number(rows, |row| row.limits.max_duration_seconds),
            "idle_timeout_seconds" => number(rows, |row| row.limits.idle_timeout_seconds),
            "terminate_within_seconds" => number(rows, |row| row.limits.terminate_within_seconds),
            "over_limit_at" => instant(rows, |row| row.verdict.over_limit.map(|over| over.at)),
            "over_limit_certainty" => text(rows, |row| row.verdict.over_limit.map(|over| if over.certain { "certain" } else { "possible" })),
            "over_limit_seconds" => double(rows, |row| row.verdict.over_limit.and_then(|over| over.seconds)),
            "over_limit_evidence_tier" => text(rows, |row| row.verdict.over_limit.and_then(|over| over.tier).map(Tier::as_str)),
            "idle_breach_at" => instant(rows, |row| row.verdict.idle_breach_at),
            "idle_breach_until" => instant(rows, |row| row.verdict.idle_breach_until),
            "outlived_stricter_policy" => truth(rows, |row| Some(row.outlived_at.is_some())),
            "outlived_at" => instant(rows, |row| row.outlived_at),
            "ghost" => truth(rows, |row| Some(row.facts.ghost)),
            "never_connected" => truth(rows, |row| Some(!is_lower_bound(row) && duration(row).is_some_and(|seconds| seconds <= NEVER_CONNECTED_SECONDS))),
            "pattern" => text(rows, |row| row.verdict.pattern.map(sessions::conclude::Pattern::as_str)),
            "over_limit_uncorroborated" => truth(rows, |row| row.verdict.over_limit.filter(|over| over.certain).map(|over| over.uncorroborated)),
            "text_arrived_at" => instant(rows, |row| row.facts.text_arrived_at.filter(|at| *at <= self.context.as_of)),
            "log_bytes" => number(rows, |row| Some(row.facts.log_bytes)),
            "stored_bytes" => number(rows, |row| Some(row.facts.stored_bytes)),
            stranger => return Err(ArrowError::SchemaError(format!("sessions has no column {stranger}"))),
        })
    }
}

/// A session that ended this soon after its start never had a client.
const NEVER_CONNECTED_SECONDS: f64 = 2.0;

/// What a tag of the target says; an empty one says nothing.
fn tag<'r>(row: &'r Row<'_>, name: &str) -> Option<&'r str> {
    row.tags.as_ref()?.map.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

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
