//! What a chart draws, taken out of its table.

use crate::inert::shortened;
use crate::shown::shown;
use crate::{Chart, Form, Table, Unit, Value};

/// What is drawn.
#[derive(Debug, PartialEq)]
pub(super) enum Plot {
    /// Places along the bottom, and for each series a number at each of them.
    Places { form: Form, labels: Vec<String>, series: Vec<(String, Vec<Option<f64>>)>, unit: Unit },
    /// Steps from number to number.
    Curve { points: Vec<(f64, f64)>, along: Unit, unit: Unit },
}

/// Takes the table apart; `None` where no number is in it.
pub(super) fn plot(chart: &Chart, table: &Table) -> Option<Plot> {
    let along = table.place(&chart.along)?;
    let columns: Vec<(usize, &str)> = chart.series.iter().filter_map(|name| Some((table.place(name)?, name.as_str()))).collect();
    let (first, name) = *columns.first()?;
    let unit = Unit::of(name);
    if chart.form == Form::Steps {
        let points: Vec<(f64, f64)> = table.rows.iter().filter_map(|row| Some((row.get(along)?.number()?, row.get(first)?.number()?))).collect();
        return (!points.is_empty()).then(|| Plot::Curve { points, along: Unit::of(&chart.along), unit });
    }
    let mut labels: Vec<String> = Vec::new();
    let mut series: Vec<(String, Vec<Option<f64>>)> = Vec::new();
    match chart.split.as_ref().and_then(|split| Some((table.place(&split.column)?, &split.without))) {
        Some((split, without)) => {
            for row in &table.rows {
                let (Some(named), Some(label), Some(value)) = (row.get(split), row.get(along), row.get(first)) else { continue };
                if matches!(named, Value::Text(named) if named == without) {
                    continue;
                }
                let place = of(&mut labels, label);
                let named = shortened(&named.exact(), NAME).into_owned();
                let values = match series.iter().position(|(known, _)| *known == named) {
                    Some(known) => series.get_mut(known).map(|(_, values)| values)?,
                    None => {
                        series.push((named, Vec::new()));
                        series.last_mut().map(|(_, values)| values)?
                    }
                };
                values.resize(values.len().max(place + 1), None);
                if let Some(slot) = values.get_mut(place) {
                    *slot = value.number();
                }
            }
            series.iter_mut().for_each(|(_, values)| values.resize(labels.len(), None));
        }
        None => {
            labels.extend(table.rows.iter().filter_map(|row| row.get(along)).map(label));
            for (column, name) in columns {
                let values = table.rows.iter().map(|row| row.get(column).and_then(Value::number)).collect();
                series.push((Unit::title(name), values));
            }
        }
    }
    let is_empty = series.iter().flat_map(|(_, values)| values).flatten().all(|value| *value == 0.0);
    (!is_empty).then_some(Plot::Places { form: chart.form, labels, series, unit })
}

/// The place of a label, which is made where it is new.
fn of(labels: &mut Vec<String>, value: &Value) -> usize {
    let text = label(value);
    labels.iter().position(|known| *known == text).unwrap_or_else(|| {
        labels.push(text);
        labels.len() - 1
    })
}

fn label(value: &Value) -> String {
    match value {
        Value::Text(text) => shortened(text, NAME).into_owned(),
        other => shown(other, Unit::None).into_owned(),
    }
}

/// A name that is longer would cover others.
const NAME: usize = 24;
