//! Where editions are put: a folder of this machine, or a prefix of a bucket. Nothing that is there is ever written over, but for the pointers to the latest.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ingest::client::{Access, bucket_store};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{Attribute, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use schemas::Timestamp;

use super::{Edition, JSON, stamp};
use crate::config::Location;
use crate::exit::Failure;

/// A place for editions.
pub(crate) struct Rack {
    store: Arc<dyn ObjectStore>,
    base: Key,
    told: String,
    /// Whether files are told with what they are; a file system has no place for it.
    tells_types: bool,
}

/// Where an edition is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Its folder.
    pub(crate) folder: String,
    /// That folder below the place of all editions: `weekly/2026-W28/20260713T060000Z`.
    pub(crate) name: String,
    /// Whether it was there already, byte for byte.
    pub(crate) was_there: bool,
}

/// Earlier editions of a period, as their JSON.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Earlier {
    /// Those of the same moment, the newest first.
    pub(crate) of_this_moment: Vec<String>,
    /// The newest of an earlier moment.
    pub(crate) older: Option<String>,
}

impl Rack {
    /// The place of this address; a folder is made where there is none.
    pub(crate) async fn at(location: &Location, access: &Access) -> Result<Self, Failure> {
        let told = location.to_string();
        let told = told.trim_end_matches('/').to_owned();
        match location {
            Location::Directory(path) => {
                std::fs::create_dir_all(path).map_err(|error| refused(&told, &error))?;
                let store = LocalFileSystem::new_with_prefix(path).map_err(|error| refused(&told, &error))?;
                Ok(Self { store: Arc::new(store), base: Key::default(), told, tells_types: false })
            }
            Location::S3 { bucket, prefix } => {
                let store = bucket_store(access, bucket, prefix).await.map_err(|error| Failure::failed(error).hint(BUCKET))?;
                Ok(Self { store, base: Key::parse(prefix).map_err(Failure::failed)?, told, tells_types: true })
            }
        }
    }

    /// Puts an edition into a folder of its own, and points to the latest. A folder that holds the same bytes is left as it is; what a run that was
    /// interrupted left of them is completed.
    pub(crate) async fn keep(&self, edition: &Edition) -> Result<Kept, Failure> {
        let period = self.base.clone().join(edition.kind).join(edition.period.as_str());
        for ordinal in 1_u32.. {
            let name = if ordinal == 1 { stamp(edition.as_of) } else { format!("{}-{ordinal}", stamp(edition.as_of)) };
            if let Some(was_there) = self.fill(&period.clone().join(name.as_str()), edition).await? {
                self.point(edition).await?;
                let name = format!("{}/{}/{name}", edition.kind, edition.period);
                return Ok(Kept { folder: format!("{}/{name}", self.told), name, was_there });
            }
        }
        Err(Failure::failed(format!("{self} holds too many editions")))
    }

    /// Fills a folder with an edition: tells whether all of it was there already; `None` where anything else is.
    async fn fill(&self, folder: &Key, edition: &Edition) -> Result<Option<bool>, Failure> {
        let there = self.bytes_of(folder).await?;
        if there.iter().any(|(name, bytes)| !edition.files.iter().any(|(known, ours)| known == name && ours == bytes)) {
            return Ok(None);
        }
        let mut was_there = true;
        for (name, bytes) in edition.files.iter().filter(|(name, _)| !there.contains_key(name)) {
            was_there = false;
            let key = name.split('/').fold(folder.clone(), |key, part| key.join(part));
            let mut options = PutOptions::from(PutMode::Create);
            if self.tells_types {
                options.attributes.insert(Attribute::ContentType, content_type(name).into());
            }
            match self.store.put_opts(&key, PutPayload::from(bytes.clone()), options).await {
                Ok(_) => {}
                // Somebody else writes the same edition at this very moment, or another.
                Err(object_store::Error::AlreadyExists { .. }) => {
                    if self.get(&key).await?.is_none_or(|found| found != *bytes) {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(refused(&self.told, &error)),
            }
        }
        Ok(Some(was_there))
    }

    /// Everything below a folder, by name.
    async fn bytes_of(&self, folder: &Key) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let mut found = BTreeMap::new();
        let mut open = vec![folder.clone()];
        while let Some(below) = open.pop() {
            let listed = self.store.list_with_delimiter(Some(&below)).await.map_err(|error| refused(&self.told, &error))?;
            open.extend(listed.common_prefixes);
            for object in listed.objects {
                let name = object.location.prefix_match(folder).into_iter().flatten().map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
                if let Some(bytes) = self.get(&object.location).await? {
                    found.insert(name, bytes);
                }
            }
        }
        Ok(found)
    }

    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, Failure> {
        match self.store.get(key).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(|error| refused(&self.told, &error))?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(refused(&self.told, &error)),
        }
    }

