//! The report as Markdown (CommonMark with the tables of GitHub). Texts of the ledger stand in code spans, where nothing in them means anything.

use std::borrow::Cow;
use std::fmt::Write;

use crate::inert::{SHOWN, shortened};
use crate::shown::{change, shown, to_the_second};
use crate::{Figure, Report, Table, Unit, Value};

/// The whole report.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write!(page, "# {}\n\n", report.title());
    let _ = writeln!(page, "{}, {}. As of {}.\n", report.period.days(), report.timezone, to_the_second(&report.as_of.to_string()));
    for notice in &report.notices {
        let _ = writeln!(page, "> **Note:** {}\n", plain(&notice.text));
    }
    let _ = writeln!(page, "{}\n", plain(&report.summary));
    figures(report, &mut page);
    for section in &report.sections {
        let _ = writeln!(page, "## {}\n", section.title);
        if !section.note.is_empty() {
            let _ = writeln!(page, "{}\n", plain(&section.note));
        }
        for told in &section.tables {
            table(told, &mut page);
        }
    }
    definitions(report, &mut page);
    reproduced(report, &mut page);
    page
}

fn figures(report: &Report, page: &mut String) {
    if report.figures.is_empty() {
        return;
    }
    let before = report.before.as_ref().map_or("before", |before| &before.label);
    let _ = writeln!(page, "| figure | {} | {before} | change | |\n|---|---:|---:|---:|---|", report.period.label);
    for figure in &report.figures {
        let changed = change(&figure.value, &figure.before, figure.unit).map_or_else(|| "—".to_owned(), |(_, text)| text);
        let _ = writeln!(
            page,
            "| [{}](#definition-of-{}) | {} | {} | {changed} | {} |",
            figure.title,
            anchor(report, &figure.table),
            cell(&figure.value, figure.unit),
            cell(&figure.before, figure.unit),
            details(figure)
        );
    }
    page.push('\n');
}

/// The definition that a table's figures are taken from.
fn anchor<'r>(report: &'r Report, table: &str) -> &'r str {
    report.table(table).map_or("", |table| &table.definition)
}

fn details(figure: &Figure) -> String {
    let told = figure.details.iter().map(|detail| format!("{} {}", detail.title, cell(&detail.value, detail.unit)));
    told.collect::<Vec<_>>().join(", ")
}

fn table(table: &Table, page: &mut String) {
    let _ = write!(page, "### {}\n\n", table.title);
    if !table.note.is_empty() {
        let _ = writeln!(page, "{}\n", plain(&table.note));
    }
    if table.rows.is_empty() {
        page.push_str("Nothing.\n\n");
        return;
    }
    if table.drawn {
        let _ = writeln!(page, "{} rows in `csv/{}.csv`.\n", table.rows.len(), table.id);
        return;
    }
    for column in &table.columns {
        let _ = write!(page, "| {} ", Unit::title(&column.name));
    }
    page.push_str("|\n");
    for column in &table.columns {
        page.push_str(if column.is.is_number() { "|---:" } else { "|---" });
    }
    page.push_str("|\n");
    for row in table.rows.iter().take(ROWS) {
        for (value, column) in row.iter().zip(&table.columns) {
            let _ = write!(page, "| {} ", cell(value, column.unit));
        }
        page.push_str("|\n");
    }
    if table.rows.len() > ROWS {
        let _ = writeln!(page, "\n… and {} more in `csv/{}.csv`.", table.rows.len() - ROWS, table.id);
    }
    page.push('\n');
}

fn definitions(report: &Report, page: &mut String) {
    let _ = writeln!(page, "## Definitions\n");
    for definition in &report.definitions {
        let _ = writeln!(
            page,
            "### Definition of {}\n\n{} In {}; a row for each {}.\n",
            definition.id,
            definition.question,
            definition.unit,
            definition.grain.join(", ")
        );
        for (name, meaning) in &definition.columns {
            let _ = writeln!(page, "* `{name}`: {}", plain(meaning));
        }
        if !definition.caveats.is_empty() {
            let _ = writeln!(page, "\n{}", plain(&definition.caveats));
        }
        page.push('\n');
    }
}

fn reproduced(report: &Report, page: &mut String) {
    let _ = writeln!(page, "## How to get each figure\n\nAsk `sessiontrail query` with `--as-of {}`.\n", report.as_of);
    for table in report.tables() {
        let _ = writeln!(page, "### SQL of {}\n\n```sql\n{}\n```\n", table.id, table.sql.trim_end());
    }
    for (name, value) in &report.made_of {
        let _ = writeln!(page, "* {}: {}", plain(name), code(&shortened(value, SHOWN)));
    }
}

/// A value; texts of the ledger as code.
fn cell(value: &Value, unit: Unit) -> Cow<'_, str> {
    match value {
        Value::Text(text) if text.is_empty() => Cow::Borrowed(""),
        Value::Text(_) => Cow::Owned(code(&shown(value, unit))),
        _ => shown(value, unit),
    }
}

/// A code span, also within a table: a backtick would end it, so it is spelt out, and so is the backslash before a bar.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "\\u{60}").replace('|', "\\u{7c}"))
}

/// Words of ours, which may quote what is not: every character that could mean something is escaped.
fn plain(text: &str) -> String {
    let shown = crate::inert::visible(text);
    let mut escaped = String::with_capacity(shown.len() + 16);
    for letter in shown.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '!' | '{' | '}') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// Rows that are shown; CSV has all of them.
const ROWS: usize = 25;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_code() {
        assert_eq!(code("a`b|c"), "`a\\u{60}b\\u{7c}c`");
        assert_eq!(plain("<b> & [x](y) `z` | *w*"), r"\<b\> \& \[x\](y) \`z\` \| \*w\*");
        assert_eq!(cell(&Value::Text(String::new()), Unit::None), "");
    }
}
