//! The forms, of a made report whose every text is hostile: each is read back by a program that others wrote.

use std::path::Path;

use super::{looked_at, made};
use crate::support::python::root;

/// Texts that act somewhere.
fn hostile() -> Vec<String> {
    vec![
        "</td></table><script>alert(1)</script><img src=x onerror=alert(1)>".to_owned(),
        "\"' onmouseover=alert(1) style=color:red x=\"".to_owned(),
        "</style></title></textarea><svg onload=alert(1)><!-- ]]> &lt;b&gt; &#60;".to_owned(),
        "=HYPERLINK(\"http://evil\",\"x\")".to_owned(),
        "@SUM(1+1)*cmd|' /C calc'!A0;=1+1".to_owned(),
        "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{2066}\u{2028}\r\n\0\u{feff}_x003D_1+1".to_owned(),
        "| a | b |\n|---|---|\n# x\n[x](javascript:alert(1)) `y` ``z`` <b> http://evil.example \\".to_owned(),
        "\u{1f642}\u{301}".repeat(5_000),
        "x".repeat(40_000),
    ]
}

fn write(folder: &Path, text: &str) {
    let report = made::report(text);
    std::fs::create_dir_all(folder).expect("a folder");
    let keep = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("a file");
    keep("report.html", report::html(&report).as_bytes());
    keep("report.xlsx", &report::xlsx(&report).expect("a workbook"));
    keep("report.json", report::json(&report).expect("JSON").as_bytes());
    keep("report.md", report::markdown(&report).as_bytes());
}

#[test]
fn a_page_takes_no_element_and_no_attribute_from_what_it_tells() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("plain"), "plain");
    for (number, text) in hostile().iter().enumerate() {
        let other = folder.path().join(number.to_string());
        write(&other, text);
        looked_at("read_html.py", &[&other.join("report.html"), &folder.path().join("plain/report.html")]);
    }
}

#[test]
fn a_workbook_reads_back_as_it_was_told_and_calculates_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, text) in hostile().iter().enumerate() {
        let other = folder.path().join(number.to_string());
        write(&other, text);
        looked_at("read_xlsx.py", &[&other.join("report.xlsx"), &other.join("report.json")]);
        looked_at("read_schema.py", &[&root().join("docs/report.schema.json"), &other.join("report.json")]);
    }
}

#[test]
fn markdown_takes_nothing_from_what_it_tells() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("plain"), "plain");
    for (number, text) in hostile().iter().enumerate() {
        let other = folder.path().join(number.to_string());
        write(&other, text);
        looked_at("read_markdown.py", &[&other.join("report.md"), &folder.path().join("plain/report.md")]);
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let report = made::report("plain");
    assert_eq!(report::xlsx(&report).expect("a workbook"), report::xlsx(&report).expect("a workbook"));
    assert_eq!(report::html(&report), report::html(&report));
}

#[test]
fn csv_has_every_letter() {
    let text = "x".repeat(40_000);
    let report = made::report(&text);
    let csv = report::csv(report.table("values").expect("the table"));
    assert!(csv.lines().nth(1).is_some_and(|line| line.starts_with(&text)), "nothing is cut");
    assert_eq!(csv.lines().nth(4), Some("\"\",,,,,,,"));
    assert_eq!(csv.lines().next(), Some("owner,bucket,n,p90_seconds,coverage_percent,seen_at,day,ghost"));
    assert!(csv.contains(",3,1.0,66.66666666666667,2026-07-07T08:09:10.123456Z,2026-07-06,false\n"), "{}", &csv[csv.len() - 300..]);
}
