//! Sources in memory into a lake in memory: what a run does with what goes well, and with everything that can go wrong.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod closing;
mod dry;
mod failing;
mod running;
mod troubled;
mod world;
