//! Charts: pictures of tables, drawn once as SVG.
//!
//! ```text
//!   Table + Chart ─▶ data ─▶ Plot ─▶ draw (plotters) ─▶ SVG ─▶ paint ─▶ SVG with classes
//! ```
//!
//! What is drawn says its colours twice: as attributes, which any viewer knows, and as classes, by which a page makes it dark.

mod data;
mod draw;
mod letters;
mod paint;
mod scale;
#[cfg(test)]
mod tests;

use crate::{Chart, Table};

/// The picture of a table; `None` where there is nothing to draw.
#[must_use]
pub(crate) fn svg(chart: &Chart, table: &Table) -> Option<String> {
    let plot = data::plot(chart, table)?;
    draw::draw(&plot).map(|svg| paint::classed(&svg))
}
