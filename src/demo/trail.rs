//! What CloudTrail delivered: session calls among others, some of them twice, some of them denied.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::cast::{Caller, ENGINEERS, INTERN, SECURITY};
use super::disk::Disk;
use super::moment::Moment;
use super::place::{BEGIN, PLACES, Place, STAGING, WEEKS, preferences};
use super::random::{ALPHANUMERIC, Random};
use super::session::{Ending, Kind, Session};
use super::story::Story;

/// Writes the trails of the organisation and of the staging account.
pub(super) fn write(disk: &Disk, random: &mut Random, story: &Story) -> io::Result<()> {
    let mut calls = Vec::new();
    for session in &story.sessions {
        session_calls(random, session, &mut calls);
    }
    for place in PLACES {
        document_calls(random, place, &mut calls);
        other_calls(random, place, story, &mut calls);
    }
    calls.sort_by_key(|call| (call.place, call.at));
    let mut files: BTreeMap<(Place, i64), Vec<Call>> = BTreeMap::new();
    for call in calls {
        files.entry((call.place, call.at.day())).or_default().push(call);
    }
    let mut again: Option<(Place, Value)> = None;
    for ((place, _), calls) in files {
        let last = calls.iter().map(|call| call.at).max().unwrap_or(BEGIN);
        let delivered = last.plus(random.between(280, 540));
        let mut records: Vec<Value> = calls.into_iter().map(|call| call.record).collect();
        // CloudTrail delivers some records twice, in different files.
        if let Some((_, record)) = again.take().filter(|(before, _)| *before == place) {
            records.push(record);
        }
        if random.chance(30) {
            again = Some((place, random.pick(&records).clone()));
        }
        let file = format!("{}_CloudTrail_{}_{}_{}.json.gz", place.account, place.region, delivered.key_minute(), random.text(ALPHANUMERIC, 16));
        let root = if place == STAGING { "sources/staging-trail/AWSLogs" } else { "sources/org-trail/AWSLogs/o-a1b2c3d4e5" };
        let key = format!("{root}/{}/CloudTrail/{}/{}/{file}", place.account, place.region, delivered.date_path());
        disk.gzip(&key, delivered, json!({ "Records": records }).to_string().as_bytes())?;
    }
    Ok(())
}

struct Call {
    place: Place,
    at: Moment,
    record: Value,
}

/// What differs from call to call.
struct Said<'a> {
    source: &'a str,
    name: &'a str,
    parameters: Value,
    answer: Value,
    error: Option<(&'a str, String)>,
    address: &'a str,
}

fn call(random: &mut Random, place: Place, at: Moment, caller: Caller, said: Said<'_>) -> Call {
    let issuer = format!("arn:aws:iam::{}:role/{}", place.account, caller.role);
    let mut record = json!({
        "eventVersion": "1.10",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": format!("AROAEXAMPLEDEMOROLEID:{}", caller.name),
            "arn": caller.arn(place.account),
            "accountId": place.account,
            "sessionContext": {
                "sessionIssuer": { "type": "Role", "principalId": "AROAEXAMPLEDEMOROLEID", "arn": issuer, "accountId": place.account, "userName": caller.role },
                "attributes": { "creationDate": at.plus(-1_260).whole_second().second(), "mfaAuthenticated": caller.mfa.to_string() }
            }
        },
        "eventTime": at.whole_second().second(),
        "eventSource": said.source,
        "eventName": said.name,
        "awsRegion": place.region,
        "sourceIPAddress": said.address,
        "userAgent": "aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/linux#6.8",
        "requestParameters": said.parameters,
        "responseElements": said.answer,
        "requestID": random.uuid(),
        "eventID": random.uuid(),
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": place.account,
        "eventCategory": "Management"
    });
    if let Some((code, message)) = said.error {
        record["errorCode"] = json!(code);
        record["errorMessage"] = json!(message);
    }
    Call { place, at: at.whole_second(), record }
}

fn ssm<'a>(name: &'a str, parameters: Value, answer: Value, address: &'a str) -> Said<'a> {
    Said { source: "ssm.amazonaws.com", name, parameters, answer, error: None, address }
}