    /// The report that lies right here, as JSON, where this is the folder of an edition.
    pub(crate) async fn json(&self) -> Result<Option<String>, Failure> {
        let bytes = self.get(&self.base.clone().join(JSON)).await?;
        bytes.map(|bytes| String::from_utf8(bytes).map_err(|error| Failure::failed(format!("{self}: {JSON}: {error}")))).transpose()
    }

    /// What an edition of a period and a moment is held against.
    pub(crate) async fn earlier(&self, kind: &str, period: &str, as_of: Timestamp) -> Result<Earlier, Failure> {
        let period = self.base.clone().join(kind).join(period);
        let mut earlier = Earlier::default();
        for name in self.folders(&period).await?.iter().rev() {
            let Some((moment, _)) = order(name).filter(|(moment, _)| *moment <= as_of) else { continue };
            // One that was interrupted has no JSON yet.
            let Some(bytes) = self.get(&period.clone().join(name.as_str()).join(JSON)).await? else { continue };
            let Ok(json) = String::from_utf8(bytes) else { continue };
            if moment < as_of {
                earlier.older = Some(json);
                break;
            }
            earlier.of_this_moment.push(json);
        }
        Ok(earlier)
    }

    /// Has the pointers name the latest: one beside the editions of the period, and one beside the periods. They are small texts, so that they work wherever
    /// files do.
    async fn point(&self, edition: &Edition) -> Result<(), Failure> {
        let kind = self.base.clone().join(edition.kind);
        let period = kind.clone().join(edition.period.as_str());
        if let Some(newest) = self.newest(&period).await? {
            self.write(&period.join(LATEST), format!("{newest}\n")).await?;
        }
        let mut periods = self.names(&kind).await?;
        periods.sort();
        for last in periods.iter().rev() {
            // A folder that somebody else has put here holds no edition.
            if let Some(newest) = self.newest(&kind.clone().join(last.as_str())).await? {
                return self.write(&kind.join(LATEST), format!("{last}/{newest}\n")).await;
            }
        }
        Ok(())
    }

    /// The newest whole edition of a period. One without its last file was interrupted, or is being written.
    async fn newest(&self, period: &Key) -> Result<Option<String>, Failure> {
        for name in self.folders(period).await?.into_iter().rev() {
            match self.store.head(&period.clone().join(name.as_str()).join(JSON)).await {
                Ok(_) => return Ok(Some(name)),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(refused(&self.told, &error)),
            }
        }
        Ok(None)
    }

    async fn write(&self, key: &Key, text: String) -> Result<(), Failure> {
        self.store.put(key, PutPayload::from(text.into_bytes())).await.map(drop).map_err(|error| refused(&self.told, &error))
    }

    /// The folders of editions of a period, oldest first.
    async fn folders(&self, period: &Key) -> Result<Vec<String>, Failure> {
        let mut names = self.names(period).await?;
        names.retain(|name| order(name).is_some());
        names.sort_by_key(|name| order(name));
        Ok(names)
    }

    /// The folders below a folder.
    async fn names(&self, folder: &Key) -> Result<Vec<String>, Failure> {
        let listed = self.store.list_with_delimiter(Some(folder)).await.map_err(|error| refused(&self.told, &error))?;
        Ok(listed.common_prefixes.iter().filter_map(|prefix| prefix.filename().map(str::to_owned)).collect())
    }
}

/// The path, or the address.
impl fmt::Display for Rack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

/// The moment and the ordinal that a folder is named by; `None` of any other name.
fn order(name: &str) -> Option<(Timestamp, u32)> {
    let (stamp, ordinal) = name.split_once('-').map_or((name, "1"), |(stamp, ordinal)| (stamp, ordinal));
    let (whole, fraction) = stamp.strip_suffix('Z')?.split_once('.').unwrap_or((stamp.strip_suffix('Z')?, ""));
    let whole = Timestamp::parse_compact(&format!("{whole}Z")).ok()?;
    let micros: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").parse().ok()? };
    Some((Timestamp::from_micros(whole.micros() + micros), ordinal.parse().ok()?))
}

/// What a file is, so that a browser shows it.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("csv") => "text/csv; charset=utf-8",
        Some("md") => "text/markdown; charset=utf-8",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}

fn refused(place: &str, error: &impl fmt::Display) -> Failure {
    Failure::failed(format!("cannot write reports to {place}: {error}")).hint("name a folder or an s3:// address that you may write with --out")
}

const LATEST: &str = "latest";
const BUCKET: &str = "see that the bucket is there and that you may write it; it is reached as the lake is: `region`, `profile` and `role_arn` under [lake]";

