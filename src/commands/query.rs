//! `query`: one question in SQL.

use std::io::Read;

use crate::args;
use crate::exit::{Failure, Outcome};
use crate::plan::Plan;
use crate::reading::Reading;
use crate::ui;

use super::output;

pub(super) async fn run(plan: &Plan, typed: &args::Query) -> Result<Outcome, Failure> {
    let sql = sql(typed)?;
    output::check(&typed.output)?;
    let reading = Reading::open(plan).await?;
    output::write(reading.engine().ask(&sql).await?, &typed.output).await?;
    Ok(Outcome::Done)
}

fn sql(typed: &args::Query) -> Result<String, Failure> {
    if let Some(sql) = &typed.sql {
        return Ok(sql.clone());
    }
    if let Some(file) = &typed.file {
        return std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("cannot read {}: {error}", file.display())));
    }
    if ui::is_typed() {
        return Err(Failure::usage("the SQL shell is not in this version yet").hint("give the query as an argument, with --file, or on standard input"));
    }
    let mut sql = String::new();
    std::io::stdin().lock().read_to_string(&mut sql).map_err(|error| Failure::usage(format!("cannot read the query from standard input: {error}")))?;
    if sql.trim().is_empty() {
        return Err(Failure::usage("there is no query on standard input").hint("give the query as an argument, with --file, or on standard input"));
    }
    Ok(sql)
}
