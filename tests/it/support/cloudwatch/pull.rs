//! A log group pulled without a lake: what the pipeline does with a source, in memory, so that many runs cost little.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::config::retry::RetryConfig;
use aws_sdk_cloudwatchlogs::config::timeout::TimeoutConfig;
use aws_sdk_cloudwatchlogs::config::{BehaviorVersion, Credentials, Region};
use futures::StreamExt;
use ingest::source::{CloudWatch, ErrorKind, Origin, Resume, Source, SourceError, SourceKind};
use schemas::Timestamp;
use serde_json::Value;

use super::Cloud;

/// A client of the stand-in that asks once and no more; one for each region, since making one takes longer than asking.
fn client(cloud: &Cloud, region: &str) -> (String, Client) {
    let mut clients = cloud.clients.lock().expect("no client panics");
    (region.to_owned(), clients.entry(region.to_owned()).or_insert_with(|| make_client(cloud, region)).clone())
}

fn make_client(cloud: &Cloud, region: &str) -> Client {
    Client::from_conf(config(cloud, region).build())
}

fn config(cloud: &Cloud, region: &str) -> aws_sdk_cloudwatchlogs::config::Builder {
    aws_sdk_cloudwatchlogs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(cloud.url())
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
}

/// A log group as a source that waits for nobody.
pub fn source(cloud: &Cloud, origin: Origin, group: &str, regions: &[&str]) -> CloudWatch {
    CloudWatch::at_pace(origin, group, regions.iter().map(|region| client(cloud, region)), |_| 2_000.0)
}

/// A source of session logs.
pub fn sessions(cloud: &Cloud, group: &str, regions: &[&str]) -> CloudWatch {
    source(cloud, Origin { name: "stream".to_owned(), kind: SourceKind::CloudWatch, account_id: None, region: None }, group, regions)
}

/// The same of a client that gives up soon where nobody answers: what the product waits minutes for must not take a suite hours.
pub fn hasty(cloud: &Cloud, group: &str, region: &str, patience: Duration) -> CloudWatch {
    let timeouts = TimeoutConfig::builder().read_timeout(patience).operation_attempt_timeout(patience).build();
    let client = Client::from_conf(config(cloud, region).timeout_config(timeouts).build());
    let origin = Origin { name: "stream".to_owned(), kind: SourceKind::CloudWatch, account_id: None, region: None };
    CloudWatch::at_pace(origin, group, [(region.to_owned(), client)], |_| 2_000.0)
}

/// What was pulled so far: a lake, as far as a source sees one.
#[derive(Debug, Default)]
pub struct Pulled {
    keys: BTreeSet<String>,
    /// By key and version, the events of each object that was read.
    objects: BTreeMap<(String, String), Vec<Value>>,
}

/// What one pull did.
#[derive(Debug, Default)]
pub struct Pull {
    pub listed: usize,
    pub read: usize,
    pub errors: Vec<SourceError>,
}

impl Pulled {
    /// Reads what is new, and keeps it.
    ///
    /// # Panics
    /// Where a listing breaks the contract, or what was listed and is there cannot be opened.
    pub async fn pull(&mut self, source: &CloudWatch, from: Option<Timestamp>) -> Pull {
        let mut pull = Pull::default();
        let known = Arc::new(self.keys.clone());
        let mut items = source.objects(Resume { known, from, ..Resume::beginning() });
        let mut last = String::new();
        while let Some(item) = items.next().await {
            match item {
                Ok(listed) => {
                    let object = listed.object.clone();
                    assert!(last < object.key, "{last} before {}", object.key);
                    last.clone_from(&object.key);
                    pull.listed += 1;
                    let name = (object.key.clone(), object.object_version.clone());
                    if self.objects.contains_key(&name) {
                        continue;
                    }
                    let mut body = source.open(&listed).await.unwrap_or_else(|error| panic!("{error}")).body;
                    let read = move || {
                        let mut text = String::new();
                        body.read_to_string(&mut text).map(|_| text)
                    };
                    let text = tokio::task::spawn_blocking(read).await.expect("reading does not panic").expect("the body is whole");
                    assert_eq!(text.len() as u64, object.size, "{}", object.key);
                    self.objects.insert(name, text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect());
                    self.keys.insert(object.key);
                    pull.read += 1;
                }
                Err(error) => pull.errors.push(error),
            }
        }
        pull
    }

    /// The ids of all events, each once.
    pub fn ids(&self) -> BTreeSet<String> {
        self.events().map(|event| event["eventId"].as_str().expect("an event has an id").to_owned()).collect()
    }

    /// How many copies of events there are.
    pub fn copies(&self) -> usize {
        self.events().count()
    }

    fn events(&self) -> impl Iterator<Item = &Value> {
        self.objects.values().flatten()
    }
}

/// What errors mean, and where.
pub fn told(errors: &[SourceError]) -> Vec<(ErrorKind, &str)> {
    errors.iter().map(|error| (error.kind, error.place.as_str())).collect()
}
