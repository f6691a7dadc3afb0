//! What a report says: the ledger is asked one question after the other, and the answers become a [`Report`].
//!
//! ```text
//!   calendar ─▶ span ─▶ the words for $start, $end_at …
//!   layout ───┐             │
//!   queries/report/*.sql ───┴▶ bound ─▶ asked ─▶ tables, figures, notices ─▶ Report
//! ```
//!
//! The SQL is data, and so is the order of the report. Here is nothing that is worked out: each figure is a cell of an answer, and the SQL that gives it
//! goes into the report with it.

mod asked;
mod bound;
mod layout;
mod notices;
mod span;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;

use report::{Chart, Definition, Detail, Figure, Kind, Report, Section, Split, Table, Unit, Value};

use crate::engine::QueryError;
use crate::ledger::{Ledger, LedgerError};

use layout::{Headline, Layout, Part, Picture};
use span::Span;

/// What report is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Of a week or of a quarter.
    pub kind: Kind,
    /// The name of the period, such as `2026-W28`, or [`LAST`]; that of the last instant before `as_of` where `None`.
    pub period: Option<String>,
    /// The IANA name of the ledger's time zone.
    pub timezone: String,
    /// The version of the program.
    pub program: String,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum BriefError {
    /// A question has no answer.
    #[error("the question {question} of the report could not be answered")]
    Query {
        /// Which one.
        question: String,
        /// Why.
        source: QueryError,
    },
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The lake holds nothing that is dated, so that there is no period.
    #[error("nothing dated is known yet, so that there is no period to report")]
    NothingKnown,
    /// The newest period that is over was asked for, and none is.
    #[error("no {kind} of this ledger is over yet")]
    NoneEnded {
        /// `week` or `quarter`.
        kind: &'static str,
    },
    /// The calendar of the ledger has no such period.
    #[error("there is no {kind} {name:?} in this ledger")]
    NoSuchPeriod {
        /// `week` or `quarter`.
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// The first that there is.
        first: String,
        /// The last that there is.
        last: String,
    },
}

/// Asks the ledger for everything that a report says.
///
/// # Errors
/// Where there is no such period, or a question has no answer.
pub async fn brief(ledger: &Ledger, wanted: &Wanted) -> Result<Report, BriefError> {
    let as_of = ledger.as_of().ok_or(BriefError::NothingKnown)?;
    let layout = Layout::of(wanted.kind);
    let span = Span::find(ledger.engine(), wanted, layout.trend, as_of).await?;
    let words = bound::words(wanted.kind, &span);
    let mut sections = Vec::new();
    let mut absent = BTreeSet::new();
    for part in layout.parts {
        sections.extend(section(ledger, part, &words, &mut absent).await?);
    }
    let mut definitions = Vec::new();
    for id in meant(&sections) {
        definitions.extend(definition(ledger, id).await?);
    }
    let figures = layout.figures.iter().filter_map(|headline| figure(headline, &sections, &span)).collect();
    let mut report = Report {
        kind: wanted.kind,
        period: span.this.period.clone(),
        before: span.before.as_ref().map(|before| before.period.clone()),
        as_of,
        timezone: wanted.timezone.clone(),
        made_of: made_of(ledger, wanted).await?,
        notices: Vec::new(),
        summary: String::new(),
        figures,
        sections,
        definitions,
    };
    report.notices = notices::notices(&report, ledger.unreflected(), &absent);
    report.summary = report::summary(&report);
    Ok(report)
}

/// A section with what can be asked of it; `None` where nothing can.
async fn section(ledger: &Ledger, part: &Part, words: &[(&str, String)], absent: &mut BTreeSet<String>) -> Result<Option<Section>, BriefError> {
    let mut tables = Vec::new();
    for (id, title) in part.tables {
        let Some(question) = queries::REPORT.iter().find(|question| question.id == *id) else { continue };
        let lacking: Vec<String> = question.needs.iter().filter(|table| !ledger.engine().knows(table)).cloned().collect();
        if lacking.is_empty() {
            let answered = asked::table(ledger.engine(), question, title, words).await;
            let mut table = answered.map_err(|source| BriefError::Query { question: question.id.to_owned(), source })?;
            table.drawn = layout::DRAWN.contains(id);
            tables.push(table);
        } else {
            absent.extend(lacking);
        }
    }
    if tables.is_empty() {
        return Ok(None);
    }
    let charts = part.charts.iter().filter(|picture| tables.iter().any(|table| table.id == picture.table)).map(chart).collect();
    Ok(Some(Section { id: part.id.to_owned(), title: part.title.to_owned(), note: part.note.to_owned(), charts, tables }))
}

