//! What the suites share: the binary in a hermetic environment, Python, folders, and rows as JSON.

pub mod account;
pub mod cloudwatch;
pub mod estate;
pub mod hook;
pub mod moto;
pub mod python;
pub mod rows;
pub mod s3;
pub mod tables;
pub mod told;
pub mod trail;
pub mod world;
