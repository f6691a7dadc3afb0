//! The first sheet, which tells what the others hold, and the last two: definitions, and the SQL of each table.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::sheet::{Formats, cell, name, unit, words};
use crate::Report;
use crate::shown::to_the_second;

/// Writes the first sheet.
pub(super) fn write(report: &Report, formats: &Formats, page: &mut Worksheet) -> Result<(), XlsxError> {
    page.set_name("report")?;
    page.set_column_width(0, 46)?.set_column_width(1, 18)?.set_column_width(2, 18)?.set_column_width(3, 12)?.set_column_width(4, 30)?;
    page.write_string_with_format(0, 0, report.title(), &formats.title)?;
    let when = format!("{}, {}; as of {}", report.period.days(), report.timezone, to_the_second(&report.as_of.to_string()));
    page.write_string(1, 0, words(&when))?;
    let mut row = 2;
    for text in report.notices.iter().map(|notice| &notice.text).chain([&report.summary]) {
        page.write_string(row, 0, words(text))?;
        row += 1;
    }
    row += 1;
    let before = report.before.as_ref().map_or("before", |before| &before.label);
    for (place, head) in (0_u16..).zip(["figure", &report.period.label, before, "unit", "sheet"]) {
        page.write_string_with_format(row, place, head, &formats.head)?;
    }
    for figure in &report.figures {
        row += 1;
        page.write_string(row, 0, &figure.title)?;
        cell(page, (row, 1), &figure.value, formats)?;
        cell(page, (row, 2), &figure.before, formats)?;
        page.write_string(row, 3, unit(figure.unit))?;
        page.write_string(row, 4, name(&figure.table))?;
        for detail in &figure.details {
            row += 1;
            page.write_string(row, 0, format!("{}: {}", figure.title, detail.title))?;
            cell(page, (row, 1), &detail.value, formats)?;
            page.write_string(row, 3, unit(detail.unit))?;
            page.write_string(row, 4, name(&figure.table))?;
        }
    }
    row += 2;
    for (place, head) in (0_u16..).zip(["sheet", "rows"]) {
        page.write_string_with_format(row, place, head, &formats.head)?;
    }
    for table in report.tables() {
        row += 1;
        page.write_string(row, 0, format!("{}: {}", name(&table.id), table.title))?;
        page.write_number(row, 1, f64::from(u32::try_from(table.rows.len()).unwrap_or(u32::MAX)))?;
    }
    row += 2;
    for (name, value) in &report.made_of {
        page.write_string(row, 0, words(name))?;
        page.write_string(row, 1, words(value))?;
        row += 1;
    }
    Ok(())
}

/// Writes what each KPI means.
pub(super) fn definitions(report: &Report, formats: &Formats, page: &mut Worksheet) -> Result<(), XlsxError> {
    page.set_name("definitions")?;
    page.set_column_width(0, 26)?.set_column_width(1, 34)?.set_column_width(2, 100)?;
    for (place, head) in (0_u16..).zip(["kpi", "column", "meaning"]) {
        page.write_string_with_format(0, place, head, &formats.head)?;
    }
    let mut row = 0;
    for definition in &report.definitions {
        let whole = format!("{} In {}; a row for each {}. {}", definition.question, definition.unit, definition.grain.join(", "), definition.caveats);
        let columns = definition.columns.iter().map(|(name, meaning)| (name.as_str(), meaning.as_str()));
        for (column, meaning) in std::iter::once(("", whole.trim_end())).chain(columns) {
            row += 1;
            page.write_string(row, 0, &definition.id)?;
            page.write_string(row, 1, column)?;
            page.write_string_with_format(row, 2, words(meaning), &formats.wrapped)?;
        }
    }
    Ok(())
}

/// Writes the SQL of each table.
pub(super) fn sql(report: &Report, formats: &Formats, page: &mut Worksheet) -> Result<(), XlsxError> {
    page.set_name("sql")?;
    page.set_column_width(0, 30)?.set_column_width(1, 120)?;
    for (place, head) in (0_u16..).zip(["sheet", "sql"]) {
        page.write_string_with_format(0, place, head, &formats.head)?;
    }
    for (row, table) in (1..).zip(report.tables()) {
        page.write_string(row, 0, name(&table.id))?;
        // Its lines stay lines.
        let sql: String = table.sql.trim_end().chars().take(SQL_LETTERS).collect();
        page.write_string_with_format(row, 1, sql, &formats.wrapped)?;
    }
    Ok(())
}

/// A cell takes 32,767.
const SQL_LETTERS: usize = 32_000;
