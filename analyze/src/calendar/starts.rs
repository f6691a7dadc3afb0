//! The first instants of consecutive periods, for lookup by binary search.

/// Where each of some consecutive periods begins; the last one only ends the one before it.
#[derive(Debug, Default)]
pub(super) struct Starts {
    first: i64,
    micros: Vec<i64>,
}

impl Starts {
    /// Periods from the ordinal `first` on, beginning at these instants, which never fall.
    pub(super) fn new(first: i64, micros: Vec<i64>) -> Self {
        Self { first, micros }
    }

    /// The ordinal of the period that holds the instant; `None` where it is not among these.
    pub(super) fn find(&self, micros: i64) -> Option<i64> {
        let begun = self.micros.partition_point(|start| *start <= micros);
        if begun == 0 || begun == self.micros.len() {
            return None;
        }
        // A vector never holds more than i64::MAX elements.
        i64::try_from(begun - 1).ok().map(|ordinal| self.first + ordinal)
    }
}
