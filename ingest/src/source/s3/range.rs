//! A range of keys, and how it is cut where it turns out to be long: at characters that its own keys have, since nobody knows what people call
//! their prefixes.

use std::collections::BTreeSet;

/// The keys below a folder that come after one key and not after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    /// Empty, or ending in a slash.
    pub(super) folder: String,
    /// Exclusive; `None` for the first.
    pub(super) after: Option<String>,
    /// Inclusive; `None` for the last.
    pub(super) until: Option<String>,
}

impl Range {
    /// All keys below a folder that come after this one.
    pub(super) fn below(folder: &str, after: Option<String>) -> Self {
        Self { folder: folder.to_owned(), after, until: None }
    }

    pub(super) fn holds(&self, key: &str) -> bool {
        self.until.as_deref().is_none_or(|until| key <= until)
    }

    /// What is left of the range after `last`, in ranges that can be listed side by side. `first` and `last` are the ends of what has been
    /// listed of it, `seen` the characters of the keys between them.
    ///
    /// Where the two begin to differ is where the keys of this range begin to differ: it is cut there and one character before, at each
    /// character that comes after that of `last`. The ranges hold every key that there may be, whatever its characters.
    pub(super) fn rest(&self, first: &str, last: &str, seen: &BTreeSet<char>) -> Vec<Self> {
        let shared = first.char_indices().zip(last.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        let Some(differs) = shared.filter(|at| *at >= self.folder.len()) else { return vec![Self { after: Some(last.to_owned()), ..self.clone() }] };
        let before = last.get(..differs).and_then(|text| text.char_indices().next_back()).map(|(at, _)| at).filter(|at| *at >= self.folder.len());
        let cuts = [Some(differs), before].into_iter().flatten().flat_map(|at| {
            let (stem, own) = last.split_at_checked(at).map_or(("", None), |(stem, rest)| (stem, rest.chars().next()));
            seen.iter().filter(move |c| own.is_some_and(|own| **c > own)).map(move |c| format!("{stem}{c}"))
        });
        let mut rest = Vec::new();
        let mut after = last.to_owned();
        for cut in cuts.filter(|cut| self.until.as_ref().is_none_or(|until| cut < until)) {
            rest.push(Self { folder: self.folder.clone(), after: Some(std::mem::replace(&mut after, cut.clone())), until: Some(cut) });
        }
        rest.push(Self { folder: self.folder.clone(), after: Some(after), until: self.until.clone() });
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(range: &Range, first: &str, last: &str) -> Vec<(String, Option<String>)> {
        let seen = [first, last].concat().chars().collect();
        range.rest(first, last, &seen).into_iter().map(|range| (range.after.unwrap_or_default(), range.until)).collect()
    }

    fn to(after: &str, until: &str) -> (String, Option<String>) {
        (after.to_owned(), Some(until.to_owned()))
    }

    #[test]
    fn a_long_range_is_cut_where_its_keys_differ() {
        let range = Range::below("ssm/", None);
        assert_eq!(
            cut(&range, "ssm/0031", "ssm/0120"),
            [
                to("ssm/0120", "ssm/02"),
                to("ssm/02", "ssm/03"),
                to("ssm/03", "ssm/0m"),
                to("ssm/0m", "ssm/0s"),
                to("ssm/0s", "ssm/1"),
                to("ssm/1", "ssm/2"),
                to("ssm/2", "ssm/3"),
                to("ssm/3", "ssm/m"),
                to("ssm/m", "ssm/s"),
                ("ssm/s".to_owned(), None)
            ]
        );
    }

    #[test]
    fn no_cut_leaves_the_range_and_none_leaves_a_hole() {
        let range = Range { folder: "a/".to_owned(), after: None, until: Some("a/13".to_owned()) };
        let rest = cut(&range, "a/100", "a/119");
        assert_eq!(rest.last().map(|(_, until)| until.as_deref()), Some(Some("a/13")));
        assert!(rest.windows(2).all(|pair| pair[0].1.as_ref() == Some(&pair[1].0)), "{rest:?}");
        assert!(rest.iter().all(|(after, until)| until.as_ref().is_none_or(|until| after < until)), "{rest:?}");
        assert_eq!(rest[0].0, "a/119");
        assert_eq!(cut(&range, "a/1", "a/1"), [to("a/1", "a/13")], "keys that do not differ are listed on as they are");
        let wide = Range::below("", None);
        assert!(cut(&wide, "\u{65e5}a", "\u{65e5}\u{fc}").iter().all(|(after, _)| after >= &"\u{65e5}".to_owned()));
    }
}
