//! Reading the files of a table back, no more of them than is asked for.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{Int64Type, SchemaRef};
use arrow::error::ArrowError;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use parquet::arrow::arrow_reader::{ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, RowFilter, RowSelection};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::statistics::Statistics;
use schemas::Table;

use super::error::LakeError;
use super::file::StoredFile;
use super::range::{Part, Slice};

/// Which rows of a table with buckets are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sessions {
    /// Every row, those without a session included.
    Every,
    /// Every row that names a session.
    Named,
}

/// What is wanted of a table.
#[derive(Debug, Clone)]
pub(super) struct Wanted<'w> {
    /// The columns, in the contract's order; `None` for all.
    pub(super) columns: Option<&'w [&'w str]>,
    /// The rows, where the table has buckets; `None` for all.
    pub(super) slice: Option<Slice>,
    /// The sessions, where the table has buckets.
    pub(super) sessions: Sessions,
}

impl Wanted<'_> {
    /// Everything.
    pub(super) const ALL: Wanted<'static> = Wanted { columns: None, slice: None, sessions: Sessions::Every };
}

/// The folder of a table, to read its files.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    pub(super) table: &'static Table,
    pub(super) store: Arc<dyn ObjectStore>,
    footers: Arc<Footers>,
}

/// A file of a folder whose footer is known.
pub(super) struct Opened {
    reader: FileReader,
    footer: ArrowReaderMetadata,
    table: &'static Table,
    path: Path,
}

/// Builds the stream of a file's rows.
pub(super) type Builder = ParquetRecordBatchStreamBuilder<FileReader>;

impl Folder {
    pub(super) fn new(table: &'static Table, store: Arc<dyn ObjectStore>) -> Self {
        Self { table, store, footers: Arc::default() }
    }

    /// Opens a file, by its footer alone.
    pub(super) async fn open(&self, file: &StoredFile) -> Result<Opened, LakeError> {
        self.open_with(file, false).await
    }

    /// Opens a file with the bounds and places of its pages, where it says them.
    pub(super) async fn open_pages(&self, file: &StoredFile) -> Result<Opened, LakeError> {
        self.open_with(file, true).await
    }

    async fn open_with(&self, file: &StoredFile, has_pages: bool) -> Result<Opened, LakeError> {
        let mut reader = FileReader { store: Arc::clone(&self.store), path: file.path.clone(), size: file.size };
        let footer = match self.footers.get(&file.path, has_pages) {
            Some(footer) => footer,
            None => {
                let policy = if has_pages { PageIndexPolicy::Optional } else { PageIndexPolicy::Skip };
                let options = ArrowReaderOptions::new().with_page_index_policy(policy);
                let footer = ArrowReaderMetadata::load_async(&mut reader, options).await.map_err(|source| unread(self.table, &file.path, source))?;
                self.footers.keep(&file.path, has_pages, &footer);
                footer
            }
        };
        Ok(Opened { reader, footer, table: self.table, path: file.path.clone() })
    }
}

impl Opened {
    pub(super) fn metadata(&self) -> &ParquetMetaData {
        self.footer.metadata()
    }

    pub(super) fn builder(&self) -> Builder {
        ParquetRecordBatchStreamBuilder::new_with_metadata(self.reader.clone(), self.footer.clone())
    }

    pub(super) fn failed(&self, source: ParquetError) -> LakeError {
        unread(self.table, &self.path, source)
    }

    /// The rows in these ranges of places in the file, ascending and apart, in the order of the file.
    pub(super) fn rows(&self, columns: Option<&[&str]>, ranges: &[Range<usize>]) -> Result<Rows, LakeError> {
        let (mut groups, mut chosen, mut before, mut start) = (Vec::new(), Vec::new(), 0, 0);
        for (group, metadata) in self.metadata().row_groups().iter().enumerate() {
            let rows = usize::try_from(metadata.num_rows()).unwrap_or(0);
            let end = start + rows;
            let first = ranges.partition_point(|range| range.end <= start);
            let within: Vec<_> = ranges[first..].iter().take_while(|range| range.start < end).collect();
            if !within.is_empty() {
                groups.push(group);
                chosen.extend(within.into_iter().map(|range| range.start.max(start) - start + before..range.end.min(end) - start + before));
                before += rows;
            }
            start = end;
        }
        let selection = RowSelection::from_consecutive_ranges(chosen.into_iter(), before);
        self.stream(self.builder().with_row_groups(groups).with_row_selection(selection), columns)
    }

