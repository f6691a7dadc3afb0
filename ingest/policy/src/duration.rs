//! Durations as people write them: `8h`, `20m`, `120s`, `1d`, `1h30m`.

/// Why a text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// It has no unit.
    #[error("a duration without a unit: {0:?}")]
    NoUnit(String),
    /// It has another form.
    #[error("not a duration such as \"8h\" or \"1h30m\": {0:?}")]
    NotADuration(String),
    /// It is longer than a century.
    #[error("longer than a century: {0:?}")]
    TooLong(String),
}

/// The seconds of a duration: whole numbers, each with a unit (`w`, `d`, `h`, `m`, `s`), every unit smaller than the one before. `0s` is a duration.
///
/// # Errors
/// Where the text has another form, or is longer than a century.
///
/// # Example
/// ```
/// assert_eq!(policy::duration::parse_seconds("1h30m"), Ok(5_400));
/// assert!(policy::duration::parse_seconds("90").is_err());
/// ```
pub fn parse_seconds(text: &str) -> Result<i64, DurationError> {
    let refused = || DurationError::NotADuration(text.to_owned());
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DurationError::NoUnit(text.to_owned()));
    }
    let too_long = || DurationError::TooLong(text.to_owned());
    let (mut rest, mut total, mut last_unit) = (text, 0_i64, i64::MAX);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, from_unit) = rest.split_at(digits);
        let mut letters = from_unit.chars();
        let unit = letters.next().and_then(|letter| UNITS.iter().find(|(name, _)| *name == letter)).map(|(_, seconds)| *seconds).ok_or_else(refused)?;
        if number.is_empty() || unit >= last_unit {
            return Err(refused());
        }
        // What is left to fail of a text of digits is its length.
        let count: i64 = number.parse().map_err(|_| too_long())?;
        total = count.checked_mul(unit).and_then(|seconds| total.checked_add(seconds)).filter(|seconds| *seconds <= CENTURY).ok_or_else(too_long)?;
        last_unit = unit;
        rest = letters.as_str();
    }
    if last_unit == i64::MAX { Err(refused()) } else { Ok(total) }
}

/// `seconds` in the same form: `1h30m`. Days and weeks are written as hours, as limits are.
#[must_use]
pub fn written(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let total = seconds.unsigned_abs();
    let parts = [(total / 3_600, 'h'), (total / 60 % 60, 'm'), (total % 60, 's')];
    let shown: String = parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if shown.is_empty() { "0s".to_owned() } else { format!("{sign}{shown}") }
}

const UNITS: [(char, i64); 5] = [('w', 7 * 86_400), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A limit that no session could ever meet is a slip of the pen; and microseconds of what is allowed fit into an `i64`.
const CENTURY: i64 = 36_525 * 86_400;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, seconds) in
            [("8h", 28_800), ("20m", 1_200), ("120s", 120), ("1d", 86_400), ("2w", 1_209_600), ("1h30m", 5_400), ("1d12h5s", 129_605), ("0s", 0), ("007m", 420)]
        {
            assert_eq!(parse_seconds(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["", " ", "h", "8 h", " 8h", "8h ", "8H", "-8h", "+8h", "1.5h", "8hours", "30m1h", "1h1h", "500ms", "8h30", "٣h", "1h\u{0}", "1µ"] {
            assert_eq!(parse_seconds(text), Err(DurationError::NotADuration(text.to_owned())), "{text}");
        }
        assert_eq!(parse_seconds("480"), Err(DurationError::NoUnit("480".to_owned())));
        for text in ["99999999999999999999s", "9223372036854775807w", "36526d", "36525d1s"] {
            assert_eq!(parse_seconds(text), Err(DurationError::TooLong(text.to_owned())), "{text}");
        }
        assert_eq!(parse_seconds("36525d").unwrap(), CENTURY);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in 0..=CENTURY) {
            prop_assert_eq!(parse_seconds(&written(seconds)), Ok(seconds));
        }

        #[test]
        fn never_panics(text in ".*") {
            let _ = parse_seconds(&text);
        }
    }
}
