//! Where the lake lies: a folder of this machine, or a prefix of a bucket. Whatever is done with the lake begins here.

use std::path::PathBuf;
use std::sync::Arc;

use futures::TryStreamExt;
use ingest::client::{Access, StoreError, bucket_store};
use ingest::lake::{Known, Lake};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use schemas::table::OBJECTS;
use url::Url;

use crate::config::Location;
use crate::exit::Failure;

/// The place of a lake.
#[derive(Debug, Clone)]
pub(crate) enum LakePlace {
    /// A folder; it need not exist yet.
    Folder(PathBuf),
    /// A prefix of a bucket.
    Bucket {
        /// The whole bucket.
        store: Arc<dyn ObjectStore>,
        /// `s3://bucket/prefix`.
        url: Url,
    },
}

impl LakePlace {
    /// The place that a location names.
    pub(crate) async fn of(location: &Location, access: &Access) -> Result<Self, Failure> {
        match location {
            Location::Directory(path) => Ok(Self::Folder(path.clone())),
            Location::S3 { bucket, prefix } => {
                let store = bucket_store(access, bucket, prefix).await.map_err(|error| {
                    let hint = if matches!(error, StoreError::Unreachable { .. }) { SILENCE } else { BUCKET };
                    Failure::failed(error).hint(hint)
                })?;
                let url = Url::parse(&location.to_string()).map_err(|error| Failure::usage(format!("{location}: {error}")))?;
                Ok(Self::Bucket { store, url })
            }
        }
    }

    /// Opens the lake to write to it, and makes it where there is none.
    pub(crate) async fn open(&self) -> Result<Lake, Failure> {
        Ok(match self {
            Self::Folder(path) => Lake::local(path).await?,
            Self::Bucket { store, url } => Lake::open(Arc::clone(store), url).await?,
        })
    }

    /// What the lake has already, for whoever must not write.
    pub(crate) async fn peek(&self) -> Result<Known, Failure> {
        Ok(match self {
            Self::Folder(path) => Lake::peek_local(path).await?,
            Self::Bucket { store, url } => Lake::peek(Arc::clone(store), url).await?,
        })
    }

    /// The lake to be read, which must be there.
    pub(crate) async fn existing(&self) -> Result<analyze::lake::Lake, Failure> {
        let missing = || Failure::failed(format!("there is no lake at {self}")).hint("run `sessiontrail ingest` first, or name the lake with --lake");
        self.found().await?.ok_or_else(missing)
    }

    /// The lake to be read, where there is one.
    pub(crate) async fn found(&self) -> Result<Option<analyze::lake::Lake>, Failure> {
        let Some((store, url)) = self.located() else { return Ok(None) };
        let log = Key::from_url_path(url.path()).map_err(Failure::failed)?.join(OBJECTS.name).join("_delta_log");
        // One entry of a log tells; it may have many pages of them.
        let found = store.list(Some(&log)).try_next().await.map_err(|error| Failure::failed(error).hint(BUCKET))?;
        Ok(found.map(|_| analyze::lake::Lake::new(store, url)))
    }

    /// A folder of a lake that is there, beside its tables: the store that it lies in, and its key.
    pub(crate) fn beside(&self, folder: &str) -> Result<(Arc<dyn ObjectStore>, Key), Failure> {
        let (store, url) = self.located().ok_or_else(|| Failure::failed(format!("there is no lake at {self}")))?;
        Ok((store, Key::from_url_path(url.path()).map_err(Failure::failed)?.join(folder)))
    }

    /// The store of the lake, and its address there; `None` where the folder is not there.
    fn located(&self) -> Option<(Arc<dyn ObjectStore>, Url)> {
        match self {
            Self::Folder(path) => Some((Arc::new(LocalFileSystem::new()), Url::from_directory_path(path.canonicalize().ok()?).ok()?)),
            Self::Bucket { store, url } => Some((Arc::clone(store), url.clone())),
        }
    }
}

/// The path, or the address.
impl std::fmt::Display for LakePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Bucket { url, .. } => write!(f, "{url}"),
        }
    }
}

const SILENCE: &str = "see that this machine reaches the network, and `endpoint_url` and `region` under [lake]";
const BUCKET: &str = "see that the bucket is there, that you may read and write it, and `region`, `profile` and `role_arn` under [lake]";
