//! One log group in one region, asked page by page: at the pace that is granted, and again where the service asks for patience.

use std::error::Error;
use std::io;
use std::iter::successors;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsError;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;

use super::key::{self, Line};
use crate::source::ErrorKind;
use crate::source::pace::Pace;

/// A log group in one region.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) region: String,
    name: String,
    client: Client,
    pace: Pace,
}

/// The times that are asked for, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// Events of this time or later.
    pub(super) from: i64,
    /// Events of this time or earlier; `None`: whatever there is.
    pub(super) to: Option<i64>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) events: Vec<FilteredLogEvent>,
    /// Where there is more to be asked for, though the page be empty.
    pub(super) token: Option<String>,
}

/// No answer.
#[derive(Debug)]
pub(super) enum Refused {
    /// The service does not know the token any more: they expire after 24 hours.
    Token(Failure),
    /// It fails, whatever is asked.
    Failed(Failure),
}

/// What the service, or the way to it, said.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: ErrorKind,
    /// A sentence fragment for people.
    pub(super) detail: String,
    /// What it came of, where the service itself said nothing.
    pub(super) cause: Option<io::Error>,
}

impl Group {
    pub(super) fn new(region: String, name: String, client: Client, calls_per_second: f64) -> Self {
        Self { region, name, client, pace: Pace::new(calls_per_second) }
    }

    /// The folder that its windows are listed in.
    pub(super) fn folder(&self, line: Line) -> String {
        key::folder(&self.region, &self.name, line)
    }

    /// The next page. Where the service asks for fewer calls, it is given time, more and more of it.
    pub(super) async fn page(&self, span: Span, token: Option<&str>) -> Result<Page, Refused> {
        let mut patience = PATIENCE.iter();
        loop {
            self.pace.wait().await;
            let failure = match self.ask(span, token).await {
                Ok(page) => return Ok(page),
                Err(error) => error,
            };
            let is_parameter = failure.code() == Some("InvalidParameterException");
            let failure = told(failure);
            match (failure.kind, patience.next()) {
                (ErrorKind::Throttled, Some(calls)) => tokio::time::sleep(self.pace.of(*calls)).await,
                _ if is_parameter && token.is_some() => return Err(Refused::Token(failure)),
                _ => return Err(Refused::Failed(failure)),
            }
        }
    }

    async fn ask(&self, span: Span, token: Option<&str>) -> Result<Page, SdkError<FilterLogEventsError>> {
        let request = self.client.filter_log_events().start_time(span.from).set_end_time(span.to).set_next_token(token.map(str::to_owned));
        // A group of a linked account is named by its ARN.
        let request = if self.name.starts_with("arn:") { request.log_group_identifier(&self.name) } else { request.log_group_name(&self.name) };
        let answer = request.send().await?;
        Ok(Page { events: answer.events.unwrap_or_default(), token: answer.next_token })
    }
}

fn told(error: SdkError<FilterLogEventsError>) -> Failure {
    let status = error.raw_response().map(|response| response.status().as_u16());
    let (kind, said) = match (error.code(), status) {
        (Some(code), _) if MISSING.contains(&code) => (ErrorKind::Missing, "there is no such log group"),
        (Some(code), _) if DENIED.contains(&code) => (ErrorKind::Denied, "the log group may not be read"),
        (Some(code), _) if THROTTLED.iter().any(|word| code.contains(word)) => (ErrorKind::Throttled, "the service asks for fewer calls"),
        (None, Some(401 | 403)) => (ErrorKind::Denied, "the log group may not be read"),
        (None, Some(429)) => (ErrorKind::Throttled, "the service asks for fewer calls"),
        (Some("InvalidParameterException"), _) => (ErrorKind::Unreachable, "the service does not understand what it is asked"),
        _ => (ErrorKind::Unreachable, "the log group could not be asked"),
    };
    let detail = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{said} ({code}: {message})"),
        (Some(code), None) => format!("{said} ({code})"),
        _ => said.to_owned(),
    };
    let is_told = error.code().is_some();
    let causes = successors(Some(&error as &dyn Error), |error| (*error).source()).map(ToString::to_string);
    let cause = (!is_told).then(|| io::Error::other(causes.collect::<Vec<_>>().join(": ")));
    Failure { kind, detail, cause }
}

const MISSING: [&str; 1] = ["ResourceNotFoundException"];
const DENIED: [&str; 9] = [
    "AccessDeniedException",
    "AccessDenied",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "OptInRequired",
];
/// Words in the codes by which services ask for fewer calls.
const THROTTLED: [&str; 5] = ["Throttl", "RequestLimitExceeded", "RateExceeded", "TooManyRequests", "SlowDown"];
/// For the time of so many calls is waited before the next try, where the client itself has tried in vain: a minute and a half in all, at five calls a second.
const PATIENCE: [u32; 5] = [4, 16, 64, 128, 256];
