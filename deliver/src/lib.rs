//! Sends what was found to where people look: SNS topics and webhooks.
//!
//! ```text
//!   Finding… ─▶ Notice ───┐
//!   Tile… ────▶ Headline ─┴▶ Message (JSON, subject, digest; inert and bounded) ─▶ Channel ─▶ accepted, or a DeliveryError
//! ```
//!
//! In: what was found or reported, as values. Out: whether a channel accepted it. This room refuses to know the lake, what was sent before, and what a finding means.

mod channel;
mod headline;
mod inert;
mod message;
mod notice;
mod sns;
mod webhook;

pub use channel::{Channel, DeliveryError, Trouble};
pub use headline::{Headline, Tile};
pub use message::Message;
pub use notice::{Finding, MOST_FINDINGS, Notice, SCHEMA};
pub use sns::{Sns, Topic};
pub use webhook::{Webhook, address};
