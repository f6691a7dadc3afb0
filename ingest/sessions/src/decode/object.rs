//! Objects as listed, and what their keys say.

use schemas::{SessionId, Timestamp};

/// What the objects of a source hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// Transcripts of whole sessions: `<prefix>/<SessionId>.log`.
    Transcripts,
    /// One log group of CloudWatch Logs: export tasks, or answers of its API.
    CloudWatch,
    /// CloudTrail log files, or the log group that a trail writes to.
    CloudTrail,
    /// Snapshots of API answers: `<account>/<region>/<time>/<answer>.json`.
    Account,
}

impl SourceKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Transcripts, Self::CloudWatch, Self::CloudTrail, Self::Account];

    /// The word that the configuration has for the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transcripts => "transcripts",
            Self::CloudWatch => "cloudwatch",
            Self::CloudTrail => "cloudtrail",
            Self::Account => "account",
        }
    }

    /// The kind that a word of the configuration names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One object of a source, as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Name of the configured source.
    pub source: String,
    /// What the source's objects hold.
    pub kind: SourceKind,
    /// Key, relative to the source's uri, with `/` between its segments.
    pub key: String,
    /// Version id where one is known, else size and time.
    pub object_version: String,
    /// Bytes, as stored.
    pub size: u64,
    /// `LastModified`, or the file's time of modification.
    pub last_modified: Option<Timestamp>,
    /// The account of the source's configuration.
    pub account_id: Option<String>,
    /// The region of the source's configuration.
    pub region: Option<String>,
}

impl Object {
    /// The last segment of the key.
    pub(crate) fn name(&self) -> &str {
        name(&self.key)
    }

    /// The last segment but one, which is the log stream in the layout of export tasks.
    pub(crate) fn folder(&self) -> Option<&str> {
        self.key.rsplit('/').nth(1).filter(|folder| !folder.is_empty())
    }
}

/// Whether an object is worth reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// It should hold evidence. Where it does not, it becomes a reject.
    Read,
    /// It cannot hold evidence of its source's kind, and is passed over without a word.
    Skip,
}

/// Whether a key of a source of this kind names an object of interest.
///
/// Passed over are side files (`*.metadata.json`), hidden files, folder markers, the permission test of export tasks, other services'
/// logs beside a trail, CloudTrail's digests and insights, and names that the kind's layout never gives to evidence. What looks like
/// evidence of the kind is read, and rejected where it is none. In a snapshot folder everything else is read: only answers belong there.
#[must_use]
pub fn interest(kind: SourceKind, key: &str) -> Interest {
    let name = name(key);
    let is_session = name.strip_suffix(".log").is_some_and(|stem| SessionId::parse(stem).is_some());
    if kind == SourceKind::Transcripts && is_session {
        // A caller's name, and so a session id, may begin with a dot.
        return Interest::Read;
    }
    let is_beside = name.is_empty() || name.starts_with('.') || name.ends_with(".metadata.json") || name.ends_with("_$folder$");
    let is_evidence = match kind {
        SourceKind::Transcripts => name.ends_with(".log") || SessionId::parse(without_extensions(name)).is_some(),
        SourceKind::CloudWatch => is_log_file(name),
        SourceKind::CloudTrail => is_log_file(name) && !is_other_service(key),
        SourceKind::Account => true,
    };
    if is_evidence && !is_beside { Interest::Read } else { Interest::Skip }
}

/// A file of an export task: `000000.gz`, or unpacked `000000`.
pub(crate) fn is_export_file(name: &str) -> bool {
    let digits = name.strip_suffix(".gz").unwrap_or(name);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The time of delivery that a CloudTrail key holds: `<account>_CloudTrail_<region>_<time>_<16 characters>.json.gz`.
pub(crate) fn delivered_at(key: &str) -> Option<Timestamp> {
    let name = name(key);
    let stem = name.strip_suffix(".gz").unwrap_or(name).strip_suffix(".json")?;
    let mut parts = stem.rsplit('_');
    let (unique, time, _region, marker, account) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_delivery = marker == "CloudTrail" && account.len() >= 12 && account.ends_with(|c: char| c.is_ascii_digit()) && unique.len() == 16;
    if is_delivery { Timestamp::parse_compact(time).ok() } else { None }
}

fn name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// A name up to the extensions that people add to transcripts. A session id may itself hold dots.
fn without_extensions(name: &str) -> &str {
    let stem = name.strip_suffix(".gz").unwrap_or(name);
    [".log", ".txt"].into_iter().find_map(|extension| stem.strip_suffix(extension)).unwrap_or(stem)
}

fn is_log_file(name: &str) -> bool {
    let unpacked = name.strip_suffix(".gz").unwrap_or(name);
    is_export_file(name) || name.ends_with(".gz") || [".json", ".ndjson", ".jsonl"].iter().any(|extension| unpacked.ends_with(extension))
}

/// Whether the folder after an account's belongs to another service that logs into the same bucket.
fn is_other_service(key: &str) -> bool {
    let mut segments = key.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_account = segment.len() == 12 && segment.bytes().all(|b| b.is_ascii_digit());
        let beside = segments.peek().is_some_and(|next| OTHER_SERVICES.contains(next));
        if beside && is_account || ["CloudTrail-Digest", "CloudTrail-Insight"].contains(&segment) {
            return true;
        }
    }
    false
}