    fn stream(&self, mut builder: Builder, columns: Option<&[&str]>) -> Result<Rows, LakeError> {
        if let Some(columns) = columns {
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            builder = builder.with_projection(mask);
        }
        let schema = projected(self.table, columns)?;
        let stream = builder.with_batch_size(8_192).build().map_err(|source| self.failed(source))?;
        let (table, path) = (self.table, self.path.clone());
        let stream = stream.map_err(move |source| unread(table, &path, source));
        Ok(stream.and_then(move |batch| std::future::ready(conformed(&batch, &schema).map_err(LakeError::from))).boxed())
    }
}

/// Rows of a file, some thousands at once.
pub(super) type Rows = BoxStream<'static, Result<RecordBatch, LakeError>>;

fn unread(table: &'static Table, path: &Path, source: ParquetError) -> LakeError {
    LakeError::File { table: table.name, file: path.to_string(), doing: "read", source }
}

/// The footers of files that were read, since the work goes through the same files again and again. A file never changes, so a footer
/// holds for good; of more than may be held, all are read anew.
#[derive(Debug, Default)]
struct Footers(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    /// With whether the pages are known, too.
    footers: HashMap<Path, (bool, ArrowReaderMetadata)>,
    weight: usize,
}

/// Row groups whose footers are held: a row group of `events` takes some 10 kB …
const FOOTER_GROUPS: usize = 2_048;
/// … and with its pages some times that.
const PAGES_WEIGHT: usize = 4;

impl Footers {
    fn get(&self, path: &Path, has_pages: bool) -> Option<ArrowReaderMetadata> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.footers.get(path).filter(|(pages, _)| *pages || !has_pages).map(|(_, footer)| footer.clone())
    }

    fn keep(&self, path: &Path, has_pages: bool, footer: &ArrowReaderMetadata) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let weight = footer.metadata().num_row_groups() * if has_pages { PAGES_WEIGHT } else { 1 };
        if held.weight + weight > FOOTER_GROUPS {
            *held = Held::default();
        }
        if weight <= FOOTER_GROUPS {
            held.weight += weight;
            held.footers.insert(path.clone(), (has_pages, footer.clone()));
        }
    }
}

/// The wanted rows of one file, in its order.
pub(super) async fn read(folder: &Folder, file: &StoredFile, wanted: &Wanted<'_>) -> Result<Rows, LakeError> {
    let opened = folder.open(file).await?;
    let mut builder = opened.builder();
    if let Some(slice) = &wanted.slice {
        let groups = row_groups(builder.metadata(), &slice.buckets);
        if groups.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        let filter = filter(&builder, slice.clone(), wanted.sessions);
        builder = builder.with_row_groups(groups).with_row_filter(filter);
    }
    opened.stream(builder, wanted.columns)
}

/// The wanted rows of several files, all at once in memory, in the order of the files.
pub(super) async fn gather(folder: &Folder, files: &[StoredFile], wanted: &Wanted<'_>) -> Result<Vec<RecordBatch>, LakeError> {
    let buckets = wanted.slice.as_ref().map_or(Slice::ALL.buckets, |slice| slice.buckets.clone());
    let mut reads = Vec::new();
    for file in files {
        if file.overlaps(&buckets) {
            reads.push(read_whole(folder, file, wanted));
        }
    }
    // A few at once hide the latency of a distant store and cost little memory.
    let read = futures::stream::iter(reads).buffered(4);
    let batches: Vec<Vec<RecordBatch>> = read.try_collect().await?;
    Ok(batches.into_iter().flatten().filter(|batch| batch.num_rows() > 0).collect())
}

async fn read_whole(folder: &Folder, file: &StoredFile, wanted: &Wanted<'_>) -> Result<Vec<RecordBatch>, LakeError> {
    read(folder, file, wanted).await?.try_collect().await
}

/// The row groups that can hold rows of `buckets`.
fn row_groups(metadata: &ParquetMetaData, buckets: &RangeInclusive<i64>) -> Vec<usize> {
    let column = metadata.file_metadata().schema_descr().columns().iter().position(|column| column.path().string() == "bucket");
    let holds = |group: &usize| {
        let statistics = column.and_then(|column| metadata.row_group(*group).column(column).statistics());
        let Some(Statistics::Int64(values)) = statistics else { return true };
        match (values.min_opt(), values.max_opt()) {
            (Some(low), Some(high)) => low <= buckets.end() && buckets.start() <= high,
            _ => true,
        }
    };
    (0..metadata.num_row_groups()).filter(holds).collect()
}

