//! The first instants of consecutive periods, for lookup by the day.

/// Where each of some consecutive periods begins; the last one only ends the one before it.
#[derive(Debug, Default)]
pub(super) struct Starts {
    /// The first instant that is known, and the first after it that is not.
    known: std::ops::Range<i64>,
    /// The day (of UTC, since the epoch) that comes first.
    first_day: i64,
    days: Vec<Day>,
}

/// One day of UTC. No period is as short as two days, so that a day holds one first instant at most.
#[derive(Debug, Clone, Copy)]
struct Day {
    /// The period that its first instant lies in.
    ordinal: i64,
    /// From when on it is the next period; never on most days.
    next_from: i64,
}

impl Starts {
    /// Periods from the ordinal `first` on, beginning at these instants, each days after the one before.
    pub(super) fn new(first: i64, micros: &[i64]) -> Self {
        let (Some(from), Some(until)) = (micros.first(), micros.last()) else { return Self::default() };
        let (first_day, last_day) = (from.div_euclid(DAY_MICROS), until.div_euclid(DAY_MICROS));
        let (mut starts, mut ordinal) = (micros.iter().peekable(), first - 1);
        let mut day = |day| {
            let next_from = starts.next_if(|start| start.div_euclid(DAY_MICROS) == day);
            let before = Day { ordinal, next_from: next_from.copied().unwrap_or(i64::MAX) };
            ordinal += i64::from(next_from.is_some());
            before
        };
        let days = (first_day..=last_day).map(&mut day).collect();
        Self { known: *from..*until, first_day, days }
    }

    /// The ordinal of the period that holds the instant; `None` where it is not among these.
    pub(super) fn find(&self, micros: i64) -> Option<i64> {
        if !self.known.contains(&micros) {
            return None;
        }
        let day = self.days.get(usize::try_from(micros.div_euclid(DAY_MICROS) - self.first_day).ok()?)?;
        Some(day.ordinal + i64::from(micros >= day.next_from))
    }
}

const DAY_MICROS: i64 = 86_400_000_000;
