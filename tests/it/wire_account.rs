//! An account over the wire: the AWS CLI takes the stand-in for the services, and what we ask gives the rows that its output gives.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ingest::lake::Lake;
use ingest::pipeline::{self, Options};
use ingest::source::{Directory, Origin, Recorded, Resume, Source, SourceKind};
use ingest::summary::{Silent, Summary};
use serde_json::{Value, json};

use crate::support::account::CALLS;
use crate::support::account::behaviour::{Behaviour, Fault};
use crate::support::account::estate::{ACCOUNT, REGIONS, account};
use crate::support::account::wired::{Cli, Patience, ask, folder, must, noon, ran_with, shared, source, source_at_url, world};
use crate::support::python::python;
use crate::support::rows::{Row, ndjson};
use crate::support::s3::{ROLE_KEY, Sts, Trust};
use crate::support::world::World;

/// What an account is known by once it is read.
const TABLES: [&str; 6] = ["sessions", "instances", "preferences", "observations", "kpi_coverage", "kpi_fleet_coverage"];

#[test]
fn the_aws_cli_takes_the_stand_in_for_the_services() {
    let stand_in = account();
    let cli = Cli::new(&stand_in.url(), REGIONS[0]);
    let told = |args: &[&str]| serde_json::from_slice::<Value>(&cli.told(args)).expect("the CLI prints JSON");
    stand_in.behave(Behaviour { page: 2, empty_every: 2, ..Behaviour::default() });
    assert_eq!(told(&["sts", "get-caller-identity"])["Account"], ACCOUNT);
    let history = told(&["ssm", "describe-sessions", "--state", "History"]);
    assert_eq!(history["Sessions"].as_array().map(Vec::len), Some(7));
    assert_eq!(history["Sessions"][1]["EndDate"], "2026-07-14T09:25:00.125000+00:00");
    assert!(history.get("NextToken").is_none() && stand_in.calls("DescribeSessions-History") > 6, "the CLI goes through empty pages");
    assert_eq!(told(&["ec2", "describe-instances"])["Reservations"].as_array().map(Vec::len), Some(5));
    assert!(cli.told(&["s3api", "get-bucket-versioning", "--bucket", "plain-logs"]).is_empty(), "what was never set prints nothing");
    let none = cli.refused(&["s3api", "get-object-lock-configuration", "--bucket", "plain-logs"]);
    assert!(none.contains("ObjectLockConfigurationNotFoundError"), "{none}");
    let words = [(Fault::Denied, ["AccessDeniedException", "UnauthorizedOperation", "AccessDenied", "AccessDenied"])];
    for (fault, [ssm, ec2, s3, sts]) in words {
        stand_in.behave(Behaviour { failing: CALLS.into_iter().flat_map(|call| Behaviour::failing(call, fault).failing).collect(), ..Behaviour::default() });
        for (args, word) in [
            (&["ssm", "list-documents"][..], ssm),
            (&["logs", "describe-log-groups"], ssm),
            (&["ec2", "describe-instances"], ec2),
            (&["s3api", "get-bucket-encryption", "--bucket", "plain-logs"], s3),
            (&["sts", "get-caller-identity"], sts),
        ] {
            let refused = cli.refused(args);
            assert!(refused.contains(word), "{args:?}: {refused}");
        }
    }
    stand_in.behave(Behaviour::failing("ListDocuments", Fault::Throttled));
    assert!(cli.refused(&["ssm", "list-documents"]).contains("ThrottlingException") && stand_in.calls("ListDocuments") > 1, "the CLI tries again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answers_are_those_that_the_cli_prints() {
    let stand_in = account();
    let mirror = tempfile::tempdir().expect("a folder");
    for region in REGIONS {
        Cli::new(&stand_in.url(), region).mirror(mirror.path());
    }
    stand_in.behave(Behaviour { page: 2, empty_every: 3, ..Behaviour::default() });
    let asked = ask(&source(&stand_in, None, &REGIONS, Patience::None).await, Resume::beginning()).await;
    let printed = ask(&directory(mirror.path(), "account"), Resume::beginning()).await;
    let parsed = |answers: &BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Value> {
        answers.iter().map(|(key, bytes)| (key.clone(), serde_json::from_slice(bytes).expect("JSON"))).collect()
    };
    let (asked, printed) = (parsed(&asked.answers), parsed(&printed.answers));
    assert_eq!(asked.keys().collect::<Vec<_>>(), printed.keys().collect::<Vec<_>>());
    for (key, printed) in &printed {
        assert_eq!(&asked[key], printed, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_of_the_cli_and_the_live_account_give_the_same_rows() {
    let stand_in = account();
    let (by_hand, live) = (World::new(), World::new());
    for region in REGIONS {
        Cli::new(&stand_in.url(), region).mirror(&by_hand.path().join("mirror"));
    }
    read(by_hand.path(), &[Arc::new(directory(&by_hand.path().join("mirror"), "account"))]).await;
    read(live.path(), &[shared(source(&stand_in, None, &REGIONS, Patience::None).await)]).await;
    let (expected, found) = (tables(by_hand.path()), tables(live.path()));
    assert_eq!(expected, found);
    assert_eq!((found["sessions"].len(), found["instances"].len(), found["preferences"].len(), found["observations"].len()), (18, 18, 9, 37));
    let covered = found["kpi_coverage"].iter().any(|row| row["tier"] == "(all)" && row["instances"].as_i64() > Some(0) && row["not_assessed"] == 0);
    assert!(covered, "{:?}", found["kpi_coverage"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_answers_are_read_again_and_give_the_same_rows() {
    let stand_in = account();
    let (live, again) = (World::new(), World::new());
    let mut lake = Lake::local(&live.path().join("lake")).await.expect("a lake");
    let asked = shared(source(&stand_in, None, &REGIONS, Patience::None).await);
    let recorded: Arc<dyn Source> = Arc::new(Recorded::new(asked, lake.answers("prod account")));
    let summary = run(&mut lake, &[Arc::clone(&recorded)]).await;
    assert!(summary.is_complete() && summary.counts.read == 37, "{summary:?}");
    let kept: Vec<_> = std::fs::read_dir(live.path().join("lake/answers")).expect("answers are kept").map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(kept.len(), 1);
    let name = kept[0].file_name().and_then(|name| name.to_str()).expect("UTF-8");
    assert!(name.starts_with("prod-account-") && kept[0].join(folder(REGIONS[0])).join("describe-instances.json").is_file(), "{name}");
    read(again.path(), &[Arc::new(directory(&kept[0], "account"))]).await;
    assert_eq!(tables(live.path()), tables(again.path()));
    // The same moment once more: nothing is new, and nothing of what is kept is written again.
    let summary = run(&mut lake, &[recorded]).await;
    assert_eq!((summary.counts.known, summary.counts.read), (37, 0));
}

#[test]
fn the_binary_asks_an_account_with_a_role_and_keeps_what_it_says() {
    const ROLE: &str = "arn:aws:iam::111122223333:role/sessiontrail-reader";
    let stand_in = account();
    stand_in.behave(Behaviour { only_key: Some(ROLE_KEY.to_owned()), ..Behaviour::default() });
    let sts = Sts::trusting(Trust { role_arn: ROLE.to_owned(), external_id: "what-only-we-know".to_owned() });
    let url = sts.server.url();
    let ingest = |world: &World| ran_with(world.path(), &["ingest"], &[("AWS_ENDPOINT_URL_STS", url.as_str())]);
    for (keys, told) in [("", "AccessDenied"), ("external_id = \"a guess\"", "AccessDenied")] {
        let world = world(&stand_in.url(), &REGIONS[..1], &format!("role_arn = \"{ROLE}\"\n{keys}"));
        let refused = ingest(&world);
        assert!(refused.code == Some(3) && refused.stderr.contains(told) && refused.stderr.contains("not read: account"), "{keys}: {}", refused.stderr);
    }
    let whole = format!("role_arn = \"{ROLE}\"\nexternal_id = \"what-only-we-know\"");
    let elsewhere = ingest(&world(&stand_in.url(), &REGIONS[..1], &format!("{whole}\naccount = \"999988887777\"")));
    assert!(elsewhere.code == Some(3) && elsewhere.stderr.contains(ACCOUNT) && elsewhere.stderr.contains("999988887777"), "{}", elsewhere.stderr);
    let ours = world(&stand_in.url(), &REGIONS, &format!("{whole}\naccount = \"{ACCOUNT}\""));
    let dry = ran_with(ours.path(), &["ingest", "--dry-run"], &[("AWS_ENDPOINT_URL_STS", url.as_str())]);
    assert!(dry.code == Some(0) && dry.stderr.contains("37 read") && !ours.path().join("lake").exists(), "{}", dry.stderr);
    let done = ingest(&ours);
    assert!(done.code == Some(0) && done.stderr.contains("37 read"), "{}", done.stderr);
    assert!(sts.sessions().iter().all(|session| session == "sessiontrail-account"), "{:?}", sts.sessions());
    let kept = std::fs::read_dir(ours.path().join("lake/answers/account").join(ACCOUNT)).expect("answers are kept").count();
    assert_eq!(kept, 2, "a folder for each region");
    let (status, _) = must(ours.path(), &["status"], 0);
    assert!(status.contains("account"), "{status}");
}

/// moto as a server; it ends with the test.
struct Moto {
    url: String,
    process: Child,
}

impl Moto {
    fn start() -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port").port();
        let mut command = Command::new(python().with_file_name("moto_server"));
        let process = command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("moto starts");
        let moto = Self { url: format!("http://127.0.0.1:{port}"), process };
        for _ in 0..600 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return moto;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("moto does not listen after a minute");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_is_asked_as_far_as_it_answers() {
    const REGION: &str = "us-east-1";
    let moto = Moto::start();
    let cli = Cli::new(&moto.url, REGION);
    let world = World::new();
    let content = json!({
        "schemaVersion": "1.0", "sessionType": "Standard_Stream", "description": "x",
        "inputs": { "s3BucketName": "moto-logs", "cloudWatchLogGroupName": "/ssm/sessions", "idleSessionTimeout": "20", "maxSessionDuration": "60" },
    });
    let file = world.write("document.json", content.to_string());
    let file = format!("file://{}", file.display());
    cli.told(&[
        "ssm",
        "create-document",
        "--name",
        "SSM-SessionManagerRunShell",
        "--document-type",
        "Session",
        "--document-format",
        "JSON",
        "--content",
        &file,
    ]);
    cli.told(&["s3api", "create-bucket", "--bucket", "moto-logs"]);
    let encryption = r#"{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"}}]}"#;
    cli.told(&["s3api", "put-bucket-encryption", "--bucket", "moto-logs", "--server-side-encryption-configuration", encryption]);
    cli.told(&["logs", "create-log-group", "--log-group-name", "/ssm/sessions"]);
    cli.told(&["logs", "put-retention-policy", "--log-group-name", "/ssm/sessions", "--retention-in-days", "365"]);
    let images: Value = serde_json::from_slice(&cli.told(&["ec2", "describe-images", "--owners", "amazon"])).expect("JSON");
    let image = images["Images"][0]["ImageId"].as_str().expect("moto has images");
    let tags = "ResourceType=instance,Tags=[{Key=Environment,Value=prod}]";
    cli.told(&["ec2", "run-instances", "--image-id", image, "--count", "3", "--instance-type", "t3.micro", "--tag-specifications", tags]);
    let mut lake = Lake::local(&world.path().join("lake")).await.expect("a lake");
    let summary = run(&mut lake, &[shared(source_at_url(&moto.url, None, &[REGION], Patience::None, noon).await)]).await;
    // What moto does not know, it refuses: that is a gap each, and the rest is there.
    let mut gaps: Vec<&str> = lake.known().open_gaps("account").filter_map(|gap| gap.place.strip_prefix("123456789012/us-east-1/")).collect();
    gaps.sort_unstable();
    let versions = "list-documents/list-document-versions-SSM-SessionManagerRunShell/";
    let told: Vec<String> = lake.known().open_gaps("account").map(|gap| format!("{}: {}", gap.place, gap.detail)).collect();
    // The last but one it answers under another name than S3 does, and nobody but the CLI takes that.
    let unanswered =
        ["describe-instance-information/", "describe-sessions-active/", "describe-sessions-history/", "get-bucket-versioning-moto-logs/", versions];
    assert_eq!(gaps, unanswered, "{told:#?} {summary:?}");
    let asked = |sql: &str| ndjson(&must(world.path(), &["query", sql, "--format", "ndjson"], 0).0);
    let instances = asked("SELECT state, tags FROM instances WHERE listed_by = 'ec2'");
    assert!(instances.len() == 3 && instances.iter().all(|row| row["state"] == "running" && row["tags"] == "{\"Environment\":\"prod\"}"), "{instances:?}");
    let preferences = asked("SELECT document_name, s3_bucket_name, idle_session_timeout FROM preferences");
    assert_eq!(preferences.len(), 1);
    assert_eq!((&preferences[0]["s3_bucket_name"], &preferences[0]["idle_session_timeout"]), (&json!("moto-logs"), &json!("20")));
    let detail = |answer: &str| asked(&format!("SELECT items, complete, detail FROM observations WHERE answer = '{answer}'"));
    let encryption = detail("bucket_encryption");
    assert!(encryption.len() == 1 && encryption[0]["detail"].as_str().is_some_and(|detail| detail.contains("aws:kms")), "{encryption:?}");
    let groups = detail("log_groups");
    assert!(groups.len() == 1 && groups[0]["items"] == 1 && groups[0]["detail"].as_str().is_some_and(|detail| detail.contains("365")), "{groups:?}");
    let lock = detail("object_lock");
    assert!(lock.len() == 1 && lock[0]["items"] == 0 && lock[0]["complete"] == true, "there is none, and that was answered: {lock:?}");
    let coverage = asked("SELECT account_id, region, instances, not_assessed FROM kpi_coverage WHERE tier = '(all)'");
    assert_eq!(coverage.len(), 1, "{coverage:?}");
    assert_eq!((&coverage[0]["instances"], &coverage[0]["not_assessed"]), (&json!(3), &json!(3)), "nobody said which of them are managed: {coverage:?}");
}

fn directory(root: &Path, name: &str) -> Directory {
    Directory::new(Origin { name: name.to_owned(), kind: SourceKind::Account, account_id: None, region: None }, root)
}

async fn run(lake: &mut Lake, sources: &[Arc<dyn Source>]) -> Summary {
    pipeline::run(lake, sources, &Options { from: None, to: None }, &Silent).await.expect("the lake is written")
}

/// Reads sources into the lake of a world.
async fn read(world: &Path, sources: &[Arc<dyn Source>]) {
    let mut lake = Lake::local(&world.join("lake")).await.expect("a lake");
    let summary = run(&mut lake, sources).await;
    assert!(summary.is_complete(), "{summary:?}");
}

/// What the lake of a world says, but for where each row came from, and of which bytes; what stands in a text of JSON is compared as JSON.
fn tables(world: &Path) -> BTreeMap<&'static str, Vec<Row>> {
    let table = |name: &'static str| {
        let (rows, _) = must(world, &["query", &format!("SELECT * FROM {name}"), "--format", "ndjson"], 0);
        let mut rows = ndjson(&rows);
        for row in &mut rows {
            for column in ["source", "object", "sha256"] {
                row.remove(column);
            }
            if let Some(detail) = row.get_mut("detail")
                && let Some(text) = detail.as_str()
            {
                *detail = serde_json::from_str(text).expect("a detail is JSON");
            }
        }
        rows.sort_by_key(|row| Value::from(row.clone()).to_string());
        (name, rows)
    };
    TABLES.into_iter().map(table).collect()
}
