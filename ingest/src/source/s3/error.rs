//! What S3 refuses and why, in the few meanings that a source has; and small things that its answers need.

use std::error::Error;
use std::io;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::DateTime;

use super::super::{ErrorKind, Origin, SourceError};

/// Why a place of the source could not be had.
pub(super) fn failed<E>(origin: &Origin, place: &str, detail: &str, is_listing: bool, error: SdkError<E>) -> SourceError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let code = error.code().unwrap_or_default();
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let kind = match (code, status) {
        ("NoSuchBucket", _) => ErrorKind::Missing,
        // It is in an archive, and must be restored before it can be read.
        ("InvalidObjectState", _) | (_, 401 | 403) => ErrorKind::Denied,
        (_, 404) if is_listing => ErrorKind::Missing,
        ("NoSuchKey" | "NoSuchVersion", _) | (_, 404 | 405) => ErrorKind::NotFound,
        (_, 412) => ErrorKind::Conflict,
        ("SlowDown" | "Throttling" | "ThrottlingException" | "RequestLimitExceeded", _) | (_, 429 | 503) => ErrorKind::Throttled,
        _ => ErrorKind::Unreachable,
    };
    let told = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => causes(&error),
    };
    let detail = if kind == ErrorKind::Conflict { "changed since it was listed" } else { detail };
    origin.error(kind, place, detail).caused_by(io::Error::other(told))
}

/// Every cause in turn. The SDK's own texts name only their layer.
pub(in crate::source) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if told.last().is_none_or(|last| !last.ends_with(&text)) {
            told.push(text);
        }
        cause = error.source();
    }
    told.join(": ")
}

/// Microseconds since the epoch, rounded down.
pub(super) fn micros(time: &DateTime) -> i128 {
    time.as_nanos().div_euclid(1_000)
}

/// A key that was written in the way of URLs: `+` is a space.
pub(super) fn decoded(text: &str) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                plain.push(high << 4 | low);
                at += 2;
            }
            (b'+', ..) => plain.push(b' '),
            (byte, ..) => plain.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_s3_writes_them() {
        for (encoded, plain) in [
            ("a/b.log", "a/b.log"),
            ("a+b%2Bc%3Dd%252F%20e", "a b+c=d%2F e"),
            ("%C3%BC%F0%9F%99%82%01", "\u{fc}\u{1f642}\u{1}"),
            ("100%", "100%"),
            ("%zz", "%zz"),
        ] {
            assert_eq!(decoded(encoded), plain);
        }
    }

    #[test]
    fn times_are_rounded_down() {
        assert_eq!(micros(&DateTime::from_secs_and_nanos(1_784_020_500, 1_999)), 1_784_020_500_000_001);
        assert_eq!(micros(&DateTime::from_secs(-1)), -1_000_000);
    }
}
