//! Over the wire: sources and the lake on S3, against a stand-in of our own, an S3 that others wrote, and moto.

mod access;
mod contract;
mod emulators;
mod faults;
mod killed;
mod lake;
mod lake_faults;
mod listing;
mod reading;
mod report;
mod same;

use std::path::Path;
use std::time::{Duration, SystemTime};

use ingest::client::Access;
use ingest::source::{Listed, Origin, Resume, S3, Source, SourceError, SourceKind};

use crate::support::estate::{KPIS, key};
use crate::support::s3::{ACCESS_KEY, Kept, SECRET_KEY, Server, StandIn};
use crate::support::trail::{Ran, trail};

/// The bucket of every suite.
const BUCKET: &str = "org-session-logs";
const REGION: &str = "eu-west-1";

/// What a source of a kind is configured as.
fn origin(kind: SourceKind) -> Origin {
    Origin { name: "wire".to_owned(), kind, account_id: Some("111122223333".to_owned()), region: Some(REGION.to_owned()) }
}

/// A source of what lies below `prefix/`.
async fn source(server: &Server, kind: SourceKind, prefix: &str) -> S3 {
    S3::new(origin(kind), &config(server).await, BUCKET, prefix)
}

/// The product's own client settings, with the keys of the suites.
async fn config(server: &Server) -> aws_config::SdkConfig {
    let access = Access { endpoint_url: Some(server.url()), region: Some(REGION.to_owned()), ..Access::default() };
    let keys = aws_sdk_s3::config::Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "suite");
    let keys = aws_sdk_s3::config::SharedCredentialsProvider::new(keys);
    ingest::client::connect(&access, "wire").await.into_builder().credentials_provider(keys).build()
}

/// Everything that a source lists.
async fn list(source: &dyn Source, resume: Resume) -> Vec<Result<Listed, SourceError>> {
    use futures::StreamExt;
    source.objects(resume).collect().await
}

/// Its keys, where nothing went wrong.
async fn keys(source: &dyn Source, resume: Resume) -> Vec<String> {
    list(source, resume).await.into_iter().map(|listed| listed.expect("nothing is denied").object.key).collect()
}

/// The moment that most objects are stored at.
fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_784_030_400)
}

/// Runs the binary in `dir` with the keys of the suites in its environment.
fn ran(dir: &Path, args: &[&str]) -> Ran {
    let output = trail(dir)
        .args(args)
        .envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY), ("AWS_REGION", REGION)])
        .output()
        .expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The same, which must end with one of these codes.
fn must(dir: &Path, args: &[&str], codes: &[i32]) -> String {
    let ran = ran(dir, args);
    assert!(ran.code.is_some_and(|code| codes.contains(&code)), "{args:?} ended with {:?}:\n{}\n{}", ran.code, ran.stdout, ran.stderr);
    ran.stdout
}

/// Has the configuration of `dir` name its sources below `s3://BUCKET/estate/` in place of their folders.
fn sources_on_s3(dir: &Path, server: &Server) {
    configure(dir, "[[source]]", |folder| format!("uri = \"s3://{BUCKET}/estate/{}/\"\nendpoint_url = \"{}\"", plain(folder), server.url()));
}

/// Has the configuration of `dir` put its lake to `s3://BUCKET/lake`.
fn lake_on_s3(dir: &Path, server: &Server) {
    configure(dir, "[lake]", |_| format!("uri = \"s3://{BUCKET}/lake\"\nendpoint_url = \"{}\"", server.url()));
}

/// A folder of a configuration without steps that lead nowhere.
fn plain(folder: &str) -> &str {
    folder.trim_start_matches("./").trim_end_matches('/')
}

/// The folders that the sources of `dir` are read from.
fn folders(dir: &Path) -> Vec<String> {
    let found = std::cell::RefCell::new(Vec::new());
    configure(dir, "[[source]]", |folder| {
        found.borrow_mut().push(plain(folder).to_owned());
        format!("uri = \"{folder}\"")
    });
    found.into_inner()
}

/// Has every `uri` in sections of this name say what `uri` makes of it.
fn configure(dir: &Path, section: &str, uri: impl Fn(&str) -> String) {
    let path = dir.join("sessiontrail.toml");
    let text = std::fs::read_to_string(&path).expect("a configuration");
    let mut is_here = false;
    let lines = text.lines().map(|line| {
        if line.starts_with('[') {
            is_here = line == section;
        }
        let folder = line.strip_prefix("uri").and_then(|rest| rest.split('"').nth(1)).filter(|_| is_here);
        folder.map_or_else(|| line.to_owned(), &uri)
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    std::fs::write(path, text).expect("a configuration");
}

/// Puts every source of an estate below `estate/`, each object as old as its file. Files lose what a bucket does not hold: parts of seconds of
/// their time, and their side files.
fn upload(dir: &Path, stand_in: &StandIn) -> usize {
    let mut objects = 0;
    for folder in folders(dir) {
        let mut open = vec![dir.join(folder)];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                if path.to_string_lossy().ends_with(".metadata.json") {
                    std::fs::remove_file(path).expect("a side file");
                    continue;
                }
                let modified = path.metadata().and_then(|metadata| metadata.modified()).expect("a time");
                let kept = Kept::new(std::fs::read(&path).expect("an object"), modified);
                std::fs::File::options().append(true).open(&path).and_then(|file| file.set_modified(kept.modified)).expect("its time");
                let key = path.strip_prefix(dir).expect("below it").to_str().expect("UTF-8").to_owned();
                stand_in.plant(BUCKET, &format!("estate/{key}"), kept);
                objects += 1;
            }
        }
    }
    objects
}

/// Everything that is said of an estate, as texts by table.
fn answers(dir: &Path) -> Vec<(&'static str, String)> {
    let kpis = KPIS.iter().map(|(kpi, _)| *kpi);
    let answer = |table| must(dir, &["query", &format!("SELECT * FROM {table} ORDER BY {}", key(table).join(", ")), "--format", "ndjson"], &[0]);
    std::iter::once("sessions").chain(kpis).map(|table| (table, answer(table))).collect()
}
