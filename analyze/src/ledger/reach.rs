//! How far the sources reach: first and last time of each, and what AWS vouches for; from bounds that files say of themselves, as far as these say it exactly.
//!
//! ```text
//!   a file of `objects`, sorted by source ─▶ row groups of one source: their bounds ──────────────────────▶ Reaches
//!                                        └─▶ else runs of pages of one source: bounds of the pages within ──▶
//!                                        └─▶ rows between two runs, and all that is not reflected yet: read ▶
//! ```
//!
//! A million objects are a few dozen footers so, and some thousand rows. What another engine has written says its bounds in ways of its own: it is read.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use bytes::Bytes;
use datafusion::common::cast::as_timestamp_microsecond_array;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::prelude::{col, ident};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, RowSelection};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::Statistics;
use schemas::{Timestamp, table};

use super::evidence::Evidence;
use super::snapshots::{at, instant};

/// First and last time that a source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

/// What the lake holds of each source, and by when AWS vouches for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reaches {
    /// Events: first and last time.
    pub(super) events: BTreeMap<String, Reach>,
    /// The latest time that AWS vouches for.
    pub(super) vouched: Option<Timestamp>,
}

impl Reaches {
    pub(super) fn widen(&mut self, source: &str, at: Timestamp) {
        match self.events.get_mut(source) {
            Some(reach) => *reach = Reach { first: reach.first.min(at), last: reach.last.max(at) },
            None => {
                self.events.insert(source.to_owned(), Reach { first: at, last: at });
            }
        }
    }

    /// The ledger's moment where nobody names one: what AWS vouches for, else the newest event.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        self.vouched.or_else(|| self.events.values().map(|reach| reach.last).max())
    }

    fn join(mut self, other: &Self) -> Self {
        for (source, reach) in &other.events {
            self.widen(source, reach.first);
            self.widen(source, reach.last);
        }
        self.vouched = self.vouched.max(other.vouched);
        self
    }
}

/// The reach of every source, and the number of objects that the facts do not reflect yet.
type Reached = (Reaches, u64);

/// The reach of every source, from what was noted of every object; and the number of objects that the facts do not reflect yet.
pub(super) async fn reaches(evidence: &Evidence, objects: DataFrame) -> Result<Reached> {
    let Some(raw) = evidence.raw().iter().find(|raw| raw.name == table::OBJECTS.name) else { return from_rows(evidence, objects).await };
    let Some((store, files)) = raw.stored.files().await? else { return Ok(Reached::default()) };
    let of_each = futures::stream::iter(files).map(|(path, size)| of_file(Reader { store: Arc::clone(&store), path, size }, |batch| evidence.reflects(batch)));
    let of_each: Option<Vec<Reached>> = of_each.buffer_unordered(FILES_AT_ONCE).try_collect::<Vec<_>>().await?.into_iter().collect();
    match of_each {
        Some(of_each) => Ok(of_each.iter().fold(Reached::default(), |(reaches, unreflected), (more, others)| (reaches.join(more), unreflected + others))),
        None => from_rows(evidence, objects).await,
    }
}

/// Files that are opened side by side: what is far away is waited for together.
const FILES_AT_ONCE: usize = 16;

/// The same, from every row.
async fn from_rows(evidence: &Evidence, objects: DataFrame) -> Result<Reached> {
    let mut reached = Reached::default();
    let mut rows = objects.select(COLUMNS.map(col).to_vec())?.execute_stream().await?;
    while let Some(batch) = rows.try_next().await? {
        take(&mut reached, &batch, |batch| evidence.reflects(batch));
    }
    Ok(reached)
}

/// The reach of every source by `as_of`, from the events themselves: what was noted of an object cannot be cut.
pub(super) async fn reaches_by(evidence: &Evidence, as_of: Timestamp) -> Result<Reaches> {
    let mut reaches = Reaches::default();
    let events = evidence.table("event_copies").await?.filter(ident("event_time").lt_eq(instant(as_of)))?.select(vec![col("source"), col("event_time")])?;
    let mut stream = events.execute_stream().await?;
    while let Some(batch) = stream.try_next().await? {
        let sources = batch.column(0).as_string::<i32>();
        let times = as_timestamp_microsecond_array(batch.column(1))?;
        for row in 0..batch.num_rows() {
            reaches.widen(sources.value(row), Timestamp::from_micros(times.value(row)));
        }
    }
    Ok(reaches)
}

/// What is asked of `objects`, in the order of its columns.
const COLUMNS: [&str; 5] = ["source", "oldest_event_at", "newest_event_at", "vouched_at", "batch"];
const SOURCE: usize = 0;
const EVENT_TIMES: [usize; 2] = [1, 2];
const VOUCHED: usize = 3;
const BATCH: usize = 4;