/// Folders that AWS puts beside `CloudTrail` below `AWSLogs/<account>/`.
const OTHER_SERVICES: [&str; 7] = ["Config", "GuardDuty", "WAFLogs", "elasticloadbalancing", "vpcdnsquerylogs", "vpcflowlogs", "RedshiftLogs"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_which_objects_may_hold_evidence() {
        use SourceKind::*;
        let read = [
            (Transcripts, "jane-0a1b2c3d4e5f60718.log"),
            (Transcripts, "ssm/eu/.bob-0a1b2c3d4e5f60718.log"),
            (Transcripts, "ssm/notes.log"),
            (Transcripts, "jane-0a1b2c3d4e5f60718.txt"),
            (Transcripts, "jane-0a1b2c3d4e5f60718.log.gz"),
            (CloudWatch, "exports/task/jane-0a1b2c3d4e5f60718/000000.gz"),
            (CloudWatch, "exports/task/jane-0a1b2c3d4e5f60718/000000"),
            (CloudWatch, "api/page.ndjson.gz"),
            (CloudWatch, "api/page.json"),
            (CloudWatch, "odd.gz"),
            (CloudTrail, "AWSLogs/o-a1b2/111122223333/CloudTrail/eu-central-1/2026/07/14/x.json.gz"),
            (CloudTrail, "records.json"),
            (CloudTrail, "exports/1/111122223333_CloudTrail_eu-central-1_2/000000.gz"),
            (Account, "notes.txt"),
        ];
        for (kind, key) in read {
            assert_eq!(interest(kind, key), Interest::Read, "{key}");
        }
        let skip = [
            (Transcripts, "jane-0a1b2c3d4e5f60718.log.metadata.json"),
            (Transcripts, ".DS_Store"),
            (Transcripts, "prefix/"),
            (Transcripts, "0f1e/i-0123456789abcdef0/awsrunShellScript/stdout"),
            (CloudWatch, "exports/aws-logs-write-test"),
            (CloudTrail, "AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/2026/07/14/x.json.gz"),
            (CloudTrail, "AWSLogs/111122223333/CloudTrail-Insight/eu-central-1/2026/07/14/x.json.gz"),
            (CloudTrail, "AWSLogs/111122223333/Config/eu-central-1/2026/7/14/ConfigHistory/x.json.gz"),
            (CloudTrail, "AWSLogs/notes.txt"),
            (Account, "111122223333/eu-central-1/20260714T091500Z/describe-instances.json.metadata.json"),
            (Account, ".DS_Store"),
        ];
        for (kind, key) in skip {
            assert_eq!(interest(kind, key), Interest::Skip, "{key}");
        }
    }

    #[test]
    fn a_cloudtrail_key_holds_its_time_of_delivery() {
        let expected = Timestamp::parse("2026-07-14T09:15:00Z").ok();
        for key in [
            "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/07/14/111122223333_CloudTrail_eu-central-1_20260714T0915Z_abcdefghijklmnop.json.gz",
            "prefix-111122223333_CloudTrail_eu-central-1_20260714T0915Z_abcdefghijklmnop.json",
        ] {
            assert_eq!(delivered_at(key), expected, "{key}");
        }
        for key in ["records.json", "111122223333_CloudTrail_eu-central-1_20261399T0915Z_abcdefghijklmnop.json", "a_b_c_20260714T0915Z_abcdefghijklmnop.json"] {
            assert_eq!(delivered_at(key), None, "{key}");
        }
    }
}
