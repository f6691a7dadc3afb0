//! How the rows of a table lie in a Parquet file: what a reader can skip, and how small it is. Measured in `docs/benchmarks.md`.

use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{BloomFilterPosition, EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use schemas::Table;
use schemas::table::OBJECTS;

use super::order::{has_buckets, key};
use super::tuning::Tuning;

/// How often a Bloom filter says that a session may be in a row group where it is not.
const FALSE_HITS: f64 = 0.001;

/// Columns whose values are all different, or nearly so: a dictionary of them would only be built to be given up, or be read whole by whoever
/// looks for one of them.
fn distinct(table: &Table) -> &'static [&'static str] {
    match table.name {
        "objects" => &["object", "object_version", "sha256", "version_id", "etag", "checksum"],
        "session_facts" => &["session_id"],
        _ => &["event_id", "content_id"],
    }
}

/// Columns beside the order of whose pages the bounds are told: how far each source reaches is asked at every question, and its rows stand together.
fn asked(table: &Table) -> &'static [&'static str] {
    if table.name == OBJECTS.name { &["oldest_event_at", "newest_event_at", "vouched_at", "batch"] } else { &[] }
}

/// How a file of `table` is written.
pub(super) fn properties(table: &Table, tuning: &Tuning) -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(tuning.zstd)?))
        .set_max_row_group_row_count(Some(tuning.row_group_rows))
        .set_data_page_row_count_limit(tuning.page_rows)
        .set_write_batch_size(tuning.page_rows.min(1_024))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_bloom_filter_position(BloomFilterPosition::End)
        // Keys of objects begin alike for longer than what is kept of a bound otherwise.
        .set_statistics_truncate_length(None)
        .set_column_index_truncate_length(None)
        .set_created_by(concat!("sessiontrail ", env!("CARGO_PKG_VERSION")).to_owned());
    for column in key(table).iter().chain(asked(table)) {
        properties = properties.set_column_statistics_enabled(ColumnPath::from(*column), EnabledStatistics::Page);
    }
    for column in table.columns.iter().filter(|column| distinct(table).contains(&column.name)) {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(column.name), false);
    }
    if has_buckets(table) {
        let session_id = || ColumnPath::from("session_id");
        properties =
            properties.set_column_bloom_filter_fpp(session_id(), FALSE_HITS).set_column_bloom_filter_max_ndv(session_id(), tuning.row_group_rows as u64);
    }
    // Long texts that nobody looks for would only make footers large.
    for column in table.columns.iter().filter(|column| LONG.contains(&column.name)) {
        properties = properties.set_column_statistics_enabled(ColumnPath::from(column.name), EnabledStatistics::None);
    }
    Ok(properties.build())
}

/// Columns of long texts.
const LONG: [&str; 8] = ["reason", "error_message", "user_agent", "user_metadata", "content", "tags", "detail", "shell_profile_linux"];