/// Takes rows of [`COLUMNS`].
fn take(reached: &mut Reached, rows: &RecordBatch, reflects: impl Fn(i64) -> bool) {
    let (reaches, unreflected) = reached;
    let sources = rows.column(SOURCE).as_string::<i32>();
    let [oldest, newest, vouched] = [EVENT_TIMES[0], EVENT_TIMES[1], VOUCHED].map(|column| rows.column(column).as_primitive::<TimestampMicrosecondType>());
    let batches = rows.column(BATCH).as_primitive::<Int64Type>();
    for row in 0..rows.num_rows() {
        if !reflects(batches.value(row)) {
            *unreflected += 1;
            continue;
        }
        for times in [oldest, newest] {
            if let Some(at) = at(times, row) {
                reaches.widen(sources.value(row), at);
            }
        }
        reaches.vouched = reaches.vouched.max(at(vouched, row));
    }
}

/// What one file of `objects` says; `None` where its bounds cannot be relied on.
async fn of_file(mut reader: Reader, reflects: impl Fn(i64) -> bool) -> Result<Option<Reached>> {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let footer = ArrowReaderMetadata::load_async(&mut reader, options).await?;
    // Bounds need not be values that are there, by the format; in files of ours they are.
    let is_ours = footer.metadata().file_metadata().created_by().is_some_and(|by| by.starts_with(OURS));
    let contract = table::OBJECTS.schema();
    let kind = |schema: &arrow::datatypes::Schema, name: &str| schema.field_with_name(name).ok().map(|field| field.data_type().clone());
    let is_known = COLUMNS.iter().all(|name| kind(footer.schema(), name).is_some_and(|found| Some(found) == kind(&contract, name)));
    let Some(columns) = Some(()).filter(|()| is_ours && is_known).and_then(|()| places(footer.metadata())) else { return Ok(None) };
    let (mut reached, mut ranges) = (Reached::default(), Vec::new());
    let mut start = 0;
    for group in 0..footer.metadata().num_row_groups() {
        let group = Group { metadata: footer.metadata(), group, columns };
        let unknown = group.reach(&mut reached.0, &reflects);
        ranges.extend(unknown.into_iter().map(|rows| rows.start + start..rows.end + start));
        start += group.rows();
    }
    if !ranges.is_empty() {
        let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, footer);
        let mask = ProjectionMask::columns(builder.parquet_schema(), COLUMNS);
        let selection = RowSelection::from_consecutive_ranges(ranges.into_iter(), start);
        let mut rows = builder.with_projection(mask).with_row_selection(selection).with_batch_size(8_192).build()?;
        while let Some(batch) = rows.try_next().await? {
            // In the file they stand in the order of the contract.
            let found = COLUMNS.iter().map(|name| batch.schema().index_of(name)).collect::<std::result::Result<Vec<_>, _>>()?;
            take(&mut reached, &batch.project(&found)?, &reflects);
        }
    }
    Ok(Some(reached))
}

/// How our files say who wrote them.
const OURS: &str = "sessiontrail ";

/// Where the [`COLUMNS`] stand in a file.
fn places(metadata: &ParquetMetaData) -> Option<[usize; 5]> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let mut places = [0; 5];
    for (place, name) in places.iter_mut().zip(COLUMNS) {
        *place = columns.iter().position(|column| column.path().string() == name)?;
    }
    Some(places)
}

/// A row group, as its metadata tell it. Rows are counted from its beginning.
#[derive(Clone, Copy)]
struct Group<'m> {
    metadata: &'m ParquetMetaData,
    group: usize,
    columns: [usize; 5],
}

/// What is known of some rows of a column of times.
enum Bounds {
    /// They are all null.
    Empty,
    /// The least and the greatest of them.
    Between(i64, i64),
    Unknown,
}

impl<'m> Group<'m> {
    fn rows(&self) -> usize {
        usize::try_from(self.metadata.row_group(self.group).num_rows()).unwrap_or(0)
    }

    /// Takes what the bounds say of the group; gives the rows of which they do not say everything, in ranges that are ascending and apart.
    fn reach(&self, reaches: &mut Reaches, reflects: impl Fn(i64) -> bool) -> Vec<Range<usize>> {
        let all = 0..self.rows();
        let last_batch = match self.statistics(BATCH) {
            Some(Statistics::Int64(batches)) => batches.max_opt().copied(),
            _ => None,
        };
        if all.is_empty() || !last_batch.is_some_and(reflects) {
            return if all.is_empty() { Vec::new() } else { vec![all] };
        }
        let mut unknown = Vec::new();
        let runs = self.runs();
        let mut end = 0;
        for (source, run) in &runs {
            unknown.push(end..run.start);
            end = run.end;
            for column in EVENT_TIMES {
                self.bounds(column, run, &mut unknown, |at| reaches.widen(source, at));
            }
            let vouched = &mut reaches.vouched;
            self.bounds(VOUCHED, run, &mut unknown, |at| *vouched = (*vouched).max(Some(at)));
        }
        unknown.push(end..all.end);
        apart(unknown)
    }

