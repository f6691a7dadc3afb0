//! The write side: from sources into the lake.
//!
//! ```text
//!   source ─▶ (sessions: decode, normalise) ─▶ pipeline ─▶ lake ─▶ (sessions: reconstruct) ─▶ session_facts
//! ```
//!
//! What comes in is the world; what goes out is a lake that anybody can read. This crate knows no policy, no SQL and no terminal. AWS is
//! reached by the clients that `client` makes, and by no others.

mod batch;
mod bulk;
pub mod client;
pub mod lake;
pub mod pipeline;
pub mod source;
pub mod summary;
