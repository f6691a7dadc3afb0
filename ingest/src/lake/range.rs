//! The rows of a table in slices that can be worked on at once: how memory stays bounded whatever the lake holds.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::RangeInclusive;

use super::file::{EVERY_BUCKET, StoredFile};

/// Some of the rows of a table; a session is never divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slice {
    /// The buckets.
    pub(super) buckets: RangeInclusive<i64>,
    /// Where a bucket alone is too large: which of its rows.
    pub(super) part: Option<Part>,
}

/// One of `of` parts of a bucket: by session, and where a row names none, by the row itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    number: u64,
    of: u64,
}

impl Slice {
    /// Every row.
    pub(super) const ALL: Self = Self { buckets: EVERY_BUCKET, part: None };
}

impl Part {
    /// Whether the rows of a name are in this part.
    pub(super) fn holds(self, name: &str) -> bool {
        // The hasher's keys are fixed, so that every pass over a bucket divides it alike.
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        hasher.finish() % self.of == self.number
    }
}

/// Slices that cover every row, each with at most about `rows` rows of `files`: several buckets, one, or a part of one.
pub(super) fn slices(files: &[StoredFile], rows: u64) -> Vec<Slice> {
    #[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
    let most = rows.max(1) as f64;
    let mut slices = Vec::new();
    let (mut start, mut held) = (*EVERY_BUCKET.start(), 0.0);
    for bucket in EVERY_BUCKET {
        let more: f64 = files.iter().map(|file| file.rows_in(bucket)).sum();
        if bucket > start && held + more > most {
            slices.push(Slice { buckets: start..=bucket - 1, part: None });
            (start, held) = (bucket, 0.0);
        }
        if more > most {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number by now")]
            let of = (more / most).ceil() as u64;
            slices.extend((0..of).map(|number| Slice { buckets: bucket..=bucket, part: Some(Part { number, of }) }));
            start = bucket + 1;
        } else {
            held += more;
        }
    }
    if start <= *EVERY_BUCKET.end() {
        slices.push(Slice { buckets: start..=*EVERY_BUCKET.end(), part: None });
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rows: u64, unnamed: u64, buckets: RangeInclusive<i64>) -> StoredFile {
        StoredFile::for_test(rows, unnamed, buckets)
    }

    #[test]
    fn cover_every_bucket_once_whatever_the_size() {
        let all = [vec![], vec![file(1_000, 0, 0..=255)], vec![file(5, 0, 17..=17), file(70_000, 0, 3..=200)], vec![file(9_000, 8_000, 0..=255)]];
        for files in all {
            for rows in [1, 100, 10_000, u64::MAX] {
                let slices = slices(&files, rows);
                let whole = slices.iter().filter(|slice| slice.part.is_none_or(|part| part.number == 0));
                let covered: Vec<i64> = whole.flat_map(|slice| slice.buckets.clone()).collect();
                assert_eq!(covered, EVERY_BUCKET.collect::<Vec<_>>(), "{slices:?}");
            }
        }
        assert_eq!(slices(&[file(2_560, 0, 0..=255)], 640).len(), 4);
    }

    #[test]
    fn no_slice_is_larger_than_it_may_be() {
        for files in [vec![file(70_000, 0, 3..=200), file(5_000, 0, 17..=17)], vec![file(90_000, 80_000, 0..=255)]] {
            for rows in [10, 1_000, 100_000] {
                for slice in slices(&files, rows) {
                    let held: f64 = slice.buckets.clone().map(|bucket| files.iter().map(|file| file.rows_in(bucket)).sum::<f64>()).sum();
                    let parts = slice.part.map_or(1, |part| part.of);
                    assert!(held / parts as f64 <= rows as f64, "{slice:?} has {held} rows in {parts} parts");
                }
            }
        }
    }

    #[test]
    fn parts_divide_the_names_of_a_bucket_evenly_and_each_to_one() {
        let parts = slices(&[file(10_000, 10_000, 0..=0)], 1_000).into_iter().filter_map(|slice| slice.part).collect::<Vec<_>>();
        let names: Vec<String> = (0..10_000).map(|name| format!("ct:{name}")).collect();
        let held: Vec<usize> = parts.iter().map(|part| names.iter().filter(|name| part.holds(name)).count()).collect();
        assert_eq!((held.len(), held.iter().sum::<usize>()), (10, 10_000));
        assert!(held.iter().all(|count| (800..1_200).contains(count)), "{held:?}");
    }
}
