//! Sources in memory into a lake in memory: what a run does with what goes well, and with everything that can go wrong.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![expect(clippy::print_stdout, reason = "the number of troubles is told")]

mod closing;
mod dry;
mod failing;
mod running;
mod troubled;
mod world;
