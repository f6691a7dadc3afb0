//! Which period is reported, and what it is compared with: rows of the table `calendar`.

use report::{Period, Table, Value};
use schemas::Timestamp;

use super::asked;
use super::{BriefError, LAST, Wanted};
use crate::engine::Engine;

/// A period, and the date on which it begins as tables have it.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    pub(super) period: Period,
    pub(super) starts_on: i32,
}

/// The period that is reported, the one before it, and the first of those that show where things go.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) this: Bounds,
    pub(super) before: Option<Bounds>,
    pub(super) first: Bounds,
}

impl Span {
    /// Finds the period of this name, or the newest that is over, else the one that holds the last instant before `as_of`, with `trend` periods before it.
    pub(super) async fn find(engine: &Engine, wanted: &Wanted, trend: usize, as_of: Timestamp) -> Result<Self, BriefError> {
        let kind = wanted.kind.period();
        let sql = format!(
            "SELECT period_start, local_date(end_at - INTERVAL '1 microsecond') AS last_day, label, start_at, end_at FROM calendar \
             WHERE period_kind = '{kind}' ORDER BY period_index"
        );
        let rows = asked::rows(engine, &sql).await.map_err(|source| BriefError::Query { question: kind.to_owned(), source })?;
        let periods: Vec<Bounds> = rows.rows.iter().filter_map(|row| bounds(&rows, row, as_of)).collect();
        let (Some(first), Some(last)) = (periods.first(), periods.last()) else { return Err(BriefError::NothingKnown) };
        let place = match wanted.period.as_deref() {
            None => Some(periods.len() - 1),
            Some(LAST) => Some(periods.iter().rposition(|known| !known.period.to_date).ok_or(BriefError::NoneEnded { kind })?),
            Some(name) => periods.iter().position(|known| known.period.label.eq_ignore_ascii_case(name)),
        };
        let found = place.and_then(|place| Some((place, periods.get(place)?)));
        let Some((place, this)) = found else {
            let name = wanted.period.clone().unwrap_or_default();
            return Err(BriefError::NoSuchPeriod { kind, name, first: first.period.label.clone(), last: last.period.label.clone() });
        };
        let before = place.checked_sub(1).and_then(|place| periods.get(place)).cloned();
        let first = periods.get(place.saturating_sub(trend)).unwrap_or(this).clone();
        Ok(Self { this: this.clone(), before, first })
    }
}

fn bounds(rows: &Table, row: &[Value], as_of: Timestamp) -> Option<Bounds> {
    let cell = |column: &str| row.get(rows.place(column)?);
    let (date, last) = (cell("period_start")?, cell("last_day")?);
    match (date, cell("label")?, cell("start_at")?, cell("end_at")?) {
        (Value::Date(starts_on), Value::Text(label), Value::Instant(start_at), Value::Instant(end_at)) => Some(Bounds {
            starts_on: *starts_on,
            period: Period {
                label: label.clone(),
                starts_on: date.exact().into_owned(),
                ends_on: last.exact().into_owned(),
                start_at: *start_at,
                end_at: *end_at,
                to_date: *end_at > as_of,
            },
        }),
        _ => None,
    }
}
