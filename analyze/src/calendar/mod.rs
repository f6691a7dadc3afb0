//! Weeks, months and quarters of the report's time zone.
//!
//! In come an IANA time zone, the month in which the fiscal year starts, and the ledger's moment; out go ordinals of periods,
//! local dates, and the table `calendar`. Periods are half-open and begin at the first instant of a local date, which is not
//! midnight where a clock change skips it. The time zone database is the one that is compiled in, so that two machines agree.

mod rows;
mod starts;
#[cfg(test)]
mod tests;

use std::hash::{Hash, Hasher};

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use schemas::Timestamp;
use starts::Starts;

/// What a calendar divides time into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// An ISO week: begins on Monday.
    Week,
    /// A calendar month.
    Month,
    /// A quarter of the fiscal year.
    Quarter,
}

impl Period {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Week, Self::Month, Self::Quarter];

    /// `week`, `month` or `quarter`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
        }
    }
}

/// Why there is no such calendar.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// The time zone database knows no such zone.
    #[error("{0:?} is no IANA time zone, such as \"UTC\" or \"Europe/Berlin\"")]
    UnknownZone(String),
    /// A year has twelve months.
    #[error("the fiscal year cannot start in month {0}: a month is 1 to 12")]
    NoSuchMonth(u8),
}

/// The periods of one time zone, as of one moment.
#[derive(Debug)]
pub struct Calendar {
    timezone: String,
    fiscal_year_start: u8,
    from: Timestamp,
    as_of: Timestamp,
    zone: TimeZone,
    starts: [Starts; 3],
}

impl Calendar {
    /// The calendar of a time zone; `fiscal_year_start` is a month, 1 to 12. Its table reaches from the periods that hold
    /// `from` to those that hold the last instant before `as_of`; ordinals are known for every instant.
    ///
    /// # Errors
    /// Where there is no such zone or month.
    pub fn new(timezone: &str, fiscal_year_start: u8, from: Timestamp, as_of: Timestamp) -> Result<Self, CalendarError> {
        let zone = TimeZone::get(timezone).map_err(|_| CalendarError::UnknownZone(timezone.to_owned()))?;
        if !(1..=12).contains(&fiscal_year_start) {
            return Err(CalendarError::NoSuchMonth(fiscal_year_start));
        }
        let mut calendar = Self { timezone: timezone.to_owned(), fiscal_year_start, from, as_of, zone, starts: Default::default() };
        // An ordinal within this reach is looked up by its day; beyond it, it is worked out anew each time.
        let reach = (from.min(as_of).max(as_of.plus_seconds(-LONGEST_REACH_SECONDS)).plus_seconds(-MARGIN_SECONDS), as_of.plus_seconds(MARGIN_SECONDS));
        for kind in Period::ALL {
            // A moment that no calendar reaches must not keep the rest from being told.
            if let (Some(first), Some(last)) = (calendar.work_out(kind, reach.0.micros()), calendar.work_out(kind, reach.1.micros())) {
                let starts: Vec<i64> = (first..=last + 1).map_while(|index| calendar.start_of(kind, index)).collect();
                calendar.starts[kind as usize] = Starts::new(first, &starts);
            }
        }
        Ok(calendar)
    }

    /// The moment up to which the ledger knows.
    #[must_use]
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// The local date of an instant, in days since 1970-01-01.
    #[must_use]
    pub fn local_date(&self, at: Timestamp) -> i32 {
        // Where the zone cannot say, at the very ends of time, the date is that of UTC.
        let utc = || i32::try_from(at.micros().div_euclid(DAY_MICROS)).unwrap_or(i32::MAX);
        self.civil_date(at.micros()).map_or_else(utc, days_since_epoch)
    }

    /// The ordinal of the period that holds an instant (in microseconds since the epoch): week 0, month 0 and quarter 0 hold the
    /// first days of 1970. `None` for instants outside of the years that a calendar has.
    #[must_use]
    pub fn index(&self, kind: Period, micros: i64) -> Option<i64> {
        self.starts[kind as usize].find(micros).or_else(|| self.work_out(kind, micros))
    }

    /// The first instant of a period, in microseconds since the epoch.
    #[must_use]
    pub fn start_of(&self, kind: Period, index: i64) -> Option<i64> {
        self.first_instant(self.first_date(kind, index)?)
    }

