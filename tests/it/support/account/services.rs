//! What the services hold, and what they answer.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::behaviour::{Behaviour, Fault};
use super::http::{Call, Reply, Speech};
use super::{Document, Holdings, xml};

#[derive(Default)]
pub(super) struct Services {
    pub(super) account: String,
    pub(super) regions: BTreeMap<String, Holdings>,
    pub(super) buckets: BTreeMap<String, super::Bucket>,
    pub(super) behaviour: Behaviour,
    /// By operation and region, how often it was called since the last change of behaviour.
    pub(super) calls: BTreeMap<(String, String), u64>,
}

/// What is answered to a call; `None` where nobody is there to answer.
pub(super) fn answer(services: &Mutex<Services>, call: &Call) -> Option<Reply> {
    let mut services = services.lock().ok()?;
    if services.behaviour.unreachable.contains(&call.region) {
        return None;
    }
    let count = services.calls.entry((call.operation.clone(), call.region.clone())).or_default();
    *count += 1;
    let number = *count - 1;
    let is_stranger = services.behaviour.only_key.as_ref().is_some_and(|key| *key != call.key);
    match services.behaviour.fault(&call.operation, number).or(is_stranger.then_some(Fault::Denied)) {
        Some(Fault::HungUp) => None,
        Some(Fault::TornOff) => Some(Reply { is_torn: true, ..services.tell(call) }),
        Some(fault) => Some(refusal(call, fault)),
        None => Some(services.tell(call)),
    }
}

fn reply(speech: Speech, status: u16, body: impl Into<Vec<u8>>) -> Reply {
    let kind = if speech == Speech::Json { "application/x-amz-json-1.1" } else { "text/xml" };
    Reply { status, kind, head: String::new(), body: body.into(), is_torn: false }
}

fn refusal(call: &Call, fault: Fault) -> Reply {
    let message = "so it was told to";
    let (speech, xml): (_, fn(&str, &str) -> String) = match call.speech {
        Speech::Json => (Speech::Json, |code, message| json!({ "__type": code, "message": message }).to_string()),
        Speech::Ec2 => (Speech::Ec2, xml::ec2_error),
        Speech::Sts => (Speech::Sts, xml::sts_error),
        Speech::S3 => (Speech::S3, xml::s3_error),
    };
    let (status, code) = match (fault, speech) {
        (Fault::Denied, Speech::Json) => (400, "AccessDeniedException"),
        (Fault::Denied, Speech::Ec2) => (403, "UnauthorizedOperation"),
        (Fault::Denied, _) => (403, "AccessDenied"),
        (Fault::Throttled, Speech::Json) => (400, "ThrottlingException"),
        (Fault::Throttled, Speech::Ec2) => (503, "RequestLimitExceeded"),
        (Fault::Throttled, Speech::Sts) => (400, "Throttling"),
        (Fault::Throttled, Speech::S3) => (503, "SlowDown"),
        (_, Speech::Json) => (500, "InternalServerError"),
        (_, _) => (500, "InternalError"),
    };
    reply(speech, status, xml(code, message))
}

impl Services {
    fn tell(&self, call: &Call) -> Reply {
        let nothing = Holdings::default();
        let held = self.regions.get(&call.region).unwrap_or(&nothing);
        let listed = |list: &str, entries: &[Value]| self.page(call, list, "NextToken", entries);
        let json = |value: Value| reply(Speech::Json, 200, value.to_string());
        let missing = || reply(Speech::Json, 400, json!({ "__type": "InvalidDocument", "Message": "Document does not exist" }).to_string());
        let document = call.body["Name"].as_str().and_then(|name| Some((name, held.documents.get(name)?)));
        match (call.operation.as_str(), document) {
            ("GetCallerIdentity", _) => reply(Speech::Sts, 200, xml::identity(&self.account)),
            ("DescribeSessions-Active", _) => listed("Sessions", &held.active),
            ("DescribeSessions-History", _) => listed("Sessions", &held.history),
            ("DescribeInstanceInformation", _) => listed("InstanceInformationList", &held.nodes),
            ("DescribeInstances", _) => {
                let (page, token) =
                    self.cut(&held.instances, call.body["NextToken"].as_str(), call.body["MaxResults"].as_str().and_then(|max| max.parse().ok()));
                let made = || xml::instances(page, token.as_deref());
                reply(Speech::Ec2, 200, held.told_instances.clone().unwrap_or_else(made))
            }
            ("ListDocuments", _) => {
                let owned = call.body["Filters"].as_array().is_some_and(|filters| filters.iter().any(|filter| filter["Values"][0] == "Session"));
                let documents: Vec<Value> = held.documents.iter().map(|(name, document)| document.listed(name)).collect();
                if owned { listed("DocumentIdentifiers", &documents) } else { listed("DocumentIdentifiers", &[]) }
            }
            ("DescribeDocument", Some((name, document))) => json(json!({ "Document": document.described(name) })),
            ("ListDocumentVersions", Some((name, document))) => listed("DocumentVersions", &document.versions(name)),
            ("GetDocument", Some((name, document))) => {
                let version = call.body["DocumentVersion"].as_str().unwrap_or(&document.default);
                version.parse().ok().and_then(|number: usize| document.content(name, number)).map_or_else(missing, json)
            }
            ("DescribeLogGroups", _) => {
                let prefix = call.body["logGroupNamePrefix"].as_str().unwrap_or_default();
                let groups: Vec<Value> =
                    held.log_groups.iter().filter(|group| group["logGroupName"].as_str().is_some_and(|name| name.starts_with(prefix))).cloned().collect();
                self.page(call, "logGroups", "nextToken", &groups)
            }
            _ if call.speech == Speech::S3 => self.setting(call),
            _ => missing(),
        }
    }

