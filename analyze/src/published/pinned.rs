//! One published file, held on to: what is read of it is of this file, though another may take its place meanwhile.
//!
//! A file on disk stays what it is for as long as it is open. An object of a store has no handle, so each part of it is asked for with the entity
//! tag of the first: once it was replaced, the store refuses, and the question fails rather than mixing two answers.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResultPayload, OBJECT_STORE_COALESCE_DEFAULT, ObjectStore, coalesce_ranges};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

/// A published file and its footer.
#[derive(Debug)]
pub(super) struct Pinned {
    pub(super) path: Path,
    pub(super) metadata: Arc<ParquetMetaData>,
    pub(super) size: u64,
    place: Arc<Place>,
}

impl Pinned {
    /// Opens the file of this name, and reads its footer.
    pub(super) async fn open(store: &Arc<dyn ObjectStore>, path: Path) -> Result<Self> {
        // The end alone: a store would otherwise begin to send the whole object.
        let options = GetOptions { range: Some(GetRange::Suffix(FOOTER_BYTES)), ..GetOptions::default() };
        let got = store.get_opts(&path, options).await.map_err(external)?;
        let (size, e_tag, range) = (got.meta.size, got.meta.e_tag.clone(), got.range.clone());
        let place = match got.payload {
            GetResultPayload::File(file, _) => Place::File(file),
            GetResultPayload::Stream(_) => {
                let e_tag = e_tag.ok_or_else(|| ParquetError::General("an object without an entity tag cannot be told from the next".to_owned()))?;
                Place::Object { store: Arc::clone(store), path: path.clone(), e_tag, start: range.start, end: got.bytes().await.map_err(external)? }
            }
        };
        let place = Arc::new(place);
        let mut pages = Pages { place: Arc::clone(&place), size, metadata: None };
        let metadata = pages.get_metadata(None).await?;
        Ok(Self { path, metadata, size, place })
    }

    /// What the file says of itself under a key.
    pub(super) fn says(&self, key: &str) -> Option<&String> {
        let said = self.metadata.file_metadata().key_value_metadata()?;
        said.iter().find(|said| said.key == key)?.value.as_ref()
    }

    /// A reader of its pages.
    pub(super) fn pages(&self) -> Pages {
        Pages { place: Arc::clone(&self.place), size: self.size, metadata: Some(Arc::clone(&self.metadata)) }
    }
}

/// Where the bytes are.
#[derive(Debug)]
enum Place {
    File(File),
    Object {
        store: Arc<dyn ObjectStore>,
        path: Path,
        e_tag: String,
        /// Where `end` begins: the last bytes, which came with the first request.
        start: u64,
        end: Bytes,
    },
}

/// Reads the pages of a pinned file.
#[derive(Debug)]
pub(super) struct Pages {
    place: Arc<Place>,
    size: u64,
    /// The footer, once it has been read.
    metadata: Option<Arc<ParquetMetaData>>,
}

impl AsyncFileReader for Pages {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        async move {
            let bytes = self.get_byte_ranges(vec![range]).await?.pop();
            bytes.ok_or_else(|| ParquetError::EOF("nothing was read".to_owned()))
        }
        .boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        let place = Arc::clone(&self.place);
        async move {
            match &*place {
                Place::File(_) => tokio::task::spawn_blocking(move || from_file(&place, &ranges)).await.map_err(external)?,
                Place::Object { .. } => coalesce_ranges(&ranges, |range| from_object(&place, range), OBJECT_STORE_COALESCE_DEFAULT).await,
            }
        }
        .boxed()
    }

    fn get_metadata<'a>(&'a mut self, _: Option<&'a ArrowReaderOptions>) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        async move {
            match &self.metadata {
                Some(metadata) => Ok(Arc::clone(metadata)),
                None => {
                    let (size, hint) = (self.size, usize::try_from(FOOTER_BYTES).ok());
                    Ok(Arc::new(ParquetMetaDataReader::new().with_prefetch_hint(hint).load_and_finish(self, size).await?))
                }
            }
        }
        .boxed()
    }
}

fn from_file(place: &Place, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
    let Place::File(file) = place else { return Ok(Vec::new()) };
    let read = |range: &Range<u64>| {
        let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, range.start)?;
        Ok(Bytes::from(bytes))
    };
    ranges.iter().map(read).collect::<io::Result<_>>().map_err(external)
}

async fn from_object(place: &Place, range: Range<u64>) -> Result<Bytes> {
    let Place::Object { store, path, e_tag, start, end } = place else { return Ok(Bytes::new()) };
    let within = |at: u64| at.checked_sub(*start).and_then(|at| usize::try_from(at).ok()).filter(|at| *at <= end.len());
    if let (Some(from), Some(to)) = (within(range.start), within(range.end)) {
        return Ok(end.slice(from..to));
    }
    let options = GetOptions { range: Some(GetRange::Bounded(range)), if_match: Some(e_tag.clone()), ..GetOptions::default() };
    store.get_opts(path, options).await.map_err(external)?.bytes().await.map_err(external)
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> ParquetError {
    ParquetError::External(Box::new(error))
}

/// The footer of most copies is no longer.
const FOOTER_BYTES: u64 = 64 << 10;
