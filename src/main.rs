//! The door of `sessiontrail`: what was typed becomes a plan, a command runs it, and the exit code says how it ended.

mod args;
mod asked;
mod commands;
mod config;
mod demo;
mod edition;
mod exit;
mod notify;
mod place;
mod plan;
mod publish;
mod reading;
mod ui;

use std::process::ExitCode;

use clap::Parser;

use exit::{Failure, Outcome};

/// An allocator that gives memory back: with glibc's, what a dozen threads have freed adds up to a third of a run's peak.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let typed = args::Typed::parse();
    match run(typed) {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(failure) => {
            ui::warn(&failure.text());
            ExitCode::from(failure.code)
        }
    }
}

fn run(typed: args::Typed) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failed)?;
    let ended = runtime.block_on(commands::run(typed));
    // Work that is still under way has no reader any more.
    runtime.shutdown_background();
    match ended {
        // Whoever reads our stdout has seen enough, such as `head`.
        Err(failure) if failure.is_broken_pipe() => Ok(Outcome::Done),
        ended => ended,
    }
}
