//! A store in trouble: at the k-th call, or from the k-th call on.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, RenameOptions, Result,
};

/// What happens at the call at which the store dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// The call does nothing.
    Before,
    /// The call does its work, and its answer is lost.
    After,
}

/// What happens at the k-th call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The store dies: no later call does anything either, as if whoever calls had been killed.
    Dies(Death),
    /// This call does nothing and fails.
    Fails,
    /// The store asks for fewer calls.
    Throttles,
    /// This call does its work, and says that it failed.
    Lies,
    /// This call is never answered, its work done or not.
    Hangs(Death),
    /// A read ends in the middle, and says that all is well.
    Tears,
    /// A listing does not show what was written last.
    IsStale,
}

/// Which calls are counted. Between two writes the store's content stays the same, so deaths at writes are all deaths that differ for
/// whoever comes next; trouble at reads shows that errors of reads are not taken for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Writes,
    Reads,
    Listings,
    Everything,
}

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Write,
    Read,
    Listing,
}

#[derive(Debug)]
pub(crate) struct FaultyStore {
    inner: Arc<dyn ObjectStore>,
    calls: AtomicUsize,
    last: usize,
    counted: Counted,
    trouble: Trouble,
    /// What was written last: hidden from a stale listing.
    written: Mutex<VecDeque<Path>>,
}

/// So many writes a stale listing does not show.
const HIDDEN: usize = 2;

/// How a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Well,
    /// Whether the work is done, and whether an error is said or nothing at all.
    Badly {
        works: bool,
        answers: bool,
    },
    Torn,
    Stale,
}

impl FaultyStore {
    /// Dies at the counted call `last`, from 0.
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, last: usize, counted: Counted, death: Death) -> Arc<Self> {
        Self::troubled(inner, last, counted, Trouble::Dies(death))
    }

    /// Is in trouble at the counted call `last`, from 0.
    pub(crate) fn troubled(inner: Arc<dyn ObjectStore>, last: usize, counted: Counted, trouble: Trouble) -> Arc<Self> {
        Arc::new(Self { inner, calls: AtomicUsize::new(0), last, counted, trouble, written: Mutex::default() })
    }

    /// Whether the trouble has come.
    pub(crate) fn is_dead(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > self.last
    }

    fn way(&self, call: Call) -> Way {
        let is_counted = match self.counted {
            Counted::Writes => call == Call::Write,
            Counted::Reads => call == Call::Read,
            Counted::Listings => call == Call::Listing,
            Counted::Everything => true,
        };
        let number = if is_counted { self.calls.fetch_add(1, Ordering::SeqCst) } else { self.calls.load(Ordering::SeqCst).wrapping_sub(1) };
        let (is_now, is_over) = (is_counted && number == self.last, self.is_dead());
        match self.trouble {
            Trouble::Dies(Death::After) if is_now && call == Call::Write => Way::Badly { works: true, answers: true },
            Trouble::Dies(_) if is_over => Way::Badly { works: false, answers: true },
            _ if !is_now => Way::Well,
            Trouble::Fails | Trouble::Throttles => Way::Badly { works: false, answers: true },
            Trouble::Lies => Way::Badly { works: true, answers: true },
            Trouble::Hangs(death) => Way::Badly { works: death == Death::After, answers: false },
            Trouble::Tears => Way::Torn,
            Trouble::IsStale => Way::Stale,
            Trouble::Dies(_) => Way::Well,
        }
    }

    fn error(&self) -> Error {
        let said = match self.trouble {
            Trouble::Dies(_) => "the store is dead",
            Trouble::Throttles => "503 SlowDown: reduce your request rate",
            _ => "the store fails",
        };
        Error::Generic { store: "faulty", source: said.into() }
    }

    fn note(&self, path: &Path) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.push_front(path.clone());
        written.truncate(HIDDEN);
    }

    /// Does the work of a call that goes this way; what is torn is torn by the caller.
    async fn meet<T>(&self, way: Way, work: impl Future<Output = Result<T>>) -> Result<T> {
        let Way::Badly { works, answers } = way else { return work.await };
        if works {
            // What it gave is lost.
            let _ = work.await;
        }
        if answers { Err(self.error()) } else { std::future::pending().await }
    }

    fn listing(&self, listing: impl FnOnce() -> BoxStream<'static, Result<ObjectMeta>>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.way(Call::Listing) {
            Way::Badly { answers: true, .. } => futures::stream::iter([Err(self.error())]).boxed(),
            Way::Badly { answers: false, .. } => futures::stream::pending().boxed(),
            Way::Stale => {
                let hidden = self.written.lock().unwrap_or_else(PoisonError::into_inner).clone();
                listing().try_filter(move |meta| std::future::ready(!hidden.contains(&meta.location))).boxed()
            }
            Way::Well | Way::Torn => listing(),
        }
    }
}

fn torn(bytes: &Bytes) -> Bytes {
    bytes.slice(..bytes.len() / 2)
}

impl std::fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "faulty {}", self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let put = self.meet(self.way(Call::Write), self.inner.put_opts(location, payload, opts)).await;
        self.note(location);
        put
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.meet(self.way(Call::Write), self.inner.put_multipart_opts(location, opts)).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let way = self.way(Call::Read);
        let got = self.meet(way, self.inner.get_opts(location, options)).await?;
        if way != Way::Torn {
            return Ok(got);
        }
        let (meta, range, attributes) = (got.meta.clone(), got.range.clone(), got.attributes.clone());
        let bytes = torn(&got.bytes().await?);
        Ok(GetResult { payload: GetResultPayload::Stream(futures::stream::iter([Ok(bytes)]).boxed()), meta, range, attributes })
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let way = self.way(Call::Read);
        let got = self.meet(way, self.inner.get_ranges(location, ranges)).await?;
        Ok(if way == Way::Torn { got.iter().map(torn).collect() } else { got })
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.way(Call::Write) {
            Way::Badly { answers: true, .. } => futures::stream::iter([Err(self.error())]).boxed(),
            Way::Badly { answers: false, .. } => futures::stream::pending().boxed(),
            _ => self.inner.delete_stream(locations),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.listing(|| self.inner.list(prefix))
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.listing(|| self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.meet(self.way(Call::Listing), self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.meet(self.way(Call::Write), self.inner.copy_opts(from, to, options)).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.meet(self.way(Call::Write), self.inner.rename_opts(from, to, options).boxed()).await
    }
}
