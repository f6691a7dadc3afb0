//! What `status` says of findings: those that are open, changes of the preferences, and exceptions that soon hold no longer.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::{number, shown, text};
use crate::reading::Row;
use crate::ui;

/// The rule whose findings `--fail-on prefs-changed` asks for.
const PREFS_CHANGED: &str = "PREFS-CHANGED";

/// How many changes of the preferences nobody has acknowledged.
pub(super) fn unacknowledged(open: &[Row]) -> i64 {
    open.iter().filter(|row| text(row, "rule") == PREFS_CHANGED).map(|row| number(row, "findings")).sum()
}

pub(super) fn told_open(open: &[Row]) -> String {
    let mut told = "Open findings".to_owned();
    let mut severity = "";
    for row in open {
        if text(row, "severity") != severity {
            severity = text(row, "severity");
            let of_it: i64 = open.iter().filter(|row| text(row, "severity") == severity).map(|row| number(row, "findings")).sum();
            let _ = write!(told, "\n  {}: {of_it}", ui::visible(severity));
        }
        let suspected = if number(row, "suspected") > 0 { format!(", {} of them suspected", number(row, "suspected")) } else { String::new() };
        let _ = write!(told, "\n    {}: {}{suspected}, the oldest since {}", shown(row, "rule"), number(row, "findings"), shown(row, "oldest"));
    }
    if open.is_empty() { told + "\n  none" } else { told }
}

pub(super) fn told_changes(changes: &[Row], open: &[Row]) -> String {
    let mut told = "Changes of the preferences in the last 7 days".to_owned();
    for row in changes {
        let who = if text(row, "principal_arn").is_empty() { String::new() } else { format!(" by {}", shown(row, "principal_arn")) };
        let _ = write!(told, "\n  {}: {}{who} in {} {}", shown(row, "event_time"), shown(row, "event_name"), shown(row, "account_id"), shown(row, "region"));
        if text(row, "version_before") != text(row, "version_after") {
            let version = |column| if text(row, column).is_empty() { Cow::Borrowed("unknown") } else { shown(row, column) };
            let _ = write!(told, ", version {} to {}", version("version_before"), version("version_after"));
        }
        for difference in differences(text(row, "changes")) {
            let _ = write!(told, ", {difference}");
        }
        let coverage = |column: &str| row.get(column).and_then(Value::as_f64);
        if let (Some(before), Some(after)) = (coverage("coverage_before"), coverage("coverage_after")) {
            let _ = write!(told, ", coverage {before:.1} % to {after:.1} %");
        }
        if !text(row, "finding_id").is_empty() {
            let state = if text(row, "closed_at").is_empty() { "not acknowledged" } else { "acknowledged" };
            let _ = write!(told, "\n    {state}: {}", shown(row, "finding_id"));
        }
    }
    if changes.is_empty() {
        told.push_str("\n  none");
    }
    let recent = changes.iter().filter(|row| !text(row, "finding_id").is_empty() && text(row, "closed_at").is_empty()).count();
    let older = unacknowledged(open).saturating_sub(i64::try_from(recent).unwrap_or(i64::MAX));
    if older > 0 {
        let _ = write!(told, "\n  and {older} earlier, not acknowledged");
    }
    told
}

/// What the observations before and after say differently: an object whose fields are null or false where nothing of them differs.
fn differences(changes: &str) -> Vec<String> {
    let changes: Map<String, Value> = serde_json::from_str(changes).unwrap_or_default();
    let told = |(name, value): (&String, &Value)| match value {
        Value::Null | Value::Bool(false) if name == "content_differs" => None,
        Value::Null => None,
        Value::String(value) => Some(format!("{} {}", ui::visible(name), ui::visible(value))),
        value => Some(format!("{} {}", ui::visible(name), ui::visible(&value.to_string()))),
    };
    changes.iter().filter_map(told).collect()
}

