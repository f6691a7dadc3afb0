//! What an account is asked in a region: the file that holds the answer in a folder of snapshots, and the place that is told where there is none.

use super::failure::Failure;
use crate::source::ErrorKind;

/// A question whose answer is a file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    SessionsActive,
    SessionsHistory,
    Instances,
    InstanceInformation,
    ListDocuments,
    DescribeDocument(String),
    /// Name and version.
    GetDocument(String, String),
    BucketVersioning(String),
    BucketEncryption(String),
    ObjectLock(String),
    LogGroups,
}

impl Question {
    /// The name of the file, but for its extension: the command of the AWS CLI, and what it is about.
    fn stem(&self) -> String {
        match self {
            Self::SessionsActive => "describe-sessions-active".to_owned(),
            Self::SessionsHistory => "describe-sessions-history".to_owned(),
            Self::Instances => "describe-instances".to_owned(),
            Self::InstanceInformation => "describe-instance-information".to_owned(),
            Self::ListDocuments => "list-documents".to_owned(),
            Self::DescribeDocument(name) => format!("describe-document-{name}"),
            Self::GetDocument(name, version) => format!("get-document-{name}-{version}"),
            Self::BucketVersioning(bucket) => format!("get-bucket-versioning-{bucket}"),
            Self::BucketEncryption(bucket) => format!("get-bucket-encryption-{bucket}"),
            Self::ObjectLock(bucket) => format!("get-object-lock-configuration-{bucket}"),
            Self::LogGroups => "describe-log-groups".to_owned(),
        }
    }

    /// The name of the file.
    pub(super) fn file(&self) -> String {
        format!("{}.json", self.stem())
    }

    /// The place, within that of the region, that is told where the answer cannot be had. It has no time in it, so that the next good run closes
    /// the gap; and it lies in the place of the question that it comes of, so that it stays open while that one cannot be answered.
    pub(super) fn place(&self) -> String {
        let within = match self {
            Self::DescribeDocument(_) => Self::ListDocuments.place(),
            Self::GetDocument(name, _) => versions_place(name),
            _ => String::new(),
        };
        format!("{within}{}/", self.stem())
    }
}

/// The place of `ListDocumentVersions`, whose answer is no file of its own.
pub(super) fn versions_place(document: &str) -> String {
    format!("{}list-document-versions-{document}/", Question::ListDocuments.place())
}

/// Whether a place within a region's is that of settings, which are asked for because some document names them.
pub(super) fn is_of_settings(place: &str) -> bool {
    ["get-bucket-", "get-object-lock-configuration-", "describe-log-groups/"].iter().any(|start| place.starts_with(start))
}

/// A name that can be asked for, and be part of a file's name; AWS gives no others.
pub(super) fn checked<'n>(what: &str, name: &'n str) -> Result<&'n str, Failure> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    // What ends like a side file would be passed over as one, wherever the answer is kept.
    let is_name = !name.is_empty() && name.len() <= LONGEST && name.bytes().all(fits) && !name.ends_with(".metadata");
    if is_name { Ok(name) } else { Err(Failure::new(ErrorKind::Corrupt, format!("this is no name of a {what}: {name:?}"))) }
}

/// Names of buckets had up to 255 characters once.
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;
    use sessions::decode::{Interest, SourceKind, interest};

    fn all() -> [Question; 11] {
        let name = || "SSM-SessionManagerRunShell".to_owned();
        [
            Question::SessionsActive,
            Question::SessionsHistory,
            Question::Instances,
            Question::InstanceInformation,
            Question::ListDocuments,
            Question::DescribeDocument(name()),
            Question::GetDocument(name(), "12".to_owned()),
            Question::BucketVersioning(name()),
            Question::BucketEncryption(name()),
            Question::ObjectLock(name()),
            Question::LogGroups,
        ]
    }

    #[test]
    fn every_place_is_a_folder_and_says_what_it_comes_of() {
        for question in all() {
            assert!(question.place().ends_with(&format!("{}/", question.stem())) && !question.place().contains("//"));
            assert_eq!(interest(SourceKind::Account, &format!("111122223333/eu-west-1/20260714T091500Z/{}", question.file())), Interest::Read);
        }
        let version = &all()[6];
        assert_eq!(
            version.place(),
            "list-documents/list-document-versions-SSM-SessionManagerRunShell/get-document-SSM-SessionManagerRunShell-12/",
            "it stays open while the versions cannot be listed"
        );
        let settings = all().into_iter().filter(|question| is_of_settings(&question.place())).count();
        assert_eq!(settings, 4);
    }

    #[test]
    fn a_name_is_never_a_path() {
        assert!(["logs", "org.logs-1", "SSM_Doc"].into_iter().all(|name| checked("bucket", name).is_ok()));
        for name in ["", "a/b", "..\\x", "a b", "arn:aws:ssm:x", "doc.metadata", "\u{1b}[2J", &"x".repeat(256)] {
            assert!(checked("bucket", name).is_err(), "{name:?}");
        }
    }
}