    /// Runs of rows of one source.
    fn runs(&self) -> Vec<(&'m str, Range<usize>)> {
        if let Some(Statistics::ByteArray(sources)) = self.statistics(SOURCE)
            && let Some(source) = one(sources.min_bytes_opt(), sources.max_bytes_opt())
        {
            return vec![(source, 0..self.rows())];
        }
        let mut runs: Vec<(&str, Range<usize>)> = Vec::new();
        let Some((ColumnIndexMetaData::BYTE_ARRAY(index), pages)) = self.pages(SOURCE) else { return runs };
        for (page, rows) in pages.into_iter().enumerate() {
            let Some(source) = one(index.min_value(page), index.max_value(page)) else { continue };
            match runs.last_mut() {
                Some((last, run)) if *last == source && run.end == rows.start => run.end = rows.end,
                _ => runs.push((source, rows)),
            }
        }
        runs
    }

    /// Tells the bounds of a column of times within some rows, and notes those of which they are not known.
    fn bounds(&self, column: usize, rows: &Range<usize>, unknown: &mut Vec<Range<usize>>, mut tell: impl FnMut(Timestamp)) {
        let mut tell = |bounds: Bounds, rows: Range<usize>| match bounds {
            Bounds::Empty => {}
            Bounds::Between(low, high) => [low, high].into_iter().for_each(|at| tell(Timestamp::from_micros(at))),
            Bounds::Unknown => unknown.push(rows),
        };
        if *rows == (0..self.rows()) {
            let whole = match self.statistics(column) {
                Some(times) if times.null_count_opt() == Some(rows.len() as u64) => Bounds::Empty,
                Some(Statistics::Int64(times)) => times.min_opt().zip(times.max_opt()).map_or(Bounds::Unknown, |(low, high)| Bounds::Between(*low, *high)),
                _ => Bounds::Unknown,
            };
            return tell(whole, rows.clone());
        }
        let Some((ColumnIndexMetaData::INT64(index), pages)) = self.pages(column) else { return tell(Bounds::Unknown, rows.clone()) };
        for (page, found) in pages.into_iter().enumerate() {
            let within = found.start.max(rows.start)..found.end.min(rows.end);
            if within.is_empty() {
                continue;
            }
            let bounds = match (index.min_value(page), index.max_value(page)) {
                _ if index.is_null_page(page) => Bounds::Empty,
                (Some(low), Some(high)) if within == found => Bounds::Between(*low, *high),
                _ => Bounds::Unknown,
            };
            tell(bounds, within);
        }
    }

    fn statistics(&self, column: usize) -> Option<&'m Statistics> {
        self.metadata.row_group(self.group).column(self.columns[column]).statistics()
    }

    /// The pages of a column: what is said of them, and their rows; `None` where the file does not say it, or what makes no sense.
    fn pages(&self, column: usize) -> Option<(&'m ColumnIndexMetaData, Vec<Range<usize>>)> {
        let column = self.columns[column];
        let index = self.metadata.column_index()?.get(self.group)?.get(column)?;
        let locations = self.metadata.offset_index()?.get(self.group)?.get(column)?.page_locations();
        let mut starts = locations.iter().map(|page| usize::try_from(page.first_row_index).ok()).collect::<Option<Vec<_>>>()?;
        let is_sound = starts.first() == Some(&0) && starts.is_sorted_by(|one, other| one < other) && starts.last().is_some_and(|last| *last < self.rows());
        if !is_sound || matches!(index, ColumnIndexMetaData::NONE) || index.num_pages() != starts.len() as u64 {
            return None;
        }
        starts.push(self.rows());
        Some((index, starts.windows(2).map(|pair| pair[0]..pair[1]).collect()))
    }
}

/// The only text between two bounds, where they meet.
fn one<'m>(low: Option<&'m [u8]>, high: Option<&'m [u8]>) -> Option<&'m str> {
    let low = low.filter(|low| Some(*low) == high)?;
    std::str::from_utf8(low).ok()
}

/// Ranges in their order, each row once.
fn apart(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| range.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// A file of the lake, as the Parquet reader sees it.
struct Reader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, std::result::Result<Bytes, ParquetError>> {
        async move {
            let bytes = self.store.get_range(&self.path, range.clone()).await.map_err(|error| ParquetError::External(Box::new(error)))?;
            // The Parquet reader takes a store by its word, and stops the program where a read was torn.
            if bytes.len() as u64 == range.end - range.start { Ok(bytes) } else { Err(ParquetError::EOF(format!("a read of {} was torn", self.path))) }
        }
        .boxed()
    }

    fn get_metadata<'a>(&'a mut self, options: Option<&'a ArrowReaderOptions>) -> BoxFuture<'a, std::result::Result<Arc<ParquetMetaData>, ParquetError>> {
        async move {
            let size = self.size;
            let reader = ParquetMetaDataReader::new().with_arrow_reader_options(options).with_prefetch_hint(Some(FOOTER_BYTES));
            Ok(Arc::new(reader.load_and_finish(self, size).await?))
        }
        .boxed()
    }
}

/// The footer of most files, with the places and bounds of its pages, is no longer.
const FOOTER_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests;
