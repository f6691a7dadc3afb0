//! Characters that act instead of being shown: one rule for answers and reports.

pub(super) use report::inert::acts;
pub use report::inert::visible;
