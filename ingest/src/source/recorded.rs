//! A source whose objects are kept as they are read: for answers that nobody can ask for again.

use std::io::Read;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use sessions::decode::SourceKind;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::{Body, ErrorKind, Listed, Opened, Resume, Source, SourceError};

/// A source, and the store that keeps what it gives: every object under its own key, byte by byte, before anybody has read it. So no row of it is ever
/// committed whose evidence is not kept.
#[derive(Debug)]
pub struct Recorded {
    source: Arc<dyn Source>,
    store: Arc<dyn ObjectStore>,
}

impl Recorded {
    /// `store` begins where the keys of the source begin.
    #[must_use]
    pub fn new(source: Arc<dyn Source>, store: Arc<dyn ObjectStore>) -> Self {
        Self { source, store }
    }

    /// Keeps an object. What is kept already is not written again; should it be something else, the object is refused.
    async fn keep(&self, listed: &Listed) -> Result<(), SourceError> {
        let key = &listed.object.key;
        let path = Path::parse(key).map_err(|error| self.unkept(key, error))?;
        let kept = match self.store.get(&path).await {
            Ok(kept) => kept,
            Err(object_store::Error::NotFound { .. }) => return self.write(listed, path).await,
            Err(error) => return Err(self.unkept(key, error)),
        };
        let mut digest = Sha256::new();
        let mut pieces = kept.into_stream();
        while let Some(piece) = pieces.next().await {
            digest.update(piece.map_err(|error| self.unkept(key, error))?);
        }
        let mut ours = Sha256::new();
        let mut body = self.source.open(listed).await?.body;
        loop {
            let (rest, piece) = self.piece(key, body).await?;
            if piece.is_empty() {
                break;
            }
            ours.update(&piece);
            body = rest;
        }
        if digest.finalize() == ours.finalize() {
            return Ok(());
        }
        let detail = "another answer is kept under its key".to_owned();
        Err(SourceError { kind: ErrorKind::Conflict, source_name: self.name().to_owned(), place: key.clone(), detail, source: None })
    }

    async fn write(&self, listed: &Listed, path: Path) -> Result<(), SourceError> {
        let body = self.source.open(listed).await?.body;
        let mut writer = BufWriter::with_capacity(Arc::clone(&self.store), path, PIECE_BYTES).with_max_concurrency(PIECES_AT_ONCE);
        let written = self.pour(&listed.object.key, body, &mut writer).await;
        if written.is_err() {
            // What it has begun is no use to anybody; where even that cannot be told to the store, the store forgets it some day.
            let _ = writer.abort().await;
        }
        written
    }

    async fn pour(&self, key: &str, mut body: Body, writer: &mut BufWriter) -> Result<(), SourceError> {
        loop {
            let (rest, piece) = self.piece(key, body).await?;
            if piece.is_empty() {
                return writer.shutdown().await.map_err(|error| self.unkept(key, error));
            }
            writer.put(piece).await.map_err(|error| self.unkept(key, error))?;
            body = rest;
        }
    }

    /// The next bytes of a body, none at its end; and the body.
    async fn piece(&self, key: &str, mut body: Body) -> Result<(Body, Bytes), SourceError> {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::new();
            body.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece).map(|_| (body, Bytes::from(piece)))
        });
        let read = read.await.map_err(|error| self.unkept(key, error))?;
        read.map_err(|error| self.unkept(key, error))
    }

    fn unkept(&self, key: &str, cause: impl std::error::Error + Send + Sync + 'static) -> SourceError {
        let detail = "the answer could not be kept in the lake".to_owned();
        let cause = Some(std::io::Error::other(cause));
        SourceError { kind: ErrorKind::Unreachable, source_name: self.name().to_owned(), place: key.to_owned(), detail, source: cause }
    }
}

#[async_trait]
impl Source for Recorded {
    fn name(&self) -> &str {
        self.source.name()
    }

    fn kind(&self) -> SourceKind {
        self.source.kind()
    }

    fn objects(&self, resume: Resume) -> BoxStream<'_, Result<Listed, SourceError>> {
        self.source.objects(resume)
    }

    async fn ask_ahead(&self, resume: Resume) {
        self.source.ask_ahead(resume).await;
    }

    fn opens_at_once(&self) -> usize {
        self.source.opens_at_once()
    }

    async fn open(&self, listed: &Listed) -> Result<Opened, SourceError> {
        self.keep(listed).await?;
        self.source.open(listed).await
    }
}

/// Bytes that are read at a time …
const PIECE_BYTES: usize = 8 << 20;
/// … and how many times that may be on its way to the store.
const PIECES_AT_ONCE: usize = 2;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::source::{Memory, Origin};
    use object_store::memory::InMemory;
    use schemas::Timestamp;

    const KEY: &str = "111122223333/eu-west-1/20260714T091500Z/describe-instances.json";

    fn memory(bytes: &[u8]) -> Memory {
        let origin = Origin { name: "account".to_owned(), kind: SourceKind::Account, account_id: None, region: None };
        Memory::new(origin).with(KEY, Timestamp::from_micros(1_784_020_500_000_000), bytes.to_vec())
    }

    async fn open(memory: Memory, store: &Arc<InMemory>) -> Result<Vec<u8>, ErrorKind> {
        let recorded = Recorded::new(Arc::new(memory), Arc::clone(store) as Arc<dyn ObjectStore>);
        let listed = recorded.objects(Resume::beginning()).next().await.unwrap().unwrap();
        let mut body = recorded.open(&listed).await.map_err(|error| error.kind)?.body;
        let read = move || {
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes).map(|_| bytes)
        };
        Ok(tokio::task::spawn_blocking(read).await.unwrap().unwrap())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_read_is_kept_byte_by_byte_and_never_replaced() {
        for size in [0, 1, 8 << 20, (20 << 20) + 3] {
            let (store, bytes) = (Arc::new(InMemory::new()), vec![7; size]);
            let kept = async || store.get(&Path::from(KEY)).await.unwrap().bytes().await.unwrap();
            for _ in 0..2 {
                assert!(open(memory(&bytes), &store).await.unwrap() == bytes);
                assert!(kept().await == bytes, "{size} bytes");
            }
            assert_eq!(open(memory(b"another"), &store).await, Err(ErrorKind::Conflict));
            assert!(kept().await == bytes);
        }
    }
}
