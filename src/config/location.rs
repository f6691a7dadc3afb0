//! Where something lies: a folder of this machine, or S3.

use std::fmt;
use std::path::{Path, PathBuf};

use policy::settings::Problem;
use url::Url;

/// A folder, or a prefix of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// A folder; absolute where the folder that relative ones start from is.
    Directory(PathBuf),
    /// `s3://bucket/prefix`.
    S3 {
        /// Name of the bucket.
        bucket: String,
        /// What every key begins with, without slashes at its ends; may be empty.
        prefix: String,
    },
}

/// What the contract has and this version has not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject}: {what} is not in this version yet")]
pub(crate) struct NotYet {
    /// What asks for it: a place in the configuration, or an address.
    pub(crate) subject: String,
    /// What it asks for.
    pub(crate) what: &'static str,
    /// What to do instead.
    pub(crate) hint: &'static str,
}

impl Location {
    /// Reads a path, `file:///…` or `s3://…`; a relative path starts from `folder`.
    ///
    /// # Errors
    /// Where the text is an address of another kind, or one of these that names nothing.
    pub(crate) fn parse(text: &str, folder: &Path) -> Result<Self, Problem> {
        let refused = || Problem::NotA { expected: "a folder or an s3:// address", found: text.to_owned() };
        if let Some(rest) = text.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            return match bucket {
                "" => Err(Problem::NotA { expected: "an address of a bucket, as s3://bucket/prefix", found: text.to_owned() }),
                _ if is_bucket(bucket) => Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() }),
                _ => Err(Problem::NotA { expected: BUCKET, found: bucket.to_owned() }),
            };
        }
        if text.starts_with("file://") {
            let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
            return path.map(Self::Directory).ok_or_else(refused);
        }
        if text.trim().is_empty() || text.contains("://") { Err(refused()) } else { Ok(Self::Directory(path_in(folder, text))) }
    }
}

const BUCKET: &str = "the name of a bucket: 3 to 63 lowercase letters, digits, dots and hyphens, with a letter or digit at either end";

/// Whether S3 takes this as the name of a bucket.
fn is_bucket(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| is_plain(*byte) || matches!(byte, b'.' | b'-'))
        && [bytes.first(), bytes.last()].into_iter().flatten().all(|byte| is_plain(*byte))
}

/// The path, or the address.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// `path`, from `folder` where it is relative, without steps that lead nowhere (`./`): people read it in messages.
pub(super) fn path_in(folder: &Path, path: &str) -> PathBuf {
    folder.join(path).components().collect()
}
