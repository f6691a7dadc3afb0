//! A small account to be asked: two sessions, a fleet, three documents in several versions, and the buckets and groups that they name.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Bucket, Document, Holdings, Instance, StandIn, Version};

/// The account.
pub const ACCOUNT: &str = "111122223333";
/// Its regions; the second has a document more.
pub const REGIONS: [&str; 2] = ["eu-central-1", "eu-west-1"];
/// 2026-07-14T09:15:00Z, in seconds.
pub const BEGUN: f64 = 1_784_020_500.0;

/// The account, in both regions.
pub fn account() -> StandIn {
    let stand_in = StandIn::of(ACCOUNT);
    for region in REGIONS {
        stand_in.hold(region, holdings(region));
    }
    stand_in.bucket(
        "org-session-logs",
        Bucket {
            region: REGIONS[0].to_owned(),
            versioning: Some("<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>"),
            encryption: Some(
                "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:eu-central-1:111122223333:key/1\
                 </KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>",
            ),
            object_lock: Some(
                "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>365</Days></DefaultRetention></Rule>",
            ),
        },
    );
    stand_in.bucket("plain-logs", Bucket { region: REGIONS[1].to_owned(), ..Bucket::default() });
    stand_in
}

/// What one region holds.
pub fn holdings(region: &str) -> Holdings {
    let mut documents = [
        (
            "SSM-SessionManagerRunShell".to_owned(),
            document("1", &[preferences("20", "org-session-logs", ""), preferences("15", "org-session-logs", "/ssm/sessions")]),
        ),
        ("Team-2-Shell".to_owned(), document("2", &[preferences("60", "gone-long-ago", ""), preferences("5", "plain-logs", "/ssm/team")])),
    ];
    if region == REGIONS[1] {
        documents[1].1.versions.push(Version { created: BEGUN - 5.5, content: preferences("7", "{{ssm:bucket}}", "/ssm/sessions/2") });
    }
    Holdings {
        active: vec![session("jane.doe@example.com-0a1b2c3d4e5f60718", "Connected", None), session("kim-0a1b2c3d4e5f60719", "Disconnected", None)],
        history: (0..7).map(|n| session(&format!("bob-0a1b2c3d4e5f607{n:02}"), "Terminated", Some(BEGUN + 600.125 * f64::from(n)))).collect(),
        instances: instances(5),
        told_instances: None,
        nodes: nodes(4),
        documents: documents.into(),
        log_groups: ["/ssm/sessions", "/ssm/sessions/2", "/ssm/team", "/other"].map(log_group).into(),
    }
}

fn session(id: &str, status: &str, end: Option<f64>) -> Value {
    let mut session = json!({
        "SessionId": id, "Target": "i-00000000000000001", "Status": status, "StartDate": BEGUN + 0.352, "DocumentName": "SSM-SessionManagerRunShell",
        "Owner": format!("arn:aws:sts::{ACCOUNT}:assumed-role/Ops/{id}"), "Reason": "größer <&> \"x\"", "OutputUrl": {}, "MaxSessionDuration": "60",
        "AccessType": "Standard",
    });
    if let Some(end) = end {
        session["EndDate"] = end.into();
    }
    session
}

/// So many instances, each with two tags but the third, which has none.
pub fn instances(count: usize) -> Vec<Instance> {
    let instance = |n: usize| Instance {
        id: format!("i-{n:017x}"),
        state: if n % 4 == 3 { "stopped" } else { "running" },
        tags: if n == 2 { Vec::new() } else { [("Environment", "prod"), ("Name", "a & b <c>")].map(|(key, value)| (key.to_owned(), value.to_owned())).into() },
        platform: if n % 5 == 4 { "Windows" } else { "Linux/UNIX" },
        more: String::new(),
    };
    (0..count).map(instance).collect()
}

/// So many managed nodes: the instances, and one that is none of EC2's.
pub fn nodes(count: usize) -> Vec<Value> {
    let node = |n: usize| {
        let id = if n == 3 { "mi-00000000000000003".to_owned() } else { format!("i-{n:017x}") };
        json!({
            "InstanceId": id, "PingStatus": if n == 1 { "ConnectionLost" } else { "Online" }, "LastPingDateTime": BEGUN + 60.5, "AgentVersion": "3.3.1142.0",
            "IsLatestVersion": true, "PlatformType": "Linux", "PlatformName": "Amazon Linux", "PlatformVersion": "2023", "ResourceType": "EC2Instance",
            "IPAddress": "10.0.0.1", "ComputerName": "host", "RegistrationDate": BEGUN - 86_400.0, "AssociationStatus": "Success",
            "LastAssociationExecutionDate": BEGUN, "LastSuccessfulAssociationExecutionDate": BEGUN,
            "AssociationOverview": { "InstanceAssociationStatusAggregatedCount": { "Success": 2 } }, "SourceId": id, "SourceType": "AWS::EC2::Instance",
        })
    };
    (0..count).map(node).collect()
}

fn document(default: &str, contents: &[String]) -> Document {
    let version = |(n, content): (u32, &String)| Version { created: BEGUN - 1_000.0 + f64::from(n), content: content.clone() };
    Document { default: default.to_owned(), versions: (0..).zip(contents).map(version).collect() }
}

fn preferences(idle: &str, bucket: &str, log_group: &str) -> String {
    let content = json!({
        "schemaVersion": "1.0", "description": "Preferences", "sessionType": "Standard_Stream",
        "inputs": {
            "s3BucketName": bucket, "s3KeyPrefix": "ssm", "s3EncryptionEnabled": true, "cloudWatchLogGroupName": log_group, "cloudWatchEncryptionEnabled": false,
            "cloudWatchStreamingEnabled": true, "kmsKeyId": "", "runAsEnabled": false, "runAsDefaultUser": "", "idleSessionTimeout": idle,
            "maxSessionDuration": "60", "shellProfile": { "windows": "", "linux": "exec bash" },
        },
    });
    serde_json::to_string_pretty(&content).expect("JSON")
}

fn log_group(name: &str) -> Value {
    let mut arn = String::new();
    write!(arn, "arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{name}:*").expect("memory can be written");
    json!({
        "logGroupName": name, "creationTime": 1_784_020_500_123_i64, "retentionInDays": 365, "metricFilterCount": 0, "arn": arn, "storedBytes": 12,
        "kmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1", "logGroupClass": "STANDARD", "logGroupArn": arn.trim_end_matches(":*"),
    })
}