#[cfg(test)]
mod tests {
    use super::*;

    fn edition(as_of: &str, text: &str) -> Result<Edition, Failure> {
        let files = vec![("csv/a.csv".to_owned(), text.as_bytes().to_vec()), (JSON.to_owned(), b"{}".to_vec())];
        let as_of = Timestamp::parse(as_of).map_err(|error| Failure::failed(error.to_string()))?;
        Ok(Edition { kind: "weekly", period: "2026-W28".to_owned(), as_of, files })
    }

    #[tokio::test]
    async fn nothing_is_written_over_and_the_latest_is_named() -> Result<(), Failure> {
        let folder = tempfile::tempdir().map_err(Failure::failed)?;
        let rack = Rack::at(&Location::Directory(folder.path().to_owned()), &Access::default()).await?;
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        let first = rack.keep(&edition("2026-07-14T09:15:00Z", "1")?).await?;
        assert!(!first.was_there && first.folder.ends_with("/weekly/2026-W28/20260714T091500Z"), "{first:?}");
        assert!(rack.keep(&edition("2026-07-14T09:15:00Z", "1")?).await?.was_there);
        let other = rack.keep(&edition("2026-07-14T09:15:00Z", "2")?).await?;
        assert!(!other.was_there && other.folder.ends_with("20260714T091500Z-2"), "{other:?}");
        assert_eq!(read("weekly/2026-W28/20260714T091500Z/csv/a.csv"), "1");
        // An older one does not become the latest.
        rack.keep(&edition("2026-07-13T00:00:00Z", "0")?).await?;
        assert_eq!(read("weekly/2026-W28/latest"), "20260714T091500Z-2\n");
        assert_eq!(read("weekly/latest"), "2026-W28/20260714T091500Z-2\n");
        let at = |text| Timestamp::parse(text).map_err(|error| Failure::failed(error.to_string()));
        let earlier = rack.earlier("weekly", "2026-W28", at("2026-07-13T00:00:00Z")?).await?;
        assert_eq!((earlier.of_this_moment.len(), earlier.older), (1, None));
        let earlier = rack.earlier("weekly", "2026-W28", at("2026-07-14T09:15:00Z")?).await?;
        assert_eq!((earlier.of_this_moment.len(), earlier.older.as_deref()), (2, Some("{}")));
        assert_eq!(rack.earlier("quarterly", "2026-Q3", at("2026-07-14T09:15:00Z")?).await?, Earlier::default());
        Ok(())
    }

    #[tokio::test]
    async fn the_latest_is_whole_and_an_edition() -> Result<(), Failure> {
        let folder = tempfile::tempdir().map_err(Failure::failed)?;
        let rack = Rack::at(&Location::Directory(folder.path().to_owned()), &Access::default()).await?;
        // Of a run that was killed, and of somebody who keeps his own things here.
        for left in ["weekly/2026-W28/20260715T000000Z/csv", "weekly/zz/notes"] {
            std::fs::create_dir_all(folder.path().join(left)).map_err(Failure::failed)?;
            std::fs::write(folder.path().join(left).join("a.csv"), "1").map_err(Failure::failed)?;
        }
        rack.keep(&edition("2026-07-14T09:15:00Z", "1")?).await?;
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        assert_eq!(read("weekly/2026-W28/latest"), "20260714T091500Z\n");
        assert_eq!(read("weekly/latest"), "2026-W28/20260714T091500Z\n");
        Ok(())
    }

    #[tokio::test]
    async fn what_was_interrupted_is_completed() -> Result<(), Failure> {
        let folder = tempfile::tempdir().map_err(Failure::failed)?;
        let rack = Rack::at(&Location::Directory(folder.path().to_owned()), &Access::default()).await?;
        let whole = edition("2026-07-14T09:15:00Z", "1")?;
        let kept = rack.keep(&whole).await?;
        let json = folder.path().join("weekly/2026-W28/20260714T091500Z/report.json");
        std::fs::remove_file(&json).map_err(Failure::failed)?;
        assert_eq!(rack.keep(&whole).await?, Kept { was_there: false, ..kept });
        assert!(json.is_file());
        Ok(())
    }

    #[test]
    fn editions_are_in_the_order_of_their_moments() {
        let mut names = ["20260714T091500Z-10", "20260714T091500.25Z", "20260714T091500Z-2", "20260713T000000Z", "20260714T091500Z"];
        names.sort_by_key(|name| order(name));
        assert_eq!(names, ["20260713T000000Z", "20260714T091500Z", "20260714T091500Z-2", "20260714T091500Z-10", "20260714T091500.25Z"]);
        assert_eq!((order("latest"), order("2026-W28")), (None, None));
    }
}
