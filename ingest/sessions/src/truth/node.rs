//! What the node records, by its own clock, and when AWS receives it.

use proptest::prelude::*;
use serde_json::json;

use super::life::{DAY, Ending, HOUR, Life, MINUTE, Millis, SECOND, instant};
use super::trace::{Form, REGION, SESSION, Trace, clock};

/// How far times that the node writes can be trusted in a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The clock may be wrong by days, and may be set in between; but whatever the node writes shows when AWS received it, and AWS did so
    /// within [`ALLOWED`] of the end.
    Receipts,
    /// The clock is right within [`WITHIN`], and output is written within [`FLUSHED`]; receipts may be late, lost in exports, or those of
    /// copies.
    Clock,
    /// Neither.
    Nothing,
}

/// What the contract takes off a time that the node writes, since the last flush comes after the end.
pub(super) const ALLOWED: Millis = 120 * SECOND;
pub(super) const WITHIN: Millis = 20 * SECOND;
pub(super) const FLUSHED: Millis = ALLOWED - WITHIN;

/// A node, and how it logs.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// How far the clock is ahead of AWS's; from the second moment on by the third.
    pub(super) ahead: (Millis, Millis, Millis),
    /// From a line of output, or the end of the shell, to the streaming event that holds it.
    pub(super) flush: Vec<Millis>,
    /// From the end of the shell to the transcript's stamp, and from there to its upload.
    pub(super) generation: Millis,
    pub(super) upload: Millis,
    /// From an event of CloudWatch Logs to its ingestion.
    pub(super) ingestion: Millis,
    /// Into the log group: lines as they come, else the transcript at the end.
    pub(super) streams: bool,
    /// From the upload of the transcript's object to that of a copy.
    pub(super) copied: Option<Millis>,
    pub(super) is_exported: bool,
}

impl Node {
    /// How far the clock is ever behind AWS's.
    pub(super) fn behind(&self) -> Millis {
        (-self.ahead.0).max(-self.ahead.2).max(0)
    }

    fn clock(&self, at: Millis) -> Millis {
        at + if at < self.ahead.1 { self.ahead.0 } else { self.ahead.2 }
    }

    pub(super) fn traces(&self, life: &Life) -> Vec<Trace> {
        let mut traces = Vec::new();
        if self.streams {
            for (index, at) in life.outputs.iter().enumerate() {
                let flushed = at + self.flush.get(index % self.flush.len().max(1)).copied().unwrap_or(0);
                // Nobody flushes on a node that is dead.
                if life.ending != Ending::NodeKilled || flushed <= life.shell_end {
                    traces.extend(self.logged(flushed, &self.lines(index, flushed)));
                }
            }
        }
        if !matches!(life.ending, Ending::NodeKilled | Ending::Never) {
            let stamped = life.shell_end + self.generation;
            let uploaded = stamped + self.upload;
            let text = self.transcript(stamped);
            if !self.streams {
                traces.extend(self.logged(uploaded, &text));
            }
            let copies = [Some(0), self.copied].into_iter().flatten();
            traces.extend(copies.map(|later| Trace { form: Form::Transcript, at: uploaded + later, text: text.clone() }));
        }
        traces
    }

    /// An event of CloudWatch Logs, once as the API delivers it and once as an export does.
    fn logged(&self, at: Millis, message: &str) -> Vec<Trace> {
        let timestamp = instant(self.clock(at));
        let millis = timestamp.micros() / 1_000;
        let event = json!({
            "timestamp": millis, "ingestionTime": instant(at + self.ingestion).micros() / 1_000, "message": message, "logStreamName": SESSION,
            "eventId": format!("{millis}-{}", message.len()),
        });
        let page = Trace { form: Form::Page, at: at + self.ingestion, text: event.to_string() };
        let line = format!("{}Z {message}", &timestamp.to_string()[..23]);
        let export = Trace { form: Form::Export, at: at + self.ingestion + HOUR, text: line };
        if self.is_exported { vec![page, export] } else { vec![page] }
    }

    fn lines(&self, index: usize, at: Millis) -> String {
        let lines: Vec<String> = (0..=index).map(|line| format!("line {line}")).collect();
        let event = json!({
            "eventVersion": "1.0", "eventTime": clock(self.clock(at), "T", "Z"), "awsRegion": REGION, "target": {"id": "i-0123456789abcdef0"},
            "userIdentity": {"arn": "arn:aws:sts::111122223333:assumed-role/Operators/jane"}, "runAsUser": "ssm-user", "sessionId": SESSION,
            "sessionData": lines,
        });
        event.to_string()
    }

    fn transcript(&self, stamped: Millis) -> String {
        let stamp = clock(self.clock(stamped), " ", "+0000");
        format!("Script started on {stamp} [<not executed on terminal>]\nsh-5.2$ exit\nexit\n\nScript done on {stamp} [COMMAND_EXIT_CODE=\"0\"]")
    }
}

/// How far a clock is off.
fn off() -> impl Strategy<Value = Millis> {
    prop_oneof![Just(0), -WITHIN..=WITHIN, -10 * MINUTE..=10 * MINUTE, -6 * HOUR..=6 * HOUR, -2 * DAY..=2 * DAY]
}

pub(super) fn node(trust: Trust) -> BoxedStrategy<Node> {
    let told = |ahead: BoxedStrategy<Millis>, flush: Millis, upload: Millis, ingestion: Millis, is_lossy: bool| {
        let ahead = (ahead.clone(), 0..4 * HOUR, ahead);
        let upload = prop_oneof![0..=upload.min(MINUTE), 0..=upload];
        let ingestion = prop_oneof![0..=ingestion.min(10 * SECOND), 0..=ingestion];
        let copied = prop::option::of(1..3 * DAY).prop_map(move |later| later.filter(|_| is_lossy));
        let exported = any::<bool>().prop_map(move |exported| exported && is_lossy);
        let flushes = prop::collection::vec(0..=flush, 1..4);
        (ahead, flushes, 0..=WITHIN, upload, ingestion, any::<bool>(), copied, exported).prop_map(node_of)
    };
    match trust {
        Trust::Receipts => told(off().boxed(), ALLOWED / 2, ALLOWED / 2 - WITHIN, ALLOWED / 2, false).boxed(),
        Trust::Clock => told((-WITHIN..=WITHIN).boxed(), FLUSHED, 2 * HOUR, 3 * HOUR, true).boxed(),
        Trust::Nothing => told(off().boxed(), FLUSHED, 2 * HOUR, 3 * HOUR, true).boxed(),
    }
}

type Told = ((Millis, Millis, Millis), Vec<Millis>, Millis, Millis, Millis, bool, Option<Millis>, bool);

fn node_of((ahead, flush, generation, upload, ingestion, streams, copied, is_exported): Told) -> Node {
    Node { ahead, flush, generation, upload, ingestion, streams, copied, is_exported }
}
