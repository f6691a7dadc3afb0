//! From the answers of snapshots to findings, through the whole ledger, worked out by hand.

use std::sync::Arc;

use deltalake::protocol::SaveMode;
use policy::Policy;
use schemas::{Answer, Instance, Listed, Observation, Preference, table};
use serde_json::{Value, json};
use sessions::rows;

use super::world::{ACCOUNT, REGION, Voice, World, ask, at, observation, preference};

/// What one snapshot says.
struct Snapshot {
    clock: &'static str,
    /// EC2 instances with their tags; `None` where nobody answered.
    fleet: Option<Vec<(&'static str, &'static str)>>,
    /// Managed nodes with their `PingStatus`; `None` where nobody answered.
    nodes: Option<Vec<(&'static str, &'static str)>>,
    preferences: Vec<Preference>,
    settings: Vec<(Answer, &'static str, Value)>,
}

const PROD: &str = r#"{"Environment":"prod","Owner":"ada"}"#;
const PLAIN: &str = "{}";

fn named(clock: &str, id: &str, listed_by: Listed, tags: Option<&str>, ping: Option<&str>) -> Instance {
    Instance {
        account_id: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        observed_at: at(clock),
        instance_id: id.to_owned(),
        listed_by,
        state: tags.map(|_| "running".to_owned()),
        tags: tags.map(str::to_owned),
        ping_status: ping.map(str::to_owned),
        last_ping_at: None,
        agent_version: None,
        platform: None,
        source: "account".to_owned(),
        object: format!("{clock}/{}.json", listed_by.as_str()),
    }
}

fn policy() -> Arc<Policy> {
    let text = "[[policy]]\neffective_from = \"2026-01-01T00:00:00Z\"\n[policy.default]\nmax_duration = \"8h\"\nidle_timeout = \"20m\"\n\
                [[policy.tier]]\nname = \"production\"\ntags = { Environment = [\"prod\"] }\nmax_duration = \"1h\"\n";
    Arc::new(Policy::parse(text, "policy.toml").unwrap().0)
}

async fn findings(snapshots: Vec<Snapshot>, as_of: Option<&str>) -> Vec<String> {
    let world = World::new();
    let (mut observations, mut instances, mut preferences): (Vec<Observation>, Vec<Instance>, Vec<Preference>) = Default::default();
    for Snapshot { clock, fleet, nodes, preferences: versions, settings } in snapshots {
        observations.extend(fleet.as_ref().map(|_| observation(Answer::Instances, clock)));
        observations.extend(nodes.as_ref().map(|_| observation(Answer::InstanceInformation, clock)));
        instances.extend(fleet.into_iter().flatten().map(|(id, tags)| named(clock, id, Listed::Ec2, Some(tags), None)));
        instances.extend(nodes.into_iter().flatten().map(|(id, ping)| named(clock, id, Listed::Ssm, None, Some(ping))));
        observations.extend(versions.iter().map(|_| observation(Answer::GetDocument, clock)));
        preferences.extend(versions);
        observations.extend(settings.into_iter().map(|(answer, subject, detail)| Observation {
            subject: Some(subject.to_owned()),
            detail: Some(detail.to_string()),
            object: format!("{clock}/{}-{subject}.json", answer.as_str()),
            ..observation(answer, clock)
        }));
    }
    world.refresh(&[], None).await;
    world.commit(1, "account", "answers", &[], &observations).await;
    let mark = Some(("sessiontrail.batch", 1));
    world.put(&table::INSTANCES, rows::instances_batch(&instances).unwrap(), SaveMode::Append, mark).await;
    world.put(&table::PREFERENCES, rows::preferences_batch(&preferences).unwrap(), SaveMode::Append, mark).await;
    world.refresh(&[], Some(("sessiontrail.reflected", 1))).await;
    let ledger = world.ledger_as(as_of, Voice { policy: policy(), ..Voice::default() }).await;
    let rows = ask(&ledger, "SELECT rule, subject, tier, opened_at, closed_at FROM findings ORDER BY rule, subject, opened_at, tier").await;
    let clock = |instant: &Value| instant.as_str().map_or_else(|| "…".to_owned(), |text| text[11..16].to_owned());
    let told = |row: &Value| {
        let tier = row["tier"].as_str().map(|tier| format!(" {tier}")).unwrap_or_default();
        format!("{} {}{tier} {}–{}", row["rule"].as_str().unwrap(), row["subject"].as_str().unwrap(), clock(&row["opened_at"]), clock(&row["closed_at"]))
    };
    rows.iter().map(told).collect()
}

/// A version that logs, encrypted, and encrypts its sessions.
fn safe(clock: &str, version: &str, idle: Option<&str>, maximum: Option<&str>) -> Preference {
    Preference {
        s3_bucket_name: Some("logs".to_owned()),
        s3_encryption_enabled: Some(true),
        kms_key_id: Some("alias/sessions".to_owned()),
        ..preference(clock, version, idle, maximum)
    }
}

#[tokio::test]
async fn what_an_observation_does_not_assess_opens_and_closes_nothing() {
    let found = findings(
        vec![
            Snapshot {
                clock: "01:00",
                fleet: Some(vec![("i-prod", PROD), ("i-plain", PLAIN)]),
                nodes: Some(vec![("i-prod", "Online"), ("i-plain", "ConnectionLost"), ("mi-1", "Online")]),
                preferences: vec![safe("01:00", "1", None, None)],
                settings: vec![],
            },
            // Nobody answered about nodes, and the timeouts are templates: what was so stays so, the node included.
            Snapshot {
                clock: "02:00",
                fleet: Some(vec![("i-prod", PROD), ("i-plain", PLAIN)]),
                nodes: None,
                preferences: vec![safe("02:00", "2", Some("{{ssm:idle}}"), Some("{{ssm:max}}"))],
                settings: vec![],
            },
            // A maximum of two hours: too long for production alone. The node is gone offline.
            Snapshot {
                clock: "03:00",
                fleet: Some(vec![("i-prod", PROD), ("i-plain", PLAIN)]),
                nodes: Some(vec![("i-prod", "Online"), ("i-plain", "Online"), ("mi-1", "ConnectionLost")]),
                preferences: vec![safe("03:00", "3", Some("20"), Some("120"))],
                settings: vec![],
            },
            // Nobody answered about the fleet.
            Snapshot { clock: "04:00", fleet: None, nodes: None, preferences: vec![safe("04:00", "3", Some("20"), Some("120"))], settings: vec![] },
            // Production is gone, and with it what was too long for it.
            Snapshot {
                clock: "05:00",
                fleet: Some(vec![("i-plain", PLAIN)]),
                nodes: Some(vec![("i-plain", "Online"), ("mi-1", "ConnectionLost")]),
                preferences: vec![safe("05:00", "3", Some("20"), Some("120"))],
                settings: vec![],
            },
        ],
        None,
    )
    .await;
    let expected = [
        "MAXDUR-TOO-LONG SSM-SessionManagerRunShell production 03:00–05:00",
        "MAXDUR-UNSET SSM-SessionManagerRunShell 01:00–03:00",
        "NOT-MANAGED i-plain 01:00–03:00",
        "NOT-MANAGED mi-1 03:00–…",
        "ONE-SIZE-POLICY SSM-SessionManagerRunShell 01:00–05:00",
        "OWNER-UNTAGGED i-plain 01:00–…",
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_bucket_is_what_its_own_answers_say() {
    let of = |clock: &'static str, settings: Vec<(Answer, &'static str, Value)>| Snapshot {
        clock,
        fleet: None,
        nodes: None,
        preferences: vec![Preference {
            s3_encryption_enabled: Some(false),
            cloud_watch_log_group_name: Some("/ssm".to_owned()),
            ..safe(clock, "1", Some("20"), Some("60"))
        }],
        settings,
    };
    let encrypted = json!({"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}});
    let locked = json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}});
    let found = findings(
        vec![
            of("01:00", vec![(Answer::BucketVersioning, "logs", json!({})), (Answer::LogGroups, "", json!({"logGroups": [{"logGroupName": "/ssm"}]}))]),
            of("02:00", vec![(Answer::BucketVersioning, "logs", json!({"Status": "Enabled"})), (Answer::BucketEncryption, "logs", encrypted)]),
            of(
                "03:00",
                vec![(Answer::ObjectLock, "logs", locked), (Answer::LogGroups, "", json!({"logGroups": [{"logGroupName": "/ssm", "kmsKeyId": "arn:key"}]}))],
            ),
        ],
        None,
    )
    .await;
    // At two it is versioned, and whether it is locked nobody has ever said.
    // That it is not encrypted nobody has said, either.
    assert_eq!(found, ["LOG-BUCKET-MUTABLE logs 01:00–02:00", "LOG-UNENCRYPTED /ssm 01:00–03:00"]);
}

#[tokio::test]
async fn a_bucket_and_a_log_group_of_one_name_are_two_things() {
    let preferences = |encrypts: bool| Preference {
        s3_encryption_enabled: Some(encrypts),
        cloud_watch_log_group_name: Some("logs".to_owned()),
        cloud_watch_encryption_enabled: Some(false),
        ..safe("01:00", "1", Some("20"), Some("60"))
    };
    let settings = vec![
        (Answer::BucketEncryption, "logs", json!({"ServerSideEncryptionConfiguration": {"Rules": []}})),
        (Answer::LogGroups, "", json!({"logGroups": [{"logGroupName": "logs"}]})),
    ];
    let of = |encrypts| Snapshot { clock: "01:00", fleet: None, nodes: None, preferences: vec![preferences(encrypts)], settings: settings.clone() };
    assert_eq!(findings(vec![of(true)], None).await, ["LOG-UNENCRYPTED logs 01:00–…"], "the group");
    assert_eq!(findings(vec![of(false)], None).await, ["LOG-UNENCRYPTED logs 01:00–…", "LOG-UNENCRYPTED logs 01:00–…"], "both, and each is a finding");
}

#[tokio::test]
async fn what_comes_after_as_of_is_not_known() {
    let of = |clock: &'static str, maximum: Option<&str>| Snapshot {
        clock,
        fleet: None,
        nodes: None,
        preferences: vec![safe(clock, "1", Some("20"), maximum)],
        settings: vec![],
    };
    let snapshots = || vec![of("01:00", None), of("02:00", Some("60"))];
    assert_eq!(findings(snapshots(), None).await, ["MAXDUR-UNSET SSM-SessionManagerRunShell 01:00–02:00"]);
    assert_eq!(findings(snapshots(), Some("01:59")).await, ["MAXDUR-UNSET SSM-SessionManagerRunShell 01:00–…"]);
}
