//! What one listing of a source shows of the gaps that are open: which of them are closed.

use std::collections::BTreeMap;

use crate::lake::{GapRow, Known, LakeError};
use crate::source::{ErrorKind, Listed};

/// The places of a source's open gaps, as far as a listing comes by them.
pub(super) struct Sight {
    source: String,
    /// By the place of each gap that was open when the listing began: the version of the object that was listed there.
    seen: BTreeMap<String, Option<String>>,
    /// Whether the listing leaves nothing out that it was not asked for.
    is_whole: bool,
    /// Every place that such a place is in, itself included; and whether the listing failed there. Other failures keep nothing open.
    failed: BTreeMap<String, bool>,
}

impl Sight {
    pub(super) fn new(known: &Known, source: &str, is_whole: bool) -> Self {
        let seen: BTreeMap<_, _> = known.open_gaps(source).map(|gap| (gap.place.clone(), None)).collect();
        let failed = seen.keys().flat_map(|place| around(place)).map(|place| (place.to_owned(), false)).collect();
        Self { source: source.to_owned(), seen, is_whole, failed }
    }

    pub(super) fn saw(&mut self, listed: &Listed) {
        if let Some(version) = self.seen.get_mut(&listed.object.key) {
            *version = Some(listed.object.object_version.clone());
        }
    }

    pub(super) fn lost(&mut self, place: &str) {
        if let Some(has_failed) = self.failed.get_mut(place) {
            *has_failed = true;
        }
    }

    /// The open gaps that are closed, once the source has been listed. That of an object is where what was listed there is known to be read;
    /// what is no longer listed is still missing, but for what had changed and is now gone as a whole: nothing is there that could be missing. That of a folder, or of the source, is where neither it nor what it is in gave an error.
    ///
    /// # Errors
    /// Where the lake could not be read.
    pub(super) async fn closed(&self, known: &Known) -> Result<Vec<GapRow>, LakeError> {
        let mut closed = Vec::new();
        for gap in known.open_gaps(&self.source) {
            let is_closed = match self.seen.get(&gap.place) {
                // It was opened by another run meanwhile.
                None => false,
                Some(Some(version)) => known.holds(&gap.source, &gap.place, version).await?,
                Some(None) => {
                    let is_gone = self.is_whole && gap.cause == ErrorKind::Conflict.as_str();
                    (is_folder(&gap.place) || is_gone) && !around(&gap.place).any(|place| self.failed.get(place) == Some(&true))
                }
            };
            if is_closed {
                closed.push(gap.clone());
            }
        }
        Ok(closed)
    }
}

/// The whole source is one, too.
fn is_folder(place: &str) -> bool {
    place.is_empty() || place.ends_with('/')
}

/// The places that a place is in, itself included: the source, and each folder, also under its bare name, by which a listing tells it where
/// it could not even find out that it is a folder.
fn around(place: &str) -> impl Iterator<Item = &str> {
    let slashes = place.match_indices('/').map(|(at, _)| at);
    std::iter::once("").chain(slashes.flat_map(|at| [place.get(..at), place.get(..=at)]).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_in_the_source_and_in_every_folder_above_it() {
        assert_eq!(around("").collect::<Vec<_>>(), [""]);
        assert_eq!(around("a/").collect::<Vec<_>>(), ["", "a", "a/"]);
        assert_eq!(around("a/b/").collect::<Vec<_>>(), ["", "a", "a/", "a/b", "a/b/"]);
    }
}
