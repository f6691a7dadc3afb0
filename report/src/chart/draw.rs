//! Draws a plot: marks to the left, names along the bottom, a legend on top.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, TextStyle};

use super::data::Plot;
use super::letters::width;
use super::paint::{GRID, INK, SERIES};
use super::scale::{label, marks};
use crate::{Form, Unit};

type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// The drawing; `None` only where memory cannot be written.
pub(super) fn draw(plot: &Plot) -> Option<String> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
    match plot {
        Plot::Places { form, labels, series, unit } => places(&area, *form, labels, series, *unit),
        Plot::Curve { points, along, unit } => curve(&area, points, *along, *unit),
    }
    .ok()?;
    area.present().ok()?;
    drop(area);
    Some(svg)
}

fn places(area: &Area<'_>, form: Form, labels: &[String], series: &[(String, Vec<Option<f64>>)], unit: Unit) -> Drawn {
    let at = |values: &[Option<f64>], place: usize| values.get(place).copied().flatten();
    let height_at = |place: usize| -> f64 {
        let values = series.iter().filter_map(|(_, values)| at(values, place));
        if form == Form::Stacked { values.sum() } else { values.fold(0.0, f64::max) }
    };
    let most = (0..labels.len()).map(height_at).fold(0.0, f64::max);
    let names: Vec<&str> = series.iter().map(|(name, _)| name.as_str()).collect();
    let frame = Frame::new(area, TOP + legend(area, &names)?, most, unit)?;
    let wide = f64::from(RIGHT - frame.left) / count(labels.len());
    let middle = |place: usize| f64::from(frame.left) + wide * (count_of(place) + 0.5);
    // As many names as have room, from the last; that one may have to stand further to the left than its place.
    let longest = labels.iter().map(|label| width(label)).fold(0.0, f64::max);
    let last = middle(labels.len().saturating_sub(1));
    let aside = (last - inside(last, longest)).max(0.0);
    let every = ((longest + GAP + aside) / wide).ceil().max(1.0);
    for (place, label) in labels.iter().enumerate() {
        if count_of(labels.len() - 1 - place) % every == 0.0 {
            name_below(area, label, middle(place))?;
        }
    }
    match form {
        Form::Lines | Form::Steps => {
            for ((_, values), colour) in series.iter().zip(SERIES.iter().cycle()) {
                for run in runs(values) {
                    let points: Vec<(i32, i32)> = run.iter().map(|(place, value)| (pixel(middle(*place)), frame.height(*value))).collect();
                    for point in &points {
                        area.draw(&Circle::new(*point, 3, colour.filled()))?;
                    }
                    area.draw(&PathElement::new(points, colour.stroke_width(2)))?;
                }
            }
        }
        Form::Columns => {
            let bar = wide * 0.8 / count(series.len());
            for (ordinal, ((_, values), colour)) in series.iter().zip(SERIES.iter().cycle()).enumerate() {
                for (place, value) in values.iter().enumerate().filter_map(|(place, value)| Some((place, (*value)?))) {
                    let left = middle(place) - wide * 0.4 + bar * count_of(ordinal);
                    column(area, (left, left + bar), (BOTTOM, frame.height(value)), colour)?;
                }
            }
        }
        Form::Stacked => {
            for place in 0..labels.len() {
                let mut below = 0.0;
                for ((_, values), colour) in series.iter().zip(SERIES.iter().cycle()) {
                    let Some(value) = at(values, place) else { continue };
                    let (from, to) = (frame.height(below), frame.height(below + value));
                    column(area, (middle(place) - wide * 0.4, middle(place) + wide * 0.4), (from, to), colour)?;
                    below += value;
                }
            }
        }
    }
    Ok(())
}

fn curve(area: &Area<'_>, points: &[(f64, f64)], along: Unit, unit: Unit) -> Drawn {
    let frame = Frame::new(area, TOP, points.iter().map(|(_, value)| *value).fold(0.0, f64::max), unit)?;
    let times = marks(points.iter().map(|(at, _)| *at).fold(0.0, f64::max), along, 6);
    let end = times.last().copied().unwrap_or(1.0);
    let across = |at: f64| pixel(f64::from(frame.left) + f64::from(RIGHT - frame.left) * at / end);
    for mark in &times {
        name_below(area, &label(*mark, along), f64::from(across(*mark)))?;
    }
    let mut path: Vec<(i32, i32)> = Vec::new();
    for (at, value) in points {
        if let Some((_, height)) = path.last().copied() {
            path.push((across(*at), height));
        }
        path.push((across(*at), frame.height(*value)));
    }
    area.draw(&PathElement::new(path, SERIES[0].stroke_width(2)))
}

