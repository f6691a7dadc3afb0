//! The version of the form in which the tables are stored.

/// The property of every stored table that says its format: `major`, or `major.minor`. A table that does not say it is of format 1.
pub const FORMAT_PROPERTY: &str = "sessiontrail.format";
/// The format that this version of the program writes. `docs/format.md` says what it holds to.
pub const FORMAT: &str = "1";

/// Whether this version of the program may read, and add to, what is of format `found`: a greater minor only adds what can be passed over, a
/// greater major does not.
#[must_use]
pub fn is_readable(found: &str) -> bool {
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
            assert_eq!(is_readable(found), readable, "{found}");
        }
    }
}
