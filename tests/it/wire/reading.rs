//! Objects over the wire: what S3 vouches for, and bytes that are whole or an error.

use std::io::Read;
use std::time::{Duration, SystemTime};

use ingest::source::{Custody, ErrorKind, Listed, Resume, Source, SourceError, SourceKind};

use super::{BUCKET, REGION, list, must, noon, ran, source};
use crate::support::rows::ndjson;
use crate::support::s3::{Call, Fault, Kept, Server, StandIn, What};

const KEY: &str = "jane-0a1b2c3d4e5f60718.log";

fn noise(length: usize) -> Vec<u8> {
    (0..length as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

async fn first(source: &dyn Source) -> Listed {
    list(source, Resume::beginning()).await.remove(0).expect("it can be listed")
}

async fn read(source: &dyn Source, listed: &Listed) -> Result<Vec<u8>, ErrorKind> {
    let mut body = source.open(listed).await.map_err(|error| error.kind)?.body;
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).map(|_| bytes)
    });
    read.await.expect("no panic").map_err(|error| SourceError::carried_by(&error).expect("a source error").kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_checksums_locks_and_user_metadata_are_learnt() {
    let stand_in = StandIn::with_versions(BUCKET);
    let server = stand_in.serve();
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000);
    let metadata = [("signature".to_owned(), "00ff".to_owned()), ("agent".to_owned(), "3.3".to_owned())].into();
    stand_in.plant(BUCKET, KEY, Kept::new("before", noon()));
    stand_in.plant(BUCKET, KEY, Kept { metadata, lock: Some(("COMPLIANCE".to_owned(), until)), ..Kept::new("after", noon()) });
    let source = source(&server, SourceKind::Transcripts, "").await;
    let listed = first(&source).await;
    assert_eq!(listed.object.object_version, "5-1784030400000000", "size and time, as in a mirror");
    let kept = stand_in.kept(BUCKET, KEY).expect("it is there");
    let last_modified = schemas::Timestamp::parse("2026-07-14T12:00:00Z").ok();
    assert_eq!(listed.custody, Custody { last_modified, etag: Some(kept.etag.clone()), ..Custody::default() });
    let opened = source.open(&listed).await.expect("it can be read");
    let learnt = Custody {
        last_modified,
        version_id: kept.version.clone(),
        etag: Some(kept.etag.clone()),
        checksum: Some(format!("SHA256:{}", kept.sha256())),
        lock_mode: Some("COMPLIANCE".to_owned()),
        retain_until: schemas::Timestamp::parse("2030-01-01T00:00:00Z").ok(),
        user_metadata: Some(r#"{"agent":"3.3","signature":"00ff"}"#.to_owned()),
    };
    assert_eq!(opened.custody, learnt);
}

/// A configuration whose transcripts lie in a bucket.
fn world(server: &Server) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text =
        format!("[[source]]\nname = \"wire\"\nkind = \"transcripts\"\nuri = \"s3://{BUCKET}/\"\nregion = \"{REGION}\"\nendpoint_url = \"{}\"\n", server.url());
    std::fs::write(folder.path().join("sessiontrail.toml"), text).expect("a configuration");
    folder
}

#[test]
fn what_is_learnt_stands_in_objects() {
    let stand_in = StandIn::with_versions(BUCKET);
    let server = stand_in.serve();
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000);
    let metadata = [("signature".to_owned(), "00ff".to_owned())].into();
    let text = "Script started on 2026-07-14 11:14:58+00:00\n";
    stand_in.plant(BUCKET, KEY, Kept { metadata, lock: Some(("GOVERNANCE".to_owned(), until)), ..Kept::new(text, noon()) });
    let folder = world(&server);
    must(folder.path(), &["ingest", "--quiet"], &[0]);
    let sql = "SELECT object_version, version_id, etag, checksum, lock_mode, retain_until, user_metadata, last_modified FROM objects";
    let found = ndjson(&must(folder.path(), &["query", sql, "--format", "ndjson"], &[0]));
    // MD5 and SHA-256 of the text by `md5sum` and `sha256sum | xxd -r -p | base64`.
    let expected = serde_json::json!({
        "object_version": "44-1784030400000000",
        "version_id": "version-1-of-5a5370e8",
        "etag": "5a5370e868e331152429a2f05865a629",
        "checksum": "SHA256:7PhgYcONW8nDoT5RSTQmmLlSCc8haG3HykJk0l9oAWU=",
        "lock_mode": "GOVERNANCE",
        "retain_until": "2030-01-01T00:00:00.000000Z",
        "user_metadata": "{\"signature\":\"00ff\"}",
        "last_modified": "2026-07-14T12:00:00.000000Z"
    });
    assert_eq!(found.into_iter().map(serde_json::Value::Object).collect::<Vec<_>>(), [expected]);
}

