//! What other engines read: `sessions`, `findings` and the KPIs as plain Parquet under `<lake>/published/`, each file whole or not at all.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use analyze::{answer, published};
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use tempfile::{NamedTempFile, TempDir};

use crate::asked;
use crate::exit::Failure;
use crate::place::LakePlace;
use crate::plan::Plan;
use crate::reading::Reading;

/// Publishes the ledger of the plan's lake, with all that it depends on in each file's metadata. What is there already stays; of `sessions`, which
/// comes first, the findings and KPIs are then asked.
pub(crate) async fn publish(plan: &Plan) -> Result<(), Failure> {
    let reading = Reading::open(plan).await?;
    let shelf = Shelf::at(&plan.lake().await?)?;
    let stamp = reading.ledger().stamp().await?;
    let _busy = plan.ui.busy(&format!("publishing sessions, findings and the KPIs to {shelf}"));
    let queries = queries::published().map(|query| (query.id, asked::kpi(query)));
    for (name, sql) in std::iter::once(("sessions", asked::SESSIONS.to_owned())).chain(queries) {
        if reading.ledger().is_published(name).await? {
            continue;
        }
        let answer = reading.engine().ask(&sql).await?;
        let mut file = shelf.file(&format!("{name}.parquet"))?;
        answer::write_parquet(answer, &stamp, file.writer()).await?;
        shelf.keep(file).await?;
    }
    Ok(())
}

/// Where published files are put.
enum Shelf {
    Folder(PathBuf),
    /// Files are made whole on this machine first.
    Bucket {
        store: Arc<dyn ObjectStore>,
        folder: Key,
        told: String,
        local: TempDir,
    },
}

impl Shelf {
    fn at(place: &LakePlace) -> Result<Self, Failure> {
        let told = format!("{}/{}", place.to_string().trim_end_matches('/'), published::FOLDER);
        match place {
            LakePlace::Folder(path) => {
                let folder = path.join(published::FOLDER);
                fs::create_dir_all(&folder).and_then(|()| sweep(&folder)).map_err(|error| refused(&told, error))?;
                Ok(Self::Folder(folder))
            }
            LakePlace::Bucket { store, url } => {
                let folder = Key::from_url_path(url.path()).map_err(Failure::failed)?.join(published::FOLDER);
                let local = tempfile::tempdir().map_err(|error| refused(&told, error))?;
                Ok(Self::Bucket { store: Arc::clone(store), folder, told, local })
            }
        }
    }

    fn file(&self, name: &str) -> Result<WholeFile, Failure> {
        let folder = match self {
            Self::Folder(folder) => folder,
            Self::Bucket { local, .. } => local.path(),
        };
        WholeFile::create(&folder.join(name)).map_err(|error| refused(self, error))
    }

    /// Puts a file under its name, in the place of one that was there.
    async fn keep(&self, file: WholeFile) -> Result<(), Failure> {
        let path = file.keep().map_err(|error| refused(self, error))?;
        let Self::Bucket { store, folder, .. } = self else { return Ok(()) };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        put(store, &folder.clone().join(name), &path).await.map_err(|error| refused(self, error))?;
        fs::remove_file(&path).map_err(|error| refused(self, error))
    }
}

/// The path, or the address.
impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket { told, .. } => f.write_str(told),
        }
    }
}

/// Puts a file to a store, part by part; the store shows it once it has all of it.
async fn put(store: &Arc<dyn ObjectStore>, key: &Key, path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut upload = WriteMultipart::new_with_chunk_size(store.put_multipart(key).await?, PART_BYTES);
    let mut part = vec![0; PART_BYTES];
    loop {
        let length = file.read(&mut part)?;
        if length == 0 {
            break;
        }
        upload.wait_for_capacity(PARTS_AHEAD).await?;
        upload.write(part.get(..length).unwrap_or_default());
    }
    upload.finish().await?;
    Ok(())
}

fn refused(place: &(impl ToString + ?Sized), error: io::Error) -> Failure {
    Failure::failed(Unpublished { place: place.to_string(), source: error }).hint("see that the lake may be written and has room")
}

/// Why nothing could be published.
#[derive(Debug, thiserror::Error)]
#[error("cannot publish to {place}")]
struct Unpublished {
    place: String,
    source: io::Error,
}

/// A file that appears under its name only when it is complete, in the place of one that was there.
pub(crate) struct WholeFile {
    writer: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl WholeFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this is no name of a file"))?;
        // The name of a file that a bare `-o answer.csv` names has no folder.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut prefix = OsString::from(".");
        prefix.push(name);
        prefix.push(PARTIAL);
        // Other engines and other people read what is published: the umask decides, not the caution of a temporary file.
        let partial = tempfile::Builder::new().prefix(&prefix).permissions(Permissions::from_mode(0o666)).tempfile_in(folder)?;
        Ok(Self { writer: BufWriter::new(partial), path: path.to_owned() })
    }

    pub(crate) fn writer(&mut self) -> &mut (dyn Write + Send) {
        &mut self.writer
    }

    /// Gives the path of the whole file.
    pub(crate) fn keep(self) -> io::Result<PathBuf> {
        let partial = self.writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        partial.as_file().sync_all()?;
        partial.persist(&self.path)?;
        Ok(self.path)
    }
}

/// Removes what publications left that were killed long ago. Those of others may be under way.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_partial = entry.file_name().to_string_lossy().contains(PARTIAL);
        if is_partial && entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > ABANDONED) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A part of a file on its way to a bucket, and how many are on their way at a time.
const PART_BYTES: usize = 8 << 20;
const PARTS_AHEAD: usize = 4;
/// What the name of an incomplete file holds after that of the whole one.
const PARTIAL: &str = ".partial-";
/// No publication takes longer.
const ABANDONED: Duration = Duration::from_secs(24 * 3_600);

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.parquet");
        fs::write(&path, "before")?;
        let mut dropped = WholeFile::create(&path)?;
        dropped.writer().write_all(b"half")?;
        drop(dropped);
        assert_eq!(fs::read(&path)?, b"before");
        let mut kept = WholeFile::create(&path)?;
        kept.writer().write_all(b"whole")?;
        kept.keep()?;
        assert_eq!(fs::read(&path)?, b"whole");
        assert_eq!(fs::read_dir(folder.path())?.count(), 1, "nothing but the file is left");
        Ok(())
    }

    #[test]
    fn what_a_killed_publication_left_goes_after_a_day_and_hinders_nobody() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let left = |name: &str, hours: u64| {
            let file = File::create(folder.path().join(name))?;
            file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3_600))
        };
        left(".sessions.parquet.partial-old", 25)?;
        left(".sessions.parquet.partial-young", 1)?;
        left("sessions.parquet", 99)?;
        sweep(folder.path())?;
        let mut names: Vec<_> = fs::read_dir(folder.path())?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
        names.sort();
        assert_eq!(names, [".sessions.parquet.partial-young", "sessions.parquet"]);
        WholeFile::create(&folder.path().join("sessions.parquet"))?.keep().map(drop)
    }
}
