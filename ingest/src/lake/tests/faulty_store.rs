//! A store that dies: at the k-th call, and at every call after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    RenameOptions, Result,
};

/// What happens at the call at which the store dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// The call does nothing.
    Before,
    /// The call does its work, and its answer is lost.
    After,
}

/// Which calls are counted. Between two writes the store's content stays the same, so deaths at writes are all deaths that differ for
/// whoever comes next; deaths at reads show that errors of reads are not taken for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Writes,
    Everything,
}

#[derive(Debug)]
pub(crate) struct FaultyStore {
    inner: Arc<dyn ObjectStore>,
    calls: AtomicUsize,
    last: usize,
    counted: Counted,
    death: Death,
}

impl FaultyStore {
    /// Dies at the counted call `last`, from 0.
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, last: usize, counted: Counted, death: Death) -> Arc<Self> {
        Arc::new(Self { inner, calls: AtomicUsize::new(0), last, counted, death })
    }

    /// Whether the store is dead.
    pub(crate) fn is_dead(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > self.last
    }

    /// Says whether the call is to be made, and whether its answer arrives.
    fn write(&self) -> (bool, bool) {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        (call < self.last || (call == self.last && self.death == Death::After), call < self.last)
    }

    fn read(&self) -> bool {
        if self.counted == Counted::Everything { self.write().1 } else { !self.is_dead() }
    }
}

fn dead() -> Error {
    Error::Generic { store: "faulty", source: "the store is dead".into() }
}

impl std::fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "faulty {}", self.inner)
    }
}

macro_rules! mortal {
    ($store:expr, $work:expr) => {{
        let (works, answers) = $store.write();
        if !works {
            return Err(dead());
        }
        let result = $work.await;
        if answers { result } else { Err(dead()) }
    }};
}

macro_rules! readable {
    ($store:expr, $work:expr) => {{ if $store.read() { $work.await } else { Err(dead()) } }};
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        mortal!(self, self.inner.put_opts(location, payload, opts))
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        mortal!(self, self.inner.put_multipart_opts(location, opts))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        readable!(self, self.inner.get_opts(location, options))
    }

    async fn get_ranges(&self, location: &Path, ranges: &[std::ops::Range<u64>]) -> Result<Vec<bytes::Bytes>> {
        readable!(self, self.inner.get_ranges(location, ranges))
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.write() {
            (true, true) => self.inner.delete_stream(locations),
            _ => futures::stream::once(async { Err(dead()) }).boxed(),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.read() {
            true => self.inner.list(prefix),
            false => futures::stream::once(async { Err(dead()) }).boxed(),
        }
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.read() {
            true => self.inner.list_with_offset(prefix, offset),
            false => futures::stream::once(async { Err(dead()) }).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        readable!(self, self.inner.list_with_delimiter(prefix))
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        mortal!(self, self.inner.copy_opts(from, to, options))
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        mortal!(self, self.inner.rename_opts(from, to, options).boxed())
    }
}
