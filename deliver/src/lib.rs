//! Sends what was found to where people look: SNS topics and webhooks.
//!
//! ```text
//!   Finding… ─▶ Notice ─▶ document (JSON, bounded) ─▶ Channel ─▶ accepted, or a DeliveryError
//!                  └────▶ subject, text (inert)
//! ```
//!
//! In: what was found, as values. Out: whether a channel accepted it. This room refuses to know the lake, what was sent before, and what a finding means.

mod channel;
mod inert;
mod notice;
mod sns;
mod webhook;

pub use channel::{Channel, DeliveryError, Trouble};
pub use notice::{Finding, MOST_FINDINGS, Notice, SCHEMA};
pub use sns::{Sns, Topic};
pub use webhook::{Webhook, address};
