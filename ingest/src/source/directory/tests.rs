//! A folder as a source: the contract, side files, and what changes between listing and reading.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use crate::source::contract::{self, Disturbance, Ground, Planted};
use schemas::Timestamp;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// Folders of the system's place for temporary files; they live as long as the ground.
#[derive(Debug, Default)]
struct Disk {
    folders: std::sync::Mutex<Vec<TempDir>>,
}

#[async_trait]
impl Ground for Disk {
    async fn plant(&self, origin: Origin, objects: &[Planted]) -> Box<dyn Source> {
        let folder = tempfile::tempdir().unwrap();
        for planted in objects {
            let path = folder.path().join(&planted.key);
            if planted.key.ends_with('/') {
                fs::create_dir_all(&path).unwrap();
            } else {
                write(folder.path(), &planted.key, &planted.bytes, planted.modified);
            }
            if planted.is_denied {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
            }
        }
        let source = Directory::new(origin, folder.path());
        self.folders.lock().unwrap().push(folder);
        Box::new(source)
    }

    async fn disturb(&self, key: &str, disturbance: Disturbance) {
        let path = self.folders.lock().unwrap().last().unwrap().path().join(key);
        let file = OpenOptions::new().append(true).open(&path).unwrap();
        match disturbance {
            Disturbance::Grows => (&file).write_all(b"more").unwrap(),
            Disturbance::Shrinks => file.set_len(path.metadata().unwrap().len() / 2).unwrap(),
        }
    }

