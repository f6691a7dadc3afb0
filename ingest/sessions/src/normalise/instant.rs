//! Times in API answers: epoch seconds with a fraction, or ISO texts, as the CLI is set to write them.

use schemas::{Code, Timestamp};

use crate::decode::{Docket, Json, join};

/// The time at a key of an answer's entry; `None` where it is absent, null or empty, and, after a refusal, where it is no time.
pub(super) fn instant(json: &Json<'_>, key: &str, place: &str, docket: &mut Docket<'_>) -> Option<Timestamp> {
    let time = match json.get(key)? {
        Json::Null => return None,
        Json::Text(text) if text.is_empty() => return None,
        Json::Text(text) => Timestamp::parse(text).ok(),
        Json::Number(literal) => from_seconds(literal),
        _ => None,
    };
    if time.is_none() {
        docket.refuse(join(place, key), Code::TimeInvalid, "neither epoch seconds nor a time with an offset, in the years 1970 to 2199");
    }
    time
}

/// The instant that a JSON number of seconds names, exactly to the microsecond; a fraction beyond that is rounded, halves to even.
fn from_seconds(literal: &str) -> Option<Timestamp> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i64 = exponent.parse().ok().filter(|exponent| EXPONENTS.contains(exponent))?;
    // More digits than this say nothing about a microsecond, and would not fit.
    let digits = format!("{whole}{fraction}");
    let number: i128 = digits.get(..digits.len().min(36))?.parse().ok()?;
    let left_out = digits.len() - digits.len().min(36);
    let shift = exponent - i64::try_from(fraction.len()).ok()? + i64::try_from(left_out).ok()? + 6;
    let micros = if shift >= 0 {
        number.checked_mul(10_i128.checked_pow(u32::try_from(shift).ok()?)?)?
    } else {
        match u32::try_from(-shift).ok().and_then(|shift| 10_i128.checked_pow(shift)) {
            Some(unit) => divided(number, unit),
            None => 0,
        }
    };
    Timestamp::plausible(i64::try_from(micros).ok()?)
}

/// Nobody writes a time with an exponent beyond these, and sums of what lies within them cannot overflow.
const EXPONENTS: std::ops::RangeInclusive<i64> = -100..=100;

fn divided(number: i128, unit: i128) -> i128 {
    let (quotient, rest) = (number.div_euclid(unit), number.rem_euclid(unit));
    let is_up = rest * 2 > unit || (rest * 2 == unit && quotient % 2 != 0);
    quotient + i128::from(is_up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_exact_to_the_microsecond() {
        for (literal, micros) in [
            ("0", 0),
            ("1550676938", 1_550_676_938_000_000),
            ("1550676938.352", 1_550_676_938_352_000),
            ("1550676938.000001", 1_550_676_938_000_001),
            ("1.550676938352E9", 1_550_676_938_352_000),
            ("1550676938352e-3", 1_550_676_938_352_000),
            ("1550676938.0000005", 1_550_676_938_000_000),
            ("1550676938.0000015", 1_550_676_938_000_002),
            ("1550676938.00000150000000000000000000000001", 1_550_676_938_000_002),
            ("1e-90", 0),
            ("7258118399.999999", 7_258_118_399_999_999),
        ] {
            assert_eq!(from_seconds(literal), Some(Timestamp::from_micros(micros)), "{literal}");
        }
        for literal in [
            "-1",
            "1e30",
            "1e999999999999",
            "999999999999999999999999999999999999999999",
            "1e-99999999999999999999",
            "1e9223372036854775807",
            "1.0e-9223372036854775808",
            "7258118400",
            "253402300799",
        ] {
            assert_eq!(from_seconds(literal), None, "{literal}");
        }
    }
}
