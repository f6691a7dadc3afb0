//! The read side: the lake as SQL, and what it answers.
//!
//! ```text
//!   lake ─▶ ledger ─▶ tables ─┐
//!      └─▶ published ─▶ copies┤                └─▶ brief ─▶ Report
//!                             ├─▶ engine ─▶ Answer ─▶ table, csv, json, ndjson, parquet
//!   calendar ─▶ functions ────┤
//!   queries/kpi/*.sql ────────┘
//! ```
//!
//! Nothing here writes to the lake, reads a clock, or opens a connection that nobody asked for.

pub mod answer;
pub mod brief;
mod calendar;
pub mod engine;
mod function;
pub mod lake;
pub mod ledger;
pub mod published;
