//! `report`: a report of a week or a quarter in every form, and what a later one says otherwise.

use std::fmt::Write;
use std::path::Path;

use analyze::brief::{self, BriefError, Wanted};
use report::diff::{Diff, diff};
use report::{Kind, Notice, NoticeKind, Report};

use crate::args;
use crate::config::Location;
use crate::edition::{Edition, JSON, Kept, Rack};
use crate::exit::{Failure, Outcome};
use crate::plan::Plan;
use crate::reading::Reading;
use crate::ui;

/// Writes a report, and prints its folder.
pub(super) async fn run(plan: &Plan, kind: Kind, typed: &args::Period) -> Result<Outcome, Failure> {
    let here = std::env::current_dir().map_err(Failure::failed)?;
    let out = Location::parse(&typed.out, &here).map_err(|problem| Failure::usage(format!("--out: {problem}")))?;
    let kept = write(plan, kind, typed.period.as_deref(), &out).await?;
    plan.ui.say(if kept.was_there { "this very report is there already; it is left as it is" } else { "the report is written to" });
    ui::print(&kept.folder).map_err(Failure::failed)?;
    Ok(Outcome::Done)
}

/// Works a report out and puts it into a folder of its own.
pub(super) async fn write(plan: &Plan, kind: Kind, period: Option<&str>, out: &Location) -> Result<Kept, Failure> {
    let reading = Reading::open(plan).await?;
    let rack = Rack::at(out, &plan.config.lake.access).await?;
    let mut report = {
        let _busy = plan.ui.busy("working the report out");
        let wanted = Wanted {
            kind,
            period: period.map(str::to_owned),
            timezone: plan.config.report.timezone_name.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
        };
        brief::brief(reading.ledger(), &wanted).await?
    };
    if let Some(earlier) = rack.earlier(kind.as_str(), &report.period.label, report.as_of).await? {
        report.notices.extend(restated(&earlier, &report)?);
    }
    rack.keep(&Edition::of(&report)?).await
}

/// What the first lines say of an earlier report of the period; nothing where it says the same.
fn restated(earlier: &str, report: &Report) -> Result<Option<Notice>, Failure> {
    let told = report::json(report).map_err(Failure::failed)?;
    // One of another form, or one that somebody has edited, cannot be compared with.
    let Ok(diff) = diff(earlier, &told) else { return Ok(None) };
    if diff.was_to_date {
        return Ok(None);
    }
    let figures: Vec<String> = diff.differences.iter().filter(|one| one.is_figure).map(|one| format!("{} {} → {}", one.place, one.before, one.after)).collect();
    let text = format!("Restated: since the report as of {}, {} figures are others: {}.", diff.before, figures.len(), figures.join("; "));
    Ok((!figures.is_empty()).then_some(Notice { kind: NoticeKind::Restated, text }))
}

/// Prints what the later of two reports of a period says otherwise.
pub(super) fn run_diff(typed: &args::ReportDiff) -> Result<Outcome, Failure> {
    let (before, after) = (read(&typed.before)?, read(&typed.after)?);
    let hint = "name two folders of one period, or the report.json in them";
    let diff = diff(&before, &after).map_err(|error| Failure::usage(error).hint(hint))?;
    ui::print(&said(&diff)).map_err(Failure::failed)?;
    Ok(Outcome::Done)
}

fn said(diff: &Diff) -> String {
    let to_date = if diff.was_to_date { " (to date)" } else { "" };
    let mut text = format!("as of {}{to_date} → as of {}", diff.before, diff.after);
    if diff.differences.is_empty() {
        return text + "\nboth say the same";
    }
    for one in &diff.differences {
        let column = if one.column.is_empty() { String::new() } else { format!(".{}", one.column) };
        let _ = write!(text, "\n{}{column}: {} → {}", ui::visible(&one.place), ui::visible(&one.before), ui::visible(&one.after));
    }
    text
}

fn read(path: &Path) -> Result<String, Failure> {
    let file = if path.is_dir() { path.join(JSON) } else { path.to_owned() };
    std::fs::read_to_string(&file).map_err(|error| Failure::usage(format!("cannot read {}: {error}", file.display())))
}

impl From<BriefError> for Failure {
    fn from(error: BriefError) -> Self {
        match error {
            BriefError::Query(error) => error.into(),
            BriefError::Ledger(error) => error.into(),
            BriefError::NothingKnown => Self::failed(error).hint("run `sessiontrail ingest` first"),
            BriefError::NoSuchPeriod { ref first, ref last, kind, .. } => {
                let hint = if first == last { format!("there is the {kind} {first}") } else { format!("there are the {kind}s {first} to {last}") };
                Self::usage(error).hint(hint)
            }
        }
    }
}
