//! What one listing of a source shows of the gaps that are open: which of them are closed.

use std::collections::BTreeMap;

use crate::lake::{GapRow, Known};
use crate::source::Listed;

/// The places of a source's open gaps, as far as a listing comes by them.
pub(super) struct Sight {
    source: String,
    /// By the place of each gap that was open when the listing began: the version of the object that was listed there.
    seen: BTreeMap<String, Option<String>>,
    /// Places that gave an error.
    lost: Vec<String>,
}

impl Sight {
    pub(super) fn new(known: &Known, source: &str) -> Self {
        Self { source: source.to_owned(), seen: known.open_gaps(source).map(|gap| (gap.place.clone(), None)).collect(), lost: Vec::new() }
    }

    pub(super) fn saw(&mut self, listed: &Listed) {
        if let Some(version) = self.seen.get_mut(&listed.object.key) {
            *version = Some(listed.object.object_version.clone());
        }
    }

    pub(super) fn lost(&mut self, place: &str) {
        // Without open gaps nothing can be closed, and nothing need be kept.
        if !self.seen.is_empty() {
            self.lost.push(place.to_owned());
        }
    }

    /// The open gaps that are closed, once the source has been listed. That of an object is where what was listed there is known to be read;
    /// what is no longer listed is still missing. That of a folder, or of the source, is where neither it nor what it is in gave an error.
    pub(super) fn closed(&self, known: &Known) -> Vec<GapRow> {
        let is_closed = |gap: &&GapRow| match self.seen.get(&gap.place) {
            None => false,
            Some(Some(version)) => known.holds(&gap.source, &gap.place, version),
            Some(None) => (gap.place.is_empty() || gap.place.ends_with('/')) && !self.lost.iter().any(|lost| is_within(&gap.place, lost)),
        };
        known.open_gaps(&self.source).filter(is_closed).cloned().collect()
    }
}

/// Whether a place is, or is in, a place that gave an error: the source, a folder, or a name of which not even that much is known.
fn is_within(place: &str, lost: &str) -> bool {
    lost.is_empty() || place.strip_prefix(lost).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || lost.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_covers_what_is_in_it() {
        for (place, lost) in [("", ""), ("a/", ""), ("a/", "a/"), ("a/b/", "a/"), ("a/b/", "a")] {
            assert!(is_within(place, lost), "{place:?} is in {lost:?}");
        }
        for (place, lost) in [("", "a/"), ("a/", "a/b/"), ("ab/", "a"), ("a/", "a/b.log")] {
            assert!(!is_within(place, lost), "{place:?} is not in {lost:?}");
        }
    }
}
