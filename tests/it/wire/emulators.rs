//! The real AWS CLI talks to the stand-in, which proves it; and the product reads from moto, which knows neither of us.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ingest::client::Access;
use ingest::source::{Resume, S3, Source, SourceKind};
use serde_json::Value;

use super::{BUCKET, REGION, keys, origin};
use crate::support::python::{python, run};
use crate::support::s3::{ACCESS_KEY, SECRET_KEY, StandIn};

/// Keys that people and agents make, and that programs trip over.
const KEYS: [&str; 6] = [
    "ssm/jane.doe@example.com-0a1b2c3d4e5f60718.log",
    "ssm/a+b=c,d.log",
    "ssm/with space.log",
    "ssm/%2F%20.log",
    "ssm/\u{fc}ml\u{e4}ut-\u{65e5}\u{672c}.log",
    "ssm/'quote\".log",
];

fn aws(endpoint: &str, args: &[&str]) -> String {
    let mut command = Command::new(python().with_file_name("aws"));
    command.args(["--endpoint-url", endpoint, "--region", REGION, "--output", "json"]).args(args);
    command.envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY), ("AWS_EC2_METADATA_DISABLED", "true")]);
    String::from_utf8(run(&mut command).stdout).expect("UTF-8")
}

#[test]
fn the_aws_cli_takes_the_stand_in_for_s3() {
    let stand_in = StandIn::with_versions(BUCKET);
    let server = stand_in.serve();
    let folder = tempfile::tempdir().expect("a folder");
    for key in KEYS {
        let path = folder.path().join(key);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, key).expect("a file");
    }
    let large = vec![7; 9 << 20];
    std::fs::write(folder.path().join("ssm/large.log"), &large).expect("a file");
    let (here, there) = (folder.path().to_str().expect("UTF-8"), format!("s3://{BUCKET}/"));
    aws(&server.url(), &["s3", "cp", "--recursive", "--only-show-errors", here, &there]);
    let mut planted: Vec<&str> = KEYS.into_iter().chain(["ssm/large.log"]).collect();
    planted.sort_unstable();
    assert_eq!(stand_in.keys(BUCKET), planted);
    assert!(stand_in.kept(BUCKET, "ssm/large.log").expect("it is there").bytes == large, "the parts of a large one are one object");

    let listed = aws(&server.url(), &["s3", "ls", "--recursive", &there]);
    assert!(planted.iter().all(|key| listed.contains(key)), "{listed}");
    assert_eq!(aws(&server.url(), &["s3", "ls", &there]).trim(), "PRE ssm/");

    let back = tempfile::tempdir().expect("a folder");
    aws(&server.url(), &["s3", "sync", "--only-show-errors", &there, back.path().to_str().expect("UTF-8")]);
    for key in KEYS {
        assert_eq!(std::fs::read_to_string(back.path().join(key)).expect("it came back"), key);
    }

    let put = |more: &[&str]| {
        let body = folder.path().join(KEYS[0]);
        let put = ["s3api", "put-object", "--bucket", BUCKET, "--key", "held.log", "--body", body.to_str().expect("UTF-8")];
        let mut command = Command::new(python().with_file_name("aws"));
        command.args(["--endpoint-url", &server.url(), "--region", REGION]).args(put).args(more);
        command.envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)]).output().expect("it starts")
    };
    let lock =
        ["--metadata", "signature=00ff", "--object-lock-mode", "COMPLIANCE", "--object-lock-retain-until-date", "2030-01-01T00:00:00Z", "--if-none-match", "*"];
    assert!(put(&lock).status.success());
    let refused = put(&["--if-none-match", "*"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("PreconditionFailed"), "what is there is not replaced");
    let head: Value =
        serde_json::from_str(&aws(&server.url(), &["s3api", "head-object", "--bucket", BUCKET, "--key", "held.log", "--checksum-mode", "ENABLED"]))
            .expect("JSON");
    let kept = stand_in.kept(BUCKET, "held.log").expect("it is there");
    assert_eq!(head["VersionId"].as_str(), kept.version.as_deref());
    assert_eq!((&head["Metadata"]["signature"], &head["ObjectLockMode"]), (&Value::from("00ff"), &Value::from("COMPLIANCE")));
    assert_eq!(head["ChecksumSHA256"].as_str(), Some(kept.sha256().as_str()));
    assert!(head["ObjectLockRetainUntilDate"].as_str().is_some_and(|until| until.starts_with("2030-01-01")));
    stand_in.deny_reading("held");
    let denied = Command::new(python().with_file_name("aws"))
        .args(["--endpoint-url", &server.url(), "--region", REGION, "s3", "cp", &format!("{there}held.log"), "-"])
        .envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)])
        .output()
        .expect("it starts");
    assert!(!denied.status.success() && String::from_utf8_lossy(&denied.stderr).contains("403"), "a denied object is denied to the CLI too");
}

/// moto, until it is dropped.
struct Moto {
    child: Child,
    url: String,
}

impl Moto {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port of this machine").port();
        let mut command = Command::new(python());
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let moto = Self { child: command.spawn().expect("moto starts"), url: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(120), "moto does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
        moto
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_aws_cli_puts_to_moto_is_read_from_it() {
    let moto = Moto::start();
    let folder = tempfile::tempdir().expect("a folder");
    for key in KEYS {
        let path = folder.path().join(key);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, key).expect("a file");
    }
    // The CLI puts what is larger than 8 MB in parts, and its ETag and checksum are those of the parts.
    let large = "0123456789abcdef".repeat((9 << 20) / 16);
    std::fs::write(folder.path().join("ssm/large.log"), &large).expect("a file");
    aws(&moto.url, &["s3api", "create-bucket", "--bucket", BUCKET, "--create-bucket-configuration", &format!("LocationConstraint={REGION}")]);
    aws(&moto.url, &["s3", "cp", "--recursive", "--only-show-errors", folder.path().to_str().expect("UTF-8"), &format!("s3://{BUCKET}/")]);
    let access = Access { endpoint_url: Some(moto.url.clone()), region: Some(REGION.to_owned()), ..Access::default() };
    let given = aws_sdk_s3::config::Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "suite");
    let config = ingest::client::connect(&access, "moto").await.into_builder();
    let config = config.credentials_provider(aws_sdk_s3::config::SharedCredentialsProvider::new(given)).build();
    let source = S3::new(origin(SourceKind::Transcripts), &config, BUCKET, "ssm");
    let mut expected: Vec<&str> = KEYS.iter().filter_map(|key| key.strip_prefix("ssm/")).chain(["large.log"]).collect();
    expected.sort_unstable();
    assert_eq!(keys(&source, Resume::beginning()).await, expected);
    for listed in super::list(&source, Resume::beginning()).await {
        let listed = listed.expect("nothing is denied");
        let is_large = listed.object.key == "large.log";
        assert_eq!(listed.custody.etag.as_ref().is_some_and(|etag| etag.ends_with("-2")), is_large, "{listed:?}");
        let mut body = source.open(&listed).await.expect("it can be read").body;
        let text = tokio::task::spawn_blocking(move || std::io::read_to_string(&mut body)).await.expect("no panic").expect("it is read");
        assert!(text == if is_large { large.clone() } else { format!("ssm/{}", listed.object.key) }, "{}", listed.object.key);
    }
}
