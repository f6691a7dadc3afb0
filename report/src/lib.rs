//! Reports that people read: a value in, bytes out.
//!
//! ```text
//!                  ┌─▶ html      one page, nothing beside it
//!                  ├─▶ xlsx      a sheet for each table
//!   Report ────────┼─▶ markdown
//!     └─ Chart ─▶ svg            drawn once
//!                  ├─▶ csv       a file for each table, every row
//!                  └─▶ json ───▶ diff    what a later run says otherwise
//! ```
//!
//! Whoever asked the questions fills a [`Report`]; here it is only told. Texts in it can be hostile: session ids, owners and reasons are written by whoever
//! calls. No form lets one of them act ([`inert`]), and none is told by another rule than that of its form.

mod chart;
mod csv;
pub mod diff;
mod html;
pub mod inert;
mod json;
mod markdown;
mod shown;
mod summary;
mod told;
mod unit;
mod value;
mod xlsx;

pub use csv::csv;
pub use html::html;
pub use json::{SCHEMA, json};
pub use markdown::markdown;
pub use summary::summary;
pub use told::{Chart, Column, Definition, Detail, Figure, Form, Kind, Notice, NoticeKind, Period, Report, Section, Split, Table, Tendency};
pub use unit::Unit;
pub use value::{Type, Value};
pub use xlsx::{XlsxError, xlsx};
