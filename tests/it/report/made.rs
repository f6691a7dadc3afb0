//! A made report, with whatever somebody wrote in it.

use report::{Chart, Column, Definition, Detail, Figure, Form, Kind, Notice, NoticeKind, Period, Report, Section, Split, Table, Tendency, Type, Unit, Value};
use schemas::Timestamp;

/// A report in which every text of the ledger is `text`.
pub fn report(text: &str) -> Report {
    let at = |text: &str| Timestamp::parse(text).expect("a time");
    let period = |label: &str, start: &str, last: &str, end: &str, to_date| Period {
        label: label.to_owned(),
        starts_on: start[..10].to_owned(),
        ends_on: last.to_owned(),
        start_at: at(start),
        end_at: at(end),
        to_date,
    };
    let mut report = Report {
        kind: Kind::Weekly,
        period: period("2026-W28", "2026-07-06T00:00:00Z", "2026-07-12", "2026-07-13T00:00:00Z", true),
        before: Some(period("2026-W27", "2026-06-29T00:00:00Z", "2026-07-05", "2026-07-06T00:00:00Z", false)),
        as_of: at("2026-07-10T00:00:00Z"),
        timezone: "UTC".to_owned(),
        made_of: vec![("sources".to_owned(), text.to_owned())],
        notices: vec![Notice { kind: NoticeKind::ToDate, text: text.to_owned() }],
        summary: String::new(),
        figures: vec![Figure {
            id: "over_limit".to_owned(),
            title: "Sessions over the maximum duration".to_owned(),
            value: Value::Integer(3),
            before: Value::Integer(1),
            unit: Unit::None,
            better: Tendency::Less,
            details: vec![Detail { title: "new".to_owned(), value: Value::Integer(2), unit: Unit::None, column: "over_limit_new".to_owned() }],
            table: "values".to_owned(),
            column: "n".to_owned(),
        }],
        sections: vec![Section { id: "all".to_owned(), title: "All".to_owned(), note: String::new(), charts: charts(), tables: vec![values(text)] }],
        definitions: vec![Definition {
            id: "kpi_weekly".to_owned(),
            question: "How many?".to_owned(),
            unit: "sessions".to_owned(),
            grain: vec!["owner".to_owned()],
            columns: vec![("n".to_owned(), text.to_owned())],
            caveats: String::new(),
        }],
    };
    report.summary = report::summary(&report);
    report
}

fn values(text: &str) -> Table {
    let columns = [
        ("owner", Type::Text),
        ("bucket", Type::Text),
        ("n", Type::Integer),
        ("p90_seconds", Type::Double),
        ("coverage_percent", Type::Double),
        ("seen_at", Type::Instant),
        ("day", Type::Date),
        ("ghost", Type::Boolean),
    ];
    let columns = columns.map(|(name, is)| Column { name: name.to_owned(), is, unit: Unit::of(name), meaning: text.to_owned() });
    let at = Timestamp::parse("2026-07-07T08:09:10.123456Z").expect("a time");
    let row = |owner: &str, bucket: &str, n: i64| {
        vec![
            Value::Text(owner.to_owned()),
            Value::Text(bucket.to_owned()),
            Value::Integer(n),
            Value::Double(f64::from(i32::try_from(n).expect("small")) / 3.0),
            Value::Double(200.0 / 3.0),
            Value::Instant(at),
            Value::Date(20_640),
            Value::Boolean(n == 1),
        ]
    };
    let nothing = vec![Value::Text(String::new()), Value::Null, Value::Null, Value::Null, Value::Null, Value::Null, Value::Null, Value::Null];
    Table {
        id: "values".to_owned(),
        title: "Values".to_owned(),
        note: text.to_owned(),
        definition: "kpi_weekly".to_owned(),
        drawn: false,
        key: vec!["owner".to_owned(), "bucket".to_owned()],
        columns: columns.to_vec(),
        rows: vec![row(text, "short", 3), row(text, text, 1), row("b", "short", 5), nothing],
        sql: "SELECT 1 AS n -- </pre><script>alert(1)</script>".to_owned(),
    }
}

/// One of each form, of the same table.
fn charts() -> Vec<Chart> {
    let forms = [
        ("lines", Form::Lines, "owner", "p90_seconds", None),
        ("columns", Form::Columns, "owner", "n", None),
        ("steps", Form::Steps, "n", "coverage_percent", None),
        ("stacked", Form::Stacked, "bucket", "n", Some("owner")),
    ];
    let chart = |(id, form, along, series, split): (&str, Form, &str, &str, Option<&str>)| Chart {
        id: id.to_owned(),
        title: id.to_owned(),
        form,
        table: "values".to_owned(),
        along: along.to_owned(),
        series: vec![series.to_owned()],
        split: split.map(|column| Split { column: column.to_owned(), without: "(all)".to_owned() }),
    };
    forms.into_iter().map(chart).collect()
}
