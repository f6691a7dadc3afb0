//! The one integration binary: what the product does as a whole, seen from outside.
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody outside of this binary sees it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::print_stdout, reason = "suites tell how much they have tried")]

mod agreement;
mod bad_input;
mod cli;
mod demo;
mod pages;
mod reference;
mod report;
mod samples;
mod support;
mod tidy;
mod wire;
mod wire_cloudwatch;
mod wire_cloudwatch_cli;
mod wire_cloudwatch_source;
