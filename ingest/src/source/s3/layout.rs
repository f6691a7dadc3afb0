//! Layouts in which keys are in the order of time below some folders, so that there a listing may begin where it ended, less some days: a trail,
//! `[prefix/]AWSLogs/[o-id/]<account>/CloudTrail/<region>/YYYY/MM/DD/`, and snapshots, `[prefix/]<account>/<region>/<YYYYMMDDTHHMMSSZ>/`.

use schemas::Timestamp;
use sessions::decode::{Interest, SourceKind, interest};

use super::super::{Resume, SourceError};
use super::bucket::{Asked, Bucket, Name};

/// How the objects of a kind of source are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Trail,
    Snapshots,
}

/// Where the listing of a region begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begin {
    /// After this key; `None` for the first.
    pub(super) after: Option<String>,
    /// Whether it leaves something behind that no later listing would come back to by itself.
    pub(super) leaves_out: bool,
}

/// What a folder is to the layout, by its full key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// The days, or the snapshots, of one account and region lie in it.
    Region,
    /// Something of the layout lies in it.
    Layout,
    /// It is of no such layout, or above all of it.
    Other,
    /// It lies within the folder of a region.
    Inside,
}

impl Layout {
    /// `None` where keys come in no order that says anything.
    pub(super) fn of(kind: SourceKind) -> Option<Self> {
        match kind {
            SourceKind::CloudTrail => Some(Self::Trail),
            SourceKind::Account => Some(Self::Snapshots),
            SourceKind::Transcripts | SourceKind::CloudWatch => None,
        }
    }

    pub(super) fn folder(self, full: &str) -> Folder {
        let segments: Vec<&str> = full.trim_end_matches('/').split('/').collect();
        match segments.as_slice() {
            all if self.is_region(all) => Folder::Region,
            all if (1..all.len()).any(|length| all.get(..length).is_some_and(|above| self.is_region(above))) => Folder::Inside,
            all if self.is_above(all) => Folder::Layout,
            _ => Folder::Other,
        }
    }

    fn is_region(self, segments: &[&str]) -> bool {
        match (self, segments) {
            (Self::Trail, [.., account, "CloudTrail", _]) => is_account(account),
            (Self::Snapshots, [.., account, region]) => is_account(account) && is_region(region),
            _ => false,
        }
    }

    fn is_above(self, segments: &[&str]) -> bool {
        match (self, segments) {
            (Self::Trail, [.., account, "CloudTrail"]) => is_account(account),
            (Self::Trail, [.., "AWSLogs"]) => true,
            (Self::Trail, [.., "AWSLogs", organisation, account]) if is_organisation(organisation) => is_account(account),
            (Self::Trail, [.., "AWSLogs", one]) => is_account(one) || is_organisation(one),
            (Self::Snapshots, [.., account]) => is_account(account),
            _ => false,
        }
    }

    /// Whether nothing below a folder can hold evidence, as with digests, insights and the logs of other services beside a trail.
    pub(super) fn is_beside(self, folder: &str) -> bool {
        self == Self::Trail && interest(SourceKind::CloudTrail, &format!("{folder}x.json.gz")) == Interest::Skip
    }

    /// The time of a key below its region's folder.
    fn time_of(self, key: &str, region: &str) -> Option<Timestamp> {
        let rest = key.strip_prefix(region)?;
        match self {
            Self::Trail => {
                let day = rest.get(..10)?;
                let is_day = day.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'/' } else { byte.is_ascii_digit() });
                if is_day { Timestamp::parse(&format!("{}T00:00:00Z", day.replace('/', "-"))).ok() } else { None }
            }
            Self::Snapshots => {
                let (stamp, _) = rest.split_once('/').filter(|(stamp, _)| stamp.len() == "20260714T091500Z".len())?;
                Timestamp::parse_compact(stamp).ok()
            }
        }
    }

    /// What comes before every key of this time below a region's folder.
    fn key_at(self, region: &str, at: Timestamp) -> Option<String> {
        let at = at.to_string();
        Some(match self {
            Self::Trail => format!("{region}{}", at.get(..10)?.replace('-', "/")),
            Self::Snapshots => format!("{region}{}Z", at.get(..19)?.replace(['-', ':'], "")),
        })
    }

    /// Where the listing of a region begins.
    pub(super) async fn begin(self, bucket: &Bucket, resume: &Resume, region: &str) -> Result<Begin, SourceError> {
        Ok(match resume.from {
            Some(from) => Begin {
                after: match self {
                    Self::Trail => self.days_before(region, from),
                    // A trail is delivered as it happens. A snapshot can be put there any time after it was taken: what was modified since then may be old.
                    Self::Snapshots => None,
                },
                leaves_out: self.leaves_out(resume, region, from).await?,
            },
            None => Begin { after: self.resumed(bucket, resume, region).await?, leaves_out: false },
        })
    }

    fn days_before(self, region: &str, at: Timestamp) -> Option<String> {
        self.key_at(region, at.plus_seconds(-OVERLAP_DAYS * 86_400))
    }

    /// Whether a listing from this time on leaves something behind that no later one would come back to: what lies between the newest key that is known and
    /// that time, since later ones begin at the newest of all; and what was missing before. Where nothing is known, the first key is not either, and the next
    /// listing begins there.
    async fn leaves_out(self, resume: &Resume, region: &str, from: Timestamp) -> Result<bool, SourceError> {
        let Some(last) = resume.known.last_below(region).await? else { return Ok(false) };
        let is_open = resume.gaps.iter().any(|gap| region.starts_with(gap.as_str()) || gap.starts_with(region));
        Ok(is_open || self.time_of(&last, region).is_none_or(|last| last < from))
    }

    /// After which key the listing of a region begins that nobody has asked for by time; `None` for its beginning.
    ///
    /// It begins some days before the newest key that is known, and no later than what was missing; and at the beginning where the first key that
    /// is there is not known, since then somebody has read a part of it only, or is none of the layout, since then nobody knows how the others
    /// are ordered.
    async fn resumed(self, bucket: &Bucket, resume: &Resume, region: &str) -> Result<Option<String>, SourceError> {
        let Some(last) = resume.known.last_below(region).await? else { return Ok(None) };
        let page = bucket.page(Asked { folder: region, after: None, token: None, by_folder: false }).await?;
        let first = page.names.iter().map(Name::text).find(|key| bucket.origin.has_object(key));
        let is_whole = match first {
            Some(first) if self.time_of(first, region).is_some() => resume.known.last_below(first).await?.as_deref() == Some(first),
            _ => false,
        };
        // Of a gap at the region or above it, nobody knows what it hides.
        let is_open = resume.gaps.iter().any(|gap| region.starts_with(gap.as_str()));
        let missing = resume.gaps.iter().filter(|gap| gap.starts_with(region)).map(|gap| self.time_of(gap, region));
        let times: Option<Vec<Timestamp>> = std::iter::once(self.time_of(&last, region)).chain(missing).collect();
        Ok(times.filter(|_| is_whole && !is_open).and_then(|times| times.into_iter().min()).and_then(|at| self.days_before(region, at)))
    }
}

