//! An edition: one report as files, in a folder of its own that is never written over.
//!
//! ```text
//!   Report ─▶ Edition { report.html, report.xlsx, report.md, csv/…, report.json } ─▶ rack ─▶ <out>/<kind>/<period>/<as_of>/
//! ```

mod rack;

use report::Report;
use schemas::Timestamp;

use crate::exit::Failure;

pub(crate) use rack::{Earlier, Kept, Rack};

/// The files of one report. The last of them, `report.json`, makes it whole.
#[derive(Debug)]
pub(crate) struct Edition {
    kind: &'static str,
    period: String,
    as_of: Timestamp,
    files: Vec<(String, Vec<u8>)>,
}

impl Edition {
    /// Tells a report in every form.
    pub(crate) fn of(report: &Report) -> Result<Self, Failure> {
        let mut files = vec![
            (HTML.to_owned(), report::html(report).into_bytes()),
            ("report.md".to_owned(), report::markdown(report).into_bytes()),
            ("report.xlsx".to_owned(), report::xlsx(report).map_err(Failure::failed)?),
        ];
        files.extend(report.tables().map(|table| (format!("csv/{}.csv", table.id), report::csv(table).into_bytes())));
        files.push((JSON.to_owned(), report::json(report).map_err(Failure::failed)?.into_bytes()));
        Ok(Self { kind: report.kind.as_str(), period: report.period.label.clone(), as_of: report.as_of, files })
    }
}

/// A moment as folders are named by it: `20260714T091500Z`. What is finer than a second is told where there is any.
fn stamp(as_of: Timestamp) -> String {
    let text = as_of.to_string();
    let (whole, fraction) = text.trim_end_matches('Z').split_once('.').unwrap_or((text.trim_end_matches('Z'), ""));
    let fraction = fraction.trim_end_matches('0');
    let whole = whole.replace(['-', ':'], "");
    if fraction.is_empty() { format!("{whole}Z") } else { format!("{whole}.{fraction}Z") }
}

/// What people open.
pub(crate) const HTML: &str = "report.html";
/// What an edition ends with, and what others are compared with.
pub(crate) const JSON: &str = "report.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_by_their_moment() {
        let at = |text: &str| Timestamp::parse(text).map(stamp).ok();
        assert_eq!(at("2026-07-14T09:15:00Z").as_deref(), Some("20260714T091500Z"));
        assert_eq!(at("2026-07-14T09:15:00.250Z").as_deref(), Some("20260714T091500.25Z"));
    }
}
