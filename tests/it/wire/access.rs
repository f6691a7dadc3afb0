//! How AWS is reached: roles with external ids, profiles, and buckets of other regions.

use std::process::{Command, Output};

use super::{BUCKET, REGION, noon};
use crate::support::python::python;
use crate::support::s3::{ACCESS_KEY, Kept, SECRET_KEY, Server, StandIn, Sts, Trust};
use crate::support::trail::trail;
use crate::support::world::World;

const ROLE: &str = "arn:aws:iam::111122223333:role/sessiontrail-reader";
const EXTERNAL_ID: &str = "what-only-we-know";

/// A world whose transcripts lie in a bucket that is open to the role only, reached with these keys of the configuration.
fn world(server: &Server, keys: &str) -> World {
    let world = World::new();
    let text = format!(
        "[[source]]\nname = \"prod transcripts\"\nkind = \"transcripts\"\nuri = \"s3://{BUCKET}/ssm/\"\nregion = \"{REGION}\"\nendpoint_url = \"{}\"\n{keys}\n",
        server.url()
    );
    world.write("sessiontrail.toml", text);
    world
}

fn guarded() -> (StandIn, Server, Sts) {
    let stand_in = StandIn::with_bucket(BUCKET);
    stand_in.plant(BUCKET, "ssm/jane-0a1b2c3d4e5f60718.log", Kept::new("Script started on 2026-07-14 09:14:58+00:00\n", noon()));
    stand_in.only_for_role();
    let server = stand_in.serve();
    (stand_in, server, Sts::trusting(Trust { role_arn: ROLE.to_owned(), external_id: EXTERNAL_ID.to_owned() }))
}

fn ingest(world: &World, sts: &Sts, more: &[(&str, &str)]) -> Output {
    let mut command = trail(world.path());
    command.args(["ingest"]).env("AWS_ENDPOINT_URL_STS", sts.server.url()).envs(more.iter().copied()).output().expect("the binary starts")
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)];

#[test]
fn a_role_is_assumed_with_its_external_id_and_under_a_name_of_ours() {
    let (_stand_in, server, sts) = guarded();
    let ours = world(&server, &format!("role_arn = \"{ROLE}\"\nexternal_id = \"{EXTERNAL_ID}\""));
    let done = ingest(&ours, &sts, &KEYS);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stderr).contains("1 read"));
    let sessions = sts.sessions();
    assert!(!sessions.is_empty() && sessions.iter().all(|session| session == "sessiontrail-prod-transcripts"), "{sessions:?}");
}

#[test]
fn the_aws_cli_takes_the_stand_in_for_sts() {
    let (_stand_in, _server, sts) = guarded();
    let assume = |more: &[&str]| {
        let mut command = Command::new(python().with_file_name("aws"));
        command.env_clear().env("HOME", "/nonexistent").envs(KEYS).args(["--endpoint-url", &sts.server.url(), "--region", REGION, "--output", "json"]);
        command.args(["sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "the-cli"]).args(more).output().expect("the CLI starts")
    };
    let given = assume(&["--external-id", EXTERNAL_ID]);
    let told: serde_json::Value = serde_json::from_slice(&given.stdout).expect("the CLI prints JSON");
    assert_eq!(told["AssumedRoleUser"]["Arn"], format!("{ROLE}/the-cli"));
    assert!(told["Credentials"]["AccessKeyId"].is_string() && told["Credentials"]["Expiration"].is_string(), "{told}");
    for refused in [assume(&[]), assume(&["--external-id", "a guess"])] {
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains("AccessDenied"), "{told}");
    }
    assert_eq!(sts.sessions(), ["the-cli"]);
}

#[test]
fn without_the_external_id_or_the_role_nothing_is_read() {
    let (_stand_in, server, sts) = guarded();
    for keys in [format!("role_arn = \"{ROLE}\""), format!("role_arn = \"{ROLE}\"\nexternal_id = \"a guess\""), String::new()] {
        let ours = world(&server, &keys);
        let refused = ingest(&ours, &sts, &KEYS);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(3), "{keys}: {told}");
        assert!(told.contains("not read: prod transcripts:") && told.contains("AccessDenied"), "{keys}: {told}");
    }
    assert!(sts.sessions().is_empty());
}

#[test]
fn a_profile_is_read_and_keys_of_the_environment_do_not_win_over_it() {
    let (_stand_in, server, sts) = guarded();
    let ours = world(&server, "profile = \"reader\"");
    let files = tempfile::tempdir().expect("a folder");
    let (config, credentials) = (files.path().join("config"), files.path().join("credentials"));
    let profile = format!(
        "[profile base]\nregion = {REGION}\n[profile reader]\nrole_arn = {ROLE}\nexternal_id = {EXTERNAL_ID}\nsource_profile = base\nregion = {REGION}\n"
    );
    std::fs::write(&config, profile).expect("a file");
    std::fs::write(&credentials, format!("[base]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")).expect("a file");
    let files = [
        ("AWS_CONFIG_FILE", config.to_str().expect("UTF-8")),
        ("AWS_SHARED_CREDENTIALS_FILE", credentials.to_str().expect("UTF-8")),
        ("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSE0000"),
        ("AWS_SECRET_ACCESS_KEY", "of somebody else"),
    ];
    let done = ingest(&ours, &sts, &files);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_bucket_of_another_region_is_found() {
    let stand_in = StandIn::with_bucket(BUCKET);
    stand_in.plant(BUCKET, "ssm/jane-0a1b2c3d4e5f60718.log", Kept::new("Script started on 2026-07-14 09:14:58+00:00\n", noon()));
    stand_in.lies_in("ap-southeast-2");
    let server = stand_in.serve();
    let world = world(&server, "");
    let done = trail(world.path()).args(["ingest"]).envs(KEYS).output().expect("the binary starts");
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stderr).contains("1 read"));
}
