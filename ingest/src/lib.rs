//! The write side: from sources into the lake.

mod batch;
pub mod lake;