/// A name below the place that it names, or as near as the drawing allows.
fn name_below(area: &Area<'_>, name: &str, middle: f64) -> Drawn {
    let middle = pixel(inside(middle, width(name)));
    area.draw(&Text::new(name.to_owned(), (middle, BOTTOM + 8), words(HPos::Center, VPos::Top)))
}

/// The middle of a text of this width, moved as far as it must be to stand inside.
fn inside(middle: f64, wide: f64) -> f64 {
    let least = EDGE + wide / 2.0;
    middle.clamp(least, (f64::from(WIDTH) - least).max(least))
}

/// The marks to the left, and what they measure.
struct Frame {
    left: i32,
    top: i32,
    most: f64,
}

impl Frame {
    fn new(area: &Area<'_>, top: i32, most: f64, unit: Unit) -> Result<Self, DrawingAreaErrorKind<std::io::Error>> {
        let marks = marks(most, unit, 4);
        let longest = marks.iter().map(|mark| width(&label(*mark, unit))).fold(0.0, f64::max);
        let left = LEFT.max(pixel(EDGE + longest) + 8);
        let frame = Self { left, top, most: marks.last().copied().unwrap_or(1.0) };
        for mark in &marks {
            let height = frame.height(*mark);
            area.draw(&PathElement::new(vec![(left, height), (RIGHT, height)], GRID.stroke_width(1)))?;
            area.draw(&Text::new(label(*mark, unit), (left - 8, height), words(HPos::Right, VPos::Center)))?;
        }
        Ok(frame)
    }

    fn height(&self, value: f64) -> i32 {
        pixel(f64::from(BOTTOM) - f64::from(BOTTOM - self.top) * (value / self.most).clamp(0.0, 1.0))
    }
}

/// Names of series with their colours, in as many lines as they need; tells how high those are after the first.
fn legend(area: &Area<'_>, names: &[&str]) -> Result<i32, DrawingAreaErrorKind<std::io::Error>> {
    let (mut left, mut down) = (f64::from(LEFT), 0);
    for (name, colour) in names.iter().zip(SERIES.iter().cycle()) {
        let wide = 16.0 + width(name);
        if left + wide > f64::from(RIGHT) && left > f64::from(LEFT) {
            left = f64::from(LEFT);
            down += 16;
        }
        column(area, (left, left + 11.0), (17 + down, 6 + down), colour)?;
        area.draw(&Text::new((*name).to_owned(), (pixel(left) + 16, 12 + down), words(HPos::Left, VPos::Center)))?;
        left += wide + 12.0;
    }
    Ok(down)
}

/// A column from height to height; one that is too low to be seen is not there.
fn column(area: &Area<'_>, (left, right): (f64, f64), (from, to): (i32, i32), colour: &RGBColor) -> Drawn {
    if from == to { Ok(()) } else { area.draw(&Rectangle::new([(pixel(left), to), (pixel(right).max(pixel(left) + 1), from)], colour.filled())) }
}

/// What hangs together: neighbours that are known.
fn runs(values: &[Option<f64>]) -> Vec<Vec<(usize, f64)>> {
    let mut runs = vec![Vec::new()];
    for (place, value) in values.iter().enumerate() {
        match value {
            Some(value) => runs.last_mut().into_iter().for_each(|run| run.push((place, *value))),
            None => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn words(across: HPos, down: VPos) -> TextStyle<'static> {
    ("sans-serif", SIZE).into_font().color(&INK).pos(Pos::new(across, down))
}

#[expect(clippy::cast_possible_truncation, reason = "a place in a picture of some hundred points")]
fn pixel(at: f64) -> i32 {
    at.round() as i32
}

/// A count to divide by.
fn count(of: usize) -> f64 {
    count_of(of.max(1))
}

fn count_of(of: usize) -> f64 {
    f64::from(u32::try_from(of).unwrap_or(u32::MAX))
}

const WIDTH: u32 = 720;
const HEIGHT: u32 = 260;
const LEFT: i32 = 76;
const RIGHT: i32 = 708;
const TOP: i32 = 32;
const BOTTOM: i32 = 226;
/// plotters writes 0.8 of it, 12 px: as `width` measures.
const SIZE: f64 = 15.0;
/// What stays free at the edges of the drawing, and between two names.
const EDGE: f64 = 4.0;
const GAP: f64 = 6.0;
