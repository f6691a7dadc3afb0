//! A topic of SNS.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sns::Client;
use aws_sdk_sns::config::Builder;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};

use crate::channel::{DeliveryError, causes};
use crate::message::Message;

/// The ARN of a topic, which says where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    arn: String,
    region: String,
}

impl Topic {
    /// Reads `arn:<partition>:sns:<region>:<account>:<name>`.
    #[must_use]
    pub fn parse(arn: &str) -> Option<Self> {
        let ["arn", partition, "sns", region, account, name] = arn.split(':').collect::<Vec<_>>()[..] else { return None };
        let named = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let numbered = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        (partition.starts_with("aws") && [partition, region, name].into_iter().all(named) && numbered)
            .then(|| Self { arn: arn.to_owned(), region: region.to_owned() })
    }

    /// The region of the topic.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    fn is_fifo(&self) -> bool {
        self.arn.ends_with(".fifo")
    }
}

/// The ARN.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

/// A topic, and how it is reached.
#[derive(Debug, Clone)]
pub struct Sns {
    client: Client,
    topic: Topic,
}

impl Sns {
    /// The topic, reached by this configuration, which must be of the topic's region. Nothing is asked yet.
    #[must_use]
    pub fn new(config: &SdkConfig, topic: Topic) -> Self {
        let patience = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
        let config = Builder::from(config).retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS)).timeout_config(patience).build();
        Self { client: Client::from_conf(config), topic }
    }

    pub(crate) fn topic(&self) -> &str {
        &self.topic.arn
    }

    pub(crate) async fn publish(&self, message: &Message) -> Result<(), DeliveryError> {
        let length = message.document.len();
        if length > MOST_BYTES {
            return Err(DeliveryError::refused(format!("the message is {length} bytes long, and SNS takes {MOST_BYTES}")));
        }
        let mut publish = self.client.publish().topic_arn(&self.topic.arn).subject(&message.subject).message(&message.document);
        if self.topic.is_fifo() {
            publish = publish.message_group_id("sessiontrail").message_deduplication_id(&message.digest);
        }
        publish.send().await.map(drop).map_err(|error| not_accepted(&error))
    }
}

fn not_accepted<E>(error: &SdkError<E>) -> DeliveryError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let told = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => causes(error),
    };
    match error.code() {
        Some("InvalidParameter" | "ParameterValueInvalid" | "InvalidParameterValue" | "ValidationException" | "ValidationError") => {
            DeliveryError::refused(told)
        }
        _ => DeliveryError::closed(told),
    }
}

/// What SNS takes, message and subject together; the rest is for the latter.
pub(crate) const MOST_BYTES: usize = (256 << 10) - 1_024;
/// A call and its repetitions.
const ATTEMPTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_a_topic_says_where_it_is() {
        let region = |arn: &str| Topic::parse(arn).map(|topic| topic.region().to_owned());
        assert_eq!(region("arn:aws:sns:eu-west-1:111122223333:on-call"), Some("eu-west-1".to_owned()));
        assert_eq!(region("arn:aws-us-gov:sns:us-gov-west-1:111122223333:on_call.fifo"), Some("us-gov-west-1".to_owned()));
        for none in [
            "",
            "arn:aws:sns",
            "arn:aws:sqs:eu-west-1:111122223333:on-call",
            "arn:aws:sns::111122223333:on-call",
            "arn:aws:sns:eu-west-1:1111:on-call",
            "arn:aws:sns:eu-west-1:111122223333:",
            "arn:aws:sns:eu-west-1:111122223333:on-call:9b1d4c1e-subscription",
            "arn:aws:sns:eu-west-1/x:111122223333:on-call",
            "arn:…",
        ] {
            assert_eq!(region(none), None, "{none}");
        }
    }
}
