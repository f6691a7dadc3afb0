//! The same estate gives the same rows, from folders and from S3.

use super::{BUCKET, answers, must, ran, sources_on_s3, upload};
use crate::support::estate::make;
use crate::support::s3::StandIn;
use crate::support::world::{World, start_session, terminate_session};

#[test]
fn an_estate_read_from_s3_is_the_estate_read_from_folders() {
    let seed = 4;
    let (folders, bucket) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    make(folders.path(), seed);
    make(bucket.path(), seed);
    assert!(upload(folders.path(), &stand_in) > 50, "an estate has objects");
    sources_on_s3(bucket.path(), &server);
    must(folders.path(), &["ingest", "--quiet"], &[0, 3]);
    must(bucket.path(), &["ingest", "--quiet"], &[0, 3]);
    for (expected, found) in answers(folders.path()).into_iter().zip(answers(bucket.path())) {
        assert!(expected.0 != "sessions" || expected.1.lines().count() > 10, "an estate has sessions");
        assert_eq!(expected, found);
    }
    let objects = "SELECT source, object, object_version, size, sha256, status, events, rejects FROM objects ORDER BY source, object, object_version";
    let objects = |dir| must(dir, &["query", objects, "--format", "ndjson"], &[0]);
    assert_eq!(objects(folders.path()), objects(bucket.path()), "the very objects, so that one may move to S3 and read nothing twice");
    let again = ran(bucket.path(), &["ingest"]);
    assert!(again.stderr.contains(" 0 read"), "a second run reads nothing: {}", again.stderr);
}

#[test]
fn moving_from_a_mirror_to_the_bucket_reads_nothing_twice() {
    let world = world();
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    upload(world.path(), &stand_in);
    must(world.path(), &["ingest", "--quiet"], &[0, 3]);
    sources_on_s3(world.path(), &server);
    let moved = ran(world.path(), &["ingest"]);
    assert!(moved.stderr.contains(" 0 read"), "{}", moved.stderr);
}

#[test]
fn what_may_not_be_read_is_a_gap_until_it_may() {
    let world = world();
    let stand_in = StandIn::with_bucket(BUCKET);
    let server = stand_in.serve();
    upload(world.path(), &stand_in);
    sources_on_s3(world.path(), &server);
    let day = "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/07/06/";
    stand_in.deny_reading(&format!("estate/trail/{day}"));
    stand_in.deny_listing("estate/transcripts/");
    must(world.path(), &["ingest", "--quiet"], &[3]);
    let gaps = || must(world.path(), &["query", "SELECT source, cause, place FROM gaps ORDER BY source, cause, place", "--format", "csv"], &[0]);
    let found = gaps();
    assert!(found.contains("transcripts,denied,") && found.contains(&format!("trail,denied,{day}")), "{found}");
    must(world.path(), &["status"], &[3]);
    stand_in.allow_everything();
    must(world.path(), &["ingest", "--quiet"], &[0, 3]);
    assert_eq!(gaps().trim(), "source,cause,place", "every gap is closed");
}

/// Sessions of two days, one of them long.
fn world() -> World {
    let world = World::new();
    world.deliver("20260706T1000Z", &[start_session("jane-0a1b2c3d4e5f60718", "2026-07-06T09:50:00Z", "jane")]);
    world.deliver("20260712T1000Z", &[start_session("john-0a1b2c3d4e5f60719", "2026-07-12T09:50:00Z", "john")]);
    world.deliver("20260712T1300Z", &[terminate_session("john-0a1b2c3d4e5f60719", "2026-07-12T12:50:00Z", "john")]);
    world.write_at("transcripts/jane-0a1b2c3d4e5f60718.log", "Script started on 2026-07-06 19:50:00+00:00\n$ exit\n", "2026-07-06T19:51:00Z");
    world
}
