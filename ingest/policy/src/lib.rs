//! The policy: parse it, match it, explain it.
//!
//! ```text
//!   policy.toml ─▶ settings ─▶ read ─▶ Policy ─┬─▶ rule(Subject, start) ─▶ Ruling
//!                                 │            ├─▶ explain ─▶ Explanation
//!                              Warning         └─▶ rows ─▶ policy_tiers
//! ```
//!
//! In: the text of a policy file, and subjects (a session's or an instance's known fields). Out: tiers and limits, and why. This room refuses to know
//! files, clocks and sessions. A policy beside SQL is asked once for each session, so matching compiles its patterns once and does not allocate.
//!
//! # Example
//! ```
//! use policy::{Policy, Subject};
//! use schemas::Timestamp;
//!
//! let text = r#"
//! [[policy]]
//! effective_from = "2026-01-01T00:00:00Z"
//! [policy.default]
//! max_duration = "8h"
//! [[policy.tier]]
//! name = "break-glass"
//! principals = ["arn:aws:sts::*:assumed-role/BreakGlass*/*"]
//! max_duration = "1h"
//! "#;
//! let (policy, warnings) = Policy::parse(text, "policy.toml")?;
//! assert!(warnings.is_empty());
//! let subject = Subject { principal_arn: Some("arn:aws:sts::111122223333:assumed-role/BreakGlass-eu/ada"), ..Subject::default() };
//! let ruling = policy.rule(&subject, Timestamp::parse("2026-07-14T09:15:00Z")?).ok_or("no version in force")?;
//! assert_eq!((ruling.tier, ruling.limits.max_duration_seconds), ("break-glass", Some(3_600)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod duration;
mod explain;
mod matcher;
mod pattern;
mod policy;
mod read;
mod rows;
pub mod settings;
mod version;
mod warning;

#[cfg(test)]
mod tests;

pub use explain::{Explanation, Outcome, Step};
pub use matcher::{Failure, Field, Matchers, Subject};
pub use pattern::Pattern;
pub use policy::{Acknowledged, Policy, TagNames};
pub use read::PolicyError;
pub use rows::PolicyRow;
pub use version::{DEFAULT_TIER, Exception, Limits, Ruling, Tier, Version};
pub use warning::{Concern, Warning};
