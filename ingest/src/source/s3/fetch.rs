//! The bytes of an object: those of the object that was listed, to the last one, or an error.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::OwnedSemaphorePermit;

use super::super::{Body, ErrorKind, Listed, Opened, SourceError};
use super::bucket::Bucket;
use super::custody::learnt;
use super::error::{causes, failed, micros};

/// Opens an object. What is small is read whole, so that its connection is free for the next one; of what is large a few chunks are read ahead.
pub(super) async fn open(bucket: &Arc<Bucket>, listed: &Listed) -> Result<Opened, SourceError> {
    let object = &listed.object;
    let stored = object.last_modified.map_or(-1, |at| i128::from(at.micros()));
    if bucket.origin.object(object.key.clone(), object.size, stored, &listed.custody) != *object {
        return Err(changed(bucket, listed));
    }
    let Some(room) = room(bucket, object.size).await? else {
        let (custody, fetch) = begin(bucket, listed).await?;
        return Ok(Opened { body: Body::from_stream(chunks(fetch).map_err(SourceError::into_io).boxed()), custody });
    };
    let mut attempts = ATTEMPTS;
    loop {
        let (custody, fetch) = begin(bucket, listed).await?;
        let gather = chunks(fetch).try_fold(BytesMut::new(), async |mut whole, chunk| {
            whole.extend_from_slice(&chunk);
            Ok(whole)
        });
        match gather.await {
            Ok(whole) => return Ok(Opened { body: Body::from_reader(Held { bytes: Cursor::new(whole.freeze()), _room: room }), custody }),
            Err(error) if error.kind == ErrorKind::Corrupt && attempts > 0 => attempts -= 1,
            Err(error) => return Err(error),
        }
    }
}

/// An object in memory, and its share of what may be held.
struct Held {
    bytes: Cursor<Bytes>,
    _room: OwnedSemaphorePermit,
}

impl Read for Held {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(buffer)
    }
}

/// Room in memory for an object; `None` where it is too large to be held whole. Waits while others hold it.
async fn room(bucket: &Bucket, size: u64) -> Result<Option<OwnedSemaphorePermit>, SourceError> {
    if size > WHOLE {
        return Ok(None);
    }
    let kib = u32::try_from(size.div_ceil(1_024)).unwrap_or(u32::MAX);
    let room = Arc::clone(&bucket.memory).acquire_many_owned(kib).await;
    room.map(Some).map_err(|error| bucket.origin.error(ErrorKind::Bug, "", "no memory is given any more").caused_by(io::Error::other(error)))
}

/// The reading of one object.
struct Fetch {
    bucket: Arc<Bucket>,
    listed: Listed,
    body: ByteStream,
    received: u64,
    /// How often it may be begun again where it breaks off.
    attempts: u32,
}

async fn begin(bucket: &Arc<Bucket>, listed: &Listed) -> Result<(super::super::Custody, Fetch), SourceError> {
    let answer = asked(bucket, listed, 0).await?;
    let custody = learnt(&listed.custody, &answer);
    Ok((custody, Fetch { bucket: Arc::clone(bucket), listed: listed.clone(), body: answer.body, received: 0, attempts: ATTEMPTS }))
}

/// An answer with the bytes from `from` on of the very object that was listed. That is looked at, since some stores do not hear `If-Match`.
async fn asked(bucket: &Bucket, listed: &Listed, from: u64) -> Result<GetObjectOutput, SourceError> {
    let object = &listed.object;
    let answer = bucket.get(listed, from).await.map_err(|error| failed(&bucket.origin, &object.key, "cannot be read", false, error))?;
    let is_rest = from == 0 || answer.content_range().is_some_and(|range| range.starts_with(&format!("bytes {from}-")));
    if !is_rest {
        return Err(bucket.origin.error(ErrorKind::Unreachable, &object.key, "broke off, and the store does not give the rest of it"));
    }
    let is_same = match (&listed.custody.etag, answer.e_tag()) {
        (Some(listed), Some(found)) => listed == found.trim_matches('"'),
        // Without an ETag the time remains, of which the answer tells whole seconds.
        _ => answer.last_modified().map(|at| micros(at).div_euclid(1_000_000)) == object.last_modified.map(|at| i128::from(at.micros()).div_euclid(1_000_000)),
    };
    let length = answer.content_length().and_then(|length| u64::try_from(length).ok());
    if is_same && length.is_none_or(|length| from + length == object.size) { Ok(answer) } else { Err(changed(bucket, listed)) }
}

fn changed(bucket: &Bucket, listed: &Listed) -> SourceError {
    bucket.origin.error(ErrorKind::Conflict, &listed.object.key, "changed since it was listed")
}

fn chunks(fetch: Fetch) -> impl stream::Stream<Item = Result<Bytes, SourceError>> + Send + 'static {
    stream::try_unfold(fetch, |mut fetch| async move { Ok(fetch.next().await?.map(|chunk| (chunk, fetch))) })
}

impl Fetch {
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        let size = self.listed.object.size;
        loop {
            let broken = match self.body.next().await {
                Some(Ok(chunk)) => {
                    self.received += chunk.len() as u64;
                    return if self.received > size { Err(changed(&self.bucket, &self.listed)) } else { Ok(Some(chunk)) };
                }
                None if self.received == size => return Ok(None),
                None => "its bytes ended too early".to_owned(),
                Some(Err(error)) => causes(&error),
            };
            let failed = |kind, detail| Err(self.bucket.origin.error(kind, &self.listed.object.key, detail).caused_by(io::Error::other(broken.clone())));
            if self.received == size {
                return failed(ErrorKind::Corrupt, "its bytes are not those that its checksum is of");
            }
            if self.attempts == 0 {
                return failed(ErrorKind::Unreachable, "breaks off again and again while it is read");
            }
            self.attempts -= 1;
            self.body = asked(&self.bucket, &self.listed, self.received).await?.body;
        }
    }
}

/// Objects up to this many bytes are read whole.
const WHOLE: u64 = 8 << 20;
/// How often one object is begun again.
const ATTEMPTS: u32 = 4;
