//! A year of weekly snapshots of 50 account-regions with 20,000 instances: how long they take to get in, and what is then asked of the fleet.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::corpus::corpus;
use crate::product::{ingest, product, run};
use crate::random::{HEX, Random};
use crate::{fastest, line};

const PLACES: usize = 50;
const INSTANCES: usize = 20_000;
const WEEKS: i64 = 52;

pub(crate) fn bench() {
    let corpus = corpus("fleet", snapshots);
    let took = fastest(|| ingest(&corpus.dir));
    line(&format!("ingest, {} answers, {} MB", corpus.files, corpus.bytes / 1_000_000), took, corpus.files, "answers");
    // What is published has the answers already; without it they are worked out.
    let _ = fs::remove_dir_all(corpus.dir.join("lake/published"));
    for kpi in ["kpi_coverage", "kpi_fleet_coverage", "kpi_quarterly", "kpi_quarterly_summary"] {
        let took = fastest(|| run(product(&corpus.dir).args(["kpi", kpi, "--format", "csv"])));
        println!("{kpi:<52} {:>9.3} s", took.as_secs_f64());
    }
    let sql = "SELECT rule, count(*) AS found, count(*) FILTER (WHERE closed_at IS NULL) AS still_open FROM findings GROUP BY rule ORDER BY rule";
    let took = fastest(|| run(product(&corpus.dir).args(["query", sql])));
    println!("{:<52} {:>9.3} s", "findings by rule", took.as_secs_f64());
}

/// Writes them: every week a hundredth of the instances loses or gets its agent, and now and then somebody edits the preferences.
fn snapshots(dir: &Path) -> (u64, u64) {
    configure(dir);
    let mut random = Random::new(20_000);
    let mut fleet: Vec<Vec<Machine>> = (0..PLACES).map(|_| (0..INSTANCES / PLACES).map(|_| Machine::new(&mut random)).collect()).collect();
    let mut maximum = vec!["60"; PLACES];
    let (mut bytes, mut files) = (0, 0);
    for week in 0..WEEKS {
        let taken = jiff::Timestamp::from_second(1_751_846_400 + week * 604_800).expect("a time").strftime("%Y%m%dT%H%M%SZ").to_string();
        for (place, machines) in fleet.iter_mut().enumerate() {
            for machine in machines.iter_mut() {
                machine.online ^= random.chance(1);
            }
            if random.chance(4) {
                maximum[place] = if maximum[place] == "60" { "480" } else { "60" };
            }
            let folder = dir.join("account").join(format!("{:012}", 100_000_000_000_u64 + place as u64)).join("eu-central-1").join(&taken);
            fs::create_dir_all(&folder).expect("a folder");
            let mut answer = |name: &str, answer: Value| {
                let text = answer.to_string();
                bytes += text.len() as u64;
                files += 1;
                fs::write(folder.join(format!("{name}.json")), text).expect("a file");
            };
            answer(
                "describe-instances",
                json!({ "Reservations": machines.iter().map(|machine| json!({ "Instances": [machine.listed()] })).collect::<Vec<_>>() }),
            );
            answer("describe-instance-information", json!({ "InstanceInformationList": machines.iter().map(Machine::node).collect::<Vec<_>>() }));
            answer("describe-sessions-active", json!({ "Sessions": [] }));
            answer("list-documents", json!({ "DocumentIdentifiers": [{ "Name": "SSM-SessionManagerRunShell", "DocumentType": "Session" }] }));
            let inputs = json!({ "idleSessionTimeout": "20", "maxSessionDuration": maximum[place], "s3BucketName": "logs", "s3EncryptionEnabled": true });
            let content = json!({ "schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs }).to_string();
            answer("get-document-SSM-SessionManagerRunShell-1", json!({ "Name": "SSM-SessionManagerRunShell", "DocumentVersion": "1", "Content": content }));
        }
    }
    (bytes, files)
}

fn configure(dir: &Path) {
    let text = "[lake]\nuri = \"./lake\"\n[policy]\nfile = \"policy.toml\"\n[[source]]\nname = \"account\"\nkind = \"account\"\nuri = \"account\"\n";
    fs::write(dir.join("sessiontrail.toml"), text).expect("a file");
    let policy = "[[policy]]\neffective_from = \"2025-01-01T00:00:00Z\"\n[policy.default]\nmax_duration = \"8h\"\nidle_timeout = \"20m\"\n\
                  [[policy.tier]]\nname = \"production\"\ntags = { Environment = [\"prod\"] }\nmax_duration = \"4h\"\n";
    fs::write(dir.join("policy.toml"), policy).expect("a file");
}

struct Machine {
    id: String,
    environment: &'static str,
    owner: String,
    online: bool,
}

impl Machine {
    fn new(random: &mut Random) -> Self {
        Self {
            id: format!("i-0{}", random.text(HEX, 16)),
            environment: if random.chance(40) { "prod" } else { "dev" },
            owner: format!("team-{}", random.between(0, 40)),
            online: random.chance(95),
        }
    }

    fn listed(&self) -> Value {
        json!({
            "InstanceId": self.id, "InstanceType": "m7g.large", "State": { "Code": 16, "Name": "running" }, "PrivateIpAddress": "10.0.0.1",
            "Tags": [{ "Key": "Environment", "Value": self.environment }, { "Key": "Owner", "Value": self.owner }, { "Key": "Name", "Value": self.id }]
        })
    }

    fn node(&self) -> Value {
        json!({
            "InstanceId": self.id, "PingStatus": if self.online { "Online" } else { "ConnectionLost" }, "LastPingDateTime": "2026-01-01T00:00:00.000000+00:00",
            "AgentVersion": "3.3.1142.0", "PlatformType": "Linux", "ResourceType": "EC2Instance", "SourceType": "AWS::EC2::Instance"
        })
    }
}
