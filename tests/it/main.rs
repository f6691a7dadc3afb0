//! The one integration binary: what the product does as a whole, seen from outside.
#![allow(unreachable_pub, missing_debug_implementations, reason = "nobody outside of this binary sees it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::print_stdout, reason = "suites tell how much they have tried")]

mod agreement;
mod bad_input;
mod cli;
mod demo;
mod docs;
mod notify;
mod notify_aws;
mod notify_headline;
mod pages;
mod reference;
mod report;
mod samples;
mod status;
mod support;
mod tidy;
mod wire;
mod wire_account;
mod wire_account_faults;
mod wire_account_scale;
mod wire_account_source;
mod wire_cloudwatch;
mod wire_cloudwatch_cli;
mod wire_cloudwatch_source;
mod wire_cloudwatch_stalls;
