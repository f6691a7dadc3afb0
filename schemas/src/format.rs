//! The version of the form in which the tables are stored.

use std::fmt;

/// The property of every stored table that says its format: `major`, or `major.minor`. A table that does not say it is of format 1.
pub const FORMAT_PROPERTY: &str = "sessiontrail.format";
/// The format that this version of the program writes. `docs/format.md` says what it holds to.
pub const FORMAT: &str = "1";

/// A table of the lake was written in a format that this version of the program does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// The table.
    pub table: &'static str,
    /// The format that it says.
    pub found: String,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, found } = self;
        write!(f, "the table {table} of the lake is of format {found}, and this version of sessiontrail knows format {FORMAT} at most; use a newer version")
    }
}

impl std::error::Error for FormatError {}

/// Refuses what this version of the program may neither read nor add to. `found` is what the table says of its format, if anything.
///
/// # Errors
/// Where the format is one that this version does not know: a greater minor only adds what can be passed over, a greater major does not.
pub fn check_format(table: &'static str, found: Option<&str>) -> Result<(), FormatError> {
    match found {
        Some(found) if !is_readable(found) => Err(FormatError { table, found: found.to_owned() }),
        _ => Ok(()),
    }
}

fn is_readable(found: &str) -> bool {
    let major = |text: &str| text.split('.').next().and_then(|major| major.parse::<u32>().ok());
    major(found).is_some_and(|found| found >= 1 && major(FORMAT).is_some_and(|ours| found <= ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_major_is_refused_and_a_newer_minor_is_not() {
        for (found, readable) in
            [("1", true), ("1.0", true), ("1.7", true), ("2", false), ("2.0", false), ("10", false), ("0", false), ("", false), ("one", false)]
        {
            assert_eq!(check_format("runs", Some(found)).is_ok(), readable, "{found}");
        }
        assert_eq!(check_format("runs", None), Ok(()), "what does not say it is of format 1");
        let refused = check_format("runs", Some("2")).map_err(|error| error.to_string());
        let expected = "the table runs of the lake is of format 2, and this version of sessiontrail knows format 1 at most; use a newer version";
        assert_eq!(refused, Err(expected.to_owned()));
    }
}
