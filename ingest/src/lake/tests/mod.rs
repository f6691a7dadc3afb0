//! The lake under crashes, lost answers, races and rewrites: whatever happens, the rows are those of the run that went well.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod compacting;
mod crash;
mod derived;
pub(crate) mod faulty_store;
mod files;
mod known;
mod race;
mod recording_store;
mod state;
pub(crate) mod world;
