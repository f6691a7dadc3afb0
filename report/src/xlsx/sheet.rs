//! A table as a sheet: a head, and a row for each row.

use std::borrow::Cow;

use rust_xlsxwriter::{Format, FormatBorder, Worksheet, XlsxError};
use schemas::Timestamp;

use crate::inert::{shortened, visible};
use crate::{Table, Unit, Value};

/// How cells look.
pub(super) struct Formats {
    pub(super) title: Format,
    pub(super) head: Format,
    pub(super) wrapped: Format,
    whole: Format,
    double: Format,
    instant: Format,
    date: Format,
}

impl Formats {
    pub(super) fn new() -> Self {
        Self {
            title: Format::new().set_bold().set_font_size(16),
            head: Format::new().set_bold().set_border_bottom(FormatBorder::Thin),
            wrapped: Format::new().set_text_wrap(),
            whole: Format::new().set_num_format("#,##0"),
            double: Format::new().set_num_format("#,##0.00"),
            instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
        }
    }
}

/// The sheet of a table; tells the last row with values, 0 where there is none.
pub(super) fn write(table: &Table, formats: &Formats, page: &mut Worksheet) -> Result<u32, XlsxError> {
    page.set_name(name(&table.id))?;
    for (place, column) in (0_u16..).zip(&table.columns) {
        page.write_string_with_format(0, place, &column.name, &formats.head)?;
        page.set_column_width(place, if column.is.is_number() { 14 } else { 22 })?;
    }
    page.set_freeze_panes(1, 0)?;
    let mut last = 0;
    for (row, values) in (1..ROWS).zip(&table.rows) {
        for (place, value) in (0_u16..).zip(values) {
            cell(page, (row, place), value, formats)?;
        }
        last = row;
    }
    let left_out = table.rows.len().saturating_sub(usize::try_from(last).unwrap_or(usize::MAX));
    if left_out > 0 {
        page.write_string(ROWS, 0, format!("… and {left_out} more in csv/{}.csv", table.id))?;
    }
    if let Some(end) = u16::try_from(table.columns.len()).ok().and_then(|columns| columns.checked_sub(1)) {
        page.autofilter(0, 0, last, end)?;
        page.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    }
    Ok(last)
}

/// Writes one value. A number is written as it is, whatever the sheet shows of it.
pub(super) fn cell(page: &mut Worksheet, (row, place): (u32, u16), value: &Value, formats: &Formats) -> Result<(), XlsxError> {
    match value {
        Value::Null => return Ok(()),
        Value::Boolean(value) => page.write_boolean(row, place, *value)?,
        Value::Integer(count) => match value.number() {
            // A number of a sheet has 53 bits.
            Some(number) if count.unsigned_abs() <= 1 << 53 => page.write_number_with_format(row, place, number, &formats.whole)?,
            _ => page.write_string(row, place, value.exact())?,
        },
        Value::Double(number) if number.is_finite() => page.write_number_with_format(row, place, *number, &formats.double)?,
        Value::Double(_) => page.write_string(row, place, value.exact())?,
        Value::Text(text) => page.write_string(row, place, words(text))?,
        Value::Instant(at) => page.write_number_with_format(row, place, serial(*at), &formats.instant)?,
        Value::Date(days) => page.write_number_with_format(row, place, f64::from(*days) + EPOCH, &formats.date)?,
    };
    Ok(())
}

/// What a figure measures, where its column would not say it.
pub(super) fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "",
        Unit::Seconds => "seconds",
        Unit::Hours => "hours",
        Unit::Percent => "percent",
        Unit::Bytes => "bytes",
    }
}

/// A text as a cell shows it.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    shortened(text, LETTERS)
}

/// A name of a sheet: 31 characters at most.
pub(super) fn name(id: &str) -> String {
    visible(id).chars().take(31).collect()
}

/// Days since 1899-12-30, as workbooks count moments.
#[expect(clippy::cast_precision_loss, reason = "microseconds of the years 1970 to 2199 have 53 bits")]
fn serial(at: Timestamp) -> f64 {
    at.micros() as f64 / 86_400e6 + EPOCH
}

/// 1970-01-01 in days since 1899-12-30.
const EPOCH: f64 = 25_569.0;
/// Rows of a sheet, but for the last, which tells what is left out.
const ROWS: u32 = 1_048_575;
/// Letters of a cell; CSV and JSON have all of them.
const LETTERS: usize = 1_000;
