//! What a number measures. The columns of the ledger say it in their names.

use serde::Serialize;

/// What a number measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Things, or nothing that has a name.
    None,
    /// Seconds.
    Seconds,
    /// Hours.
    Hours,
    /// Hundredths.
    Percent,
    /// Bytes.
    Bytes,
}

impl Unit {
    /// The unit of a column of this name.
    #[must_use]
    pub fn of(column: &str) -> Self {
        let name = column.strip_suffix(BEFORE).unwrap_or(column);
        SUFFIXES.iter().find(|(suffix, _)| name.ends_with(suffix)).map_or(Self::None, |(_, unit)| *unit)
    }

    /// A column's name as people read it; of the unit only what the values do not say themselves.
    #[must_use]
    pub fn title(column: &str) -> String {
        let (name, before) = column.strip_suffix(BEFORE).map_or((column, ""), |name| (name, " before"));
        let (name, unit) = match Self::of(column) {
            Self::Seconds => (name.strip_suffix("_seconds").unwrap_or(name), ""),
            Self::Percent => (name.strip_suffix("_percent").unwrap_or(name), ""),
            Self::Bytes | Self::Hours | Self::None => (name, ""),
        };
        format!("{}{unit}{before}", name.replace('_', " "))
    }
}

const BEFORE: &str = "_before";
const SUFFIXES: [(&str, Unit); 5] =
    [("seconds", Unit::Seconds), ("hours", Unit::Hours), ("hours_suspected", Unit::Hours), ("percent", Unit::Percent), ("bytes", Unit::Bytes)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_units() {
        assert_eq!(Unit::of("p90_seconds_before"), Unit::Seconds);
        assert_eq!(Unit::of("over_limit_hours"), Unit::Hours);
        assert_eq!(Unit::of("coverage_percent"), Unit::Percent);
        assert_eq!(Unit::of("log_bytes"), Unit::Bytes);
        assert_eq!(Unit::of("violations"), Unit::None);
        assert_eq!(Unit::title("p90_seconds_before"), "p90 before");
        assert_eq!(Unit::title("over_limit_hours"), "over limit hours");
    }
}
