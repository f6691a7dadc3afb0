//! The account as a source of this process, as one of the binary, and as a folder that the AWS CLI has written.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use aws_config::retry::RetryConfig;
use futures::StreamExt;
use ingest::client::{Access, connect};
use ingest::source::{Account, Origin, Resume, Source, SourceError, SourceKind};
use schemas::Timestamp;
use serde_json::Value;

use super::StandIn;
use super::estate::ACCOUNT;
use crate::support::python::{python, run};
use crate::support::trail::{Ran, trail};
use crate::support::world::World;

/// Keys that nobody checks.
pub const CREDENTIALS: [(&str, &str); 3] = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")];

/// 2026-07-14T12:00:00.5Z.
pub fn noon() -> Timestamp {
    Timestamp::from_micros(1_784_030_400_500_000)
}

/// The folder of a region's snapshot of that moment.
pub fn folder(region: &str) -> String {
    format!("{ACCOUNT}/{region}/20260714T120000Z/")
}

/// How a source may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Once, and no more.
    None,
    /// As the product does.
    Own,
}

/// The account as a source whose clock stands still.
pub async fn source(stand_in: &StandIn, account: Option<&str>, regions: &[&str], patience: Patience) -> Account {
    source_at(stand_in, account, regions, patience, noon).await
}

/// The same with another clock.
pub async fn source_at(stand_in: &StandIn, account: Option<&str>, regions: &[&str], patience: Patience, clock: fn() -> Timestamp) -> Account {
    source_at_url(&stand_in.url(), account, regions, patience, clock).await
}

/// The same of whoever answers at an address.
pub async fn source_at_url(url: &str, account: Option<&str>, regions: &[&str], patience: Patience, clock: fn() -> Timestamp) -> Account {
    let mut reached = Vec::new();
    for region in regions {
        let access = Access { endpoint_url: Some(url.to_owned()), region: Some((*region).to_owned()), ..Access::default() };
        let keys = aws_sdk_s3::config::Credentials::new("test", "test", None, None, "suite");
        let config = connect(&access, "suite").await.into_builder();
        let mut config = config.credentials_provider(aws_sdk_s3::config::SharedCredentialsProvider::new(keys));
        if patience == Patience::None {
            config = config.retry_config(RetryConfig::disabled());
        }
        reached.push(((*region).to_owned(), config.build()));
    }
    let origin = Origin { name: "account".to_owned(), kind: SourceKind::Account, account_id: account.map(str::to_owned), region: None };
    Account::at_pace(origin, reached, clock, 10_000.0)
}

/// What a source has answered, by key, and what it has not.
#[derive(Debug, Default)]
pub struct Asked {
    pub answers: BTreeMap<String, Vec<u8>>,
    pub errors: Vec<SourceError>,
}

impl Asked {
    /// The places of what was not answered, with what it means.
    pub fn places(&self) -> Vec<(&str, ingest::source::ErrorKind)> {
        self.errors.iter().map(|error| (error.place.as_str(), error.kind)).collect()
    }

    /// The answer in a file, as JSON.
    pub fn json(&self, region: &str, file: &str) -> Value {
        let key = format!("{}{file}", folder(region));
        let bytes = self.answers.get(&key).unwrap_or_else(|| panic!("{key} is not among {:?}", self.answers.keys()));
        serde_json::from_slice(bytes).expect("an answer is JSON")
    }
}

/// Lists everything, and reads it.
///
/// # Panics
/// Where keys are out of order, or what was listed cannot be read.
pub async fn ask(source: &dyn Source, resume: Resume) -> Asked {
    let mut asked = Asked::default();
    for item in source.objects(resume).collect::<Vec<_>>().await {
        match item {
            Err(error) => asked.errors.push(error),
            Ok(listed) => {
                let mut body = source.open(&listed).await.expect("what was listed can be opened").body;
                let read = move || {
                    let mut bytes = Vec::new();
                    body.read_to_end(&mut bytes).map(|_| bytes)
                };
                let bytes = tokio::task::spawn_blocking(read).await.expect("no panic").expect("it is read");
                assert_eq!(bytes.len() as u64, listed.object.size, "{}", listed.object.key);
                let last = asked.answers.last_key_value().map(|(key, _)| key.clone());
                assert!(last.is_none_or(|last| last < listed.object.key), "keys in the order of their bytes");
                asked.answers.insert(listed.object.key, bytes);
            }
        }
    }
    asked
}

/// A source as the pipeline takes it.
pub fn shared(source: Account) -> Arc<dyn Source> {
    Arc::new(source)
}

/// A world with one source that asks the stand-in, and these keys besides.
pub fn world(url: &str, regions: &[&str], keys: &str) -> World {
    let world = World::new();
    let text = format!(
        "[lake]\nuri = \"./lake\"\n\n[policy]\nfile = \"policy.toml\"\n\n[[source]]\nname = \"account\"\nkind = \"account\"\nregions = {regions:?}\n\
         endpoint_url = \"{url}\"\n{keys}\n"
    );
    world.write("sessiontrail.toml", text);
    world
}

/// Runs the binary in a folder, with these variables besides.
///
/// # Panics
/// Where it could not be started.
pub fn ran_with(dir: &Path, args: &[&str], more: &[(&str, &str)]) -> Ran {
    let output = trail(dir).envs(CREDENTIALS).envs(more.iter().copied()).args(args).output().expect("the binary starts");
    let Output { status, stdout, stderr } = output;
    Ran { code: status.code(), stdout: String::from_utf8(stdout).expect("stdout is UTF-8"), stderr: String::from_utf8(stderr).expect("stderr is UTF-8") }
}

