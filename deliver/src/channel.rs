//! Where messages go, and why one could not be delivered.

use std::error::Error;

use crate::message::Message;
use crate::sns::Sns;
use crate::webhook::Webhook;

/// One way to people.
#[derive(Debug, Clone)]
pub enum Channel {
    /// A topic of SNS.
    Sns(Sns),
    /// An address that takes JSON.
    Webhook(Webhook),
}

impl Channel {
    /// The word of the configuration.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sns(_) => "sns_topic",
            Self::Webhook(_) => "webhook",
        }
    }

    /// The whole address. That of a webhook can hold a secret: it is for digests, and not to be shown or kept.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Sns(sns) => sns.topic(),
            Self::Webhook(webhook) => webhook.address(),
        }
    }

    /// Sends a message; once this is done, the other side has accepted it.
    ///
    /// # Errors
    /// Where it was not accepted, or nobody knows whether it was, after a few attempts.
    pub async fn deliver(&self, message: &Message) -> Result<(), DeliveryError> {
        match self {
            Self::Sns(sns) => sns.publish(message).await,
            Self::Webhook(webhook) => webhook.post(message).await,
        }
    }
}

/// Whether another message may fare better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// This message is refused for what it is.
    Refused,
    /// The channel takes nothing now: it is out of reach, busy, denies us, or is not there.
    Closed,
}

/// Why a message was not delivered. The text names no address, which can hold a secret, and can hold what the other side said: it is escaped by whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{told}")]
pub struct DeliveryError {
    /// Whether another notice may fare better.
    pub trouble: Trouble,
    told: String,
}

impl DeliveryError {
    pub(crate) fn refused(told: impl Into<String>) -> Self {
        Self { trouble: Trouble::Refused, told: told.into() }
    }

    pub(crate) fn closed(told: impl Into<String>) -> Self {
        Self { trouble: Trouble::Closed, told: told.into() }
    }
}

/// Every cause in turn. Clients tell in their own texts only their layer.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
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
