//! What lies between an answer and whoever asked: bodies that break off, and connections that are cut.

use std::io;

use bytes::Bytes;
use futures::{StreamExt, stream};
use hyper::header::{HeaderName, HeaderValue};
use s3s::dto::StreamingBlob;
use s3s::{Body, HttpError, HttpResponse};

use super::faults::What;

/// The header by which the stand-in says what is to become of an answer; nobody outside sees it.
pub(super) const FATE: HeaderName = HeaderName::from_static("x-suite-fate");

/// What is to become of an answer, as the header says it; `None` where nothing is.
pub(super) fn fate(what: Option<What>) -> Option<HeaderValue> {
    let text = match what? {
        What::Resets => "resets 0".to_owned(),
        What::Tears(at) => format!("tears {at}"),
        What::Stalls(at) => format!("stalls {at}"),
        _ => return None,
    };
    Some(text.parse().expect("a header's value"))
}

/// An answer on its way.
pub(super) fn carried(answer: Result<HttpResponse, HttpError>) -> Result<HttpResponse, HttpError> {
    let mut answer = answer?;
    let Some(fate) = answer.headers_mut().remove(FATE) else { return Ok(answer) };
    let (what, at) = fate.to_str().ok().and_then(|text| text.split_once(' ')).expect("the stand-in wrote it");
    let at = at.parse().expect("the stand-in wrote it");
    let what = match what {
        "tears" => What::Tears(at),
        "stalls" => What::Stalls(at),
        // Without an answer, the server hangs up.
        _ => return Err(HttpError::new(Box::new(io::Error::from(io::ErrorKind::ConnectionReset)))),
    };
    let bytes = answer.body_mut().take_bytes().expect("a listing is held whole");
    *answer.body_mut() = Body::from(body(bytes, Some(what)));
    Ok(answer)
}

/// The bytes of an answer, and what happens to them.
pub(super) fn body(mut bytes: Bytes, what: Option<What>) -> StreamingBlob {
    let cut = |at: usize| bytes.slice(..at.min(bytes.len()));
    match what {
        Some(What::Tears(at)) => StreamingBlob::wrap(stream::iter([Ok(cut(at)), Err(io::Error::other("torn"))])),
        Some(What::Stalls(at)) => StreamingBlob::wrap(stream::iter([Ok::<_, io::Error>(cut(at))]).chain(stream::pending())),
        Some(What::Flips) if !bytes.is_empty() => {
            let mut flipped = bytes.to_vec();
            flipped[0] ^= 1;
            bytes = flipped.into();
            StreamingBlob::wrap(stream::iter([Ok::<_, io::Error>(bytes)]))
        }
        _ => StreamingBlob::wrap(stream::iter([Ok::<_, io::Error>(bytes)])),
    }
}
