//! Fixed instants of the story, and the forms in which AWS writes them. No clock is read.

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i64);

impl Moment {
    /// A UTC date and time of day.
    pub(super) const fn at(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> Self {
        Self(((days_of_date(year, month, day) * 24 + hour) * 60 + minute) * 60_000)
    }

    pub(super) const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0 + millis)
    }

    pub(super) const fn plus(self, seconds: i64) -> Self {
        self.plus_millis(seconds * 1_000)
    }

    pub(super) const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds from `earlier` to this moment.
    pub(super) const fn since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0) / 1_000
    }

    /// The same moment without its fraction of a second, as CloudTrail tells it.
    pub(super) const fn whole_second(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1_000))
    }

    /// Days since the epoch.
    pub(super) const fn day(self) -> i64 {
        self.0.div_euclid(86_400_000)
    }

    /// `2026-06-03T10:15:30Z`
    pub(super) fn second(self) -> String {
        let p = self.parts();
        format!("{}T{}Z", p.date("-"), p.clock(":"))
    }

    /// `2026-06-03T10:15:30.123Z`, as export tasks write it.
    pub(super) fn milli(self) -> String {
        let p = self.parts();
        format!("{}T{}.{:03}Z", p.date("-"), p.clock(":"), p.milli)
    }

    /// `2026-06-03T10:15:30.123000+00:00`, as the AWS CLI writes it.
    pub(super) fn cli(self) -> String {
        let p = self.parts();
        format!("{}T{}.{:03}000+00:00", p.date("-"), p.clock(":"), p.milli)
    }

    /// `2026-06-03 10:15:30+00:00`, as `script` writes it.
    pub(super) fn stamp(self) -> String {
        let p = self.parts();
        format!("{} {}+00:00", p.date("-"), p.clock(":"))
    }

    /// `20260603T101530Z`, a snapshot's folder.
    pub(super) fn folder(self) -> String {
        let p = self.parts();
        format!("{}T{}Z", p.date(""), p.clock(""))
    }

    /// `20260603T1015Z`, the time in a CloudTrail key.
    pub(super) fn key_minute(self) -> String {
        let p = self.parts();
        format!("{}T{:02}{:02}Z", p.date(""), p.hour, p.minute)
    }

    /// `2026/06/03`
    pub(super) fn date_path(self) -> String {
        self.parts().date("/")
    }

    fn parts(self) -> Parts {
        let (year, month, day) = date_of_days(self.day());
        let in_day = self.0.rem_euclid(86_400_000);
        Parts { year, month, day, hour: in_day / 3_600_000, minute: in_day / 60_000 % 60, second: in_day / 1_000 % 60, milli: in_day % 1_000 }
    }
}

struct Parts {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    milli: i64,
}

impl Parts {
    fn date(&self, between: &str) -> String {
        format!("{:04}{between}{:02}{between}{:02}", self.year, self.month, self.day)
    }

    fn clock(&self, between: &str) -> String {
        format!("{:02}{between}{:02}{between}{:02}", self.hour, self.minute, self.second)
    }
}

/// Days since the epoch of a date of the Gregorian calendar; years are counted from March so that leap days come last.
const fn days_of_date(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let era_year = year.rem_euclid(400);
    year.div_euclid(400) * 146_097 + era_year * 365 + era_year / 4 - era_year / 100 + day_of_year - 719_468
}

/// The date of a number of days since the epoch.
const fn date_of_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era_day = shifted.rem_euclid(146_097);
    let era_year = (era_day - era_day / 1_460 + era_day / 36_524 - era_day / 146_096) / 365;
    let day_of_year = era_day - (365 * era_year + era_year / 4 - era_year / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era_year + shifted.div_euclid(146_097) * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day_of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        assert_eq!(Moment::at(1970, 1, 1, 0, 0).millis(), 0);
        assert_eq!(Moment::at(2026, 7, 14, 9, 15).millis(), 1_784_020_500_000);
        for days in -800_000..800_000 {
            let (year, month, day) = date_of_days(days);
            assert_eq!(days_of_date(year, month, day), days);
        }
    }

    #[test]
    fn forms_are_those_of_aws() {
        let moment = Moment::at(2026, 6, 3, 10, 15).plus_millis(30_123);
        assert_eq!(moment.second(), "2026-06-03T10:15:30Z");
        assert_eq!(moment.milli(), "2026-06-03T10:15:30.123Z");
        assert_eq!(moment.cli(), "2026-06-03T10:15:30.123000+00:00");
        assert_eq!(moment.stamp(), "2026-06-03 10:15:30+00:00");
        assert_eq!(moment.folder(), "20260603T101530Z");
        assert_eq!(moment.key_minute(), "20260603T1015Z");
        assert_eq!(moment.date_path(), "2026/06/03");
    }
}
