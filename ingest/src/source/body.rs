//! The bytes of one object, read by blocking code on one side and fetched by asynchronous code on the other.

use std::fmt;
use std::io::{self, Read};

use bytes::{Buf, Bytes};
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::mpsc;

/// Chunks of an object as they arrive.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// The bytes of one object, in order. Reading blocks: read it on a thread of one's own, never on one that drives asynchronous tasks.
pub struct Body(Inner);

enum Inner {
    Reader(Box<dyn Read + Send>),
    Channel { chunks: mpsc::Receiver<io::Result<Bytes>>, chunk: Bytes },
}

impl Body {
    /// Bytes that blocking code has at hand, such as an open file.
    pub fn from_reader(reader: impl Read + Send + 'static) -> Self {
        Self(Inner::Reader(Box::new(reader)))
    }

    /// Bytes that arrive on the network. A task of the current runtime fetches them, at most `CHUNKS_AHEAD` chunks ahead of
    /// the reader; it ends when the stream does, at the first error, or when the body is dropped.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn from_stream(mut stream: ByteStream) -> Self {
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
        tokio::spawn(async move {
            while let Some(chunk) = stream.next().await {
                let is_last = chunk.is_err();
                if sender.send(chunk).await.is_err() || is_last {
                    return;
                }
            }
        });
        Self(Inner::Channel { chunks, chunk: Bytes::new() })
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Inner::Reader(reader) => reader.read(buffer),
            Inner::Channel { chunks, chunk } => {
                // Streams may hold empty chunks; an empty read would mean the end.
                while chunk.is_empty() && !buffer.is_empty() {
                    match chunks.blocking_recv() {
                        Some(next) => *chunk = next?,
                        None => return Ok(0),
                    }
                }
                let length = chunk.len().min(buffer.len());
                chunk.copy_to_slice(&mut buffer[..length]);
                Ok(length)
            }
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Inner::Reader(_) => "Body(reader)",
            Inner::Channel { .. } => "Body(channel)",
        })
    }
}

const CHUNKS_AHEAD: usize = 4;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use futures::stream;

    #[tokio::test(flavor = "multi_thread")]
    async fn chunks_come_in_order_and_empty_ones_do_not_end_it() {
        let chunks = [&b"ab"[..], b"", b"cdef", b""].map(|chunk| Ok(Bytes::from_static(chunk)));
        let mut body = Body::from_stream(stream::iter(chunks).boxed());
        let read = tokio::task::spawn_blocking(move || {
            let mut three = [0; 3];
            body.read_exact(&mut three).unwrap();
            let mut rest = Vec::new();
            body.read_to_end(&mut rest).unwrap();
            (three, rest)
        });
        assert_eq!(read.await.unwrap(), (*b"abc", b"def".to_vec()));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_error_is_the_last_thing_read() {
        let chunks = vec![Ok(Bytes::from_static(b"ab")), Err(io::Error::from(io::ErrorKind::ConnectionReset)), Ok(Bytes::from_static(b"never"))];
        let mut body = Body::from_stream(stream::iter(chunks).boxed());
        let read = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            (body.read_to_end(&mut all).unwrap_err().kind(), all, body.read(&mut [0; 8]).unwrap())
        });
        assert_eq!(read.await.unwrap(), (io::ErrorKind::ConnectionReset, b"ab".to_vec(), 0));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_task_runs_only_a_few_chunks_ahead_and_ends_with_the_body() {
        let (taken, counter) = (std::sync::Arc::new(()), std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0)));
        let (held, counted) = (taken.clone(), counter.clone());
        let endless = stream::repeat_with(move || {
            let _held = &held;
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Ok(Bytes::from_static(b"x"))
        });
        let body = Body::from_stream(endless.boxed());
        tokio::time::timeout(WAIT, async {
            while counter.load(std::sync::atomic::Ordering::SeqCst) <= CHUNKS_AHEAD {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        assert_eq!(counter.load(std::sync::atomic::Ordering::SeqCst), CHUNKS_AHEAD + 1);
        drop(body);
        tokio::time::timeout(WAIT, async {
            while std::sync::Arc::strong_count(&taken) > 1 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
    }

    const WAIT: std::time::Duration = std::time::Duration::from_secs(20);
}
