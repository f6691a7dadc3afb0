//! What a mirror loses of an object, from the file beside it: `<key>.metadata.json`, as `aws s3api head-object` prints it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use schemas::Timestamp;
use serde::Deserialize;

use super::Custody;

/// How the name of such a file ends.
pub const SUFFIX: &str = ".metadata.json";

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The object's keeping.
    pub custody: Custody,
    /// `LastModified`, which the mirror's own file time only imitates.
    pub last_modified: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HeadObject {
    version_id: Option<String>,
    #[serde(rename = "ETag")]
    etag: Option<String>,
    last_modified: Option<String>,
    #[serde(rename = "ChecksumSHA256")]
    checksum_sha256: Option<String>,
    #[serde(rename = "ChecksumCRC64NVME")]
    checksum_crc64nvme: Option<String>,
    object_lock_mode: Option<String>,
    object_lock_retain_until_date: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
}

/// Reads the file beside an object; `None` where there is none.
///
/// # Errors
/// Where the file is there and cannot be read or understood.
pub fn beside(path: &Path) -> io::Result<Option<Metadata>> {
    let mut name = path.as_os_str().to_owned();
    name.push(SUFFIX);
    match std::fs::read(&name) {
        Ok(bytes) => parse(&bytes).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // A name that is too long for the file beside it has none.
        Err(error) if error.kind() == io::ErrorKind::InvalidFilename => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse(bytes: &[u8]) -> io::Result<Metadata> {
    let refused = |error: String| io::Error::new(io::ErrorKind::InvalidData, format!("{SUFFIX} beside it: {error}"));
    let head: HeadObject = serde_json::from_slice(bytes).map_err(|error| refused(error.to_string()))?;
    let time = |text: Option<String>| text.map(|text| Timestamp::parse(&text)).transpose().map_err(|error| refused(error.to_string()));
    let checksum = head.checksum_sha256.map(|sum| format!("sha256:{sum}")).or(head.checksum_crc64nvme.map(|sum| format!("crc64nvme:{sum}")));
    Ok(Metadata {
        last_modified: time(head.last_modified)?,
        custody: Custody {
            version_id: head.version_id,
            etag: head.etag,
            checksum,
            lock_mode: head.object_lock_mode,
            retain_until: time(head.object_lock_retain_until_date)?,
            user_metadata: head.metadata.map(|metadata| serde_json::json!(metadata).to_string()),
        },
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn reads_what_head_object_prints() {
        let head = br#"{"AcceptRanges":"bytes","LastModified":"2026-07-06T10:00:05+00:00","ContentLength":5,"ETag":"\"abc\"","VersionId":"v1",
            "ChecksumCRC64NVME":"sum==","ObjectLockMode":"COMPLIANCE","ObjectLockRetainUntilDate":"2027-07-06T10:00:05+00:00","Metadata":{"b":"2","a":"1"}}"#;
        let metadata = parse(head).unwrap();
        assert_eq!(metadata.last_modified, Some(Timestamp::parse("2026-07-06T10:00:05Z").unwrap()));
        assert_eq!(metadata.custody.version_id.as_deref(), Some("v1"));
        assert_eq!(metadata.custody.checksum.as_deref(), Some("crc64nvme:sum=="));
        assert_eq!(metadata.custody.user_metadata.as_deref(), Some(r#"{"a":"1","b":"2"}"#));
    }

    #[test]
    fn refuses_what_is_no_answer() {
        assert!(parse(b"{").is_err());
        assert!(parse(br#"{"LastModified":"yesterday"}"#).is_err());
    }
}
