//! Answers in JSON as the services give them, and as the AWS CLI tells them: the same but for times, which are seconds on the wire and ISO 8601 in print.
//!
//! The bytes are taken as they come, so that no member is lost that this program has no name for.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_ssm::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_ssm::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ssm::error::BoxError;
use bytes::Bytes;
use schemas::Timestamp;
use serde_json::Value;

use super::failure::Failure;
use crate::source::ErrorKind;

/// Sees the body of an answer on its way through a client. One for each call; of several attempts, the last is what it has seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Witness(Arc<Mutex<Bytes>>);

impl Witness {
    /// The body of the answer.
    pub(super) fn body(&self) -> Bytes {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Intercept for Witness {
    fn name(&self) -> &'static str {
        "Witness"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().map(Bytes::copy_from_slice);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body.unwrap_or_default();
        Ok(())
    }
}

/// An answer, with its times as the CLI tells them.
pub(super) fn answer(body: &[u8]) -> Result<Value, Failure> {
    let unread = |detail: String| Failure::new(ErrorKind::Corrupt, detail);
    let mut answer: Value = serde_json::from_slice(body).map_err(|error| unread(format!("the answer is no JSON: {error}")))?;
    tell(&mut answer);
    if answer.is_object() { Ok(answer) } else { Err(unread("the answer is no JSON object".to_owned())) }
}

fn tell(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(tell),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match value.as_f64().filter(|_| TIMES.contains(&name.as_str())).and_then(from_seconds) {
                    Some(time) => *value = Value::from(iso(time)),
                    None => tell(value),
                }
            }
        }
        _ => {}
    }
}

/// The members of the Systems Manager's answers that are times. Those of CloudWatch Logs are numbers in print, too.
const TIMES: [&str; 8] = [
    "CreatedDate",
    "EndDate",
    "LastAssociationExecutionDate",
    "LastPingDateTime",
    "LastSuccessfulAssociationExecutionDate",
    "RegistrationDate",
    "ReviewedTime",
    "StartDate",
];

/// The instant, to the millisecond that services count in; `None` for what is none: it stays as it was given, and is refused where it is read.
fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let millis = (seconds * 1_000.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "what lies beyond is no time")]
    let whole = millis as i64;
    Timestamp::from_millis(whole)
}

/// A time as the CLI prints it: with six digits where it has a fraction, and with its offset.
pub(super) fn iso(time: Timestamp) -> String {
    let text = time.to_string();
    let text = text.strip_suffix('Z').unwrap_or(&text);
    format!("{}+00:00", text.strip_suffix(".000000").unwrap_or(text))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_told_as_the_cli_tells_them_and_nothing_else_is_touched() {
        let given = r#"{"Sessions":[{"SessionId":"a","StartDate":1.784020500123E9,"EndDate":1784020500,"New":7,"Tags":[{"Key":"StartDate","Value":"5"}]}],
                        "creationTime":1784020500123,"CreatedDate":-1,"ReviewedTime":9e99,"LastPingDateTime":null}"#;
        let expected = json!({
            "Sessions": [{
                "SessionId": "a", "StartDate": "2026-07-14T09:15:00.123000+00:00", "EndDate": "2026-07-14T09:15:00+00:00", "New": 7,
                "Tags": [{ "Key": "StartDate", "Value": "5" }],
            }],
            "creationTime": 1_784_020_500_123_i64, "CreatedDate": -1, "ReviewedTime": 9e99, "LastPingDateTime": null,
        });
        assert_eq!(answer(given.as_bytes()).unwrap(), expected);
        assert!(answer(b"[]").is_err() && answer(b"{\"Sessions\":[").is_err());
    }
}
