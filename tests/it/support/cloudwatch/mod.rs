//! CloudWatch Logs on the wire, as a stand-in of our own: what the API documents, and what emulators do not do. The real AWS CLI talks to it in
//! `wire_cloudwatch_cli.rs`, which is what says that it speaks as the service does.
//!
//! What it does that moto (5.2) does not: any stream name of the service's alphabet (moto's `FilterLogEvents` takes `@` for a pattern of its own); pages of at
//! most 10,000 events and 1 MB with tokens that hold a place, not a number; empty pages; events repeated across pages or told out of order; tokens that
//! expire; throttling, denial, and breaking off at any call; groups by the region of the signature.
//! What neither does: signatures are not verified, no quota is kept, `lastEventTimestamp` never lags, no data is masked.

pub mod behaviour;
mod http;
mod logs;
pub mod pull;
pub mod wired;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_sdk_cloudwatchlogs::Client;
use behaviour::Behaviour;
use logs::Logs;

/// A stand-in that listens on the loopback. It ends with the test process.
pub struct Cloud {
    address: SocketAddr,
    logs: Arc<Mutex<Logs>>,
    clients: Mutex<BTreeMap<String, Client>>,
}

/// An event as it is put.
#[derive(Debug, Clone)]
pub struct Put {
    /// Its time, in milliseconds.
    pub at: i64,
    /// When the service received it, in milliseconds.
    pub received: i64,
    pub message: Message,
}

/// What an event says.
#[derive(Debug, Clone)]
pub enum Message {
    Text(String),
    /// So many letters, made when they are asked for.
    Letters(usize),
}

impl Cloud {
    /// Starts to listen.
    pub fn start() -> Self {
        let logs = Arc::<Mutex<Logs>>::default();
        Self { address: http::serve(Arc::clone(&logs)), logs, clients: Mutex::default() }
    }

    /// Its address, for `endpoint_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a log group where there is none, and puts events into a stream of it; gives their ids.
    pub fn put(&self, region: &str, group: &str, stream: &str, events: impl IntoIterator<Item = Put>) -> Vec<String> {
        let mut logs = self.logs();
        events.into_iter().map(|event| logs.put(region, group, stream, event, None, None)).collect()
    }

    /// Puts one event under an id that it has already.
    pub fn put_as(&self, region: &str, group: &str, stream: &str, event: Put, id: &str) {
        self.logs().put(region, group, stream, event, None, Some(id));
    }

    /// Puts one event that is told as if it were of another time: out of order.
    pub fn put_out_of_order(&self, region: &str, group: &str, stream: &str, event: Put, told_at: i64) {
        self.logs().put(region, group, stream, event, Some(told_at), None);
    }

    /// Makes a group that holds nothing.
    pub fn make(&self, region: &str, group: &str) {
        self.logs().make(region, group);
    }

    /// Takes a group away.
    pub fn clear(&self, region: &str, group: &str) {
        self.logs().clear(region, group);
        self.make(region, group);
    }

    /// From now on it behaves like this, and calls are counted anew.
    pub fn behave(&self, behaviour: Behaviour) {
        let mut logs = self.logs();
        logs.behaviour = behaviour;
        logs.calls = 0;
    }

    /// Calls of `FilterLogEvents` since it was last told how to behave.
    pub fn calls(&self) -> u64 {
        self.logs().calls
    }

    fn logs(&self) -> MutexGuard<'_, Logs> {
        self.logs.lock().expect("no call panics")
    }
}

/// An event that is received a second after it happened.
pub fn said(at: i64, message: impl Into<String>) -> Put {
    Put { at, received: at + 1_000, message: Message::Text(message.into()) }
}

/// What the agent streams of a session: lines, with the time of the instance.
pub fn output(session: &str, at: i64, lines: &[&str]) -> Put {
    let time = schemas::Timestamp::from_millis(at - at % 1_000).expect("a time").to_string().replace(".000000", "");
    let message = serde_json::json!({
        "eventVersion": "1.0", "eventTime": time, "awsRegion": "eu-central-1", "target": { "id": "i-0123456789abcdef0" },
        "userIdentity": { "arn": "arn:aws:sts::111122223333:assumed-role/Ops/jane" }, "runAsUser": "ssm-user", "sessionId": session, "sessionData": lines,
    });
    said(at, message.to_string())
}
