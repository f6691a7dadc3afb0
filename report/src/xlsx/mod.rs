//! The report as a workbook: a sheet for each table, with real numbers, dates and charts.
//!
//! Texts are written as texts, so that none of them is ever calculated; names of series are taken from cells, never from the texts themselves. The workbook
//! says that it was made at `as_of`: the same report gives the same bytes.

mod front;
mod picture;
mod sheet;

pub use rust_xlsxwriter::XlsxError;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use crate::Report;

/// The workbook.
///
/// # Errors
/// Where something does not fit into a workbook.
pub fn xlsx(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_timestamp(report.as_of.micros().div_euclid(1_000_000))?;
    workbook.set_properties(&DocProperties::new().set_title(report.title()).set_author("sessiontrail").set_creation_datetime(&made));
    let formats = sheet::Formats::new();
    front::write(report, &formats, workbook.add_worksheet())?;
    for section in &report.sections {
        for table in &section.tables {
            let page = workbook.add_worksheet();
            let end = sheet::write(table, &formats, page)?;
            let charts = section.charts.iter().filter(|chart| chart.table == table.id);
            for (ordinal, chart) in charts.enumerate() {
                picture::insert(chart, table, end, ordinal, page)?;
            }
        }
    }
    front::definitions(report, &formats, workbook.add_worksheet())?;
    front::sql(report, &formats, workbook.add_worksheet())?;
    workbook.save_to_buffer()
}
