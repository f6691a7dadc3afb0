//! One file for each command: it calls the rooms, says what they found, and returns how it ended.

mod compact;
mod demo;
mod ingest;
mod kpi;
mod output;
mod policy;
mod query;
mod rebuild;
mod report;
mod status;

use ::report::Kind;

use crate::args::{Command, Policy, Report, Typed};
use crate::exit::{Failure, Outcome};
use crate::plan::Plan;

/// Runs what was typed.
pub(crate) async fn run(typed: Typed) -> Result<Outcome, Failure> {
    let Typed { global, command } = typed;
    if let Command::Demo(demo) = &command {
        return demo::run(&global, demo).await;
    }
    // What needs no configuration answers without one.
    if let Command::Kpi(kpi) = &command
        && kpi.name.is_none()
    {
        return kpi::list(kpi);
    }
    if let Command::Report(Report::Diff(diff)) = &command {
        return report::run_diff(&global, diff).await;
    }
    let plan = Plan::make(&global)?;
    match &command {
        // Handled above.
        Command::Demo(demo) => demo::run(&global, demo).await,
        Command::Ingest(ingest) => ingest::run(&plan, ingest).await,
        Command::Rebuild => rebuild::run(&plan).await,
        Command::Query(query) => query::run(&plan, query).await,
        Command::Kpi(kpi) => kpi::run(&plan, kpi).await,
        Command::Report(Report::Weekly(period)) => report::run(&plan, Kind::Weekly, period).await,
        Command::Report(Report::Quarterly(period)) => report::run(&plan, Kind::Quarterly, period).await,
        Command::Report(Report::Diff(diff)) => report::run_diff(&global, diff).await,
        Command::Status(status) => status::run(&plan, status).await,
        Command::Policy(Policy::Check) => policy::check(&plan),
        Command::Policy(Policy::Explain(explain)) => policy::explain(&plan, explain).await,
        Command::Compact => compact::run(&plan).await,
    }
}
