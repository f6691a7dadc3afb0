//! Reading the files of a table back, no more of them than is asked for.

use std::collections::{HashMap, HashSet};
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
use parquet::arrow::arrow_reader::{ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, RowFilter};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::statistics::Statistics;
use schemas::Table;

use super::error::LakeError;
use super::file::StoredFile;
use super::range::{Part, Slice};
use super::shelf::Shelf;

/// Which sessions' rows are wanted.
#[derive(Debug, Clone)]
pub(super) enum Sessions {
    /// Every row, those without a session included.
    Every,
    /// Every row that names a session.
    Named,
    /// The rows of these sessions.
    Only(Arc<HashSet<String>>),
    /// The rows of all sessions but these.
    Except(Arc<HashSet<String>>),
}

impl Sessions {
    fn wants(&self, session_id: Option<&str>) -> bool {
        match (self, session_id) {
            (Self::Every, _) | (Self::Named, Some(_)) => true,
            (Self::Named | Self::Only(_) | Self::Except(_), None) => false,
            (Self::Only(these), Some(id)) => these.contains(id),
            (Self::Except(these), Some(id)) => !these.contains(id),
        }
    }
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

/// The footers of files that were read, since the work goes through the same files range by range. Bounded; a file whose footer is not
/// held is read anew.
#[derive(Debug, Default)]
pub(super) struct Footers(Mutex<(HashMap<Path, ArrowReaderMetadata>, usize)>);

/// Row groups whose footers are held: a row group of `events` takes some 10 kB.
const FOOTER_GROUPS: usize = 2_048;

impl Footers {
    fn get(&self, path: &Path) -> Option<ArrowReaderMetadata> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.get(path).cloned()
    }

    fn keep(&self, path: &Path, footer: &ArrowReaderMetadata) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let groups = footer.metadata().num_row_groups();
        if held.1 + groups <= FOOTER_GROUPS && held.0.insert(path.clone(), footer.clone()).is_none() {
            held.1 += groups;
        }
    }
}

/// The wanted rows of one file, in its order.
pub(super) async fn read<'s>(shelf: &'s Shelf, file: &StoredFile, wanted: &Wanted<'_>) -> Result<BoxStream<'s, Result<RecordBatch, LakeError>>, LakeError> {
    let table = shelf.table;
    let name = file.path.to_string();
    let failed = move |source| LakeError::File { table: table.name, file: name.clone(), doing: "read", source };
    let mut reader = FileReader { store: Arc::clone(&shelf.store), path: file.path.clone(), size: file.size };
    let footer = match shelf.footers.get(&file.path) {
        Some(footer) => footer,
        None => {
            let footer = ArrowReaderMetadata::load_async(&mut reader, ArrowReaderOptions::new()).await.map_err(&failed)?;
            shelf.footers.keep(&file.path, &footer);
            footer
        }
    };
    let mut builder = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, footer);
    if let Some(slice) = &wanted.slice {
        let groups = row_groups(builder.metadata(), &slice.buckets);
        if groups.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        let filter = filter(&builder, slice.clone(), wanted.sessions.clone());
        builder = builder.with_row_groups(groups).with_row_filter(filter);
    }
    if let Some(columns) = wanted.columns {
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder = builder.with_projection(mask);
    }
    let schema = projected(table, wanted.columns)?;
    let stream = builder.with_batch_size(8_192).build().map_err(&failed)?;
    Ok(stream.map_err(failed).and_then(move |batch| std::future::ready(conformed(&batch, &schema).map_err(LakeError::from))).boxed())
}

/// The wanted rows of several files, all at once in memory, in the order of the files.
pub(super) async fn gather(shelf: &Shelf, files: &[StoredFile], wanted: &Wanted<'_>) -> Result<Vec<RecordBatch>, LakeError> {
    let buckets = wanted.slice.as_ref().map_or(Slice::ALL.buckets, |slice| slice.buckets.clone());
    let mut reads = Vec::new();
    for file in files {
        if file.overlaps(&buckets) {
            reads.push(read_whole(shelf, file, wanted));
        }
    }
    // A few at once hide the latency of a distant store and cost little memory.
    let read = futures::stream::iter(reads).buffered(4);
    let batches: Vec<Vec<RecordBatch>> = read.try_collect().await?;
    Ok(batches.into_iter().flatten().filter(|batch| batch.num_rows() > 0).collect())
}

async fn read_whole(shelf: &Shelf, file: &StoredFile, wanted: &Wanted<'_>) -> Result<Vec<RecordBatch>, LakeError> {
    read(shelf, file, wanted).await?.try_collect().await
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
                return Some(sessions.wants(None) && holds(slice.part, event_id));
            }
            let id = session_ids.value(row);
            let wants = match last {
                Some((known, wants)) if known == id => wants,
                _ => sessions.wants(Some(id)) && holds(slice.part, id),
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
struct FileReader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
}

impl AsyncFileReader for FileReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        async move { self.store.get_range(&self.path, range).await.map_err(external) }.boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>, ParquetError>> {
        async move { self.store.get_ranges(&self.path, &ranges).await.map_err(external) }.boxed()
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

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}