/// Start, resumption and termination of a session.
fn session_calls(random: &mut Random, session: &Session, calls: &mut Vec<Call>) {
    let (id, place) = (&session.id, session.place);
    let url = format!("wss://ssmmessages.{}.amazonaws.com/v1/data-channel/{id}?role=publish_subscribe", place.region);
    let granted = json!({ "sessionId": id, "tokenValue": "Value hidden due to security reasons.", "streamUrl": url });
    let called = session.started.plus_millis(-260);
    let started = if session.kind == Kind::Ecs {
        let cluster = format!("shop-{}", place.region);
        let answer = json!({ "clusterArn": format!("arn:aws:ecs:{}:{}:cluster/{cluster}", place.region, place.account), "containerName": "web", "interactive": true, "session": granted });
        Said {
            source: "ecs.amazonaws.com",
            name: "ExecuteCommand",
            parameters: json!({ "cluster": cluster, "container": "web", "command": "/bin/sh", "interactive": true }),
            answer,
            error: None,
            address: &session.address,
        }
    } else {
        let mut parameters = json!({ "target": session.target });
        if let Some(document) = session.document {
            parameters["documentName"] = json!(document);
        }
        if let Some(reason) = session.reason {
            parameters["reason"] = json!(reason);
        }
        if session.kind == Kind::Port {
            parameters["parameters"] = json!({ "portNumber": ["5432"], "localPortNumber": ["15432"] });
        }
        ssm("StartSession", parameters, granted.clone(), &session.address)
    };
    calls.push(call(random, place, called, session.caller, started));

    let last = session.activity.last().copied().unwrap_or(session.started);
    if session.kind == Kind::Shell && last.since(session.started) > 2_400 && random.chance(12) {
        let resumed = session.started.plus(last.since(session.started) / 2);
        calls.push(call(random, place, resumed, session.caller, ssm("ResumeSession", json!({ "sessionId": id }), granted, &session.address)));
    }
    let ended_by = match session.end {
        Some((end, Ending::Owner)) => Some((end, session.caller, session.address.as_str())),
        Some((end, Ending::Other(caller))) => Some((end, caller, "203.0.113.251")),
        _ => None,
    };
    if let Some((end, caller, address)) = ended_by {
        calls.push(call(random, place, end, caller, ssm("TerminateSession", json!({ "sessionId": id }), json!({ "sessionId": id }), address)));
    }
}

/// Each change of the preferences. CloudTrail hides what was written.
fn document_calls(random: &mut Random, place: Place, calls: &mut Vec<Call>) {
    for version in preferences(place).into_iter().filter(|version| version.since > BEGIN) {
        let number = version.version.to_string();
        let described = json!({
            "name": "SSM-SessionManagerRunShell", "documentVersion": number, "latestVersion": number, "documentType": "Session", "status": "Updating", "hashType": "Sha256"
        });
        let parameters = json!({ "name": "SSM-SessionManagerRunShell", "documentVersion": "$LATEST", "documentFormat": "JSON", "content": "HIDDEN_DUE_TO_SECURITY_REASONS" });
        let said = ssm("UpdateDocument", parameters, json!({ "documentDescription": described }), "203.0.113.251");
        calls.push(call(random, place, version.since, SECURITY, said));
        let parameters = json!({ "name": "SSM-SessionManagerRunShell", "documentVersion": number });
        let answer = json!({ "description": { "name": "SSM-SessionManagerRunShell", "defaultVersion": number } });
        calls.push(call(random, place, version.default_since.plus(40), SECURITY, ssm("UpdateDocumentDefaultVersion", parameters, answer, "203.0.113.251")));
    }
}

/// Denied calls, calls of other services that bear the same name, and calls that have nothing to do with sessions.
fn other_calls(random: &mut Random, place: Place, story: &Story, calls: &mut Vec<Call>) {
    let targets: Vec<&str> =
        story.machines.iter().filter(|machine| machine.place == place && !machine.on_premises).map(|machine| machine.id.as_str()).collect();
    for week in 0..WEEKS {
        let mut push = |random: &mut Random, caller, said| {
            let at = BEGIN.plus(week * 7 * 86_400 + random.between(0, 4) * 86_400 + random.between(8 * 3_600, 17 * 3_600));
            calls.push(call(random, place, at, caller, said));
        };
        if random.chance(55) {
            let resource = if random.chance(50) { "document/SSM-SessionManagerRunShell".to_owned() } else { format!("instance/{}", random.pick(&targets)) };
            let service = if resource.starts_with("document") { "ssm" } else { "ec2" };
            let message = format!(
                "User: {} is not authorized to perform: ssm:StartSession on resource: arn:aws:{service}:{}:{}:{resource} because no identity-based policy allows the ssm:StartSession action",
                INTERN.arn(place.account),
                place.region,
                place.account
            );
            let said = Said { error: Some(("AccessDenied", message)), ..ssm("StartSession", Value::Null, Value::Null, "198.51.100.77") };
            push(random, INTERN, said);
        }
        let caller = *random.pick(&ENGINEERS);
        if random.chance(40) {
            let session = random.uuid();
            let said = Said {
                source: "athena.amazonaws.com",
                ..ssm("StartSession", json!({ "workGroup": "notebooks" }), json!({ "sessionId": session, "state": "CREATING" }), "198.51.100.20")
            };
            push(random, caller, said);
            let said = Said {
                source: "athena.amazonaws.com",
                ..ssm("TerminateSession", json!({ "sessionId": session }), json!({ "state": "TERMINATING" }), "198.51.100.20")
            };
            push(random, caller, said);
        }
        for name in ["DescribeInstances", "RunInstances", "CreateTags"] {
            let said = Said { source: "ec2.amazonaws.com", ..ssm(name, json!({ "dryRun": false }), Value::Null, "198.51.100.20") };
            push(random, caller, said);
        }
        let said = ssm(
            "SendCommand",
            json!({ "documentName": "AWS-RunShellScript", "parameters": "HIDDEN_DUE_TO_SECURITY_REASONS" }),
            json!({ "command": { "status": "Pending" } }),
            "198.51.100.20",
        );
        push(random, caller, said);
    }
}
