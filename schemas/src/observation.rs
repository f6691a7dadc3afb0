//! What an account snapshot says: which questions were answered, and the fleet and preferences in the answers.

use crate::Timestamp;

/// A question that a snapshot can hold the answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// `DescribeSessions`, `State=Active`.
    SessionsActive,
    /// `DescribeSessions`, `State=History`.
    SessionsHistory,
    /// `DescribeInstances`.
    Instances,
    /// `DescribeInstanceInformation`.
    InstanceInformation,
    /// `ListDocuments`.
    ListDocuments,
    /// `DescribeDocument`.
    DescribeDocument,
    /// `GetDocument`, one version.
    GetDocument,
    /// `GetBucketVersioning`.
    BucketVersioning,
    /// `GetBucketEncryption`.
    BucketEncryption,
    /// `GetObjectLockConfiguration`.
    ObjectLock,
    /// `DescribeLogGroups`.
    LogGroups,
}

impl Answer {
    /// Every answer, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::SessionsActive,
        Self::SessionsHistory,
        Self::Instances,
        Self::InstanceInformation,
        Self::ListDocuments,
        Self::DescribeDocument,
        Self::GetDocument,
        Self::BucketVersioning,
        Self::BucketEncryption,
        Self::ObjectLock,
        Self::LogGroups,
    ];

    /// The word of the `answer` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionsActive => "sessions_active",
            Self::SessionsHistory => "sessions_history",
            Self::Instances => "instances",
            Self::InstanceInformation => "instance_information",
            Self::ListDocuments => "list_documents",
            Self::DescribeDocument => "describe_document",
            Self::GetDocument => "get_document",
            Self::BucketVersioning => "bucket_versioning",
            Self::BucketEncryption => "bucket_encryption",
            Self::ObjectLock => "object_lock",
            Self::LogGroups => "log_groups",
        }
    }

    /// The answer that a word of the `answer` column names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == word)
    }
}

/// One answer of one snapshot: that it was there, and whether it was whole. An answer without a row was never given; one that could not
/// be understood names nothing and is not complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The account that was asked.
    pub account_id: String,
    /// The region that was asked.
    pub region: String,
    /// When.
    pub observed_at: Timestamp,
    /// What was asked.
    pub answer: Answer,
    /// The document, bucket or version asked about, where the question names one.
    pub subject: Option<String>,
    /// Whether it is whole: every page is there (no `NextToken`), and nothing in it was refused.
    pub complete: bool,
    /// How many things the answer names.
    pub items: i64,
    /// What the answer says beyond its items, as JSON: `DescribeDocument`'s versions, `ListDocuments`' names, a bucket's settings.
    pub detail: Option<String>,
    /// Name of the configured source.
    pub source: String,
    /// Key of the object within the source.
    pub object: String,
    /// SHA-256 of the answer, as far as it could be read.
    pub sha256: String,
}

/// Which answer names an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listed {
    /// `DescribeInstances`.
    Ec2,
    /// `DescribeInstanceInformation`.
    Ssm,
}

impl Listed {
    /// The word of the `listed_by` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Ssm => "ssm",
        }
    }

    /// The answer that a word of the `listed_by` column names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Ec2, Self::Ssm].into_iter().find(|listed| listed.as_str() == word)
    }
}

/// One instance or managed node, as one answer of a snapshot names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The account that was asked.
    pub account_id: String,
    /// The region that was asked.
    pub region: String,
    /// When.
    pub observed_at: Timestamp,
    /// `i-…` or `mi-…`.
    pub instance_id: String,
    /// Which answer names it.
    pub listed_by: Listed,
    /// EC2: the state's name, such as `running`.
    pub state: Option<String>,
    /// EC2: the tags, as a JSON object with sorted keys; `{}` where it has none.
    pub tags: Option<String>,
    /// Systems Manager: `Online`, `ConnectionLost`, `Inactive`.
    pub ping_status: Option<String>,
    /// Systems Manager: when the node was last heard of.
    pub last_ping_at: Option<Timestamp>,
    /// Systems Manager: version of the agent.
    pub agent_version: Option<String>,
    /// Platform (`Linux`, `Windows`, `MacOS`), as the answer says it.
    pub platform: Option<String>,
    /// Name of the configured source.
    pub source: String,
    /// Key of the object within the source.
    pub object: String,
}

/// One version of a Session document, as observed. Inputs that are absent or empty are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// The account that was asked.
    pub account_id: String,
    /// The region that was asked.
    pub region: String,
    /// When.
    pub observed_at: Timestamp,
    /// Name of the document.
    pub document_name: String,
    /// `DocumentVersion`.
    pub document_version: String,
    /// `sessionType` of the content.
    pub session_type: Option<String>,
    /// `idleSessionTimeout` as written, in minutes.
    pub idle_session_timeout: Option<String>,
    /// `maxSessionDuration` as written, in minutes.
    pub max_session_duration: Option<String>,
    /// `s3BucketName`.
    pub s3_bucket_name: Option<String>,
    /// `s3KeyPrefix`.
    pub s3_key_prefix: Option<String>,
    /// `s3EncryptionEnabled`.
    pub s3_encryption_enabled: Option<bool>,
    /// `cloudWatchLogGroupName`.
    pub cloud_watch_log_group_name: Option<String>,
    /// `cloudWatchEncryptionEnabled`.
    pub cloud_watch_encryption_enabled: Option<bool>,
    /// `cloudWatchStreamingEnabled`.
    pub cloud_watch_streaming_enabled: Option<bool>,
    /// `kmsKeyId`.
    pub kms_key_id: Option<String>,
    /// `runAsEnabled`.
    pub run_as_enabled: Option<bool>,
    /// `runAsDefaultUser`.
    pub run_as_default_user: Option<String>,
    /// `shellProfile.linux`.
    pub shell_profile_linux: Option<String>,
    /// `shellProfile.windows`.
    pub shell_profile_windows: Option<String>,
    /// `CreatedDate` of this version.
    pub created_at: Option<Timestamp>,
    /// SHA-256 of the content as it was given.
    pub content_sha256: String,
    /// The whole content, as JSON.
    pub content: String,
    /// Name of the configured source.
    pub source: String,
    /// Key of the object within the source.
    pub object: String,
}
