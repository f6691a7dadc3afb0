//! What an object's store vouches for: what a bare mirror loses, and a side file keeps.

use schemas::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What the store of an object says of it. Null where it does not say so: not verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Custody {
    /// When the store received the object, by the store's own clock.
    pub last_modified: Option<Timestamp>,
    /// The object's version.
    pub version_id: Option<String>,
    /// Its ETag, without the quotes that the service puts around it.
    pub etag: Option<String>,
    /// Its checksum with the algorithm, such as `SHA256:…`.
    pub checksum: Option<String>,
    /// Object Lock mode: `GOVERNANCE` or `COMPLIANCE`.
    pub lock_mode: Option<String>,
    /// Object Lock: retained until.
    pub retain_until: Option<Timestamp>,
    /// The user metadata, as a JSON object with sorted keys.
    pub user_metadata: Option<String>,
}

/// The answer of `aws s3api head-object`, as far as it tells custody. Other fields are passed over, as AWS adds some.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HeadObject {
    version_id: Option<String>,
    #[serde(rename = "ETag")]
    etag: Option<String>,
    last_modified: Option<String>,
    #[serde(rename = "ChecksumSHA256")]
    sha256: Option<String>,
    #[serde(rename = "ChecksumCRC64NVME")]
    crc64nvme: Option<String>,
    #[serde(rename = "ChecksumSHA1")]
    sha1: Option<String>,
    #[serde(rename = "ChecksumCRC32C")]
    crc32c: Option<String>,
    #[serde(rename = "ChecksumCRC32")]
    crc32: Option<String>,
    object_lock_mode: Option<String>,
    object_lock_retain_until_date: Option<String>,
    metadata: Option<Map<String, Value>>,
}

impl Custody {
    /// Reads a side file.
    ///
    /// # Errors
    /// A sentence fragment that says why it is none: not JSON, another shape, a time that is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let head: HeadObject = serde_json::from_slice(bytes).map_err(|error| format!("the side file is no head-object answer: {error}"))?;
        let mut checksums = CHECKSUMS.into_iter().zip([head.sha256, head.crc64nvme, head.sha1, head.crc32c, head.crc32]);
        let mut user_metadata = head.metadata;
        if let Some(metadata) = &mut user_metadata {
            metadata.sort_keys();
        }
        Ok(Self {
            last_modified: head.last_modified.as_deref().map(|text| time("LastModified", text)).transpose()?,
            // Buckets without versioning answer `null`, which names no version.
            version_id: filled(head.version_id).filter(|version| version != "null"),
            etag: filled(head.etag).map(|etag| etag.trim_matches('"').to_owned()),
            checksum: checksums.find_map(|(algorithm, checksum)| filled(checksum).map(|checksum| format!("{algorithm}:{checksum}"))),
            lock_mode: filled(head.object_lock_mode),
            retain_until: head.object_lock_retain_until_date.as_deref().map(|text| time("ObjectLockRetainUntilDate", text)).transpose()?,
            user_metadata: user_metadata.filter(|metadata| !metadata.is_empty()).map(|metadata| Value::Object(metadata).to_string()),
        })
    }
}

/// The algorithms of checksums that are kept, in the order in which one is chosen.
pub(super) const CHECKSUMS: [&str; 5] = ["SHA256", "CRC64NVME", "SHA1", "CRC32C", "CRC32"];

/// A text that says something.
pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The AWS CLI writes ISO times; its version 1 passes on the time of the HTTP header, `Tue, 14 Jul 2026 09:15:00 GMT`.
fn time(field: &str, text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).or_else(|_| from_http(text).ok_or(())).map_err(|()| format!("the side file's {field} is no time: {text:?}"))
}

fn from_http(text: &str) -> Option<Timestamp> {
    let (_, date) = text.split_once(", ")?;
    let mut words = date.split(' ');
    let (day, month, year, clock, zone) = (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    if zone != "GMT" || words.next().is_some() {
        return None;
    }
    Timestamp::parse(&format!("{year}-{month:02}-{day:0>2}T{clock}Z")).ok()
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn reads_what_head_object_says() {
        let answer = r#"{
            "AcceptRanges": "bytes", "LastModified": "2026-07-14T09:15:00+00:00", "ContentLength": 12, "ETag": "\"9b2cf535f27731c974343645a3985328\"",
            "ChecksumCRC64NVME": "LpgfAdoTFQw=", "ChecksumType": "FULL_OBJECT", "VersionId": "yTwrEXAMPLE", "ContentType": "text/plain",
            "ServerSideEncryption": "aws:kms", "Metadata": { "signature": "00ff", "a": "b" }, "ObjectLockMode": "COMPLIANCE",
            "ObjectLockRetainUntilDate": "2027-07-14T09:15:00.250000+00:00"
        }"#;
        let custody = Custody::parse(answer.as_bytes()).unwrap();
        let expected = Custody {
            last_modified: Some(Timestamp::parse("2026-07-14T09:15:00Z").unwrap()),
            version_id: Some("yTwrEXAMPLE".to_owned()),
            etag: Some("9b2cf535f27731c974343645a3985328".to_owned()),
            checksum: Some("CRC64NVME:LpgfAdoTFQw=".to_owned()),
            lock_mode: Some("COMPLIANCE".to_owned()),
            retain_until: Some(Timestamp::parse("2027-07-14T09:15:00.25Z").unwrap()),
            user_metadata: Some(r#"{"a":"b","signature":"00ff"}"#.to_owned()),
        };
        assert_eq!(custody, expected);
    }

    #[test]
    fn the_first_version_of_the_cli_writes_another_time() {
        let custody = Custody::parse(br#"{"LastModified": "Tue, 14 Jul 2026 09:15:00 GMT", "VersionId": "null", "Metadata": {}}"#).unwrap();
        assert_eq!(custody, Custody { last_modified: Some(Timestamp::parse("2026-07-14T09:15:00Z").unwrap()), ..Custody::default() });
    }

    #[test]
    fn says_why_it_cannot_be_used() {
        for (bytes, reason) in [
            (&b""[..], "no head-object answer"),
            (b"[]", "no head-object answer"),
            (br#"{"VersionId": 7}"#, "no head-object answer"),
            (br#"{"VersionId": "a", "VersionId": "b"}"#, "duplicate field"),
            (br#"{"LastModified": "yesterday"}"#, "LastModified is no time: \"yesterday\""),
            (br#"{"LastModified": "Tue, 41 Jul 2026 09:15:00 GMT"}"#, "LastModified is no time"),
        ] {
            let error = Custody::parse(bytes).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
