//! The APIs of an account on the wire, as a stand-in of our own: Systems Manager and CloudWatch Logs in JSON, EC2, STS and S3's settings of buckets in XML. The
//! real AWS CLI talks to it in `wire_account.rs`, which is what says that it speaks as the services do.
//!
//! What it does that moto (5.2) does not: `DescribeSessions`; pages of any size, empty ones with a token among them; denial, throttling and failure at any call of
//! any operation; regions out of reach; buckets that lie in another region.
//! What neither does: signatures are not verified, no quota is kept, an answer never changes while it is paged.

pub mod behaviour;
pub mod estate;
mod http;
mod services;
pub mod wired;
mod xml;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use behaviour::Behaviour;
use serde_json::Value;
use services::Services;

/// Every operation that an account is asked for, as faults name them.
pub const CALLS: [&str; 13] = [
    "GetCallerIdentity",
    "DescribeSessions-Active",
    "DescribeSessions-History",
    "DescribeInstances",
    "DescribeInstanceInformation",
    "ListDocuments",
    "DescribeDocument",
    "ListDocumentVersions",
    "GetDocument",
    "GetBucketVersioning",
    "GetBucketEncryption",
    "GetObjectLockConfiguration",
    "DescribeLogGroups",
];

/// A stand-in that listens on the loopback. It ends with the test process.
pub struct StandIn {
    address: SocketAddr,
    services: Arc<Mutex<Services>>,
}

/// What a region holds. Entries of lists are as the wire has them: times are seconds.
#[derive(Debug, Clone, Default)]
pub struct Holdings {
    pub active: Vec<Value>,
    pub history: Vec<Value>,
    pub instances: Vec<Instance>,
    /// The whole answer about instances, where it is not made of these.
    pub told_instances: Option<String>,
    pub nodes: Vec<Value>,
    /// Session documents, by name.
    pub documents: BTreeMap<String, Document>,
    pub log_groups: Vec<Value>,
}

/// An instance of EC2.
#[derive(Debug, Clone)]
pub struct Instance {
    pub id: String,
    pub state: &'static str,
    pub tags: Vec<(String, String)>,
    pub platform: &'static str,
    /// More elements of it.
    pub more: String,
}

/// A Session document.
#[derive(Debug, Clone)]
pub struct Document {
    pub default: String,
    /// From the first on.
    pub versions: Vec<Version>,
}

#[derive(Debug, Clone)]
pub struct Version {
    pub created: f64,
    pub content: String,
}

/// Settings of a bucket: what is in the outermost element of each answer.
#[derive(Debug, Clone, Default)]
pub struct Bucket {
    pub region: String,
    pub versioning: Option<&'static str>,
    pub encryption: Option<&'static str>,
    pub object_lock: Option<&'static str>,
}

impl StandIn {
    /// Starts to listen; whoever asks is of this account.
    pub fn of(account: &str) -> Self {
        let services = Arc::new(Mutex::new(Services { account: account.to_owned(), ..Services::default() }));
        Self { address: http::serve(Arc::clone(&services)), services }
    }

    /// Its address, for `endpoint_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on a region holds this.
    pub fn hold(&self, region: &str, holdings: Holdings) {
        self.services().regions.insert(region.to_owned(), holdings);
    }

    /// From now on there is such a bucket.
    pub fn bucket(&self, name: &str, bucket: Bucket) {
        self.services().buckets.insert(name.to_owned(), bucket);
    }

    /// From now on it behaves like this, and calls are counted anew.
    pub fn behave(&self, behaviour: Behaviour) {
        let mut services = self.services();
        services.behaviour = behaviour;
        services.calls.clear();
    }

    /// Calls of an operation in all regions since it was last told how to behave.
    pub fn calls(&self, operation: &str) -> u64 {
        self.services().calls.iter().filter(|((called, _), _)| called == operation).map(|(_, count)| count).sum()
    }

    /// The same in the region where it was called most: so many can fail, as [`behaviour::Failing`] counts them.
    pub fn calls_in_a_region(&self, operation: &str) -> u64 {
        self.services().calls.iter().filter(|((called, _), _)| called == operation).map(|(_, count)| *count).max().unwrap_or(0)
    }

    fn services(&self) -> MutexGuard<'_, Services> {
        self.services.lock().expect("no call panics")
    }
}
