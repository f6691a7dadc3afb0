//! The ledger's rules worked out by hand, and lakes that an ingest left in every state.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod answered;
mod covered;
mod found;
mod judged;
mod priced;
mod published;
mod reflected;
mod world;
