//! What is drawn is what the table says, and nothing in it acts.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::data::{Plot, plot};
use super::scale::marks;
use super::svg;
use crate::{Chart, Column, Form, Split, Table, Type, Unit, Value};

fn table(columns: &[(&str, Type)], rows: Vec<Vec<Value>>) -> Table {
    let columns = columns.iter().map(|(name, is)| Column { name: (*name).to_owned(), is: *is, unit: Unit::of(name), meaning: String::new() });
    let columns = columns.collect();
    let text = String::new;
    Table { id: "t".to_owned(), title: text(), note: text(), definition: text(), drawn: false, key: Vec::new(), columns, rows, sql: text() }
}

fn chart(form: Form, along: &str, series: &[&str], split: Option<&str>) -> Chart {
    let split = split.map(|column| Split { column: column.to_owned(), without: "(all)".to_owned() });
    let series = series.iter().map(|name| (*name).to_owned()).collect();
    Chart { id: "c".to_owned(), title: String::new(), form, table: "t".to_owned(), along: along.to_owned(), series, split }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn series_one_below_the_other_are_taken_apart() {
    let columns = [("tier", Type::Text), ("bucket", Type::Text), ("n", Type::Integer)];
    let row = |tier: &str, bucket: &str, n| vec![text(tier), text(bucket), Value::Integer(n)];
    let rows = vec![row("(all)", "short", 9), row("prod", "short", 4), row("prod", "long", 1), row("dev", "long", 5)];
    let found = plot(&chart(Form::Stacked, "bucket", &["n"], Some("tier")), &table(&columns, rows)).unwrap();
    let series = vec![("prod".to_owned(), vec![Some(4.0), Some(1.0)]), ("dev".to_owned(), vec![None, Some(5.0)])];
    assert_eq!(found, Plot::Places { form: Form::Stacked, labels: vec!["short".to_owned(), "long".to_owned()], series, unit: Unit::None });
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let columns = [("week", Type::Text), ("n", Type::Integer)];
    let lines = chart(Form::Lines, "week", &["n"], None);
    assert_eq!(svg(&lines, &table(&columns, Vec::new())), None);
    assert_eq!(svg(&lines, &table(&columns, vec![vec![text("2026-W28"), Value::Integer(0)]])), None);
    assert_eq!(svg(&chart(Form::Lines, "week", &["nowhere"], None), &table(&columns, Vec::new())), None);
}

#[test]
fn every_form_is_drawn_and_names_cannot_leave_their_element() {
    let columns = [("week", Type::Text), ("p90_seconds", Type::Double)];
    let hostile = "</text><script>alert(1)</script>\u{1b}\u{202e}\"'";
    let rows = vec![vec![text(hostile), Value::Double(90.0)], vec![text("b"), Value::Null], vec![text("c"), Value::Double(7_000.0)]];
    for form in [Form::Lines, Form::Columns, Form::Stacked] {
        let drawn = svg(&chart(form, "week", &["p90_seconds"], None), &table(&columns, rows.clone())).unwrap();
        assert!(drawn.starts_with("<svg") && drawn.trim_end().ends_with("</svg>"), "{drawn}");
        assert!(!drawn.contains("<script") && !drawn.contains(['\u{1b}', '\u{202e}']), "{drawn}");
        assert!(drawn.contains("f-s1") && drawn.contains("k-grid") && drawn.contains("f-ink"), "{drawn}");
        assert!(!drawn.contains("style="), "{drawn}");
        for line in drawn.lines() {
            assert!(line.matches(" class=").count() <= 1, "{line}");
        }
    }
}

#[test]
fn a_curve_holds_until_the_next_point() {
    let columns = [("after_seconds", Type::Double), ("still_running_percent", Type::Double)];
    let point = |at, value| vec![Value::Double(at), Value::Double(value)];
    let rows = vec![point(0.0, 100.0), point(3_600.0, 50.0)];
    let drawn = svg(&chart(Form::Steps, "after_seconds", &["still_running_percent"], None), &table(&columns, rows)).unwrap();
    let path = drawn.lines().find(|line| line.starts_with("<polyline") && line.contains("k-s1")).unwrap();
    // Across at full height, then down.
    assert!(path.contains("points=\"76,32 708,32 708,129 \""), "{path}");
}

#[test]
fn marks_are_round() {
    assert_eq!(marks(7.0, Unit::None, 4), [0.0, 2.0, 4.0, 6.0, 8.0]);
    assert_eq!(marks(0.0, Unit::None, 4), [0.0, 1.0]);
    assert_eq!(marks(5_000.0, Unit::Seconds, 4), [0.0, 1_800.0, 3_600.0, 5_400.0]);
    assert_eq!(marks(33.0, Unit::Percent, 4).last(), Some(&100.0));
}

/// Of each text of a drawing where its line starts, and where it stops.
fn lines_of(drawn: &str) -> Vec<(String, f64, f64)> {
    let mut found = Vec::new();
    let mut lines = drawn.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with("<text") {
            continue;
        }
        let attribute = |name: &str| line.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let (at, text) = (attribute("x").parse::<f64>().unwrap(), lines.next().unwrap());
        let wide = super::letters::width(text);
        let left = match attribute("text-anchor") {
            "start" => at,
            "middle" => at - wide / 2.0,
            _ => at - wide,
        };
        found.push((format!("{text} {}", attribute("y")), left, left + wide));
    }
    found
}

#[test]
fn words_stand_inside_the_drawing_and_beside_each_other() {
    let columns = [("week", Type::Text), ("after_seconds", Type::Double), ("p90_seconds", Type::Double)];
    for places in [1, 2, 5, 12, 40] {
        for name in ["W", "2026-W27", "a bucket of seven days and more"] {
            for longest in [9.0, 150.0, 600.0, 7_500.0, 100_000.0, 3e6] {
                let row =
                    |place: i32| vec![text(&format!("{name}{place}")), Value::Double(longest * f64::from(place) / f64::from(places)), Value::Double(longest)];
                let table = table(&columns, (1..=places).map(row).collect());
                for (form, along) in [(Form::Lines, "week"), (Form::Columns, "week"), (Form::Steps, "after_seconds")] {
                    let drawn = svg(&chart(form, along, &["p90_seconds"], None), &table).unwrap();
                    let words = lines_of(&drawn);
                    assert!(words.len() > 3, "{drawn}");
                    for (said, left, right) in &words {
                        assert!(*left >= 0.0 && *right <= 720.0, "{said} from {left} to {right}");
                    }
                    let mut below: Vec<_> = words.iter().filter(|(said, ..)| said.ends_with(" 234")).collect();
                    below.sort_by(|a, b| a.1.total_cmp(&b.1));
                    assert!(!below.is_empty(), "{words:?}");
                    assert!(below.windows(2).all(|pair| pair[0].2 + 2.0 <= pair[1].1), "{below:?}");
                }
            }
        }
    }
}
