//! `kpi`: the list of KPIs with their definitions, or one of them.

use std::fmt::Write;

use crate::args::{self, Format};
use crate::asked;
use crate::exit::{Failure, Outcome};
use crate::plan::Plan;
use crate::reading::Reading;
use crate::ui;

use super::output;

/// Lists every KPI: its question, unit and grain, and what each column means.
pub(super) fn list(typed: &args::Kpi) -> Result<Outcome, Failure> {
    if typed.output.format != Format::Table || typed.output.output.is_some() {
        return Err(Failure::usage("the list of KPIs is for people").hint(format!("name a KPI to export it: {}", names())));
    }
    let mut text = String::new();
    for kpi in queries::KPIS.iter() {
        let _ = writeln!(text, "{}\n  {}\n  unit: {}\n  one row for each {}", kpi.id, kpi.question, kpi.unit, kpi.grain.join(", "));
        let width = kpi.columns.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, meaning) in &kpi.columns {
            let _ = writeln!(text, "    {name:width$}  {meaning}");
        }
        if !kpi.caveats.is_empty() {
            let _ = writeln!(text, "  note: {}", kpi.caveats);
        }
        text.push('\n');
    }
    ui::print(text.trim_end()).map_err(Failure::failed)?;
    Ok(Outcome::Done)
}

/// Prints one KPI.
pub(super) async fn run(plan: &Plan, typed: &args::Kpi) -> Result<Outcome, Failure> {
    let Some(name) = &typed.name else { return list(typed) };
    let Some(kpi) = queries::KPIS.iter().find(|kpi| kpi.id == name) else {
        return Err(Failure::usage(format!("there is no KPI {name:?}")).hint(format!("KPIs are {}", names())));
    };
    output::check(&typed.output)?;
    let reading = Reading::open(plan).await?;
    output::write(reading.engine().ask(&asked::kpi(kpi)).await?, &typed.output).await?;
    Ok(Outcome::Done)
}

fn names() -> String {
    queries::KPIS.iter().map(|kpi| kpi.id).collect::<Vec<_>>().join(", ")
}
