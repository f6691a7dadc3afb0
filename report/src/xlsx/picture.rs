//! A chart of a workbook: the same picture as everywhere, drawn by whoever opens it from the cells of the sheet.

use rust_xlsxwriter::{Chart as Picture, ChartType, Worksheet, XlsxError};

use super::sheet::name;
use crate::{Chart, Form, Table, Value};

/// Puts the chart beside its table, below those before it. One without rows is not there.
pub(super) fn insert(chart: &Chart, table: &Table, last: u32, ordinal: usize, page: &mut Worksheet) -> Result<(), XlsxError> {
    let place = |column: &str| table.place(column).and_then(|place| u16::try_from(place).ok());
    let Some(along) = place(&chart.along) else { return Ok(()) };
    let mut picture = Picture::new(match chart.form {
        Form::Columns => ChartType::Column,
        Form::Stacked => ChartType::ColumnStacked,
        Form::Lines => ChartType::Line,
        Form::Steps => ChartType::Scatter,
    });
    let sheet = name(&table.id);
    let mut series = 0;
    for column in &chart.series {
        let Some(value) = place(column) else { continue };
        for run in runs(chart, table, last) {
            let named = match chart.split.as_ref().and_then(|split| place(&split.column)) {
                Some(split) => (sheet.as_str(), run.0, split),
                None => (sheet.as_str(), 0, value),
            };
            picture.add_series().set_name(named).set_categories((sheet.as_str(), run.0, along, run.1, along)).set_values((
                sheet.as_str(),
                run.0,
                value,
                run.1,
                value,
            ));
            series += 1;
        }
    }
    if series == 0 {
        return Ok(());
    }
    picture.title().set_name(&chart.title);
    picture.set_width(720).set_height(320);
    let beside = u16::try_from(table.columns.len() + 1).unwrap_or(u16::MAX);
    let below = u32::try_from(ordinal).unwrap_or(0) * 17 + 1;
    page.insert_chart(below, beside, &picture)?;
    Ok(())
}

/// The rows of each series, first and last: all of them, or those that stand together.
fn runs(chart: &Chart, table: &Table, last: u32) -> Vec<(u32, u32)> {
    if last == 0 {
        return Vec::new();
    }
    let Some((column, without)) = chart.split.as_ref().and_then(|split| Some((table.place(&split.column)?, &split.without))) else {
        return vec![(1, last)];
    };
    let mut runs: Vec<(&Value, (u32, u32))> = Vec::new();
    for (row, values) in (1..=last).zip(&table.rows) {
        let Some(named) = values.get(column) else { continue };
        match runs.last_mut() {
            Some((known, run)) if *known == named => run.1 = row,
            _ => runs.push((named, (row, row))),
        }
    }
    runs.retain(|(named, _)| !matches!(named, Value::Text(named) if named == without));
    runs.into_iter().map(|(_, run)| run).collect()
}