fn is_account(segment: &str) -> bool {
    segment.len() == 12 && segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_organisation(segment: &str) -> bool {
    segment.starts_with("o-")
}

/// Whether this is the name of a region, and no other word or number that can stand below an account.
fn is_region(segment: &str) -> bool {
    let is_plain = segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_plain && segment.starts_with(|c: char| c.is_ascii_lowercase()) && segment.contains('-') && segment.ends_with(|c: char| c.is_ascii_digit())
}

/// Days that are listed again. CloudTrail delivers within minutes as a rule, and after an outage of its own within a day or two; who takes
/// snapshots puts them there at once, or after a weekend.
const OVERLAP_DAYS: i64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_told_apart_at_any_depth() {
        use Folder::{Inside, Other, Region};
        for (full, folder) in [
            ("AWSLogs/", Folder::Layout),
            ("logs/trail/AWSLogs/", Folder::Layout),
            ("AWSLogs/111122223333/", Folder::Layout),
            ("AWSLogs/o-a1b2c3d4e5/", Folder::Layout),
            ("AWSLogs/o-a1b2c3d4e5/111122223333/", Folder::Layout),
            ("AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail/", Folder::Layout),
            ("111122223333/CloudTrail/", Folder::Layout),
            ("x/AWSLogs/111122223333/CloudTrail/eu-central-1/", Region),
            ("AWSLogs/111122223333/CloudTrail/eu-central-1/2026/", Inside),
            ("AWSLogs/111122223333/CloudTrail/eu-central-1/2026/07/14/", Inside),
            ("", Other),
            ("exports/", Other),
            ("AWSLogs/notes/", Other),
        ] {
            assert_eq!(Layout::Trail.folder(full), folder, "{full}");
        }
        assert!(Layout::Trail.is_beside("AWSLogs/111122223333/CloudTrail-Digest/") && Layout::Trail.is_beside("AWSLogs/111122223333/Config/"));
        assert!(!Layout::Trail.is_beside("AWSLogs/111122223333/CloudTrail/") && !Layout::Trail.is_beside("AWSLogs/"));
        for (full, folder) in [
            ("111122223333/", Folder::Layout),
            ("mirror/a/111122223333/", Folder::Layout),
            ("999988887777/111122223333/", Folder::Layout),
            ("999988887777/111122223333/eu-central-1/", Region),
            ("111122223333/us-gov-west-1/", Region),
            ("111122223333/eu-central-1/20260714T091500Z/", Inside),
            ("", Other),
            ("mirror/", Other),
            ("mirror/eu-central-1/", Other),
            ("111122223333/notes/", Other),
            ("111122223333/20260714T091500Z/", Other),
        ] {
            assert_eq!(Layout::Snapshots.folder(full), folder, "{full}");
        }
        assert!(!Layout::Snapshots.is_beside("111122223333/notes/"), "in a snapshot source everything is read, or refused");
    }

    #[test]
    fn a_time_is_read_where_there_is_one_and_leads_to_what_comes_before_it() {
        let trail = "AWSLogs/111122223333/CloudTrail/eu-central-1/";
        let day = |rest: &str| Layout::Trail.time_of(&format!("{trail}{rest}"), trail).and_then(|day| Layout::Trail.key_at("", day));
        assert_eq!(day("2026/07/14/x.json.gz").as_deref(), Some("2026/07/14"));
        assert_eq!(day("2026/07/1"), None);
        assert_eq!(day("notes/2026.json"), None);
        assert_eq!(day("2026/13/41/x.json.gz"), None);
        let region = "111122223333/eu-central-1/";
        let taken = |rest: &str| Layout::Snapshots.time_of(&format!("{region}{rest}"), region).and_then(|at| Layout::Snapshots.key_at("", at));
        assert_eq!(taken("20260714T091501Z/describe-instances.json").as_deref(), Some("20260714T091501Z"));
        assert_eq!(taken("20260714T0915Z/x.json"), None, "no layout of ours");
        assert_eq!(taken("20260714T091501Z"), None, "a file");
        assert_eq!(taken("20261314T091501Z/x.json"), None);
    }
}
