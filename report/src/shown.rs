//! Values as people read them: rounded, with their unit. What is exact stands in CSV and JSON.

use std::borrow::Cow;

use crate::inert::{SHOWN, shortened};
use crate::{Unit, Value};

/// A value as people read it. Texts are made inert and cut; escaping them is left to the form.
pub(crate) fn shown(value: &Value, unit: Unit) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed("—"),
        Value::Boolean(value) => Cow::Borrowed(if *value { "yes" } else { "no" }),
        Value::Text(text) => shortened(text, SHOWN),
        Value::Instant(at) => Cow::Owned(to_the_second(&at.to_string())),
        Value::Date(_) => value.exact(),
        Value::Integer(_) | Value::Double(_) => Cow::Owned(value.number().map_or_else(|| value.exact().into_owned(), |number| measured(number, value, unit))),
    }
}

fn measured(number: f64, value: &Value, unit: Unit) -> String {
    match unit {
        Unit::Seconds => lasting(number),
        Unit::Hours => format!("{} h", grouped(&format!("{number:.1}"))),
        Unit::Percent => percent(number),
        Unit::Bytes => bytes(number),
        Unit::None => match value {
            Value::Integer(count) => grouped(&count.to_string()),
            _ => grouped(&format!("{number:.2}")),
        },
    }
}

/// Rounded, but never to all or to nothing: of a fleet with one instance that is not covered, 100 % are not.
fn percent(number: f64) -> String {
    if number > 99.9 && number < 100.0 {
        "> 99.9 %".to_owned()
    } else if number > 0.0 && number < 0.1 {
        "< 0.1 %".to_owned()
    } else {
        format!("{number:.1} %")
    }
}

/// How a figure changed, such as `+3` or `−2 h 05 min`; nothing where that cannot be said.
pub(crate) fn change(value: &Value, before: &Value, unit: Unit) -> Option<(f64, String)> {
    let mut change = value.number()? - before.number()?;
    let whole = matches!((value, before), (Value::Integer(_), Value::Integer(_)));
    let size = match unit {
        Unit::Percent => format!("{:.1} points", change.abs()),
        _ if whole => grouped(&format!("{:.0}", change.abs())),
        _ => measured(change.abs(), &Value::Double(change.abs()), unit),
    };
    // What is told as no change is none.
    if !size.contains(|digit: char| matches!(digit, '1'..='9')) {
        change = 0.0;
    }
    let sign = if change > 0.0 {
        "+"
    } else if change < 0.0 {
        "−"
    } else {
        "±"
    };
    Some((change, format!("{sign}{size}")))
}

/// `45 s`, `12 min 05 s`, `2 h 05 min`, `3 d 4 h`.
pub(crate) fn lasting(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "−" } else { "" };
    let size = seconds.abs();
    if size > 0.0 && size < 10.0 && size.fract() > 0.0 {
        return format!("{sign}{size:.1} s");
    }
    // Rounded before it is divided: 59.9 s are 1 min, not 60 s.
    let whole = size.round();
    let parts = |large: f64, small: f64| ((whole / large).floor(), ((whole % large) / small).floor());
    let text = if whole < 60.0 {
        format!("{whole:.0} s")
    } else if whole < 3_600.0 {
        let (minutes, seconds) = parts(60.0, 1.0);
        if seconds > 0.0 { format!("{minutes:.0} min {seconds:02.0} s") } else { format!("{minutes:.0} min") }
    } else if whole < 172_800.0 {
        let (hours, minutes) = parts(3_600.0, 60.0);
        if minutes > 0.0 { format!("{hours:.0} h {minutes:02.0} min") } else { format!("{hours:.0} h") }
    } else {
        let (days, hours) = parts(86_400.0, 3_600.0);
        if hours > 0.0 { format!("{days:.0} d {hours:.0} h") } else { format!("{days:.0} d") }
    };
    format!("{sign}{text}")
}

/// In powers of ten, as disks and bills have it.
fn bytes(count: f64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut size = count;
    let mut unit = 0;
    while size.abs() >= 1_000.0 && unit + 1 < UNITS.len() {
        size /= 1_000.0;
        unit += 1;
    }
    if unit == 0 { format!("{size:.0} B") } else { format!("{size:.1} {}", UNITS.get(unit).unwrap_or(&"TB")) }
}

/// `12,345.60`, of digits.
fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("−", rest));
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(rest) = rest {
        text.push('.');
        text.push_str(rest);
    }
    text
}

/// `2026-07-14 09:15:00Z`, of RFC 3339.
pub(crate) fn to_the_second(text: &str) -> String {
    let (date, clock) = text.split_once('T').unwrap_or((text, ""));
    format!("{date} {}Z", clock.split('.').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use schemas::Timestamp;

    use super::*;

    #[test]
    fn numbers_are_read_with_their_unit() {
        let read = |value: Value, unit| shown(&value, unit).into_owned();
        assert_eq!(read(Value::Integer(1_234_567), Unit::None), "1,234,567");
        assert_eq!(read(Value::Integer(-999), Unit::None), "−999");
        assert_eq!(read(Value::Double(0.126), Unit::None), "0.13");
        assert_eq!(read(Value::Double(83.333), Unit::Percent), "83.3 %");
        assert_eq!(read(Value::Double(99.95), Unit::Percent), "> 99.9 %");
        assert_eq!(read(Value::Double(0.04), Unit::Percent), "< 0.1 %");
        assert_eq!((read(Value::Double(100.0), Unit::Percent), read(Value::Double(0.0), Unit::Percent)), ("100.0 %".to_owned(), "0.0 %".to_owned()));
        assert_eq!(read(Value::Double(1_234.56), Unit::Hours), "1,234.6 h");
        assert_eq!(read(Value::Integer(12_345_678), Unit::Bytes), "12.3 MB");
        assert_eq!(read(Value::Null, Unit::Seconds), "—");
        assert_eq!(read(Value::Instant(Timestamp::from_micros(1_784_020_500_000_000)), Unit::None), "2026-07-14 09:15:00Z");
        assert_eq!(read(Value::Text("\u{1b}".to_owned()), Unit::None), "\\u{1b}");
    }

    #[test]
    fn times_are_read_in_two_parts() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (2.25, "2.2 s"),
            (59.9, "1 min"),
            (725.0, "12 min 05 s"),
            (7_500.0, "2 h 05 min"),
            (86_400.0, "24 h"),
            (273_600.0, "3 d 4 h"),
            (-90.0, "−1 min 30 s"),
        ] {
            assert_eq!(lasting(seconds), text);
        }
    }

    #[test]
    fn a_change_has_a_sign() {
        let of = |value, before, unit| change(&value, &before, unit).map(|(_, text)| text);
        assert_eq!(of(Value::Integer(5), Value::Integer(2), Unit::None).as_deref(), Some("+3"));
        assert_eq!(of(Value::Integer(2), Value::Integer(2), Unit::None).as_deref(), Some("±0"));
        assert_eq!(of(Value::Double(60.0), Value::Double(360.0), Unit::Seconds).as_deref(), Some("−5 min"));
        assert_eq!(of(Value::Double(90.0), Value::Double(80.5), Unit::Percent).as_deref(), Some("+9.5 points"));
        let slight = change(&Value::Double(90.01), &Value::Double(90.0), Unit::Percent);
        assert_eq!(slight, Some((0.0, "±0.0 points".to_owned())), "what rounds to no change is told as none");
        assert_eq!(of(Value::Null, Value::Integer(1), Unit::None), None);
    }
}
