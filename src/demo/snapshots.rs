//! What the weekly snapshots of the AWS CLI hold: sessions, machines, preferences, and where logs go.

use std::io;

use serde_json::{Value, json};

use super::cast::{Agent, Machine};
use super::disk::Disk;
use super::moment::Moment;
use super::place::{DATA_EU, LOG_GROUP, PLACES, Place, Preferences, UNLIMITED_DOCUMENT, logging, preferences, snapshots};
use super::session::{Ending, Kind, Session};
use super::story::Story;

/// Writes every snapshot of every place.
pub(super) fn write(disk: &Disk, story: &Story) -> io::Result<()> {
    for place in PLACES {
        for taken in snapshots(place) {
            let folder = format!("sources/accounts/{}/{}/{}", place.account, place.region, taken.folder());
            let answer = |name: &str, answer: Value| disk.json(&format!("{folder}/{name}.json"), taken, &answer);
            answer("describe-sessions-active", active(story, place, taken))?;
            answer("describe-sessions-history", history(story, place, taken))?;
            answer("describe-instances", instances(story, place))?;
            answer("describe-instance-information", nodes(story, place, taken))?;
            for (name, content) in documents(place, taken) {
                answer(&name, content)?;
            }
            if let (Some(bucket), _) = logging(place) {
                answer(&format!("get-bucket-versioning-{bucket}"), json!({ "Status": "Enabled" }))?;
                answer(&format!("get-bucket-encryption-{bucket}"), encryption())?;
            }
            answer("describe-log-groups", log_groups(place))?;
        }
    }
    Ok(())
}

fn active(story: &Story, place: Place, taken: Moment) -> Value {
    let sessions = story.sessions.iter().filter(|session| session.place == place && session.is_active_at(taken));
    let listed: Vec<Value> =
        sessions.map(|session| listing(session, if session.disconnected.is_some_and(|gone| gone <= taken) { "Disconnected" } else { "Connected" })).collect();
    json!({ "Sessions": listed })
}

/// The listing of ended sessions holds the past thirty days, the newest first.
fn history(story: &Story, place: Place, taken: Moment) -> Value {
    let oldest = taken.plus(-30 * 86_400);
    let ended = |session: &&Session| session.end.is_some_and(|(end, _)| end <= taken && end > oldest);
    let listed: Vec<Value> = story
        .sessions
        .iter()
        .rev()
        .filter(|session| session.place == place)
        .filter(ended)
        .map(|session| listing(session, if matches!(session.end, Some((_, Ending::Failed))) { "Failed" } else { "Terminated" }))
        .collect();
    json!({ "Sessions": listed })
}

fn listing(session: &Session, status: &str) -> Value {
    let mut listed = json!({
        "SessionId": session.id,
        "Target": session.target,
        "Status": status,
        "StartDate": session.started.cli(),
        "DocumentName": session.document_name(),
        "Owner": session.owner(),
        "Details": "",
        "OutputUrl": { "S3OutputUrl": "", "CloudWatchOutputUrl": "" },
        "AccessType": "Standard"
    });
    if status == "Terminated" || status == "Failed" {
        listed["EndDate"] = json!(session.end.map(|(end, _)| end.cli()));
    }
    if let Some(reason) = session.reason.filter(|_| session.kind != Kind::Ecs) {
        listed["Reason"] = json!(reason);
    }
    if let Some(minutes) = session.service_maximum() {
        listed["MaxSessionDuration"] = json!(minutes.to_string());
    }
    listed
}

fn instances(story: &Story, place: Place) -> Value {
    let machines = story.machines.iter().filter(|machine| machine.place == place && !machine.on_premises);
    let reservations: Vec<Value> = machines.map(|machine| json!({ "OwnerId": place.account, "Instances": [instance(machine)] })).collect();
    json!({ "Reservations": reservations })
}

fn instance(machine: &Machine) -> Value {
    let tags: Vec<Value> = machine.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    json!({
        "InstanceId": machine.id,
        "InstanceType": "m7g.large",
        "LaunchTime": machine.launched.cli(),
        "PrivateIpAddress": machine.address,
        "State": { "Code": 16, "Name": "running" },
        "Tags": tags
    })
}

