//! `report`: a report of a week or a quarter in every form, and what a later one says otherwise.

use std::fmt::{Display, Write};

use analyze::brief::{self, BriefError, Wanted};
use deliver::{Headline, Tile};
use report::diff::{Diff, diff};
use report::{Figure, Kind, Notice, NoticeKind, Report};

use crate::args::{self, Global};
use crate::config::Location;
use crate::edition::{Earlier, Edition, HTML, JSON, Kept, Rack};
use crate::exit::{Failure, Outcome};
use crate::notify;
use crate::plan::Plan;
use crate::reading::Reading;
use crate::ui;

/// Writes a report, and prints its folder.
pub(super) async fn run(plan: &Plan, kind: Kind, typed: &args::Period) -> Result<Outcome, Failure> {
    let here = std::env::current_dir().map_err(Failure::failed)?;
    let out = Location::parse(&typed.out, &here).map_err(|problem| Failure::usage(format!("--out: {problem}")))?;
    // Before the work: nobody wants to learn after it that nobody is named.
    let channels = if typed.notify { notify::channels(plan).await? } else { Vec::new() };
    let (kept, report) = write(plan, kind, typed.period.as_deref(), &out).await?;
    plan.ui.say(if kept.was_there { "this very report is there already; it is left as it is" } else { "the report is written to" });
    ui::print(&kept.folder).map_err(Failure::failed)?;
    if channels.is_empty() { Ok(Outcome::Done) } else { notify::send_headline(plan, &channels, &headline(plan, &report, &kept)?).await }
}

/// What is announced of a report.
fn headline(plan: &Plan, report: &Report, kept: &Kept) -> Result<Headline, Failure> {
    let tile = |figure: &Figure| {
        let unit = serde_json::to_value(figure.unit)?.as_str().unwrap_or_default().to_owned();
        let (value, before) = (serde_json::to_value(&figure.value)?, serde_json::to_value(&figure.before)?);
        Ok(Tile { id: figure.id.clone(), title: figure.title.clone(), value, before, unit })
    };
    let figures: Result<_, serde_json::Error> = report.figures.iter().map(tile).collect();
    // An address that a browser opens where there is one, else the folder: who reads it knows the way.
    let link = plan.config.notify.reports_url.as_ref().map_or_else(|| kept.folder.clone(), |base| format!("{base}{}/{HTML}", kept.name));
    Ok(Headline {
        title: report.title(),
        kind: report.kind.as_str(),
        period: report.period.label.clone(),
        to_date: report.period.to_date,
        as_of: report.as_of.to_string(),
        summary: report.summary.clone(),
        notices: report.notices.iter().map(|notice| notice.text.clone()).collect(),
        figures: figures.map_err(Failure::failed)?,
        link,
    })
}

/// Works a report out and puts it into a folder of its own.
pub(super) async fn write(plan: &Plan, kind: Kind, period: Option<&str>, out: &Location) -> Result<(Kept, Report), Failure> {
    let reading = Reading::open_within(plan, MEMORY_BYTES).await?;
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
    let earlier = rack.earlier(kind.as_str(), &report.period.label, report.as_of).await?;
    report.notices.extend(restated(&earlier, &report)?);
    let kept = rack.keep(&Edition::of(&report)?).await?;
    Ok((kept, report))
}

/// What the first lines say of earlier reports of the period; nothing where they say the same. Those of the same moment are all looked at: whoever asks once
/// more gets the very report again.
fn restated(earlier: &Earlier, report: &Report) -> Result<Option<Notice>, Failure> {
    let told = report::json(report).map_err(Failure::failed)?;
    // One of another form, or one that somebody has edited, cannot be compared with.
    let mut same = earlier.of_this_moment.iter().filter_map(|json| diff(json, &told).ok());
    if let Some(other) = same.find(|diff| figures(diff).next().is_some()) {
        return Ok(Some(notice(&other, "an earlier report of this very moment")));
    }
    let older = earlier.older.as_ref().and_then(|json| diff(json, &told).ok());
    // What was to date was said to change.
    let older = older.filter(|diff| !diff.was_to_date && figures(diff).next().is_some());
    Ok(older.map(|diff| notice(&diff, &format!("the report as of {}", diff.before))))
}

fn figures(diff: &Diff) -> impl Iterator<Item = String> {
    diff.differences.iter().filter(|one| one.is_figure).map(|one| format!("{} {} → {}", one.place, one.before, one.after))
}

fn notice(diff: &Diff, since: &str) -> Notice {
    let figures: Vec<String> = figures(diff).collect();
    Notice { kind: NoticeKind::Restated, text: format!("Restated: since {since}, {} figures are others: {}.", figures.len(), figures.join("; ")) }
}

/// Prints what the later of two reports of a period says otherwise.
pub(super) async fn run_diff(global: &Global, typed: &args::ReportDiff) -> Result<Outcome, Failure> {
    let (before, after) = (read(global, &typed.before).await?, read(global, &typed.after).await?);
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

/// The JSON of a report. A folder of this machine needs no configuration; of what lies in a bucket, the configuration tells who may ask for it.
async fn read(global: &Global, place: &str) -> Result<String, Failure> {
    let here = std::env::current_dir().map_err(Failure::failed)?;
    let location = Location::parse(place, &here).map_err(|problem| Failure::usage(format!("{place}: {problem}")))?;
    let refused = |file: &dyn Display, error: &dyn Display| Failure::usage(format!("cannot read {file}: {error}"));
    match location {
        Location::Directory(path) => {
            let file = if path.is_dir() { path.join(JSON) } else { path };
            std::fs::read_to_string(&file).map_err(|error| refused(&file.display(), &error))
        }
        Location::S3 { bucket, prefix } => {
            let folder = prefix.strip_suffix(JSON).map_or(prefix.as_str(), |folder| folder.trim_end_matches('/')).to_owned();
            let folder = Location::S3 { bucket, prefix: folder };
            let plan = Plan::make(global)?;
            let rack = Rack::at(&folder, &plan.config.lake.access).await?;
            rack.json().await?.ok_or_else(|| refused(&folder, &format!("there is no {JSON}")))
        }
    }
}

impl From<BriefError> for Failure {
    fn from(error: BriefError) -> Self {
        match error {
            BriefError::Query { ref source, .. } => {
                let hint = source.hint().map(str::to_owned);
                let failure = Self::failed(error);
                match hint {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }
            BriefError::Ledger(error) => error.into(),
            BriefError::NoneEnded { .. } => Self::usage(error).hint("leave --period out for a report to date"),
            BriefError::NothingKnown => Self::failed(error).hint("run `sessiontrail ingest` first"),
            BriefError::NoSuchPeriod { ref first, ref last, kind, .. } => {
                let hint = if first == last { format!("there is the {kind} {first}") } else { format!("there are the {kind}s {first} to {last}") };
                Self::usage(error).hint(hint)
            }
        }
    }
}

/// Findings come of every rule at once, each with sorts of its own, among which what may be held is divided: a share must have room for a batch.
const MEMORY_BYTES: usize = 512 << 20;
