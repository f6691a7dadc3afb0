//! The words that every room shares: time, ids, evidence, and the contract of every table.
//!
//! ```text
//!   source ─▶ decode ─▶ normalise ─▶ reconstruct ─▶ lake ─▶ query ─▶ report
//!      │         │           │            │           │        │
//!      └─────────┴─────── Event, Reject, Facts, Table ┴────────┘      all of them are defined here
//! ```
//!
//! This crate knows no I/O, no clock, no randomness, and no other room. Ids are computed from what they name; time is a
//! value that somebody hands over.

mod column;
mod event;
mod format;
mod id;
mod observation;
mod reject;
pub mod table;
mod time;

pub use column::{Column, Kind, Table};
pub use event::{Delivery, Event, EventKind, Tier};
pub use format::{FORMAT, FORMAT_PROPERTY, FormatError, check_format};
pub use id::{SessionId, bucket, computed_digest, computed_id, hex, sha256, sha256_hex};
pub use observation::{Answer, Instance, Listed, Observation, Preference};
pub use reject::{Code, Place, Reject};
pub use time::{TimeError, Timestamp};

/// The document that holds an account-region's Session Manager preferences.
pub const PREFERENCES_DOCUMENT: &str = "SSM-SessionManagerRunShell";
