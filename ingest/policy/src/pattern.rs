//! Patterns of the policy: `*` is any run of characters, `/` included; nothing else is special; case matters.
//!
//! This is not `wildmatch`: its single-character wildcard cannot be switched off, only moved to a character that a file could still hold, and it
//! looks at every character of every pattern. A pattern here is cut at its stars once, so that the many without a star are one comparison.

use std::fmt;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: Box<str>,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// No star: the whole value.
    Exact,
    /// What stands before the first star, between the stars in turn, and behind the last.
    Starred { head: Box<str>, middle: Box<[Box<str>]>, tail: Box<str> },
}

impl Pattern {
    /// Compiles `text`; every text is a pattern.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let form = match (text.split_once('*'), text.rsplit_once('*')) {
            (Some((head, _)), Some((_, tail))) => {
                // Between the first and the last star; where these are one and the same there is nothing.
                let inner = text.get(head.len() + 1..text.len() - tail.len() - 1).unwrap_or_default();
                Form::Starred { head: head.into(), middle: inner.split('*').filter(|part| !part.is_empty()).map(Into::into).collect(), tail: tail.into() }
            }
            _ => Form::Exact,
        };
        Self { text: text.into(), form }
    }

    /// Whether the pattern covers the whole of `value`. Does not allocate.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        let Form::Starred { head, middle, tail } = &self.form else {
            return *self.text == *value;
        };
        // The tail is cut off what the head left over, so that the two never share a character.
        let Some(mut rest) = value.strip_prefix(&**head).and_then(|rest| rest.strip_suffix(&**tail)) else {
            return false;
        };
        // The leftmost place of a part leaves the most to the parts behind it, so the first fit is enough.
        for part in middle {
            let Some(at) = rest.find(&**part) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        true
    }

    /// Whether every value that `other` covers is covered by this pattern too, as far as can be told from the two texts: a star of `other`, taken as
    /// a character, can only meet a star here, which covers whatever that star stands for.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.matches(&other.text)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern has no star.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.form == Form::Exact
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition itself: slow, and hard to get wrong.
    fn covers_all(pattern: &[char], value: &[char]) -> bool {
        match pattern.split_first() {
            None => value.is_empty(),
            Some(('*', rest)) => (0..=value.len()).any(|skipped| covers_all(rest, &value[skipped..])),
            Some((first, rest)) => value.split_first().is_some_and(|(found, behind)| found == first && covers_all(rest, behind)),
        }
    }

    fn oracle(pattern: &str, value: &str) -> bool {
        covers_all(&pattern.chars().collect::<Vec<_>>(), &value.chars().collect::<Vec<_>>())
    }

    #[test]
    fn only_the_star_is_special() {
        for (pattern, value, expected) in [
            ("arn:aws:sts::*:assumed-role/BreakGlass*/*", "arn:aws:sts::111122223333:assumed-role/BreakGlass-eu/ada", true),
            ("arn:aws:sts::*:assumed-role/BreakGlass*/*", "arn:aws:sts::111122223333:assumed-role/x/BreakGlass-eu", false),
            ("arn:aws:sts::*:assumed-role/ci-*/*", "arn:aws:sts::1:assumed-role/ci-a/b/c", true),
            ("*", "", true),
            ("*", "a/b\nc", true),
            ("", "", true),
            ("", "a", false),
            ("prod", "Prod", false),
            ("prod", "prod ", false),
            ("pr?d", "prod", false),
            ("pr?d", "pr?d", true),
            ("a.c", "abc", false),
            ("[ab]", "a", false),
            ("\\*", "*", false),
            ("\\*", "\\x", true),
            ("\u{0}", "a", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("ab*bc", "abc", false),
            ("*ab*ab*", "xabyab", true),
            ("*aab*", "aaab", true),
            ("**", "x", true),
            ("ü*", "ünder", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(value), expected, "{pattern} {value}");
            assert_eq!(oracle(pattern, value), expected, "oracle: {pattern} {value}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn agrees_with_the_definition(pattern in "[ab*/é]{0,9}", value in "[ab*/é]{0,11}") {
            prop_assert_eq!(Pattern::new(&pattern).matches(&value), oracle(&pattern, &value));
        }

        #[test]
        fn finds_itself_with_its_stars_filled(parts in proptest::collection::vec(("[ab]{0,3}", "[abc/]{0,4}"), 0..5), end in "[ab]{0,3}") {
            let pattern: String = parts.iter().map(|(literal, _)| format!("{literal}*")).collect::<String>() + &end;
            let value: String = parts.iter().map(|(literal, filling)| format!("{literal}{filling}")).collect::<String>() + &end;
            prop_assert!(Pattern::new(&pattern).matches(&value));
        }

        #[test]
        fn what_covers_a_pattern_covers_its_values(wide in "[ab*]{0,6}", narrow in "[ab*]{0,6}", value in "[ab*]{0,8}") {
            let (wide, narrow) = (Pattern::new(&wide), Pattern::new(&narrow));
            prop_assert!(!(wide.covers(&narrow) && narrow.matches(&value)) || wide.matches(&value));
        }
    }
}