/// Decides by bucket and session alone, so that the other columns of unwanted rows are not decoded; and by the event where a bucket is
/// divided, since the rows of no session would stay together otherwise.
fn filter(builder: &ParquetRecordBatchStreamBuilder<FileReader>, slice: Slice, sessions: Sessions) -> RowFilter {
    let deciding: &[&str] = if slice.part.is_some() { &["bucket", "session_id", "event_id"] } else { &["bucket", "session_id"] };
    let mask = ProjectionMask::columns(builder.parquet_schema(), deciding.iter().copied());
    let predicate = move |batch: RecordBatch| {
        let missing = |name: &str| ArrowError::SchemaError(format!("the column {name} is missing"));
        let found = batch.column_by_name("bucket").and_then(|column| column.as_primitive_opt::<Int64Type>()).ok_or_else(|| missing("bucket"))?;
        let session_ids = texts(&batch, "session_id")?.ok_or_else(|| missing("session_id"))?;
        let event_ids = texts(&batch, "event_id")?;
        // Rows of a session stand together: what holds for one holds for the next.
        let mut last: Option<(&str, bool)> = None;
        let wanted = (0..batch.num_rows()).map(|row| {
            if found.is_null(row) || !slice.buckets.contains(&found.value(row)) {
                return Some(false);
            }
            if session_ids.is_null(row) {
                let event_id = event_ids.as_ref().map_or("", |ids| ids.value(row));
                return Some(sessions == Sessions::Every && holds(slice.part, event_id));
            }
            let id = session_ids.value(row);
            let wants = match last {
                Some((known, wants)) if known == id => wants,
                _ => holds(slice.part, id),
            };
            last = Some((id, wants));
            Some(wants)
        });
        Ok(wanted.collect::<BooleanArray>())
    };
    RowFilter::new(vec![Box::new(ArrowPredicateFn::new(mask, predicate))])
}

fn holds(part: Option<Part>, name: &str) -> bool {
    part.is_none_or(|part| part.holds(name))
}

/// A column of texts, however the engine that wrote it stores them; `None` where there is none.
fn texts(batch: &RecordBatch, name: &str) -> Result<Option<StringArray>, ArrowError> {
    let Some(column) = batch.column_by_name(name) else { return Ok(None) };
    Ok(cast(column, &arrow::datatypes::DataType::Utf8)?.as_string_opt::<i32>().cloned())
}

fn projected(table: &Table, columns: Option<&[&str]>) -> Result<SchemaRef, ArrowError> {
    let schema = table.schema();
    let Some(columns) = columns else { return Ok(schema) };
    let indices: Vec<usize> = (0..schema.fields().len()).filter(|index| columns.contains(&schema.field(*index).name().as_str())).collect();
    Ok(Arc::new(schema.project(&indices)?))
}

/// Another engine may have rewritten a file: its columns become those of the contract again.
fn conformed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let column = |field: &Arc<arrow::datatypes::Field>| -> Result<ArrayRef, ArrowError> {
        match batch.column_by_name(field.name()) {
            Some(column) if column.data_type() == field.data_type() => Ok(Arc::clone(column)),
            Some(column) => cast(column, field.data_type()),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        }
    };
    RecordBatch::try_new(Arc::clone(schema), schema.fields().iter().map(column).collect::<Result<Vec<_>, _>>()?)
}

/// A file of an object store, as the Parquet reader sees it.
#[derive(Clone)]
pub(super) struct FileReader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
}

impl AsyncFileReader for FileReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        async move { whole(&range, self.store.get_range(&self.path, range.clone()).await.map_err(external)?) }.boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>, ParquetError>> {
        async move {
            let found = self.store.get_ranges(&self.path, &ranges).await.map_err(external)?;
            ranges.iter().zip(found).map(|(range, bytes)| whole(range, bytes)).collect()
        }
        .boxed()
    }

    fn get_metadata<'a>(&'a mut self, options: Option<&'a ArrowReaderOptions>) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        async move {
            let size = self.size;
            let reader = ParquetMetaDataReader::new().with_arrow_reader_options(options).with_prefetch_hint(Some(64 << 10));
            Ok(Arc::new(reader.load_and_finish(self, size).await?))
        }
        .boxed()
    }
}

/// The bytes of a range, all of them: the Parquet reader takes a store by its word, and stops the program where a read was torn.
fn whole(range: &Range<u64>, bytes: Bytes) -> Result<Bytes, ParquetError> {
    if bytes.len() as u64 == range.end - range.start {
        Ok(bytes)
    } else {
        Err(ParquetError::EOF(format!("a read of {} bytes was torn", range.end - range.start)))
    }
}

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}
