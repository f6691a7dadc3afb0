//! One value of a report, and how it is written where nothing may be lost.

use std::borrow::Cow;

use schemas::Timestamp;
use serde::{Serialize, Serializer};

/// A value as the ledger answered it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing is known, or there is nothing to know.
    Null,
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Double(f64),
    /// A text, which can be hostile.
    Text(String),
    /// A moment.
    Instant(Timestamp),
    /// A local date, in days since 1970-01-01.
    Date(i32),
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Yes or no.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Double,
    /// Texts.
    Text,
    /// Moments.
    Instant,
    /// Local dates.
    Date,
}

impl Type {
    /// Whether people expect it flush right.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Double)
    }
}

impl Value {
    /// The value as `query` writes it: nothing is rounded. Texts are as they are.
    #[must_use]
    pub fn exact(&self) -> Cow<'_, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Integer(value) => Cow::Owned(value.to_string()),
            Self::Double(value) => Cow::Owned(double(*value)),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Instant(at) => Cow::Owned(at.to_string()),
            Self::Date(days) => Cow::Owned(date(*days)),
        }
    }

    /// The number, where it is one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of a report lie far below 2^53")]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Double(value) => value.is_finite().then_some(*value),
            _ => None,
        }
    }

    /// Whether nothing is known.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A number as JSON has it, moments and dates as texts.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Double(value) if value.is_finite() => serializer.serialize_f64(*value),
            // JSON has no such numbers; a text says more than null.
            Self::Double(_) | Self::Text(_) | Self::Instant(_) | Self::Date(_) => serializer.serialize_str(&self.exact()),
        }
    }
}

/// A double as JSON and SQL write it: the shortest digits that give it back.
fn double(value: f64) -> String {
    match serde_json::Number::from_f64(value) {
        Some(number) => number.to_string(),
        None if value.is_nan() => "NaN".to_owned(),
        None if value > 0.0 => "Infinity".to_owned(),
        None => "-Infinity".to_owned(),
    }
}

/// `2026-07-14`.
fn date(days: i32) -> String {
    let mut text = Timestamp::from_micros(i64::from(days) * DAY_MICROS).to_string();
    text.truncate("2026-07-14".len());
    text
}

const DAY_MICROS: i64 = 86_400_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_as_query_writes_it() {
        let written = |value: Value| value.exact().into_owned();
        assert_eq!(written(Value::Double(3_600.0)), "3600.0");
        assert_eq!(written(Value::Double(1.0 / 3.0)), "0.3333333333333333");
        assert_eq!(written(Value::Integer(-7)), "-7");
        assert_eq!(written(Value::Date(20_648)), "2026-07-14");
        assert_eq!(written(Value::Date(-1)), "1969-12-31");
        assert_eq!(written(Value::Instant(Timestamp::from_micros(1_784_020_500_000_000))), "2026-07-14T09:15:00.000000Z");
        assert_eq!(written(Value::Boolean(false)), "false");
        assert_eq!(written(Value::Null), "");
    }

    #[test]
    fn json_has_numbers_as_numbers() {
        let values = [Value::Null, Value::Integer(3), Value::Double(0.5), Value::Double(f64::INFINITY), Value::Text("x".to_owned()), Value::Date(0)];
        assert_eq!(serde_json::to_string(&values).unwrap_or_default(), r#"[null,3,0.5,"Infinity","x","1970-01-01"]"#);
    }
}
