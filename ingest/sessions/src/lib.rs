//! The pure core of the write side.

pub mod conclude;
pub mod reconstruct;

#[cfg(test)]
mod world;