#[test]
fn no_more_objects_are_asked_for_at_once_than_waits_should_overlap() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    for number in 0..100 {
        stand_in.plant(BUCKET, &format!("jane-{number:017}.log"), Kept::new("Script started on 2026-07-14 11:14:58+00:00\n", noon()));
    }
    let folder = world(&server);
    stand_in.faults(vec![Fault::always(Call::Get, What::HeldBefore)]);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| ran(folder.path(), &["ingest", "--quiet"]));
        let begun = std::time::Instant::now();
        while stand_in.waiting() < 32 {
            assert!(begun.elapsed() < Duration::from_secs(60), "only {} are asked for at once", stand_in.waiting());
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(stand_in.waiting(), 32, "the others wait until one is answered");
        stand_in.faults(Vec::new());
        let run = run.join().expect("no panic");
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    });
    assert_eq!(ndjson(&must(folder.path(), &["query", "SELECT object FROM objects", "--format", "ndjson"], &[0])).len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_without_versions_names_none() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    stand_in.plant(BUCKET, KEY, Kept::new("x", noon()));
    let source = source(&server, SourceKind::Transcripts, "").await;
    let opened = source.open(&first(&source).await).await.expect("it can be read");
    assert_eq!((opened.custody.version_id, opened.custody.user_metadata, opened.custody.lock_mode), (None, None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_break_off_are_fetched_on_and_those_that_are_wrong_are_not_passed_off() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let source = source(&server, SourceKind::Transcripts, "").await;
    for size in [100_000, 9 << 20] {
        let bytes = noise(size);
        stand_in.plant(BUCKET, KEY, Kept::new(bytes.clone(), noon()));
        let listed = first(&source).await;
        for what in [What::Tears(0), What::Tears(70_000), What::Fails, What::SlowDown] {
            stand_in.faults(vec![Fault::first(2, Call::Get, what)]);
            assert!(read(&source, &listed).await == Ok(bytes.clone()), "{what:?} of {size} bytes");
        }
        stand_in.faults(vec![Fault::always(Call::Get, What::Tears(1_000))]);
        assert_eq!(read(&source, &listed).await.err(), Some(ErrorKind::Unreachable), "of {size} bytes");
        stand_in.faults(vec![Fault::always(Call::Get, What::Flips)]);
        assert_eq!(read(&source, &listed).await.err(), Some(ErrorKind::Corrupt), "one flipped bit of {size} bytes");
        stand_in.faults(Vec::new());
        stand_in.plant(BUCKET, KEY, Kept::new(noise(size + 1), noon()));
        assert_eq!(read(&source, &listed).await.err(), Some(ErrorKind::Conflict), "it is another now");
        stand_in.deny_reading(KEY);
        assert_eq!(read(&source, &listed).await.err(), Some(ErrorKind::Denied));
        stand_in.allow_everything();
        stand_in.remove(BUCKET, KEY);
        assert_eq!(read(&source, &listed).await.err(), Some(ErrorKind::NotFound));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_changes_where_its_bytes_broke_off_is_not_mended_with_another() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let source = source(&server, SourceKind::Transcripts, "").await;
    stand_in.plant(BUCKET, KEY, Kept::new(noise(9 << 20), noon()));
    let listed = first(&source).await;
    stand_in.faults(vec![Fault::first(1, Call::Get, What::Tears(1 << 20))]);
    let mut body = source.open(&listed).await.expect("it opens").body;
    // Nothing has been taken from the body yet but some chunks that were read ahead.
    stand_in.plant(BUCKET, KEY, Kept::new([noise(8 << 20), vec![0; 1 << 20]].concat(), noon()));
    let read = tokio::task::spawn_blocking(move || std::io::copy(&mut body, &mut std::io::sink()));
    let error = read.await.expect("no panic").expect_err("half of it is gone");
    assert_eq!(SourceError::carried_by(&error).map(|error| error.kind), Some(ErrorKind::Conflict));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_stalls_does_not_hang() {
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    let source = source(&server, SourceKind::Transcripts, "").await;
    let bytes = noise(200_000);
    stand_in.plant(BUCKET, KEY, Kept::new(bytes.clone(), noon()));
    let listed = first(&source).await;
    stand_in.faults(vec![Fault::first(1, Call::Get, What::Stalls(50_000))]);
    let read = tokio::time::timeout(Duration::from_secs(60), read(&source, &listed)).await;
    assert!(read == Ok(Ok(bytes)), "the stalled read is begun again");
}
