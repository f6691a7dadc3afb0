//! The buckets in order, some at once: how memory stays bounded whatever the lake holds.

use std::ops::RangeInclusive;

use super::file::{EVERY_BUCKET, StoredFile};

/// Ranges that cover every bucket, each with at most about `rows` rows of `files`, and at least one bucket.
pub(super) fn ranges(files: &[StoredFile], rows: u64) -> Vec<RangeInclusive<i64>> {
    #[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
    let most = rows as f64;
    let mut ranges = Vec::new();
    let (mut start, mut held) = (*EVERY_BUCKET.start(), 0.0);
    for bucket in EVERY_BUCKET {
        let more: f64 = files.iter().map(|file| file.rows_in(bucket)).sum();
        if bucket > start && held + more > most {
            ranges.push(start..=bucket - 1);
            (start, held) = (bucket, 0.0);
        }
        held += more;
    }
    ranges.push(start..=*EVERY_BUCKET.end());
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cover_every_bucket_once_whatever_the_size() {
        let file = |rows, buckets| StoredFile::for_test(rows, buckets);
        for files in [vec![], vec![file(1_000, 0..=255)], vec![file(5, 17..=17), file(70_000, 3..=200)]] {
            for rows in [1, 100, 10_000, u64::MAX] {
                let ranges = ranges(&files, rows);
                let covered: Vec<i64> = ranges.iter().cloned().flatten().collect();
                assert_eq!(covered, EVERY_BUCKET.collect::<Vec<_>>(), "{ranges:?}");
            }
        }
        assert_eq!(ranges(&[file(2_560, 0..=255)], 640).len(), 4);
    }
}
