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

#[cfg(test)]
mod tests {
    use schemas::Timestamp;

    use super::*;
    use crate::{Detail, Kind, Period, Tendency};

    fn period(label: &str, to_date: bool) -> Period {
        let at = Timestamp::from_micros(0);
        Period { label: label.to_owned(), starts_on: "1970-01-01".to_owned(), ends_on: "1970-01-01".to_owned(), start_at: at, end_at: at, to_date }
    }

    fn figure(id: &str, unit: Unit, value: Value, before: Value, details: &[(&str, Value)]) -> Figure {
        let details =
            details.iter().map(|(column, value)| Detail { title: String::new(), value: value.clone(), unit: Unit::of(column), column: (*column).to_owned() });
        let text = String::new;
        let details = details.collect();
        Figure { id: id.to_owned(), title: text(), value, before, unit, better: Tendency::Less, details, table: text(), column: text() }
    }

    fn report(before: bool, figures: Vec<Figure>) -> Report {
        Report {
            kind: Kind::Weekly,
            period: period("2026-W28", true),
            before: before.then(|| period("2026-W27", false)),
            as_of: Timestamp::from_micros(0),
            timezone: "UTC".to_owned(),
            made_of: Vec::new(),
            notices: Vec::new(),
            summary: String::new(),
            figures,
            sections: Vec::new(),
            definitions: Vec::new(),
        }
    }

    #[test]
    fn the_change_is_told_in_words() {
        let n = Value::Integer;
        let figures = vec![
            figure("over_limit", Unit::None, n(3), n(5), &[("over_limit_new", n(1))]),
            figure("open_at_end", Unit::None, n(1), n(0), &[]),
            figure("time_to_terminate", Unit::Seconds, Value::Double(5_400.0), Value::Null, &[("violations", n(4)), ("p90_seconds", Value::Null)]),
            figure("coverage", Unit::Percent, Value::Double(90.0), Value::Double(80.0), &[("covered", n(9)), ("instances", n(10))]),
            figure("findings_open", Unit::None, n(1_200), n(1_200), &[]),
        ];
        assert_eq!(
            summary(&report(true, figures)),
            "In 2026-W28 (to date), 3 sessions were over the maximum duration, 2 fewer than in 2026-W27; 1 went over it in that time. 1 was still over it at the end. Of \
             4 violations, half had ended within 1 h 30 min of the breach, nine in ten have not. The limits hold on 9 of 10 instances (90.0 %, 10.0 points more than in \
             2026-W27). 1,200 findings are open, as in 2026-W27."
        );
    }

    #[test]
    fn what_is_not_known_is_told_as_such() {
        let none = || Value::Null;
        let figures = vec![
            figure("over_limit", Unit::None, Value::Integer(1), none(), &[]),
            figure("time_to_terminate", Unit::Seconds, none(), none(), &[("violations", Value::Integer(3))]),
            figure("coverage", Unit::Percent, none(), none(), &[]),
        ];
        assert_eq!(
            summary(&report(false, figures)),
            "In 2026-W28 (to date), 1 session was over the maximum duration, with nothing to compare with. Of 3 violations, fewer than half are known to have ended: there is \
             no median time to terminate yet. No instance was observed, so that coverage is not known."
        );
        assert_eq!(summary(&report(false, Vec::new())), "Nothing is known of 2026-W28 (to date).");
    }
}
