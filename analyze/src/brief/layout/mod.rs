//! What a report asks, in the order in which people read it.

mod quarterly;
mod weekly;

use report::{Form, Kind, Tendency};

/// A report as it is laid out.
#[derive(Debug)]
pub(super) struct Layout {
    /// How many periods before show where things go.
    pub(super) trend: usize,
    /// At its head.
    pub(super) figures: &'static [Headline],
    /// Below it.
    pub(super) parts: &'static [Part],
}

/// A figure at the head: a column of a table that has a row for each period.
#[derive(Debug)]
pub(super) struct Headline {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    pub(super) better: Tendency,
    /// Title and column of what belongs to it.
    pub(super) details: &'static [(&'static str, &'static str)],
}

/// A section.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) note: &'static str,
    /// Drawn of its tables.
    pub(super) charts: &'static [Picture],
    /// The questions, by the names of their files, and what their answers are called.
    pub(super) tables: &'static [(&'static str, &'static str)],
}

/// A chart.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) form: Form,
    pub(super) table: &'static str,
    pub(super) along: &'static str,
    pub(super) series: &'static [&'static str],
    /// What tells series apart that stand one below the other.
    pub(super) split: Option<&'static str>,
}

impl Layout {
    /// How a report of this kind is laid out.
    pub(super) fn of(kind: Kind) -> &'static Self {
        match kind {
            Kind::Weekly => &weekly::WEEKLY,
            Kind::Quarterly => &quarterly::QUARTERLY,
        }
    }
}

/// Tables of which a chart says all.
pub(super) const DRAWN: [&str; 2] = ["duration_histogram", "survival"];

/// How long sessions last.
const DURATIONS: Part = Part {
    id: "durations",
    title: "How long sessions last",
    note: "Of sessions that ended in the period, by the tier of the policy that ruled them. Percentiles are exact.",
    charts: &[
        Picture {
            id: "durations",
            title: "Sessions by duration, for each tier",
            form: Form::Stacked,
            table: "duration_histogram",
            along: "bucket",
            series: &["n"],
            split: Some("tier"),
        },
        Picture {
            id: "durations-trend",
            title: "Median and 90th percentile of the duration",
            form: Form::Lines,
            table: "durations_trend",
            along: "period",
            series: &["p50_seconds", "p90_seconds"],
            split: None,
        },
    ],
    tables: &[("durations", "Quantiles by tier"), ("durations_trend", "Period by period, all tiers together"), ("duration_histogram", "Distribution by tier")],
};

/// How fast sessions end that went over their limit.
const TERMINATION: Part = Part {
    id: "termination",
    title: "How fast sessions over the limit end",
    note: "Time from the breach of the limit to the end of the session. Sessions that are still open, or were lost sight of, count for as long as they are known to have \
           run: percentiles are those of Kaplan and Meier, and none is told where fewer have ended.",
    charts: &[
        Picture {
            id: "survival",
            title: "Share of violations still running, by time since the breach",
            form: Form::Steps,
            table: "survival",
            along: "after_seconds",
            series: &["still_running_percent"],
            split: None,
        },
        Picture {
            id: "termination-trend",
            title: "Median and 90th percentile of the time to terminate",
            form: Form::Lines,
            table: "time_to_terminate",
            along: "period",
            series: &["p50_seconds", "p90_seconds"],
            split: None,
        },
    ],
    tables: &[("time_to_terminate", "Period by period"), ("survival", "Still running, by time since the breach")],
};

/// Whose sessions were over the limit.
const VIOLATIONS: Part = Part {
    id: "violations",
    title: "Whose sessions were over the limit",
    note: "Certain violations only. Owner and team are those of the target's tags.",
    charts: &[],
    tables: &[
        ("violations_by_owner", "By owner"),
        ("violations_by_team", "By team (cost center)"),
        ("violations_by_account", "By account"),
        ("violations", "Every one of them"),
    ],
};

/// Who is in now.
const OPEN: Part =
    Part { id: "open", title: "What is open now", note: "", charts: &[], tables: &[("open_sessions", "Open sessions, those over their limit first")] };

/// Where the limits hold.
const COVERAGE: Part = Part {
    id: "coverage",
    title: "Where the limits hold",
    note: "An instance is covered where it is managed, and the preferences observed there keep within the limits of its tier. The others are told by their first cause.",
    charts: &[
        Picture {
            id: "coverage-trend",
            title: "Share of the fleet on which the limits hold",
            form: Form::Lines,
            table: "coverage",
            along: "period",
            series: &["coverage_percent"],
            split: None,
        },
        Picture {
            id: "coverage-causes",
            title: "Instances that are not covered, by first cause",
            form: Form::Stacked,
            table: "coverage",
            along: "period",
            series: &["not_assessed", "not_managed", "no_max_duration", "max_duration_too_long", "idle_timeout_too_long"],
            split: None,
        },
    ],
    tables: &[("coverage", "The fleet, period by period"), ("coverage_by_account", "By account and region, as last observed")],
};

/// Exceptions and changes.
const EXCEPTIONS: Part = Part {
    id: "exceptions",
    title: "Exceptions from the policy",
    note: "",
    charts: &[],
    tables: &[("exceptions", "Those that held in the period, the next to end first")],
};

const CHANGES: Part = Part { id: "changes", title: "Changes of the preferences", note: "", charts: &[], tables: &[("preference_changes", "Who changed what")] };

const COST: Part = Part { id: "cost", title: "Hours and logs, by owner", note: "", charts: &[], tables: &[("cost", "By owner and cost center")] };

/// How far the evidence reaches.
const FRESHNESS: Part = Part { id: "freshness", title: "How fresh the data is", note: "", charts: &[], tables: &[("sources", "What was read of each source")] };
