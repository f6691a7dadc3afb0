//! How much the lake holds in memory at once, and how large its files become.

/// Sizes. Rows come out the same, whatever they are; only memory, the number of files and what can be skipped of them differ. `cargo bench -p sessiontrail -- layout` says by how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuning {
    /// A batch writes a file once it holds this many rows of a table …
    pub spill_rows: usize,
    /// … or this many bytes of them, as Arrow holds them.
    pub spill_bytes: usize,
    /// Rows of events that are worked on at once, in whole sessions.
    pub range_rows: u64,
    /// New rows of events that one step of a refresh takes on, in whole batches.
    pub step_rows: u64,
    /// Rows of a row group: what a reader can skip by its footer.
    pub row_group_rows: usize,
    /// Rows of a page: what a search for a session or an object reads at least.
    pub page_rows: usize,
    /// Level of compression.
    pub zstd: i32,
    /// Bytes at which a file of `session_facts` is full.
    pub facts_bytes: usize,
    /// Bytes that compaction by hand aims at.
    pub compact_bytes: u64,
    /// Bytes that the merging at the end of a run aims at. Files of half of that stay as they are.
    pub settle_bytes: u64,
    /// Files of one size that are merged into one.
    pub fan: usize,
}

/// Peak memory is about three times `spill_bytes`, since one file is written while the next is gathered, or three times what `range_rows` rows take (some 350 bytes each).
pub const TUNING: Tuning = Tuning {
    spill_rows: 262_144,
    spill_bytes: 32 << 20,
    range_rows: 131_072,
    step_rows: 262_144,
    row_group_rows: 131_072,
    page_rows: 4_096,
    zstd: 1,
    facts_bytes: 16 << 20,
    compact_bytes: 128 << 20,
    settle_bytes: 32 << 20,
    fan: 8,
};
