//! What S3 vouches for when it hands over an object.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::get_object::GetObjectOutput;

use super::super::Custody;
use super::super::custody::{CHECKSUMS, filled};
use super::error::micros;

/// What the listing told of an object, and what came with its bytes.
pub(super) fn learnt(listed: &Custody, answer: &GetObjectOutput) -> Custody {
    let text = |text: Option<&str>| filled(text.map(str::to_owned));
    let checksums = [answer.checksum_sha256(), answer.checksum_crc64_nvme(), answer.checksum_sha1(), answer.checksum_crc32_c(), answer.checksum_crc32()];
    let checksum = CHECKSUMS.iter().zip(checksums).find_map(|(algorithm, checksum)| Some(format!("{algorithm}:{}", text(checksum)?)));
    let retain_until = answer.object_lock_retain_until_date().and_then(|time| i64::try_from(micros(time)).ok()).and_then(schemas::Timestamp::plausible);
    let user_metadata: BTreeMap<&String, &String> = answer.metadata().into_iter().flatten().collect();
    Custody {
        last_modified: listed.last_modified,
        // Buckets without versioning answer `null`, which names no version.
        version_id: text(answer.version_id()).filter(|version| version != "null"),
        etag: listed.etag.clone().or_else(|| text(answer.e_tag()).map(|etag| etag.trim_matches('"').to_owned())),
        checksum,
        lock_mode: text(answer.object_lock_mode().map(|mode| mode.as_str())),
        retain_until,
        user_metadata: if user_metadata.is_empty() { None } else { serde_json::to_string(&user_metadata).ok() },
    }
}
