//! What a life leaves behind, as AWS and the node write it: one record of one file each.

use serde_json::{Value, json};

use super::life::{DAY, Ending, Life, MINUTE, Millis, SECOND, instant, second};
use super::node::Node;
use crate::decode::{Object, SourceKind};

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// CloudTrail.
    Trail,
    /// Answers of CloudWatch Logs' API.
    Page,
    /// An export task.
    Export,
    /// The transcript's object.
    Transcript,
    /// The answer of DescribeSessions with `State=Active`.
    Active,
    /// With `State=History`.
    History,
}

impl Form {
    pub(super) const ALL: [Self; 6] = [Self::Trail, Self::Page, Self::Export, Self::Transcript, Self::Active, Self::History];
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trace {
    pub(super) form: Form,
    /// When it was delivered, observed or last modified.
    pub(super) at: Millis,
    pub(super) text: String,
}

/// A poll of AWS: when, in whole seconds; whether every page was read; and whether the pages that were read name the session.
pub(super) type Poll = (Millis, bool, bool);

pub(super) const SESSION: &str = "jane-0a1b2c3d4e5f60718";
pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const REGION: &str = "eu-central-1";
const OWNER: &str = "arn:aws:sts::111122223333:assumed-role/Operators/jane";
const OTHER: &str = "arn:aws:sts::111122223333:assumed-role/Admins/ada";

/// Everything that AWS and the node record of a life: none of it is wrong but for the node's clock, and for calls that end a session
/// which is already over: TerminateSession always succeeds.
pub(super) fn traces(life: &Life, node: &Node, polls: &[Poll], dead_calls: &[Millis]) -> Vec<Trace> {
    let mut traces = vec![call("StartSession", life.start, OWNER)];
    traces.extend(life.resumes.iter().map(|at| call("ResumeSession", *at, OWNER)));
    match (life.ending, life.end) {
        (Ending::ByOwner, Some(end)) => traces.push(call("TerminateSession", end, OWNER)),
        (Ending::ByOther, Some(end)) => traces.push(call("TerminateSession", end, OTHER)),
        _ => {}
    }
    if let Some(end) = life.end.filter(|_| life.is_noticed) {
        traces.extend(dead_calls.iter().map(|later| call("TerminateSession", end + later, OTHER)));
    }
    traces.extend(polls.iter().flat_map(|poll| [listed(life, *poll), history(life, *poll)]));
    traces.extend(node.traces(life));
    traces
}

fn call(name: &str, at: Millis, arn: &str) -> Trace {
    let request = match name {
        "StartSession" => json!({"target": "i-0123456789abcdef0"}),
        _ => json!({"sessionId": SESSION}),
    };
    let record = json!({
        "eventVersion": "1.08", "eventSource": "ssm.amazonaws.com", "eventName": name, "eventID": format!("{name}-{at}"),
        "eventTime": clock(second(at), "T", "Z"), "awsRegion": REGION, "recipientAccountId": ACCOUNT, "userIdentity": {"arn": arn},
        "requestParameters": request, "responseElements": {"sessionId": SESSION},
    });
    Trace { form: Form::Trail, at: at + 5 * MINUTE, text: record.to_string() }
}

fn listed(life: &Life, (at, is_complete, is_named): Poll) -> Trace {
    let is_active = life.start <= at && life.unlisted.is_none_or(|unlisted| at < unlisted);
    let status = match life.client_gone {
        Some(gone) if gone <= at => "Disconnected",
        _ if at < life.start + 2 * SECOND => "Connecting",
        _ => "Connected",
    };
    let sessions = if is_active && (is_complete || is_named) { vec![session(life, status)] } else { Vec::new() };
    answer(Form::Active, at, &sessions, is_complete)
}

fn history(life: &Life, (at, is_complete, is_named): Poll) -> Trace {
    let ended = life.end.filter(|end| life.is_noticed && *end <= at && at < end + 30 * DAY && (is_complete || is_named));
    let sessions = ended.map(|end| {
        let mut session = session(life, "Terminated");
        session["EndDate"] = json!(instant(end).to_string());
        session
    });
    answer(Form::History, at, &sessions.into_iter().collect::<Vec<_>>(), is_complete)
}

fn session(life: &Life, status: &str) -> Value {
    json!({"SessionId": SESSION, "Status": status, "StartDate": instant(life.start).to_string(), "Owner": OWNER, "Target": "i-0123456789abcdef0"})
}

fn answer(form: Form, at: Millis, sessions: &[Value], is_complete: bool) -> Trace {
    let mut answer = json!({"Sessions": sessions});
    if !is_complete {
        answer["NextToken"] = json!("more");
    }
    Trace { form, at, text: answer.to_string() }
}

/// `2026-07-01T00:00:00Z`, with another separator and offset where a file has them.
pub(super) fn clock(at: Millis, separator: &str, offset: &str) -> String {
    let text = instant(at).to_string();
    format!("{}{separator}{}{offset}", &text[..10], &text[11..19])
}

/// One file that holds `traces`, which are of one form. Only logs hold more than one record; `number` tells files of one form apart.
pub(super) fn file(traces: &[&Trace], number: usize) -> (Object, String) {
    let (form, at) = traces.first().map_or((Form::Trail, 0), |first| (first.form, first.at));
    let texts: Vec<&str> = traces.iter().map(|trace| trace.text.as_str()).collect();
    let compact = clock(at, "T", "Z").replace(['-', ':'], "");
    let snapshot = |name: &str| format!("{ACCOUNT}/{REGION}/{compact}/{name}.json");
    let (kind, key, text) = match form {
        Form::Trail => (SourceKind::CloudTrail, format!("{number}.json"), format!("{{\"Records\":[{}]}}", texts.join(","))),
        Form::Page => (SourceKind::CloudWatch, format!("{number}.ndjson"), texts.join("\n")),
        Form::Export => (SourceKind::CloudWatch, format!("task-{number}/{SESSION}/000000"), texts.join("\n")),
        Form::Transcript => (SourceKind::Transcripts, format!("ssm/{SESSION}.log"), texts.concat()),
        Form::Active => (SourceKind::Account, snapshot("describe-sessions-active"), texts.concat()),
        Form::History => (SourceKind::Account, snapshot("describe-sessions-history"), texts.concat()),
    };
    let object = Object {
        source: kind.as_str().to_owned(),
        kind,
        key,
        object_version: at.to_string(),
        size: text.len() as u64,
        last_modified: Some(instant(second(at))),
        account_id: Some(ACCOUNT.to_owned()),
        region: Some(REGION.to_owned()),
    };
    (object, text)
}
