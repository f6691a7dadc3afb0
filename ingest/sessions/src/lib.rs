//! The pure core of the write side.

pub mod conclude;
pub mod decode;
mod normalise;
pub mod reconstruct;
pub mod rows;

#[cfg(test)]
mod truth;
#[cfg(test)]
mod world;