pub(super) fn told_expiring(expiring: &[Row]) -> String {
    let mut told = "Exceptions of the policy that end within 30 days".to_owned();
    for row in expiring {
        let _ = write!(told, "\n  {}: until {} ({} d): {}", shown(row, "owner"), shown(row, "until_at"), number(row, "days_left"), shown(row, "reason"));
        let _ = write!(told, "\n    {}", shown(row, "matchers"));
    }
    if expiring.is_empty() { told + "\n  none" } else { told }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(value: Value) -> Row {
        if let Value::Object(row) = value { row } else { unreachable!("a row is an object") }
    }

    fn open() -> Vec<Row> {
        [
            json!({ "severity": "high", "rule": "PREFS-CHANGED", "findings": 3, "suspected": 0, "oldest": "2026-07-01T00:00:00.000000Z" }),
            json!({ "severity": "high", "rule": "SESSION-OVER-MAX", "findings": 2, "suspected": 0, "oldest": "2026-07-02T00:00:00.000000Z" }),
            json!({ "severity": "medium", "rule": "SESSION-OVER-IDLE", "findings": 4, "suspected": 4, "oldest": "2026-07-03T00:00:00.000000Z" }),
        ]
        .map(row)
        .to_vec()
    }

    #[test]
    fn open_findings_are_counted_by_severity_and_rule() {
        assert_eq!(
            told_open(&open()),
            "Open findings\n  high: 5\n    PREFS-CHANGED: 3, the oldest since 2026-07-01T00:00:00.000000Z\n    SESSION-OVER-MAX: 2, the oldest since \
             2026-07-02T00:00:00.000000Z\n  medium: 4\n    SESSION-OVER-IDLE: 4, 4 of them suspected, the oldest since 2026-07-03T00:00:00.000000Z"
        );
        assert_eq!(told_open(&[]), "Open findings\n  none");
    }

    #[test]
    fn changes_say_whether_they_are_acknowledged_and_make_no_lines() {
        let change = |closed_at: Option<&str>, event_id: Option<&str>| {
            row(
                json!({ "event_time": "2026-07-10T00:00:00.000000Z", "event_name": "UpdateDocument", "principal_arn": "arn:x\n  forged\u{1b}", "account_id": "111122223333",
                "region": "eu-central-1", "version_before": null, "version_after": "4",
                "changes": r#"{"content_differs":false,"encrypts":null,"logs":false,"max_duration_seconds":"28800 to none\u001b"}"#, "coverage_before": 88.88,
                "coverage_after": 0.0, "finding_id": event_id,
                "closed_at": closed_at }),
            )
        };
        let line = "  2026-07-10T00:00:00.000000Z: UpdateDocument by arn:x\\u{a}  forged\\u{1b} in 111122223333 eu-central-1, version unknown to 4, logs false, \
                    max_duration_seconds 28800 to none\\u{1b}, coverage 88.9 % to 0.0 %";
        let changes = [change(None, Some("PREFS-CHANGED/e1")), change(Some("2026-07-11T00:00:00.000000Z"), Some("PREFS-CHANGED/e2")), change(None, None)];
        assert_eq!(
            told_changes(&changes, &open()),
            format!(
                "Changes of the preferences in the last 7 days\n{line}\n    not acknowledged: PREFS-CHANGED/e1\n{line}\n    acknowledged: PREFS-CHANGED/e2\n{line}\n  \
                 and 2 earlier, not acknowledged"
            )
        );
        assert_eq!(told_changes(&[], &[]), "Changes of the preferences in the last 7 days\n  none");
    }

    #[test]
    fn exceptions_say_what_ends_with_them() {
        let ends = row(json!({ "owner": "data-platform", "until_at": "2026-07-20T00:00:00.000000Z", "days_left": 6, "reason": "CHG-1234\n",
            "matchers": "{\"principals\":[\"*\"]}" }));
        assert_eq!(
            told_expiring(&[ends]),
            "Exceptions of the policy that end within 30 days\n  data-platform: until 2026-07-20T00:00:00.000000Z (6 d): CHG-1234\\u{a}\n    {\"principals\":[\"*\"]}"
        );
    }
}
