//! The colours of charts: by day as they are drawn, by night as the page says.

use plotters::style::RGBColor;

/// Words and marks.
pub(super) const INK: RGBColor = RGBColor(0x3b, 0x45, 0x54);
/// Lines behind everything.
pub(super) const GRID: RGBColor = RGBColor(0xd9, 0xde, 0xe6);
/// Series, told apart also by those who see few colours.
pub(super) const SERIES: [RGBColor; 6] = [
    RGBColor(0x1f, 0x6f, 0xb4),
    RGBColor(0xd5, 0x75, 0x0f),
    RGBColor(0x2a, 0x8f, 0x6d),
    RGBColor(0xb8, 0x3f, 0x6b),
    RGBColor(0x6c, 0x5f, 0xb8),
    RGBColor(0x8a, 0x7a, 0x2c),
];

/// Every colour with the name by which the style knows it.
const NAMES: [(RGBColor, &str); 8] =
    [(INK, "ink"), (GRID, "grid"), (SERIES[0], "s1"), (SERIES[1], "s2"), (SERIES[2], "s3"), (SERIES[3], "s4"), (SERIES[4], "s5"), (SERIES[5], "s6")];

/// The drawing with a class on each element: `f-…` where the colour fills it, `k-…` where it is drawn with it. The drawing has an element a line, and texts
/// on lines of their own, in which `<` is escaped.
pub(super) fn classed(svg: &str) -> String {
    let mut painted = String::with_capacity(svg.len() * 5 / 4);
    for line in svg.lines() {
        let end = line.find(|letter: char| !(letter == '<' || letter.is_ascii_lowercase())).unwrap_or(line.len());
        let (tag, attributes) = line.split_at(end);
        painted.push_str(tag);
        if tag.len() > 1 && tag.starts_with('<') {
            let classes: Vec<String> = NAMES.iter().flat_map(|(colour, name)| named(attributes, *colour, name)).collect();
            if !classes.is_empty() {
                painted.push_str(&format!(" class=\"{}\"", classes.join(" ")));
            }
        }
        painted.push_str(attributes);
        painted.push('\n');
    }
    painted
}

fn named(attributes: &str, colour: RGBColor, name: &str) -> Vec<String> {
    let RGBColor(red, green, blue) = colour;
    let hex = format!("\"#{red:02X}{green:02X}{blue:02X}\"");
    let ways = [("fill=", "f"), ("stroke=", "k")];
    ways.into_iter().filter(|(attribute, _)| attributes.contains(&format!("{attribute}{hex}"))).map(|(_, way)| format!("{way}-{name}")).collect()
}
