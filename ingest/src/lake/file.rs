//! One Parquet file of a table: what the log says of it, and what we say of it to the log.

use std::ops::RangeInclusive;
use std::time::{SystemTime, UNIX_EPOCH};

use deltalake::kernel::{Action, Add, LogicalFileView, Remove};
use object_store::path::Path;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use schemas::table::OBJECTS;
use schemas::{Kind, Table, Timestamp};
use serde_json::{Map, Value, json};

/// The buckets of a file that does not say them.
pub(super) const EVERY_BUCKET: RangeInclusive<i64> = 0..=255;

/// A file that makes up a part of a table.
#[derive(Debug, Clone)]
pub(super) struct StoredFile {
    pub(super) path: Path,
    /// Bytes.
    pub(super) size: u64,
    /// Rows; `None` where the log does not say it.
    pub(super) rows: Option<u64>,
    /// Rows that name no session; all of them are in the first bucket.
    unnamed: u64,
    /// The first and the last bucket of its rows.
    pub(super) buckets: RangeInclusive<i64>,
    /// When it was written, by the clock of whoever wrote it.
    pub(super) modified: i64,
    /// Bounds of the sources and the keys of its rows, where the table has them and the log says them.
    pub(super) sources: Option<RangeInclusive<String>>,
    pub(super) objects: Option<RangeInclusive<String>>,
    remove: Option<Remove>,
}

impl StoredFile {
    pub(super) fn of(view: &LogicalFileView) -> Self {
        let stats = view.stats().and_then(|stats| serde_json::from_str(&stats).ok()).unwrap_or(Value::Null);
        Self::described(view.object_store_path(), view.size(), view.modification_time(), &stats, Some(view.remove_action(false)))
    }

    /// The file that an entry of the log adds, whether or not it is still part of the table.
    pub(super) fn added(add: &Add) -> Self {
        let stats = add.stats.as_deref().and_then(|stats| serde_json::from_str(stats).ok()).unwrap_or(Value::Null);
        Self::described(Path::parse(&add.path).unwrap_or_else(|_| Path::from(add.path.as_str())), add.size, add.modification_time, &stats, None)
    }

    #[cfg(test)]
    pub(super) fn for_test(rows: u64, unnamed: u64, buckets: RangeInclusive<i64>) -> Self {
        let (modified, sources, objects) = (0, None, None);
        Self { path: Path::from("file"), size: rows, rows: Some(rows), unnamed, buckets, modified, sources, objects, remove: None }
    }

    fn described(path: Path, size: i64, modified: i64, stats: &Value, remove: Option<Remove>) -> Self {
        let bound = |side: &str| stats[side]["bucket"].as_i64();
        let texts = |name: &str| Some(stats["minValues"][name].as_str()?.to_owned()..=stats["maxValues"][name].as_str()?.to_owned());
        let buckets = match (bound("minValues"), bound("maxValues")) {
            (Some(first), Some(last)) => first..=last,
            _ => EVERY_BUCKET,
        };
        let unnamed = stats["nullCount"]["session_id"].as_u64().unwrap_or(0);
        let rows = stats["numRecords"].as_u64();
        Self { path, size: size.unsigned_abs(), rows, unnamed, buckets, modified, sources: texts("source"), objects: texts("object"), remove }
    }

    /// Its rows. One takes at least a few bytes, so a file that does not say its rows is taken to have many.
    pub(super) fn rows_or_guess(&self) -> u64 {
        self.rows.unwrap_or(self.size / 16)
    }

    /// Rows that may lie in one bucket: an estimate, since buckets are filled evenly with the rows that name a session.
    #[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
    pub(super) fn rows_in(&self, bucket: i64) -> f64 {
        if !self.buckets.contains(&bucket) {
            return 0.0;
        }
        let named = self.rows_or_guess().saturating_sub(self.unnamed) as f64;
        let unnamed = if bucket == *EVERY_BUCKET.start() { self.unnamed as f64 } else { 0.0 };
        named / (self.buckets.end() - self.buckets.start() + 1) as f64 + unnamed
    }

    pub(super) fn overlaps(&self, buckets: &RangeInclusive<i64>) -> bool {
        self.buckets.start() <= buckets.end() && buckets.start() <= self.buckets.end()
    }

    /// The action that takes the file out of the table; `data_change` where its rows do not stand in another file from now on.
    pub(super) fn remove(&self, data_change: bool) -> Option<Action> {
        self.remove.clone().map(|remove| Action::Remove(Remove { data_change, ..remove }))
    }
}

