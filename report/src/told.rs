//! What a report tells: its period, the figures at its head, and sections of tables and charts. Each figure is a cell of a table, and each table comes with
//! the SQL that gives it.

use schemas::Timestamp;
use serde::{Serialize, Serializer};

use crate::{Type, Unit, Value};

/// A report of one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// How long its period is.
    pub kind: Kind,
    /// What it reports.
    pub period: Period,
    /// What it is compared with; `None` where the ledger does not reach back so far.
    pub before: Option<Period>,
    /// The moment of all answers.
    #[serde(serialize_with = "moment")]
    pub as_of: Timestamp,
    /// The IANA name of the time zone in which periods begin.
    pub timezone: String,
    /// What made it, and of what: names and values.
    #[serde(serialize_with = "named")]
    pub made_of: Vec<(String, String)>,
    /// What a reader must know before anything else.
    pub notices: Vec<Notice>,
    /// The report in one paragraph.
    pub summary: String,
    /// The figures at its head.
    pub figures: Vec<Figure>,
    /// Everything else.
    pub sections: Vec<Section>,
    /// What the KPIs mean.
    pub definitions: Vec<Definition>,
}

/// How long the period of a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An ISO week.
    Weekly,
    /// A quarter of the fiscal year.
    Quarterly,
}

impl Kind {
    /// `weekly` or `quarterly`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Quarterly => "quarterly",
        }
    }

    /// `week` or `quarter`: what the calendar calls it.
    #[must_use]
    pub const fn period(self) -> &'static str {
        match self {
            Self::Weekly => "week",
            Self::Quarterly => "quarter",
        }
    }
}

/// A week or a quarter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// `2026-W28`, `2026-Q3` or `FY2027-Q1`.
    pub label: String,
    /// The local date on which it begins.
    pub starts_on: String,
    /// The last local date that lies in it.
    pub ends_on: String,
    /// The moment at which it begins.
    #[serde(serialize_with = "moment")]
    pub start_at: Timestamp,
    /// The moment at which it ends; not part of it.
    #[serde(serialize_with = "moment")]
    pub end_at: Timestamp,
    /// Whether it had not ended at `as_of`.
    pub to_date: bool,
}

/// Something to know before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// What kind of thing.
    pub kind: NoticeKind,
    /// A sentence.
    pub text: String,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The period had not ended.
    ToDate,
    /// An earlier report of the period says otherwise.
    Restated,
    /// Something could not be understood.
    Rejects,
    /// Something should be there and is not.
    Gaps,
    /// An ingest is under way.
    Behind,
    /// A part of the report has nothing to ask.
    Absent,
}

/// A number at the head of the report: a cell of one of its tables.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its name within the report.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The number.
    pub value: Value,
    /// The same of the period before.
    pub before: Value,
    /// What it measures.
    pub unit: Unit,
    /// Which way is better.
    pub better: Tendency,
    /// What belongs to it, such as the numerator and denominator of a rate.
    pub details: Vec<Detail>,
    /// The table it stands in.
    pub table: String,
    /// The column of that table; its row is that of the period.
    pub column: String,
}

/// Which way a figure should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tendency {
    /// Less is better.
    Less,
    /// More is better.
    More,
    /// Neither.
    Neither,
}

/// What belongs to a figure: another cell of its row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    /// What people call it.
    pub title: String,
    /// Its value.
    pub value: Value,
    /// What it measures.
    pub unit: Unit,
    /// The column it stands in.
    pub column: String,
}

/// A part of the report under a heading of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Its name within the report.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What it says, and how it is to be read.
    pub note: String,
    /// Drawn from its tables.
    pub charts: Vec<Chart>,
    /// What was asked.
    pub tables: Vec<Table>,
}

/// An answer of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Its name within the report, and that of its CSV file and its sheet.
    pub id: String,
    /// What it answers.
    pub title: String,
    /// What a reader must know to use it well; can be empty.
    pub note: String,
    /// The KPI or table that its figures are taken from.
    pub definition: String,
    /// Whether a chart says all of it: then people see no rows of it.
    pub drawn: bool,
    /// The columns that name a row.
    pub key: Vec<String>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Every row.
    pub rows: Vec<Vec<Value>>,
    /// The SQL that gives it.
    pub sql: String,
}

impl Table {
    /// Where a column stands.
    #[must_use]
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.name == column)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name in SQL.
    pub name: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub is: Type,
    /// What they measure.
    pub unit: Unit,
    /// What it means.
    pub meaning: String,
}

/// A picture of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chart {
    /// Its name within the report.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// How it is drawn.
    pub form: Form,
    /// The table of its section that it draws.
    pub table: String,
    /// The column along the bottom.
    pub along: String,
    /// The columns that are drawn, each a series.
    pub series: Vec<String>,
    /// Where one column holds all series, one below the other: what tells them apart.
    pub split: Option<Split>,
}

/// How a table with its series one below the other is taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Split {
    /// The column whose value names the series; rows of one series stand together.
    pub column: String,
    /// A series that is not drawn, such as the sum of all others.
    pub without: String,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Columns side by side.
    Columns,
    /// Columns on top of each other.
    Stacked,
    /// Lines from point to point.
    Lines,
    /// A line that holds until the next point; what is along the bottom is a number.
    Steps,
}

/// What a KPI means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// Its name.
    pub id: String,
    /// The question it answers.
    pub question: String,
    /// What it counts or measures.
    pub unit: String,
    /// The columns that name a row.
    pub grain: Vec<String>,
    /// Name and meaning of each column.
    #[serde(serialize_with = "named")]
    pub columns: Vec<(String, String)>,
    /// What a reader must know; can be empty.
    pub caveats: String,
}

impl Report {
    /// What the report is called, such as `Weekly report 2026-W28 (to date)`.
    #[must_use]
    pub fn title(&self) -> String {
        let kind = match self.kind {
            Kind::Weekly => "Weekly report",
            Kind::Quarterly => "Quarterly report",
        };
        format!("{kind} {}{}", self.period.label, self.period.said())
    }

    /// Every table, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.sections.iter().flat_map(|section| &section.tables)
    }

    /// The table of this name.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables().find(|table| table.id == id)
    }

    /// The figure of this name.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.id == id)
    }
}

impl Period {
    /// Its days, as people name them: `2026-07-06 to 2026-07-12`. The moments at which it begins and ends are those of its time zone.
    pub(crate) fn days(&self) -> String {
        format!("{} to {}", self.starts_on, self.ends_on)
    }

    /// What stands behind its name: ` (to date)`, or nothing.
    #[must_use]
    pub const fn said(&self) -> &'static str {
        if self.to_date { " (to date)" } else { "" }
    }
}

/// RFC 3339, as everywhere.
fn moment<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// An object, in the order of the pairs.
fn named<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}
