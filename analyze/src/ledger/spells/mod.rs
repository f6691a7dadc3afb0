//! What the account snapshots show, as spells: from the first observation that shows a thing as it is, to the first assessed one that does not.
//!
//! ```text
//!   snapshots of an account-region, by time ─▶ observe(at, everything seen) ─▶ Spell { subject, state, from, until }
//! ```
//!
//! Findings about a state are made of these: a snapshot that does not assess a thing neither begins nor ends anything (SPEC §6, ruling R37).
//! However many snapshots say the same, they are one spell.

mod destinations;
mod documents;
mod instances;

use std::collections::BTreeMap;

use schemas::Timestamp;

pub(super) use destinations::{Destination, destinations};
pub(super) use documents::{Document, documents};
pub(super) use instances::{Instance, Instances};

/// One thing in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spell<S> {
    pub(super) account_id: String,
    pub(super) region: String,
    /// Id or name of the thing, unique within its account-region and kind.
    pub(super) subject: String,
    pub(super) state: S,
    /// The first observation that shows it so.
    pub(super) from: Timestamp,
    /// The first assessed observation that does not; `None` where the newest still does.
    pub(super) until: Option<Timestamp>,
}

/// A state of which an observation may tell a part only.
pub(super) trait State: PartialEq {
    /// This state; what it does not tell is as it was.
    fn or_as(self, before: &Self) -> Self;
}

/// The spells of one account-region, as far as its snapshots have been looked at.
#[derive(Debug)]
struct Watch<S> {
    account_id: String,
    region: String,
    open: BTreeMap<String, (Timestamp, S)>,
    past: Vec<Spell<S>>,
}

impl<S: State> Watch<S> {
    fn new(account_id: &str, region: &str) -> Self {
        Self { account_id: account_id.to_owned(), region: region.to_owned(), open: BTreeMap::new(), past: Vec::new() }
    }

    /// Looks at the next snapshot: everything it shows. What it shows no more is over, unless `unassessed` says that it could not show it.
    fn observe(&mut self, at: Timestamp, seen: BTreeMap<String, S>, unassessed: impl Fn(&str) -> bool) {
        let mut before = std::mem::take(&mut self.open);
        for (subject, state) in seen {
            let (from, state) = match before.remove(&subject) {
                Some((from, was)) => {
                    let state = state.or_as(&was);
                    if state == was {
                        (from, was)
                    } else {
                        self.end(subject.clone(), was, from, at);
                        (at, state)
                    }
                }
                None => (at, state),
            };
            self.open.insert(subject, (from, state));
        }
        for (subject, (from, state)) in before {
            if unassessed(&subject) {
                self.open.insert(subject, (from, state));
            } else {
                self.end(subject, state, from, at);
            }
        }
    }

    fn end(&mut self, subject: String, state: S, from: Timestamp, until: Timestamp) {
        self.past.push(Spell { account_id: self.account_id.clone(), region: self.region.clone(), subject, state, from, until: Some(until) });
    }

    fn finish(mut self) -> Vec<Spell<S>> {
        for (subject, (from, state)) in std::mem::take(&mut self.open) {
            self.past.push(Spell { account_id: self.account_id.clone(), region: self.region.clone(), subject, state, from, until: None });
        }
        self.past.sort_by(|one, other| (&one.subject, one.from).cmp(&(&other.subject, other.from)));
        self.past
    }
}

/// The watches of all account-regions.
#[derive(Debug)]
struct Watches<S>(BTreeMap<(String, String), Watch<S>>);

impl<S: State> Watches<S> {
    fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn of(&mut self, account_id: &str, region: &str) -> &mut Watch<S> {
        self.0.entry((account_id.to_owned(), region.to_owned())).or_insert_with(|| Watch::new(account_id, region))
    }

    fn finish(self) -> Vec<Spell<S>> {
        self.0.into_values().flat_map(Watch::finish).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter, or nothing that could be told.
    impl State for Option<char> {
        fn or_as(self, before: &Self) -> Self {
            self.or(*before)
        }
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(day * 86_400)
    }

    /// The spells of one thing: its state in snapshots of days 0, 1, 2 …; `-` where it is not there, `?` where the state is not told, `x` where the
    /// snapshot could not show it.
    fn spells(days: &str) -> Vec<(i64, Option<i64>, Option<char>)> {
        let mut watch = Watch::new("1", "r");
        for (day, letter) in days.chars().enumerate() {
            let seen = match letter {
                '-' | 'x' => BTreeMap::new(),
                '?' => BTreeMap::from([("it".to_owned(), None)]),
                letter => BTreeMap::from([("it".to_owned(), Some(letter))]),
            };
            watch.observe(at(i64::try_from(day).unwrap_or_default()), seen, |_| letter == 'x');
        }
        let day = |at: Timestamp| at.micros() / 86_400_000_000;
        watch.finish().into_iter().map(|spell| (day(spell.from), spell.until.map(day), spell.state)).collect()
    }

    #[test]
    fn a_spell_lasts_until_an_observation_that_assesses_it_says_otherwise() {
        for (days, expected) in [
            ("aaa", vec![(0, None, Some('a'))]),
            ("aab", vec![(0, Some(2), Some('a')), (2, None, Some('b'))]),
            ("a-a", vec![(0, Some(1), Some('a')), (2, None, Some('a'))]),
            ("axa", vec![(0, None, Some('a'))]),
            ("axb", vec![(0, Some(2), Some('a')), (2, None, Some('b'))]),
            ("a?b", vec![(0, Some(2), Some('a')), (2, None, Some('b'))]),
            ("?a", vec![(0, Some(1), None), (1, None, Some('a'))]),
            ("ax-", vec![(0, Some(2), Some('a'))]),
            ("---", vec![]),
        ] {
            assert_eq!(spells(days), expected, "{days}");
        }
    }
}