/// The same without them; it must end with this code. Gives what it printed, and what people are told.
///
/// # Panics
/// Where it ends otherwise.
pub fn must(dir: &Path, args: &[&str], code: i32) -> (String, String) {
    let ran = ran_with(dir, args, &[]);
    assert_eq!(ran.code, Some(code), "{args:?}: {}\n{}", ran.stdout, ran.stderr);
    (ran.stdout, ran.stderr)
}

/// The AWS CLI against an endpoint, which writes times as its second version does.
pub struct Cli {
    url: String,
    region: String,
    home: tempfile::TempDir,
}

impl Cli {
    pub fn new(url: &str, region: &str) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::write(home.path().join("config"), "[default]\ncli_timestamp_format = iso8601\n").expect("a file");
        Self { url: url.to_owned(), region: region.to_owned(), home }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(python().with_file_name("aws"));
        command.env_clear().envs(CREDENTIALS).env("AWS_DEFAULT_REGION", &self.region).env("HOME", self.home.path());
        command.env("AWS_CONFIG_FILE", self.home.path().join("config")).args(["--endpoint-url", &self.url, "--output", "json"]).args(args);
        command
    }

    /// What it prints.
    ///
    /// # Panics
    /// Where it fails.
    pub fn told(&self, args: &[&str]) -> Vec<u8> {
        run(&mut self.command(args)).stdout
    }

    /// What it complains of.
    ///
    /// # Panics
    /// Where it succeeds.
    pub fn refused(&self, args: &[&str]) -> String {
        let output = self.command(args).output().expect("the AWS CLI starts");
        assert!(!output.status.success(), "{args:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Writes a snapshot as a person would who mirrors an account by hand: what prints nothing, or says that there is none, leaves `{}`.
    ///
    /// # Panics
    /// Where it fails.
    pub fn mirror(&self, root: &Path) {
        let folder: PathBuf = root.join(folder(&self.region));
        std::fs::create_dir_all(&folder).expect("a folder");
        let keep = |file: &str, bytes: Vec<u8>| {
            let bytes = if bytes.trim_ascii().is_empty() { b"{}".to_vec() } else { bytes };
            std::fs::write(folder.join(file), &bytes).expect("a file");
            serde_json::from_slice::<Value>(&bytes).expect("the CLI prints JSON")
        };
        for state in ["Active", "History"] {
            keep(&format!("describe-sessions-{}.json", state.to_lowercase()), self.told(&["ssm", "describe-sessions", "--state", state]));
        }
        keep("describe-instances.json", self.told(&["ec2", "describe-instances"]));
        keep("describe-instance-information.json", self.told(&["ssm", "describe-instance-information"]));
        let filters = ["--filters", "Key=Owner,Values=Self", "Key=DocumentType,Values=Session"];
        let documents = keep("list-documents.json", self.told(&[&["ssm", "list-documents"], &filters[..]].concat()));
        let (mut buckets, mut groups) = (Vec::new(), Vec::new());
        for name in documents["DocumentIdentifiers"].as_array().expect("a list").iter().filter_map(|document| document["Name"].as_str()) {
            let described = keep(&format!("describe-document-{name}.json"), self.told(&["ssm", "describe-document", "--name", name]));
            let versions: Value = serde_json::from_slice(&self.told(&["ssm", "list-document-versions", "--name", name])).expect("JSON");
            for version in versions["DocumentVersions"].as_array().expect("a list").iter().filter_map(|version| version["DocumentVersion"].as_str()) {
                let content = self.told(&["ssm", "get-document", "--name", name, "--document-version", version]);
                let content = keep(&format!("get-document-{name}-{version}.json"), content);
                if ["LatestVersion", "DefaultVersion"].into_iter().any(|live| described["Document"][live] == version) {
                    let content: Value = serde_json::from_str(content["Content"].as_str().expect("a text")).expect("JSON");
                    buckets.extend(content["inputs"]["s3BucketName"].as_str().map(str::to_owned));
                    groups.extend(content["inputs"]["cloudWatchLogGroupName"].as_str().filter(|name| !name.is_empty()).map(str::to_owned));
                }
            }
        }
        buckets.retain(|bucket| !bucket.contains("{{"));
        buckets.sort();
        buckets.dedup();
        for bucket in buckets {
            for command in ["get-bucket-versioning", "get-bucket-encryption", "get-object-lock-configuration"] {
                let output = self.command(&["s3api", command, "--bucket", &bucket]).output().expect("the AWS CLI starts");
                assert!(output.status.success() || String::from_utf8_lossy(&output.stderr).contains("NotFoundError"), "{command} {bucket}: {output:?}");
                keep(&format!("{command}-{bucket}.json"), output.stdout);
            }
        }
        let mut all = Vec::new();
        groups.sort();
        groups.dedup();
        for group in &groups {
            let told: Value = serde_json::from_slice(&self.told(&["logs", "describe-log-groups", "--log-group-name-prefix", group])).expect("JSON");
            all.extend(told["logGroups"].as_array().expect("a list").iter().filter(|found| !all.contains(*found)).cloned().collect::<Vec<_>>());
        }
        keep("describe-log-groups.json", serde_json::to_vec(&serde_json::json!({ "logGroups": all })).expect("JSON"));
    }
}
