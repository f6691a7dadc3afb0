//! The quarterly report.

use report::{Form, Tendency};

use super::{CHANGES, COST, COVERAGE, DURATIONS, EXCEPTIONS, FRESHNESS, Headline, Layout, OPEN, Part, Picture, TERMINATION, VIOLATIONS};

/// For an auditor, once a quarter.
pub(super) const QUARTERLY: Layout = Layout {
    trend: 7,
    figures: &[
        Headline {
            id: "violations",
            title: "Violations of the maximum duration",
            table: "time_to_terminate",
            column: "violations",
            better: Tendency::Less,
            details: &[("terminated", "terminated"), ("still open", "still_open"), ("lost", "lost")],
        },
        Headline {
            id: "time_to_terminate",
            title: "Time to terminate, median",
            table: "time_to_terminate",
            column: "p50_seconds",
            better: Tendency::Less,
            details: &[("90th percentile", "p90_seconds"), ("n", "violations"), ("restricted mean", "rmst_seconds"), ("within target", "within_target")],
        },
        Headline {
            id: "coverage",
            title: "Fleet coverage at the end",
            table: "coverage",
            column: "coverage_percent",
            better: Tendency::More,
            details: &[("covered", "covered"), ("of", "instances")],
        },
        Headline {
            id: "findings_open",
            title: "Open findings",
            table: "findings",
            column: "open_at_end",
            better: Tendency::Less,
            details: &[("high", "high_at_end"), ("opened", "opened"), ("closed", "closed")],
        },
        Headline {
            id: "transcripts",
            title: "Sessions with the transcript that is expected",
            table: "quarters",
            column: "transcripts_percent",
            better: Tendency::More,
            details: &[("present", "transcripts_present"), ("of", "transcripts_expected")],
        },
        Headline { id: "sessions", title: "Sessions", table: "quarters", column: "sessions", better: Tendency::Neither, details: &[] },
    ],
    parts: &[
        Part {
            id: "quarters",
            title: "Audit KPIs, quarter by quarter",
            note: "A quarter is worked out of its own sessions, never by adding weeks.",
            charts: &[Picture {
                id: "violations-trend",
                title: "Violations and open findings, quarter by quarter",
                form: Form::Columns,
                table: "quarters",
                along: "quarter",
                series: &["violations", "findings_open_at_end"],
                split: None,
            }],
            tables: &[("quarters", "All of them")],
        },
        Part {
            id: "findings",
            title: "Findings",
            note: "A finding supports assessment of the controls that it names; whether they are met is for an auditor to say.",
            charts: &[],
            tables: &[("findings", "Quarter by quarter"), ("findings_and_controls", "By rule, with controls"), ("findings_open", "Open ones")],
        },
        TERMINATION,
        VIOLATIONS,
        DURATIONS,
        COVERAGE,
        Part {
            id: "sampling",
            title: "A sample for the auditor",
            note: "Drawn by SHA-256 of the quarter's name, a colon and the session id, smallest first: 25 of the certain violations, then 25 of all other sessions of the quarter. Nobody \
                   can choose it, and anybody can draw it again.",
            charts: &[],
            tables: &[("sampling", "Sessions to look at")],
        },
        OPEN,
        Part {
            id: "evidence",
            title: "How well this is known",
            note: "",
            charts: &[],
            tables: &[
                ("transcripts", "Transcripts, by account"),
                ("transcript_gaps", "Why transcripts are missing or late"),
                ("missing_evidence", "Rejected and missing, at the moment of the report"),
            ],
        },
        EXCEPTIONS,
        CHANGES,
        COST,
        FRESHNESS,
    ],
};
