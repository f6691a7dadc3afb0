//! A webhook: JSON, posted.

use std::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, redirect};
use tokio::time::sleep;
use url::{Host, Url};

use crate::channel::{DeliveryError, causes};
use crate::message::Message;

/// The address of a webhook: `https://…`; `http://` only on this very machine, for a relay, since an address can hold a secret and a message is nobody else's business.
#[must_use]
pub fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_here = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    (url.scheme() == "https" || (url.scheme() == "http" && is_here)).then_some(url)
}

/// An address that takes JSON.
#[derive(Clone)]
pub struct Webhook {
    client: Client,
    address: Url,
}

impl Webhook {
    /// The webhook at an address that [`address`] accepts. Nothing is asked yet.
    ///
    /// # Errors
    /// Where this machine has nothing to speak HTTPS with.
    pub fn new(address: Url) -> Result<Self, DeliveryError> {
        let builder = Client::builder();
        // No proxy leads to this very machine.
        let builder = if address.scheme() == "http" { builder.no_proxy() } else { builder };
        let client = builder
            .user_agent(concat!("sessiontrail/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(ATTEMPT)
            // Whoever is named in the configuration gets messages, and nobody whom he names.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| DeliveryError::closed(told(error)))?;
        Ok(Self { client, address })
    }

    pub(crate) fn address(&self) -> &str {
        self.address.as_str()
    }

    pub(crate) async fn post(&self, message: &Message) -> Result<(), DeliveryError> {
        let mut attempt = 1;
        loop {
            let Err(failed) = self.once(message.document.clone()).await else { return Ok(()) };
            match failed.again_after {
                Some(wait) if attempt < ATTEMPTS => sleep(wait.max(PAUSE * attempt)).await,
                _ => return Err(failed.error),
            }
            attempt += 1;
        }
    }

    async fn once(&self, document: String) -> Result<(), Failed> {
        let posted = self.client.post(self.address.clone()).header(CONTENT_TYPE, "application/json").body(document).send().await;
        let answer = posted.map_err(|error| Failed { error: DeliveryError::closed(told(error)), again_after: Some(PAUSE) })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let may_pass = status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
        let again_after = Some(asked_to_wait(&answer)).filter(|wait| may_pass && *wait <= LONGEST_WAIT);
        let told = format!("it answered {status}{}", said(answer).await);
        let error = match status {
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => DeliveryError::refused(told),
            _ => DeliveryError::closed(told),
        };
        Err(Failed { error, again_after })
    }
}

/// The address is not shown: it can hold a secret.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook")
    }
}

/// An attempt that failed, and after how long another may do better.
struct Failed {
    error: DeliveryError,
    again_after: Option<Duration>,
}

/// How long the other side asks to be left alone.
fn asked_to_wait(answer: &Response) -> Duration {
    let seconds = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}

/// The beginning of what was answered, such as `invalid_token`.
async fn said(mut answer: Response) -> String {
    let mut said = Vec::new();
    while said.len() < MOST_SAID {
        match answer.chunk().await {
            Ok(Some(chunk)) => said.extend_from_slice(&chunk),
            // An answer that breaks off has said what it has.
            Ok(None) | Err(_) => break,
        }
    }
    said.truncate(MOST_SAID);
    let said = String::from_utf8_lossy(&said);
    if said.trim().is_empty() { String::new() } else { format!(": {}", said.trim()) }
}

/// Why nothing was answered, without the address.
fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    if error.is_timeout() { format!("it did not answer within {} s", ATTEMPT.as_secs()) } else { causes(&error) }
}

/// Attempts for one message.
const ATTEMPTS: u32 = 3;
/// Before the second attempt; twice of it before the third.
const PAUSE: Duration = Duration::from_millis(500);
/// Who asks for more is tried at the next run.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(10);
/// Bytes of an answer that are shown.
const MOST_SAID: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Trouble;

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        for taken in ["https://hooks.example.com/T0/B0/secret", "http://127.0.0.1:8080/x", "http://[::1]/", "http://localhost:9/hook"] {
            assert!(address(taken).is_some(), "{taken}");
        }
        for refused in [
            "",
            "hooks.example.com",
            "http://hooks.example.com/x",
            "ftp://127.0.0.1/",
            "https://",
            "file:///etc/passwd",
            "http://127.0.0.1.example.com/",
            "http://10.0.0.1/",
        ] {
            assert_eq!(address(refused), None, "{refused}");
        }
    }

    #[test]
    fn an_address_is_not_shown() {
        let Some(address) = address("https://hooks.example.com/secret") else { unreachable!("it is one") };
        let shown = Webhook::new(address).map(|webhook| format!("{webhook:?}"));
        assert_eq!(shown, Ok("Webhook".to_owned()));
    }

    #[tokio::test]
    async fn who_cannot_be_reached_is_told_without_the_address() {
        let Some(address) = address("http://127.0.0.1:9/secret") else { unreachable!("it is one") };
        let webhook = Webhook::new(address);
        let failed = match webhook {
            Ok(webhook) => webhook.post(&Message { document: String::new(), subject: String::new(), digest: String::new() }).await,
            Err(error) => Err(error),
        };
        let told = failed.map_err(|error| (error.trouble, error.to_string()));
        assert!(
            told.as_ref().is_err_and(|(trouble, told)| *trouble == Trouble::Closed && !told.contains("secret") && !told.contains("127.0.0.1:9/")),
            "{told:?}"
        );
    }
}
