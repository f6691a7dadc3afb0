//! Small worlds, written to disk as AWS writes them. Times are texts, so that a reader of a test sees what the product sees.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use schemas::Timestamp;
use serde_json::{Value, json};

/// The account of every small world.
pub const ACCOUNT: &str = "111122223333";
/// Its region.
pub const REGION: &str = "eu-central-1";

/// A folder with a configuration and sources.
pub struct World {
    dir: tempfile::TempDir,
}

impl World {
    /// A world with all four kinds of sources, still empty, and a policy of 8 h and 20 min.
    pub fn new() -> Self {
        let world = Self { dir: tempfile::tempdir().expect("a temporary folder") };
        world.write("sessiontrail.toml", CONFIGURATION);
        world.write("policy.toml", POLICY);
        for folder in ["transcripts", "cloudwatch", "trail", "account"] {
            fs::create_dir(world.path().join(folder)).expect("a folder");
        }
        world
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file, its folders included.
    pub fn write(&self, file: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
        fs::write(&path, bytes).expect("the file can be written");
        path
    }

    /// Writes a file that was modified at `at`.
    pub fn write_at(&self, file: &str, bytes: impl AsRef<[u8]>, at: &str) {
        let path = self.write(file, bytes);
        let micros = u64::try_from(Timestamp::parse(at).expect("a time").micros()).expect("after 1970");
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_micros(micros);
        File::options().append(true).open(path).and_then(|file| file.set_modified(time)).expect("the time can be set");
    }

    /// Writes CloudTrail records as one delivery; `delivered` is such as `20260706T1000Z`.
    pub fn deliver(&self, delivered: &str, records: &[Value]) {
        let day = format!("{}/{}/{}", &delivered[..4], &delivered[4..6], &delivered[6..8]);
        let name = format!("{ACCOUNT}_CloudTrail_{REGION}_{delivered}_{}.json.gz", &schemas::sha256_hex(delivered.as_bytes())[..16]);
        let bytes = serde_json::to_vec(&json!({ "Records": records })).expect("JSON");
        self.write(&format!("trail/AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{day}/{name}"), gzip(&bytes));
    }

    /// Writes one answer of a snapshot; `taken` is such as `20260706T120000Z`.
    pub fn answer(&self, taken: &str, file: &str, answer: &Value) {
        self.write(&format!("account/{ACCOUNT}/{REGION}/{taken}/{file}"), serde_json::to_vec(answer).expect("JSON"));
    }
}

/// The answer that there are no instances; a snapshot without any answer about them is a gap.
pub fn no_instances() -> Value {
    json!({ "Reservations": [] })
}

/// One gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory can be written")
}

/// A StartSession record.
pub fn start_session(id: &str, at: &str, who: &str) -> Value {
    let mut record = call("StartSession", &format!("start-{id}"), at, who);
    record["requestParameters"] = json!({ "target": "i-0123456789abcdef0" });
    record["responseElements"] = json!({ "sessionId": id, "tokenValue": "Value hidden due to security reasons.", "streamUrl": "wss://example" });
    record
}

/// A TerminateSession record.
pub fn terminate_session(id: &str, at: &str, who: &str) -> Value {
    let mut record = call("TerminateSession", &format!("end-{id}"), at, who);
    record["requestParameters"] = json!({ "sessionId": id });
    record["responseElements"] = json!({ "sessionId": id });
    record
}

/// An UpdateDocument record: a change of the preferences.
pub fn update_preferences(id: &str, at: &str, who: &str) -> Value {
    let mut record = call("UpdateDocument", id, at, who);
    record["requestParameters"] = json!({ "name": schemas::PREFERENCES_DOCUMENT, "documentVersion": "$LATEST", "documentFormat": "JSON" });
    record["responseElements"] = json!({ "documentDescription": { "name": schemas::PREFERENCES_DOCUMENT, "documentVersion": "4" } });
    record
}

fn call(name: &str, id: &str, at: &str, who: &str) -> Value {
    json!({
        "eventVersion": "1.10", "eventSource": "ssm.amazonaws.com", "eventName": name, "eventTime": at, "eventID": id, "awsRegion": REGION,
        "recipientAccountId": ACCOUNT, "sourceIPAddress": "203.0.113.7", "eventType": "AwsApiCall", "readOnly": false, "userAgent": "test",
        "userIdentity": { "type": "AssumedRole", "accountId": ACCOUNT, "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/Ops/{who}") },
    })
}

const CONFIGURATION: &str = r#"
[lake]
uri = "./lake"

[policy]
file = "policy.toml"

[[source]]
name = "transcripts"
kind = "transcripts"
uri = "transcripts"

[[source]]
name = "cloudwatch"
kind = "cloudwatch"
uri = "cloudwatch"
region = "eu-central-1"

[[source]]
name = "trail"
kind = "cloudtrail"
uri = "trail"

[[source]]
name = "account"
kind = "account"
uri = "account"
region = "eu-central-1"
"#;

const POLICY: &str = r#"
grace = "120s"

[[policy]]
effective_from = "2026-01-01T00:00:00Z"

  [policy.default]
  max_duration = "8h"
  idle_timeout = "20m"
  terminate_within = "1h"
"#;
