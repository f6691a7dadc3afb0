//! `demo`: a small estate on disk, ingested and answered by the very commands that every estate uses.

use std::fs;
use std::io;
use std::path::Path;

use ::report::Kind;

use crate::args::{self, Global};
use crate::config::Location;
use crate::exit::{Failure, Outcome};
use crate::plan::Plan;
use crate::reading::Reading;
use crate::{asked, demo, ui};

use super::{ingest, output, report};

pub(super) async fn run(global: &Global, typed: &args::Demo) -> Result<Outcome, Failure> {
    let dir = &typed.dir;
    let configuration = dir.join("sessiontrail.toml");
    let plan_of = || Plan::make(&Global { config: Some(configuration.clone()), ..global.clone() });
    if is_ours(dir, typed.seed)? {
        ui::Ui::new(global.quiet).say(&format!("{} holds this demo already; it is used as it is", dir.display()));
    } else {
        demo::write_estate(dir, typed.seed).map_err(|error| refused(dir, &error))?;
        ui::Ui::new(global.quiet).say(&format!("an estate of three accounts and thirteen weeks is written to {}", dir.display()));
    }
    let plan = plan_of()?;
    let all = args::Ingest { source: Vec::new(), from: None, to: None, dry_run: false, notify: false };
    let outcome = ingest::run(&plan, &all).await?;
    let reading = Reading::open(&plan).await?;
    let table = args::Output { format: args::Format::Table, output: None };
    for (title, sql) in asked::SHOWN {
        ui::print(&format!("\n{title}")).map_err(Failure::failed)?;
        output::write(reading.engine().ask(sql).await?, &table).await?;
    }
    let reports = Location::Directory(std::path::absolute(dir.join("reports")).map_err(Failure::failed)?);
    let (kept, _) = report::write(&plan, Kind::Weekly, Some(demo::WEEK), &reports).await?;
    ui::print(&format!("\nThe weekly report of {}, as HTML, XLSX, Markdown, CSV and JSON\n{}/report.html", demo::WEEK, kept.folder))
        .map_err(Failure::failed)?;
    ui::print(&next(dir)).map_err(Failure::failed)?;
    Ok(outcome)
}

/// Whether the folder holds the whole demo of this seed already; a folder that holds anything else is refused.
fn is_ours(dir: &Path, seed: u64) -> Result<bool, Failure> {
    let entries = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(refused(dir, &error)),
    };
    if entries.is_none() {
        return Ok(false);
    }
    let mark = demo::mark(seed);
    let begins = |file: &str| fs::read_to_string(dir.join(file)).is_ok_and(|text| text.lines().next() == Some(mark.as_str()));
    let is_complete = dir.join("sessiontrail.toml").exists();
    if begins(demo::MARK) && (!is_complete || begins("sessiontrail.toml")) {
        return Ok(is_complete);
    }
    Err(Failure::usage(format!("{} holds something else than the demo of this seed", dir.display())).hint("name an empty folder with --dir"))
}

fn refused(dir: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("cannot use {}: {error}", dir.display())).hint("name another folder with --dir")
}

/// What to try next, for whoever is in the folder that the demo was started from.
fn next(dir: &Path) -> String {
    let enter = if dir == Path::new(".") { String::new() } else { format!("\n  cd {}", dir.display()) };
    // Who has just built it has it nowhere on the path.
    let name = std::env::current_exe().map_or_else(|_| String::new(), |path| format!("  alias sessiontrail=\"{}\"\n", path.display()));
    format!(
        "\nTry next:{enter}
{name}  sessiontrail status                      # who is over the limit now, and the command that ends the session
  sessiontrail kpi                         # every KPI with its definition
  sessiontrail report quarterly --out reports
  sessiontrail kpi kpi_weekly              # one of them, by tier
  sessiontrail query \"SELECT pattern, principal_name, started_at, duration_seconds FROM sessions WHERE over_limit_certainty = 'certain' ORDER BY started_at\"
  sessiontrail policy explain --principal arn:aws:sts::111122223333:assumed-role/BreakGlassAdmin/oncall-primary --at 2026-06-28T20:05:00Z
Edit policy.toml and ask again: answers follow the policy without another ingest."
    )
}
