//! How much the lake holds in memory at once, and how large its files become.

/// Sizes. Rows and files come out the same, whatever they are; only memory and the number of files differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tuning {
    /// A batch writes a file once it holds this many rows of a table …
    pub(crate) spill_rows: usize,
    /// … or this many bytes of them, as Arrow holds them.
    pub(crate) spill_bytes: usize,
    /// Rows of events that are worked on at once, in whole buckets or, of a large one, in whole sessions.
    pub(crate) range_rows: u64,
    /// Rows of a row group: what a reader can skip.
    pub(crate) row_group_rows: usize,
    /// Bytes at which a file of `session_facts` is full.
    pub(crate) facts_bytes: usize,
    /// Bytes that compaction aims at.
    pub(crate) compact_bytes: u64,
}

/// Peak memory is about twice `spill_bytes`, or three times what `range_rows` rows take (some 350 bytes each).
pub(crate) const TUNING: Tuning =
    Tuning { spill_rows: 262_144, spill_bytes: 48 << 20, range_rows: 131_072, row_group_rows: 32_768, facts_bytes: 64 << 20, compact_bytes: 128 << 20 };
