//! An instant in UTC, in microseconds: the only time the ledger knows.

use std::fmt;

/// Microseconds since 1970-01-01T00:00:00Z. Leap seconds do not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a text is no instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeError(String);

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TimeError {}

impl Timestamp {
    /// The instant `micros` microseconds after the epoch, as the ledger has worked it out or stored it. What comes from outside goes
    /// through [`Self::plausible`].
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The instant `micros` microseconds after the epoch; `None` outside of the years 1970 to 2199, in which evidence can lie.
    ///
    /// One forged time in the year 9999 would stretch every calendar and every chart up to there.
    #[must_use]
    pub fn plausible(micros: i64) -> Option<Self> {
        (0..END).contains(&micros).then_some(Self(micros))
    }

    /// The instant `millis` milliseconds after the epoch; `None` outside of the years 1970 to 2199.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        millis.checked_mul(1_000).and_then(Self::plausible)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// An RFC 3339 time with an offset or `Z`; `+0100` without the colon and a blank for the `T` are taken as well.
    ///
    /// # Errors
    /// Where the text is no such time, or lies outside of the years 1970 to 2199.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let instant =
            jiff::fmt::temporal::DateTimeParser::new().parse_timestamp(text).map_err(|_| TimeError(format!("not a time with an offset: {text:?}")))?;
        Self::plausible(instant.as_microsecond()).ok_or_else(|| TimeError(format!("not a time of the years 1970 to 2199: {text:?}")))
    }

    /// A time without a zone that is known to be UTC, in the compact form of AWS file names: `20260714T0915Z` or with seconds.
    ///
    /// # Errors
    /// Where the text is no such time.
    pub fn parse_compact(text: &str) -> Result<Self, TimeError> {
        let refused = || TimeError(format!("not a time such as 20260714T091500Z: {text:?}"));
        let digits = text.strip_suffix('Z').ok_or_else(refused)?;
        let (date, clock) = digits.split_once('T').ok_or_else(refused)?;
        if date.len() != 8 || !(clock.len() == 4 || clock.len() == 6) || !date.bytes().chain(clock.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(refused());
        }
        let seconds = if clock.len() == 6 { &clock[4..] } else { "00" };
        Self::parse(&format!("{}-{}-{}T{}:{}:{seconds}Z", &date[..4], &date[4..6], &date[6..], &clock[..2], &clock[2..4]))
    }

    /// The instant `seconds` later (earlier where negative), held at the ends of what can be told.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Seconds from `earlier` to this instant.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "an i64 of microseconds within 8,000 years keeps its microseconds in an f64")]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / 1e6
    }
}

/// 2200-01-01T00:00:00Z.
const END: i64 = 7_258_118_400_000_000;

/// RFC 3339 in UTC with six decimals: `2026-07-14T09:15:00.000000Z`. What lies beyond the years that it can write (0 to 9999) is shown
/// as the nearest of them.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const YEAR_ZERO: i64 = -62_167_219_200_000_000;
        let instant = jiff::Timestamp::from_microsecond(self.0.max(YEAR_ZERO)).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{instant:.6}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_that_aws_writes() -> Result<(), TimeError> {
        let expected = Timestamp::from_micros(1_784_020_500_000_000);
        for text in ["2026-07-14T09:15:00Z", "2026-07-14 09:15:00+0000", "2026-07-14T11:15:00+02:00", "2026-07-14T09:15:00.000Z"] {
            assert_eq!(Timestamp::parse(text)?, expected, "{text}");
        }
        assert_eq!(Timestamp::parse_compact("20260714T0915Z")?, expected);
        assert_eq!(Timestamp::parse_compact("20260714T091500Z")?, expected);
        assert_eq!(expected.to_string(), "2026-07-14T09:15:00.000000Z");
        Ok(())
    }

    #[test]
    fn refuses_what_is_no_instant() {
        for text in ["", "2026-07-14", "2026-07-14T09:15:00", "20260714T09", "1969-12-31T23:59:59Z", "0x1"] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
            assert!(Timestamp::parse_compact(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refuses_what_no_evidence_can_be_dated() -> Result<(), TimeError> {
        let (last, end) = (Timestamp::parse("2199-12-31T23:59:59.999999Z")?, 7_258_118_400_000_000);
        assert_eq!((last.micros(), Timestamp::plausible(end - 1)), (end - 1, Some(last)));
        assert_eq!((Timestamp::plausible(end), Timestamp::plausible(-1), Timestamp::plausible(0)), (None, None, Some(Timestamp::from_micros(0))));
        assert_eq!((Timestamp::from_millis(end / 1_000), Timestamp::from_millis(i64::MAX)), (None, None));
        for text in ["2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
        assert!(Timestamp::parse_compact("99991231T235959Z").is_err());
        Ok(())
    }

    #[test]
    fn every_instant_is_shown_as_a_time() {
        for (micros, shown) in [
            (i64::MIN, "0000-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (7_258_118_400_000_000, "2200-01-01T00:00:00.000000Z"),
            (i64::MAX, "9999-12-30T22:00:00.999999Z"),
        ] {
            assert_eq!(Timestamp::from_micros(micros).to_string(), shown);
        }
    }
}