/// The action that adds a file of `size` bytes.
pub(super) fn add(table: &Table, path: String, size: u64, metadata: &ParquetMetaData) -> Add {
    Add {
        path,
        size: i64::try_from(size).unwrap_or(i64::MAX),
        modification_time: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        data_change: true,
        stats: Some(statistics(table, metadata).to_string()),
        ..Add::default()
    }
}

/// The columns by which files are worth skipping.
const TELLING: [&str; 8] = ["bucket", "session_id", "event_time", "account_id", "observed_at", "started_at", "first_fact_at", "last_fact_at"];
/// The same of `objects`: what is known is looked for by source and key.
const TELLING_OF_OBJECTS: [&str; 6] = ["source", "object", "oldest_event_at", "newest_event_at", "vouched_at", "batch"];

fn statistics(table: &Table, metadata: &ParquetMetaData) -> Value {
    let (mut lowest, mut highest, mut nulls) = (Map::new(), Map::new(), Map::new());
    let telling: &[&str] = if table.name == OBJECTS.name { &TELLING_OF_OBJECTS } else { &TELLING };
    for (index, descriptor) in metadata.file_metadata().schema_descr().columns().iter().enumerate() {
        let Some(column) = table.columns.iter().find(|column| column.name == descriptor.path().string()) else { continue };
        if !telling.contains(&column.name) {
            continue;
        }
        let groups: Option<Vec<&Statistics>> = metadata.row_groups().iter().map(|group| group.column(index).statistics()).collect();
        let Some(groups) = groups else { continue };
        if let Some(count) = groups.iter().map(|group| group.null_count_opt()).sum::<Option<u64>>() {
            nulls.insert(column.name.to_owned(), json!(count));
        }
        // A row group without a bound holds nothing but nulls; where it holds something else, the bounds are not known.
        let bounded: Vec<Bounds> = groups.iter().filter_map(|group| Bounds::of(column.kind, group)).collect();
        let unbounded = groups.iter().zip(metadata.row_groups()).filter(|(group, _)| Bounds::of(column.kind, group).is_none());
        let empty = |(group, rows): (&&Statistics, &parquet::file::metadata::RowGroupMetaData)| group.null_count_opt() == Some(rows.num_rows().unsigned_abs());
        if unbounded.into_iter().all(empty)
            && let Some(bounds) = bounded.into_iter().reduce(Bounds::widened)
        {
            let (low, high) = bounds.said();
            lowest.insert(column.name.to_owned(), low);
            highest.insert(column.name.to_owned(), high);
        }
    }
    json!({ "numRecords": metadata.file_metadata().num_rows(), "minValues": lowest, "maxValues": highest, "nullCount": nulls })
}

enum Bounds {
    Integer(i64, i64),
    Instant(i64, i64),
    Text(String, String),
}

impl Bounds {
    fn of(kind: Kind, statistics: &Statistics) -> Option<Self> {
        match (kind, statistics) {
            (Kind::Integer, Statistics::Int64(values)) => Some(Self::Integer(*values.min_opt()?, *values.max_opt()?)),
            (Kind::Instant, Statistics::Int64(values)) => Some(Self::Instant(*values.min_opt()?, *values.max_opt()?)),
            (Kind::Text, Statistics::ByteArray(values)) => {
                let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
                Some(Self::Text(text(values.min_opt()?.data())?, text(values.max_opt()?.data())?))
            }
            _ => None,
        }
    }

    fn widened(self, other: Self) -> Self {
        match (self, other) {
            (Self::Integer(low, high), Self::Integer(lower, higher)) => Self::Integer(low.min(lower), high.max(higher)),
            (Self::Instant(low, high), Self::Instant(lower, higher)) => Self::Instant(low.min(lower), high.max(higher)),
            (Self::Text(low, high), Self::Text(lower, higher)) => Self::Text(low.min(lower), high.max(higher)),
            (bounds, _) => bounds,
        }
    }

    /// Delta keeps instants in milliseconds: the lower bound is cut, the upper one is rounded up.
    fn said(self) -> (Value, Value) {
        let instant = |micros: i64| {
            let text = Timestamp::from_micros(micros).to_string();
            json!(text.strip_suffix("000Z").map_or_else(|| text.clone(), |millis| format!("{millis}Z")))
        };
        match self {
            Self::Integer(low, high) => (json!(low), json!(high)),
            Self::Instant(low, high) => (instant(low.div_euclid(1_000) * 1_000), instant(high.saturating_add(999).div_euclid(1_000) * 1_000)),
            Self::Text(low, high) => (json!(low), json!(high)),
        }
    }
}
