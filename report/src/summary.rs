//! The report in one paragraph, made of the figures at its head. It quotes numbers, and nothing that anybody else wrote.

use std::cmp::Ordering;

use crate::shown::{change, shown};
use crate::{Figure, Report, Unit, Value};

/// What the figures say, with the change since the period before.
#[must_use]
pub fn summary(report: &Report) -> String {
    let period = format!("{}{}", report.period.label, report.period.said());
    let than = report.before.as_ref().map(|before| before.label.as_str());
    let mut said = Vec::new();
    if let Some(over) = report.figure("over_limit") {
        let new = over.details.iter().find(|detail| detail.column == "over_limit_new");
        let new = new.map_or_else(String::new, |new| format!("; {} went over it in that time", number(&new.value)));
        said.push(format!("In {period}, {} over the maximum duration, {}{new}.", many(&over.value, "session was", "sessions were"), compared(over, than)));
    }
    if let Some(violations) = report.figure("violations") {
        let began = many(&violations.value, "session went", "sessions went");
        said.push(format!("In {period}, {began} over the maximum duration, {}.", compared(violations, than)));
    }
    if let Some(open) = report.figure("open_at_end") {
        said.push(format!("{} over it at the end.", many(&open.value, "was still", "were still")));
    }
    if let Some(time) = report.figure("time_to_terminate") {
        said.push(terminated(time));
    }
    if let Some(coverage) = report.figure("coverage") {
        said.push(covered(coverage, than));
    }
    if let Some(findings) = report.figure("findings_open") {
        said.push(format!("{} open, {}.", many(&findings.value, "finding is", "findings are"), compared(findings, than)));
    }
    if said.is_empty() { format!("Nothing is known of {period}.") } else { said.join(" ") }
}

fn terminated(time: &Figure) -> String {
    let detail = |column: &str| time.details.iter().find(|detail| detail.column == column).map_or(&Value::Null, |detail| &detail.value);
    let of = detail("violations");
    match (of.number(), time.value.is_null()) {
        (None | Some(0.0), _) => "No session newly went over its limit, so that there is no time to terminate.".to_owned(),
        (_, true) => format!("Of {}, fewer than half are known to have ended: there is no median time to terminate yet.", many(of, "violation", "violations")),
        (_, false) => {
            let nine = detail("p90_seconds");
            let nine = if nine.is_null() { "nine in ten have not".to_owned() } else { format!("nine in ten within {}", shown(nine, Unit::Seconds)) };
            format!("Of {}, half had ended within {} of the breach, {nine}.", many(of, "violation", "violations"), shown(&time.value, Unit::Seconds))
        }
    }
}

fn covered(coverage: &Figure, than: Option<&str>) -> String {
    let detail = |column: &str| coverage.details.iter().find(|detail| detail.column == column).map_or(&Value::Null, |detail| &detail.value);
    if coverage.value.is_null() {
        return "No instance was observed, so that coverage is not known.".to_owned();
    }
    format!(
        "The limits hold on {} of {} instances ({}, {}).",
        number(detail("covered")),
        number(detail("instances")),
        shown(&coverage.value, Unit::Percent),
        compared(coverage, than)
    )
}

/// `3 more than in 2026-W27`.
fn compared(figure: &Figure, than: Option<&str>) -> String {
    let (Some(than), Some((size, said))) = (than, change(&figure.value, &figure.before, figure.unit)) else {
        return "with nothing to compare with".to_owned();
    };
    let size_said = said.trim_start_matches(['+', '−', '±']);
    match size.partial_cmp(&0.0) {
        Some(Ordering::Greater) => format!("{size_said} more than in {than}"),
        Some(Ordering::Less) => format!("{size_said} {} than in {than}", if figure.unit == Unit::None { "fewer" } else { "less" }),
        _ => format!("as in {than}"),
    }
}

fn number(value: &Value) -> String {
    if value.is_null() { "an unknown number".to_owned() } else { shown(value, Unit::None).into_owned() }
}

fn many(value: &Value, one: &str, more: &str) -> String {
    format!("{} {}", number(value), if *value == Value::Integer(1) { one } else { more })
}