fn nodes(story: &Story, place: Place, taken: Moment) -> Value {
    let known = story.machines.iter().filter(|machine| machine.place == place && machine.agent != Agent::Absent);
    let listed: Vec<Value> = known
        .map(|machine| {
            let is_online = machine.agent == Agent::Online;
            json!({
                "InstanceId": machine.id,
                "PingStatus": if is_online { "Online" } else { "ConnectionLost" },
                "LastPingDateTime": taken.plus(if is_online { -140 } else { -20 * 86_400 }).cli(),
                "AgentVersion": "3.3.1142.0",
                "PlatformType": "Linux",
                "PlatformName": "Amazon Linux",
                "ResourceType": if machine.on_premises { "ManagedInstance" } else { "EC2Instance" },
                "IPAddress": machine.address,
                "ComputerName": machine.name,
                "SourceType": if machine.on_premises { "AWS::SSM::ManagedInstance" } else { "AWS::EC2::Instance" }
            })
        })
        .collect();
    json!({ "InstanceInformationList": listed })
}

/// Every version of every Session document, and the list of them.
fn documents(place: Place, taken: Moment) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    let mut identifiers = Vec::new();
    let mut document = |name: &str, versions: &[(i64, Moment, Value)], default: i64| {
        let Some((latest, _, _)) = versions.last() else { return };
        for (number, since, content) in versions {
            answers.push((
                format!("get-document-{name}-{number}"),
                json!({
                    "Name": name, "CreatedDate": since.cli(), "DocumentVersion": number.to_string(), "Status": "Active",
                    "Content": content.to_string(), "DocumentType": "Session", "DocumentFormat": "JSON"
                }),
            ));
        }
        answers.push((
            format!("describe-document-{name}"),
            json!({ "Document": {
                "Name": name, "Owner": place.account, "Status": "Active", "DocumentVersion": default.to_string(), "DocumentType": "Session",
                "SchemaVersion": "1.0", "LatestVersion": latest.to_string(), "DefaultVersion": default.to_string(), "DocumentFormat": "JSON"
            } }),
        ));
        identifiers.push(json!({
            "Name": name, "Owner": place.account, "PlatformTypes": ["Windows", "Linux", "MacOS"], "DocumentVersion": default.to_string(),
            "DocumentType": "Session", "SchemaVersion": "1.0", "DocumentFormat": "JSON", "Tags": []
        }));
    };
    let made: Vec<Preferences> = preferences(place).into_iter().filter(|version| version.since <= taken).collect();
    let default = made.iter().rev().find(|version| version.default_since <= taken).map_or(1, |version| version.version);
    let versions: Vec<_> = made.iter().map(|version| (version.version, version.since, content(place, version.maximum, version.idle))).collect();
    document("SSM-SessionManagerRunShell", &versions, default);
    if place == DATA_EU {
        let content = content(place, None, 60);
        document(UNLIMITED_DOCUMENT, &[(1, Moment::at(2025, 11, 3, 10, 0), content)], 1);
    }
    answers.push(("list-documents".to_owned(), json!({ "DocumentIdentifiers": identifiers })));
    answers
}

/// The content of a Session document; what is not set is an empty text, as the console leaves it.
fn content(place: Place, maximum: Option<i64>, idle: i64) -> Value {
    let (bucket, log_group) = logging(place);
    json!({
        "schemaVersion": "1.0",
        "description": "Document to hold regional settings for Session Manager",
        "sessionType": "Standard_Stream",
        "inputs": {
            "s3BucketName": bucket.unwrap_or_default(),
            "s3KeyPrefix": if bucket.is_some() { format!("ssm/{}", place.account) } else { String::new() },
            "s3EncryptionEnabled": bucket.is_some(),
            "cloudWatchLogGroupName": log_group.unwrap_or_default(),
            "cloudWatchEncryptionEnabled": false,
            "cloudWatchStreamingEnabled": log_group.is_some(),
            "kmsKeyId": "",
            "runAsEnabled": false,
            "runAsDefaultUser": "",
            "idleSessionTimeout": idle.to_string(),
            "maxSessionDuration": maximum.map(|minutes| minutes.to_string()).unwrap_or_default(),
            "shellProfile": { "windows": "", "linux": "" }
        }
    })
}

fn encryption() -> Value {
    json!({ "ServerSideEncryptionConfiguration": { "Rules": [
        { "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/session-logs" }, "BucketKeyEnabled": true }
    ] } })
}

fn log_groups(place: Place) -> Value {
    let group = logging(place).1.map(|_| {
        json!({
            "logGroupName": LOG_GROUP, "creationTime": 1_756_713_600_000_i64, "retentionInDays": 400, "metricFilterCount": 0,
            "arn": format!("arn:aws:logs:{}:{}:log-group:{LOG_GROUP}:*", place.region, place.account), "storedBytes": 4_194_304, "logGroupClass": "STANDARD"
        })
    });
    json!({ "logGroups": group.into_iter().collect::<Vec<_>>() })
}