    /// The local date on which a period begins.
    fn first_date(&self, kind: Period, index: i64) -> Option<Date> {
        match kind {
            Period::Week => date_of(index.checked_mul(7)?.checked_sub(THURSDAY)?),
            Period::Month => first_of_month(index),
            Period::Quarter => first_of_month(index.checked_mul(3)?.checked_add(self.quarter_shift())?),
        }
    }

    /// The period that a local date lies in.
    fn index_of_date(&self, kind: Period, date: Date) -> i64 {
        let month = (i64::from(date.year()) - 1970) * 12 + i64::from(date.month()) - 1;
        match kind {
            Period::Week => (i64::from(days_since_epoch(date)) + THURSDAY).div_euclid(7),
            Period::Month => month,
            Period::Quarter => (month - self.quarter_shift()).div_euclid(3),
        }
    }

    /// The name of a period, such as `2026-W28`, `2026-07`, `2026-Q3` or `FY2027-Q1`.
    fn label(&self, kind: Period, first: Date) -> String {
        match kind {
            Period::Week => {
                let week = first.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Period::Month => format!("{:04}-{:02}", first.year(), first.month()),
            Period::Quarter => {
                let (year, month) = (i64::from(first.year()), i64::from(first.month()));
                let start = i64::from(self.fiscal_year_start);
                let quarter = (month - start).rem_euclid(12) / 3 + 1;
                // A fiscal year bears the name of the year in which it ends.
                if start == 1 { format!("{year:04}-Q{quarter}") } else { format!("FY{:04}-Q{quarter}", if month >= start { year + 1 } else { year }) }
            }
        }
    }

    /// The period that holds an instant, by the rules of the zone. The clock may be put back over midnight, so that a local date
    /// comes twice; a period begins with the first of them.
    fn work_out(&self, kind: Period, micros: i64) -> Option<i64> {
        let mut index = self.index_of_date(kind, self.civil_date(micros)?);
        while micros >= self.start_of(kind, index + 1)? {
            index += 1;
        }
        while micros < self.start_of(kind, index)? {
            index -= 1;
        }
        Some(index)
    }

    fn civil_date(&self, micros: i64) -> Option<Date> {
        Some(self.zone.to_datetime(jiff::Timestamp::from_microsecond(micros).ok()?).date())
    }

    /// Local midnight, or the first instant of the date where a clock change skips midnight.
    fn first_instant(&self, date: Date) -> Option<i64> {
        let midnight = self.zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0));
        let skipped = matches!(midnight.offset(), AmbiguousOffset::Gap { .. });
        let instant = midnight.compatible().ok()?;
        if !skipped {
            return Some(instant.as_microsecond());
        }
        // `compatible` lies as long after the change as midnight would; the date begins with the change itself.
        let after = jiff::Timestamp::from_microsecond(instant.as_microsecond() + 1).ok()?;
        self.zone.preceding(after).next().map(|change| change.timestamp().as_microsecond())
    }

    /// Months from January to the first quarter that begins in a year: 0, 1 or 2.
    fn quarter_shift(&self) -> i64 {
        i64::from(self.fiscal_year_start - 1) % 3
    }
}

/// Two calendars are one where they were made of the same words.
impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        (&self.timezone, self.fiscal_year_start, self.from, self.as_of) == (&other.timezone, other.fiscal_year_start, other.from, other.as_of)
    }
}

impl Eq for Calendar {}

impl Hash for Calendar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.timezone, self.fiscal_year_start, self.from, self.as_of).hash(state);
    }
}

fn first_of_month(index: i64) -> Option<Date> {
    let year = i16::try_from(index.div_euclid(12).checked_add(1970)?).ok()?;
    let month = i8::try_from(index.rem_euclid(12) + 1).ok()?;
    Date::new(year, month, 1).ok()
}

fn date_of(days: i64) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

fn days_since_epoch(date: Date) -> i32 {
    // The difference of two civil dates in days always exists and fits: years are -9999 to 9999.
    EPOCH.until(date).map_or(0, |span| span.get_days())
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// 1970-01-01 is a Thursday: days from the Monday of its week.
const THURSDAY: i64 = 3;

const DAY_MICROS: i64 = 86_400_000_000;

/// Periods are listed this far beyond `from` and `as_of`: bounds of ends lie up to 30 days after `as_of`.
const MARGIN_SECONDS: i64 = 400 * 86_400;
const LONGEST_REACH_SECONDS: i64 = 60 * 366 * 86_400;
