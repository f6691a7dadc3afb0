//! What a reader must know before anything else. Notices quote numbers and names of ours, and nothing that anybody else wrote.

use std::collections::BTreeSet;

use report::{Notice, NoticeKind, Report, Table, Value};

/// Everything that makes the report less than it looks.
pub(super) fn notices(report: &Report, unreflected: u64, absent: &BTreeSet<String>) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut add = |kind, text: String| notices.push(Notice { kind, text });
    let kind = report.kind.period();
    if report.period.to_date {
        add(
            NoticeKind::ToDate,
            format!("To date: this {kind} had not ended at {}, and its figures will still change; the {kind} before is a whole one.", report.as_of),
        );
    }
    if unreflected > 0 {
        add(NoticeKind::Behind, format!("An ingest is under way, or was interrupted: {unreflected} objects that it has read are not in this report yet."));
    }
    let missing = report.table("missing_evidence");
    let rejects = missing.map_or(0, |table| sum(table, "reject"));
    if rejects > 0 {
        add(NoticeKind::Rejects, format!("Rejected: {rejects} pieces of evidence could not be understood; whatever they say is in no figure."));
    }
    let gaps = missing.map_or(0, |table| sum(table, "gap"));
    if gaps > 0 {
        add(NoticeKind::Gaps, format!("Missing: {gaps} places that should have been read could not be."));
    }
    let unread = report.table("evidence").map_or(0, |table| most(table, "hours_not_read"));
    if unread > 0 {
        add(NoticeKind::Gaps, format!("Not read: in {unread} hours of this {kind} some source holds nothing."));
    }
    if !absent.is_empty() {
        let names: Vec<&str> = absent.iter().map(String::as_str).collect();
        add(NoticeKind::Absent, format!("Left out: what would be asked of {}, which this ledger does not have.", names.join(", ")));
    }
    notices
}

/// How many rejects or gaps there are.
fn sum(table: &Table, what: &str) -> i64 {
    let (Some(kind), Some(count)) = (table.place("what"), table.place("n")) else { return 0 };
    let of = table.rows.iter().filter(|row| matches!(row.get(kind), Some(Value::Text(found)) if found == what));
    of.filter_map(|row| integer(row.get(count))).sum()
}

fn most(table: &Table, column: &str) -> i64 {
    table.place(column).and_then(|place| table.rows.iter().filter_map(|row| integer(row.get(place))).max()).unwrap_or(0)
}

fn integer(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Integer(value)) => Some(*value),
        _ => None,
    }
}
