//! The weekly report.

use report::{Form, Tendency};

use super::{CHANGES, COST, COVERAGE, DURATIONS, EXCEPTIONS, FRESHNESS, Headline, Layout, OPEN, Part, Picture, TERMINATION, VIOLATIONS};

/// For a manager, once a week.
pub(super) const WEEKLY: Layout = Layout {
    trend: 12,
    figures: &[
        Headline {
            id: "over_limit",
            title: "Sessions over the maximum duration",
            table: "weeks",
            column: "over_limit_active",
            better: Tendency::Less,
            details: &[("new", "over_limit_new"), ("possible", "over_limit_possible")],
        },
        Headline {
            id: "time_to_terminate",
            title: "Time to terminate, median",
            table: "time_to_terminate",
            column: "p50_seconds",
            better: Tendency::Less,
            details: &[("90th percentile", "p90_seconds"), ("n", "violations"), ("still open", "still_open"), ("within target", "within_target")],
        },
        Headline {
            id: "coverage",
            title: "Fleet coverage",
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
            id: "open_at_end",
            title: "Still over the limit at the end",
            table: "weeks",
            column: "over_limit_open_at_end",
            better: Tendency::Less,
            details: &[],
        },
        Headline { id: "over_limit_hours", title: "Hours over the limit", table: "weeks", column: "over_limit_hours", better: Tendency::Less, details: &[] },
        Headline {
            id: "sessions",
            title: "Active sessions",
            table: "weeks",
            column: "sessions_active",
            better: Tendency::Neither,
            details: &[("started", "sessions_started"), ("ended", "sessions_ended")],
        },
        Headline { id: "idle", title: "Newly idle too long (suspected)", table: "weeks", column: "idle_suspected_new", better: Tendency::Less, details: &[] },
    ],
    parts: &[
        DURATIONS,
        Part {
            id: "over-limit",
            title: "Sessions over their limit",
            note: "Only what is certain counts; what is merely possible stands in a column of its own.",
            charts: &[Picture {
                id: "over-limit",
                title: "Sessions over their limit, week by week",
                form: Form::Columns,
                table: "weeks",
                along: "week",
                series: &["over_limit_active", "over_limit_new"],
                split: None,
            }],
            tables: &[("weeks", "Week by week, all tiers together"), ("tiers", "By tier, in this week")],
        },
        TERMINATION,
        VIOLATIONS,
        OPEN,
        COVERAGE,
        Part {
            id: "findings",
            title: "Findings",
            note: "A finding supports assessment of the controls that it names; whether they are met is for an auditor to say.",
            charts: &[],
            tables: &[("findings", "Week by week"), ("findings_by_rule", "By rule, in this week"), ("findings_open", "Open ones")],
        },
        Part {
            id: "evidence",
            title: "How well this is known",
            note: "",
            charts: &[],
            tables: &[
                ("evidence", "How ends are known, by account"),
                ("transcripts", "Transcripts, by account"),
                ("transcript_gaps", "Why transcripts are missing or late"),
                ("missing_evidence", "Rejected and missing, at the moment of the report"),
            ],
        },
        EXCEPTIONS,
        CHANGES,
        Part {
            id: "anomalies",
            title: "Longer than in twelve weeks",
            note: "Tiers and owners of whose sessions the 90th percentile of the duration is above the highest of the twelve weeks before, where at least 20 ended.",
            charts: &[],
            tables: &[("anomalies", "Tiers and owners")],
        },
        COST,
        FRESHNESS,
    ],
};