    /// `root` is denied nothing.
    fn can_deny(&self) -> bool {
        let folder = tempfile::tempdir().unwrap();
        folder.path().metadata().unwrap().uid() != 0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract() {
    contract::holds(&Disk::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_folder_and_a_file_for_a_folder_are_errors_of_the_source() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "file", b"x", noon());
    for (name, kind) in [("nowhere", ErrorKind::Missing), ("file", ErrorKind::Missing)] {
        let items = list(&Directory::new(origin(), folder.path().join(name))).await;
        assert_eq!(items.len(), 1);
        let error = items[0].as_ref().unwrap_err();
        assert_eq!((error.kind, error.place.as_str()), (kind, ""));
        assert!(error.to_string().contains(name) && std::error::Error::source(error).is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_file_gives_version_and_time_and_is_no_object() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.log", b"abc", noon());
    write(folder.path(), "b.log", b"abc", noon());
    write(folder.path(), "b.log.metadata.json", br#"{"VersionId":"v7","LastModified":"2026-07-01T00:00:00+00:00","ObjectLockMode":"GOVERNANCE"}"#, noon());
    write(folder.path(), "gone.log.metadata.json", b"{}", noon());
    let source = Directory::new(origin(), folder.path());
    let listed: Vec<Listed> = list(&source).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].object.object_version, "3-1784030400000000");
    assert_eq!(listed[0].custody, Custody::default());
    assert_eq!(listed[1].object.object_version, "v7");
    assert_eq!(listed[1].object.last_modified, Some(Timestamp::parse("2026-07-01T00:00:00Z").unwrap()));
    assert_eq!(listed[1].custody.lock_mode.as_deref(), Some("GOVERNANCE"));
    assert_eq!(bytes(&source, &listed[1]).await.unwrap(), b"abc");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_file_that_says_nothing_withholds_its_object_alone() {
    let folder = tempfile::tempdir().unwrap();
    for key in ["a.log", "b.log", "c.log", "d.log"] {
        write(folder.path(), key, b"abc", noon());
    }
    write(folder.path(), "a.log.metadata.json", b"{\"VersionId\":", noon());
    write(folder.path(), "b.log.metadata.json", &vec![b' '; 70_000], noon());
    fs::create_dir(folder.path().join("c.log.metadata.json")).unwrap();
    let items = list(&Directory::new(origin(), folder.path())).await;
    let (listed, errors): (Vec<_>, Vec<_>) = items.into_iter().partition(Result::is_ok);
    assert_eq!(listed.into_iter().map(|listed| listed.unwrap().object.key).collect::<Vec<_>>(), ["d.log"]);
    let errors: Vec<_> = errors.into_iter().map(|error| error.unwrap_err()).map(|error| (error.kind, error.place)).collect();
    assert_eq!(errors, ["a.log", "b.log", "c.log"].map(|place| (ErrorKind::Corrupt, place.to_owned())), "it is the objects that are missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_after_the_listing_is_told_and_not_passed_off() {
    let folder = tempfile::tempdir().unwrap();
    for key in ["gone.log", "longer.log", "touched.log", "pipe.log", "side.log", "growing.log"] {
        write(folder.path(), key, &[7; 100_000], noon());
    }
    let source = Directory::new(origin(), folder.path());
    let listed: Vec<Listed> = list(&source).await.into_iter().map(Result::unwrap).collect();
    let mut body = source.open(&listed[1]).await.unwrap().body;
    fs::remove_file(folder.path().join("gone.log")).unwrap();
    write(folder.path(), "longer.log", &[7; 100_001], noon());
    write(folder.path(), "touched.log", &[7; 100_000], noon().plus_seconds(1));
    fs::remove_file(folder.path().join("pipe.log")).unwrap();
    make_pipe(&folder.path().join("pipe.log"));
    write(folder.path(), "side.log.metadata.json", br#"{"VersionId":"v1"}"#, noon());
    let mut kinds = Vec::new();
    for listed in &listed {
        if listed.object.key != "growing.log" {
            kinds.push((listed.object.key.as_str(), source.open(listed).await.err().map(|error| error.kind)));
        }
    }
    let expected = [
        ("gone.log", Some(ErrorKind::NotFound)),
        ("longer.log", Some(ErrorKind::Conflict)),
        ("pipe.log", Some(ErrorKind::Corrupt)),
        ("side.log", Some(ErrorKind::Conflict)),
        ("touched.log", Some(ErrorKind::Conflict)),
    ];
    assert_eq!(kinds, expected);

    // A writer that goes on while we read.
    let mut start = [0; 10];
    body.read_exact(&mut start).unwrap();
    OpenOptions::new().append(true).open(folder.path().join("growing.log")).unwrap().write_all(b"more").unwrap();
    let error = body.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(SourceError::carried_by(&error).map(|error| (error.kind, error.place.as_str())), Some((ErrorKind::Conflict, "growing.log")));
}

#[test]
fn what_is_opened_is_a_plain_file_whatever_stands_at_its_name_by_then() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.log", b"abc", noon());
    make_pipe(&folder.path().join("pipe.log"));
    std::os::unix::fs::symlink("a.log", folder.path().join("link.log")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket.log")).unwrap();
    assert_eq!(open_plain(&folder.path().join("a.log")).unwrap().map(|(_, metadata)| metadata.len()), Some(3));
    for name in ["pipe.log", "link.log", "socket.log", "."] {
        assert!(open_plain(&folder.path().join(name)).unwrap().is_none(), "{name}: to open it must neither wait nor succeed");
    }
    assert_eq!(open_plain(&folder.path().join("gone.log")).unwrap_err().kind(), io::ErrorKind::NotFound);
}

fn origin() -> Origin {
    Origin { name: "mirror".to_owned(), kind: SourceKind::Transcripts, account_id: None, region: None }
}

fn noon() -> Timestamp {
    Timestamp::parse("2026-07-14T12:00:00Z").unwrap()
}

pub(super) fn write(root: &Path, key: &str, bytes: &[u8], modified: Timestamp) {
    let path = root.join(key);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    let modified = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(modified.micros()).unwrap());
    OpenOptions::new().write(true).open(&path).unwrap().set_modified(modified).unwrap();
}

/// The standard library makes no pipes; every Unix has the command.
pub(super) fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

async fn list(source: &Directory) -> Vec<Result<Listed, SourceError>> {
    source.objects(Resume::beginning()).collect().await
}

async fn bytes(source: &Directory, listed: &Listed) -> io::Result<Vec<u8>> {
    let mut body = source.open(listed).await.map_err(SourceError::into_io)?.body;
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes).map(|_| bytes)
}
