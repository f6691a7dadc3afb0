//! The layout of a trail: `[prefix/]AWSLogs/[o-id/]<account>/CloudTrail/<region>/YYYY/MM/DD/`. Below a region keys are in the order of time, so
//! there a listing may begin where it ended, less some days.

use schemas::Timestamp;
use sessions::decode::{Interest, SourceKind, interest};

use super::super::{Resume, SourceError};
use super::bucket::{Asked, Bucket, Name};

/// What a folder is to the layout, by its full key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// The days of one account and region lie in it.
    Region,
    /// Something of the layout lies in it.
    Layout,
    /// It is of no trail, or above all of it.
    Other,
    /// It lies in the days of a region.
    Day,
}

impl Folder {
    pub(super) fn of(full: &str) -> Self {
        let segments: Vec<&str> = full.trim_end_matches('/').split('/').collect();
        let is_region = |segments: &[&str]| matches!(segments, [.., account, "CloudTrail", _] if is_account(account));
        match segments.as_slice() {
            all if is_region(all) => Self::Region,
            [.., account, "CloudTrail"] if is_account(account) => Self::Layout,
            [.., "AWSLogs"] => Self::Layout,
            [.., "AWSLogs", one] if is_account(one) || is_organisation(one) => Self::Layout,
            [.., "AWSLogs", organisation, account] if is_organisation(organisation) && is_account(account) => Self::Layout,
            all if (1..all.len()).any(|length| all.get(..length).is_some_and(is_region)) => Self::Day,
            _ => Self::Other,
        }
    }
}

fn is_account(segment: &str) -> bool {
    segment.len() == 12 && segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_organisation(segment: &str) -> bool {
    segment.starts_with("o-")
}

/// Whether nothing below a folder can hold evidence, as with digests, insights and the logs of other services.
pub(super) fn is_beside(folder: &str) -> bool {
    interest(SourceKind::CloudTrail, &format!("{folder}x.json.gz")) == Interest::Skip
}

/// After which key the listing of a region begins; `None` for its beginning.
///
/// It begins some days before the newest key that is known, and no later than what was missing; and at the beginning where the first key that
/// is there is not known, since then somebody has read a part of it only.
pub(super) async fn begin(bucket: &Bucket, resume: &Resume, region: &str) -> Result<Option<String>, SourceError> {
    let before = |day: Timestamp| day.plus_seconds(-OVERLAP_DAYS * 86_400).to_string().get(..10).map(|day| format!("{region}{}", day.replace('-', "/")));
    if let Some(from) = resume.from {
        return Ok(before(from));
    }
    let Some(last) = resume.known.last_below(region).await? else { return Ok(None) };
    let page = bucket.page(Asked { folder: region, after: None, token: None, by_folder: false }).await?;
    let first = page.names.iter().map(Name::text).find(|key| interest(SourceKind::CloudTrail, key) == Interest::Read);
    let is_whole = match first {
        Some(first) => resume.known.last_below(first).await?.as_deref() == Some(first),
        None => false,
    };
    // Of a gap at the region or above it, nobody knows what it hides.
    let is_open = resume.gaps.iter().any(|gap| region.starts_with(gap.as_str()));
    let missing = resume.gaps.iter().filter(|gap| gap.starts_with(region)).map(|gap| day_of(gap, region));
    let days: Option<Vec<Timestamp>> = std::iter::once(day_of(&last, region)).chain(missing).collect();
    Ok(days.filter(|_| is_whole && !is_open).and_then(|days| days.into_iter().min()).and_then(before))
}

/// The day of a key below its region's folder.
fn day_of(key: &str, region: &str) -> Option<Timestamp> {
    let day = key.strip_prefix(region)?.get(..10)?;
    let is_day = day.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'/' } else { byte.is_ascii_digit() });
    if is_day { Timestamp::parse(&format!("{}T00:00:00Z", day.replace('/', "-"))).ok() } else { None }
}

/// Days that are listed again. CloudTrail delivers within minutes as a rule, and after an outage of its own within a day or two.
const OVERLAP_DAYS: i64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_told_apart_at_any_depth() {
        use Folder::*;
        for (full, folder) in [
            ("AWSLogs/", Layout),
            ("logs/trail/AWSLogs/", Layout),
            ("AWSLogs/111122223333/", Layout),
            ("AWSLogs/o-a1b2c3d4e5/", Layout),
            ("AWSLogs/o-a1b2c3d4e5/111122223333/", Layout),
            ("AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/", Layout),
            ("111122223333/CloudTrail/", Layout),
            ("x/AWSLogs/111122223333/CloudTrail/eu-central-1/", Region),
            ("AWSLogs/111122223333/CloudTrail/eu-central-1/2026/", Day),
            ("AWSLogs/111122223333/CloudTrail/eu-central-1/2026/07/14/", Day),
            ("", Other),
            ("exports/", Other),
            ("AWSLogs/notes/", Other),
        ] {
            assert_eq!(Folder::of(full), folder, "{full}");
        }
        assert!(is_beside("AWSLogs/111122223333/CloudTrail-Digest/") && is_beside("AWSLogs/111122223333/Config/"));
        assert!(!is_beside("AWSLogs/111122223333/CloudTrail/") && !is_beside("AWSLogs/"));
    }

    #[test]
    fn a_day_is_read_where_there_is_one() {
        let region = "AWSLogs/111122223333/CloudTrail/eu-central-1/";
        let day = |rest: &str| day_of(&format!("{region}{rest}"), region).map(|day| day.to_string());
        assert_eq!(day("2026/07/14/x.json.gz").as_deref(), Some("2026-07-14T00:00:00.000000Z"));
        assert_eq!(day("2026/07/1"), None);
        assert_eq!(day("notes/2026.json"), None);
        assert_eq!(day("2026/13/41/x.json.gz"), None);
    }
}
