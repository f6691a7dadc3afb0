//! The walk: links, pipes, names that are no text, pages, and paths that are too deep.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
use super::super::tests::{make_pipe, write};
use super::super::{Folder, NAMES_HELD, Origin};
use super::*;
use schemas::Timestamp;
use sessions::decode::SourceKind;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn links_neither_lead_out_nor_round_in_circles() {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    put(inside.path(), "a/real.log");
    put(outside.path(), "secret.log");
    symlink(outside.path(), inside.path().join("out-folder")).unwrap();
    symlink(outside.path().join("secret.log"), inside.path().join("out-file.log")).unwrap();
    symlink("..", inside.path().join("a/up")).unwrap();
    symlink("real.log", inside.path().join("a/same.log")).unwrap();
    symlink("circle-2", inside.path().join("circle-1")).unwrap();
    symlink("circle-1", inside.path().join("circle-2")).unwrap();
    symlink("nothing", inside.path().join("dangling.log")).unwrap();
    // What editors leave, and files of other names, are passed over as files of these names are.
    symlink("jane@host.42", inside.path().join(".#notes")).unwrap();
    symlink(outside.path().join("secret.log"), inside.path().join("readme")).unwrap();
    let (keys, errors) = walk(inside.path(), NAMES_HELD);
    assert_eq!(keys, ["a/real.log"]);
    let places: Vec<&str> = errors.iter().map(|error| error.place.as_str()).collect();
    assert_eq!(places, ["circle-1", "circle-2", "dangling.log", "out-file.log", "out-folder"]);
    assert_eq!(errors[2].kind, ErrorKind::NotFound);
    assert!(errors[3..].iter().all(|error| error.kind == ErrorKind::Denied));
}

#[test]
fn a_link_to_what_is_listed_nowhere_is_told() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "store/0001.blob");
    put(folder.path(), "store/b.log");
    symlink("store/0001.blob", folder.path().join("a.log")).unwrap();
    symlink("store/b.log", folder.path().join("b.log")).unwrap();
    symlink("store", folder.path().join("again.log")).unwrap();
    let (keys, errors) = walk(folder.path(), NAMES_HELD);
    assert_eq!(keys, ["store/b.log"]);
    let errors: Vec<(ErrorKind, &str, &str)> = errors.iter().map(|error| (error.kind, error.place.as_str(), error.detail.as_str())).collect();
    assert_eq!(errors, [(ErrorKind::Corrupt, "a.log", "is a link to store/0001.blob, which has no name of evidence")]);
}

#[test]
fn a_root_that_is_a_link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "real/a.log");
    symlink("a.log", folder.path().join("real/b.log")).unwrap();
    symlink("real", folder.path().join("link")).unwrap();
    let (keys, errors) = walk(&folder.path().join("link"), NAMES_HELD);
    assert_eq!((keys, errors.len()), (vec!["a.log".to_owned()], 0));
}

#[test]
fn what_is_no_plain_file_or_has_no_readable_name_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.log");
    make_pipe(&folder.path().join("pipe.log"));
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    fs::write(folder.path().join(OsStr::from_bytes(b"bad\xff.log")), "x").unwrap();
    fs::create_dir(folder.path().join(OsStr::from_bytes(b"folder\xfe"))).unwrap();
    let (keys, errors) = walk(folder.path(), NAMES_HELD);
    assert_eq!(keys, ["a.log"]);
    let errors: Vec<(ErrorKind, &str)> = errors.iter().map(|error| (error.kind, error.place.as_str())).collect();
    let places = ["bad\u{fffd}.log", "folder\u{fffd}/", "pipe.log", "socket"];
    assert_eq!(errors, places.map(|place| (ErrorKind::Corrupt, place)));
}

#[test]
fn pages_change_neither_what_comes_nor_its_order() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..300 {
        put(folder.path(), &format!("{:03}.log", (number * 7) % 300));
        put(folder.path(), &format!("deep/{}/{}.log", number % 90, number));
    }
    fs::write(folder.path().join("299.log.metadata.json"), r#"{"VersionId":"last"}"#).unwrap();
    let whole = walk(folder.path(), NAMES_HELD).0;
    assert_eq!(whole.len(), 600);
    assert!(whole.is_sorted());
    for names_held in [0, 65, 200, 299, 300, 301] {
        let paged = Walk::new(source(folder.path()), names_held).map(Result::unwrap);
        let (keys, versions): (Vec<_>, Vec<_>) = paged.map(|listed| (listed.object.key, listed.object.object_version)).unzip();
        assert_eq!(keys, whole, "{names_held} names held");
        assert_eq!(versions.iter().filter(|version| *version == "last").count(), 1, "the side file is on another page");
    }
}

#[test]
fn a_path_too_deep_for_the_system_is_an_error_and_no_overflow() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "z.log");
    // The command makes folders one step at a time: no single path is as long as the whole.
    let made = std::process::Command::new("mkdir").arg("-p").arg(vec!["d".repeat(200); 40].join("/")).current_dir(folder.path()).status();
    assert!(made.unwrap().success());
    let (keys, errors) = walk(folder.path(), NAMES_HELD);
    assert_eq!(keys, ["z.log"]);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].place.len() > 3_000);
}

fn put(root: &Path, key: &str) {
    write(root, key, b"x", Timestamp::from_micros(1_784_020_500_000_000));
}

fn source(root: &Path) -> Arc<Folder> {
    let origin = Origin { name: "mirror".to_owned(), kind: SourceKind::Transcripts, account_id: None, region: None };
    Arc::new(Folder { origin, root: root.to_owned() })
}

/// Keys in the order they come; errors in the order of their places.
fn walk(root: &Path, names_held: usize) -> (Vec<String>, Vec<SourceError>) {
    let (mut keys, mut errors) = (Vec::new(), Vec::new());
    for item in Walk::new(source(root), names_held) {
        match item {
            Ok(listed) => keys.push(listed.object.key),
            Err(error) => errors.push(error),
        }
    }
    errors.sort_by(|a, b| a.place.cmp(&b.place));
    (keys, errors)
}
