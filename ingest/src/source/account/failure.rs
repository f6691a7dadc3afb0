//! What the services refuse and why, in the few meanings that a source has.

use std::error::Error;
use std::io;

use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};

use crate::source::ErrorKind;
use crate::source::s3::causes;

/// What a service, or the way to it, said.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: ErrorKind,
    /// A sentence fragment for people.
    pub(super) detail: String,
    /// What it came of, where the service itself said nothing.
    pub(super) cause: Option<io::Error>,
}

impl Failure {
    pub(super) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), cause: None }
    }

    /// An answer came, and this machine had no room for it.
    pub(super) fn unkept(error: io::Error) -> Self {
        Self { cause: Some(error), ..Self::new(ErrorKind::Unreachable, "the answer could not be kept until it is read") }
    }
}

/// Why a call was not answered.
pub(super) fn failed<E>(error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let (kind, said) = match (error.code(), status) {
        (Some(code), _) if MISSING.contains(&code) => (ErrorKind::Missing, "it is not there"),
        (Some(code), _) if DENIED.contains(&code) => (ErrorKind::Denied, "it may not be asked"),
        (Some(code), _) if THROTTLED.iter().any(|word| code.contains(word)) => (ErrorKind::Throttled, "the service asks for fewer calls"),
        (_, Some(401 | 403)) => (ErrorKind::Denied, "it may not be asked"),
        (_, Some(429)) => (ErrorKind::Throttled, "the service asks for fewer calls"),
        _ => (ErrorKind::Unreachable, "it could not be asked"),
    };
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => Failure::new(kind, format!("{said} ({code}: {message})")),
        (Some(code), None) => Failure::new(kind, format!("{said} ({code})")),
        _ => Failure { cause: Some(io::Error::other(causes(&error))), ..Failure::new(kind, said) },
    }
}

const MISSING: [&str; 3] = ["NoSuchBucket", "InvalidDocument", "InvalidDocumentVersion"];
/// Codes by which services tell callers that they may not; those of a region that the account has not enabled are among them.
const DENIED: [&str; 14] = [
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "OptInRequired",
    "RequestExpired",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];
/// Words in the codes by which services ask for fewer calls.
const THROTTLED: [&str; 5] = ["Throttl", "RequestLimitExceeded", "RateExceeded", "TooManyRequests", "SlowDown"];