fn chart(picture: &Picture) -> Chart {
    Chart {
        id: picture.id.to_owned(),
        title: picture.title.to_owned(),
        form: picture.form,
        table: picture.table.to_owned(),
        along: picture.along.to_owned(),
        series: picture.series.iter().map(|name| (*name).to_owned()).collect(),
        split: picture.split.map(|column| Split { column: column.to_owned(), without: ALL_TIERS.to_owned() }),
    }
}

/// A figure: the cell of its table in the row of the period, and the same of the period before.
fn figure(headline: &Headline, sections: &[Section], span: &Span) -> Option<Figure> {
    let table = sections.iter().flat_map(|section| &section.tables).find(|table| table.id == headline.table)?;
    let this = row(table, span.this.starts_on)?;
    let before = span.before.as_ref().and_then(|before| row(table, before.starts_on));
    let cell = |row: &[Value], column: &str| table.place(column).and_then(|place| row.get(place)).cloned();
    let details = headline.details.iter().filter_map(|(title, column)| {
        Some(Detail { title: (*title).to_owned(), value: cell(this, column)?, unit: Unit::of(column), column: (*column).to_owned() })
    });
    Some(Figure {
        id: headline.id.to_owned(),
        title: headline.title.to_owned(),
        value: cell(this, headline.column)?,
        before: before.and_then(|before| cell(before, headline.column)).unwrap_or(Value::Null),
        unit: Unit::of(headline.column),
        better: headline.better,
        details: details.collect(),
        table: headline.table.to_owned(),
        column: headline.column.to_owned(),
    })
}

/// The row of a table of periods, by the date on which its period begins.
fn row(table: &Table, starts_on: i32) -> Option<&[Value]> {
    let place = table.place(table.key.first()?)?;
    table.rows.iter().find(|row| row.get(place) == Some(&Value::Date(starts_on))).map(Vec::as_slice)
}

/// What the tables of the sections take their figures from, each once.
fn meant(sections: &[Section]) -> Vec<&str> {
    let mut ids = Vec::new();
    for table in sections.iter().flat_map(|section| &section.tables) {
        if !ids.contains(&table.definition.as_str()) {
            ids.push(table.definition.as_str());
        }
    }
    ids
}

/// What a KPI means, as the head of its SQL says it; of another table, what its columns mean.
async fn definition(ledger: &Ledger, id: &str) -> Result<Option<Definition>, BriefError> {
    if let Some(kpi) = queries::find(id) {
        return Ok(Some(Definition {
            id: kpi.id.to_owned(),
            question: kpi.question.clone(),
            unit: kpi.unit.clone(),
            grain: kpi.grain.clone(),
            columns: kpi.columns.clone(),
            caveats: kpi.caveats.clone(),
        }));
    }
    let columns = asked::meanings(ledger.engine(), id).await.map_err(|source| BriefError::Query { question: id.to_owned(), source })?;
    let question = format!("What does the table {id} hold?");
    Ok((!columns.is_empty()).then(|| Definition {
        id: id.to_owned(),
        question,
        unit: "rows".to_owned(),
        grain: columns.iter().take(1).map(|(name, _)| name.clone()).collect(),
        columns,
        caveats: String::new(),
    }))
}

/// What the report depends on, as a published copy says it.
async fn made_of(ledger: &Ledger, wanted: &Wanted) -> Result<Vec<(String, String)>, BriefError> {
    let stamp = ledger.stamp().await?;
    let words = stamp.into_iter().map(|(name, value)| (name.trim_start_matches("sessiontrail.").to_owned(), value));
    Ok(std::iter::once(("program".to_owned(), format!("sessiontrail {}", wanted.program))).chain(words).collect())
}

/// The name that means the newest period that is over.
pub const LAST: &str = "last";
/// The tier that stands for all of them.
const ALL_TIERS: &str = "(all)";