    fn page(&self, call: &Call, list: &str, token_name: &str, entries: &[Value]) -> Reply {
        let most = call.body["MaxResults"].as_u64().or_else(|| call.body["limit"].as_u64()).and_then(|most| usize::try_from(most).ok());
        let (page, token) = self.cut(entries, call.body[token_name].as_str(), most);
        let mut answer = json!({ list: page });
        if let Some(token) = token {
            answer[token_name] = token.into();
        }
        reply(Speech::Json, 200, answer.to_string())
    }

    /// The entries of a page, and the token of the next: where it begins, and how many there were before.
    fn cut<'e, T>(&self, entries: &'e [T], token: Option<&str>, most: Option<usize>) -> (&'e [T], Option<String>) {
        let Behaviour { page, empty_every, .. } = self.behaviour;
        let (begin, number) = token.and_then(|token| token.split_once('.')).map_or((0, 0), |(begin, number)| {
            let number_of = |text: &str| text.parse::<usize>().expect("a token of ours");
            (number_of(begin), number_of(number))
        });
        let most = if page > 0 { page } else { most.unwrap_or(usize::MAX) };
        let is_empty = empty_every > 0 && number % empty_every == 0;
        let end = if is_empty { begin } else { begin.saturating_add(most).min(entries.len()) };
        let has_more = end < entries.len() || is_empty;
        (&entries[begin..end], has_more.then(|| format!("{end}.{}", number + 1)))
    }

    fn setting(&self, call: &Call) -> Reply {
        let Some(bucket) = call.body.as_str().and_then(|name| self.buckets.get(name)) else {
            return reply(Speech::S3, 404, xml::s3_error("NoSuchBucket", "The specified bucket does not exist"));
        };
        if bucket.region != call.region {
            let elsewhere = reply(Speech::S3, 301, xml::s3_error("PermanentRedirect", "The bucket must be addressed elsewhere"));
            return Reply { head: format!("x-amz-bucket-region: {}\r\n", bucket.region), ..elsewhere };
        }
        let (element, inner, none) = match call.operation.as_str() {
            "GetBucketVersioning" => ("VersioningConfiguration", Some(bucket.versioning.unwrap_or_default()), ""),
            "GetBucketEncryption" => ("ServerSideEncryptionConfiguration", bucket.encryption, "ServerSideEncryptionConfigurationNotFoundError"),
            _ => ("ObjectLockConfiguration", bucket.object_lock, "ObjectLockConfigurationNotFoundError"),
        };
        match inner {
            Some(inner) => reply(Speech::S3, 200, xml::setting(element, inner)),
            None => reply(Speech::S3, 404, xml::s3_error(none, "There is none")),
        }
    }
}

impl Document {
    fn created(&self, number: usize) -> f64 {
        self.versions.get(number - 1).map_or(0.0, |version| version.created)
    }

    fn listed(&self, name: &str) -> Value {
        json!({
            "Name": name, "CreatedDate": self.created(1), "Owner": "111122223333", "PlatformTypes": ["Windows", "Linux", "MacOS"],
            "DocumentVersion": self.default, "DocumentType": "Session", "SchemaVersion": "1.0", "DocumentFormat": "JSON", "Tags": [],
        })
    }

    fn described(&self, name: &str) -> Value {
        json!({
            "Hash": "00", "HashType": "Sha256", "Name": name, "Owner": "111122223333", "CreatedDate": self.created(1), "Status": "Active",
            "DocumentVersion": self.default, "PlatformTypes": ["Windows", "Linux", "MacOS"], "DocumentType": "Session", "SchemaVersion": "1.0",
            "LatestVersion": self.versions.len().to_string(), "DefaultVersion": self.default, "DocumentFormat": "JSON", "Tags": [],
            "ReviewInformation": [{ "ReviewedTime": 1_784_020_500.25, "Status": "APPROVED", "Reviewer": "jane" }],
        })
    }

    /// The newest first.
    fn versions(&self, name: &str) -> Vec<Value> {
        let version = |number: usize| {
            json!({
                "Name": name, "DocumentVersion": number.to_string(), "CreatedDate": self.created(number), "DocumentFormat": "JSON", "Status": "Active",
                "IsDefaultVersion": number.to_string() == self.default,
            })
        };
        (1..=self.versions.len()).rev().map(version).collect()
    }

    fn content(&self, name: &str, number: usize) -> Option<Value> {
        let version = self.versions.get(number.checked_sub(1)?)?;
        Some(json!({
            "Name": name, "CreatedDate": version.created, "DocumentVersion": number.to_string(), "Status": "Active", "Content": version.content,
            "DocumentType": "Session", "DocumentFormat": "JSON", "AttachmentsContent": [],
        }))
    }
}
