//! `--notify` to SNS: as moto understands it, and where it falters; and the memory of what was sent in a lake on S3.

use std::process::Command;

use serde_json::{Value, json};

use crate::notify::{overdue, world};
use crate::support::cloudwatch::wired::ran;
use crate::support::hook::Hook;
use crate::support::moto::Moto;
use crate::support::python::{python, run};
use crate::support::s3::{ACCESS_KEY, SECRET_KEY, StandIn};
use crate::support::trail::trail;

const REGION: &str = "eu-west-1";
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:on-call";
const BUCKET: &str = "org-lake";
const JANE: &str = "jane-0a1b2c3d4e5f60718";

fn aws(url: &str, args: &[&str]) -> Value {
    let mut command = Command::new(python().with_file_name("aws"));
    command.env_clear().env("HOME", "/nonexistent").envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    let said = run(command.args(["--endpoint-url", url, "--region", REGION, "--output", "json"]).args(args)).stdout;
    if said.is_empty() { Value::Null } else { serde_json::from_slice(&said).expect("the CLI prints JSON") }
}

#[test]
fn moto_takes_a_notice_and_hands_it_on_once() {
    let moto = Moto::start();
    for name in ["on-call", "on-call.fifo"] {
        let is_fifo = name.ends_with(".fifo");
        let attributes = if is_fifo { &["--attributes", "FifoTopic=true"][..] } else { &[] };
        let topic = aws(moto.url(), &[&["sns", "create-topic", "--name", name], attributes].concat())["TopicArn"].as_str().expect("a topic").to_owned();
        let attributes = if is_fifo { &["--attributes", "FifoQueue=true"][..] } else { &[] };
        let queue = aws(moto.url(), &[&["sqs", "create-queue", "--queue-name", name], attributes].concat())["QueueUrl"].as_str().expect("a queue").to_owned();
        let arn = format!("arn:aws:sqs:{REGION}:123456789012:{name}");
        aws(moto.url(), &["sns", "subscribe", "--topic-arn", &topic, "--protocol", "sqs", "--notification-endpoint", &arn]);

        let world = world(&format!("sns_topic = \"{topic}\"\nendpoint_url = \"{}\"", moto.url()));
        overdue(&world, &[JANE]);
        for expected in ["sns_topic: 2 new findings sent", "sns_topic: 0 new findings sent"] {
            let told = ran(world.path(), &["ingest", "--notify"]);
            assert_eq!(told.code, Some(0), "{}", told.stderr);
            assert!(told.stderr.contains(expected), "{}", told.stderr);
        }
        let received = aws(moto.url(), &["sqs", "receive-message", "--queue-url", &queue, "--max-number-of-messages", "10"]);
        let messages = received["Messages"].as_array().expect("messages");
        assert_eq!(messages.len(), 1, "{received}");
        let envelope: Value = serde_json::from_str(messages[0]["Body"].as_str().expect("a body")).expect("JSON");
        assert_eq!(envelope["Subject"], "sessiontrail: 2 new findings (2 high)");
        let sent: Value = serde_json::from_str(envelope["Message"].as_str().expect("a message")).expect("JSON");
        assert_eq!((&sent["schema"], sent["findings"].as_array().map(Vec::len)), (&json!("sessiontrail.notice/1"), Some(2)));
        assert_eq!(sent["findings"][0]["session_id"], JANE);
    }
}

#[test]
fn a_topic_that_is_not_there_is_said_and_hinders_no_webhook() {
    let (moto, hook) = (Moto::start(), Hook::start());
    let world = world(&format!("sns_topic = \"{TOPIC}\"\nendpoint_url = \"{}\"\nwebhook = \"{}\"", moto.url(), hook.url()));
    overdue(&world, &[JANE]);
    let failed = ran(world.path(), &["ingest", "--notify"]);
    assert_eq!(failed.code, Some(3), "{}", failed.stderr);
    assert!(
        failed.stderr.contains("not notified: sns_topic: NotFound") && failed.stderr.contains("next run with --notify: 2 new findings"),
        "{}",
        failed.stderr
    );
    assert_eq!(hook.taken().len(), 1);
    aws(moto.url(), &["sns", "create-topic", "--name", "on-call"]);
    let healed = ran(world.path(), &["status", "--notify"]);
    assert_eq!(healed.code, Some(0), "{}", healed.stderr);
    assert!(healed.stderr.contains("sns_topic: 2 new findings sent") && healed.stderr.contains("webhook: 0 new"), "{}", healed.stderr);
}

#[test]
fn a_topic_that_falters_is_asked_again_and_then_at_the_next_run() {
    let sns = Hook::start();
    let world = world(&format!("sns_topic = \"{TOPIC}\"\nendpoint_url = \"{}\"", sns.url()));
    overdue(&world, &[JANE]);
    sns.refuse("500 Oops");
    let failed = ran(world.path(), &["ingest", "--notify"]);
    assert_eq!(failed.code, Some(3), "{}", failed.stderr);
    assert_eq!(sns.refused().len(), 3, "some attempts, and no more");
    let denied = "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>not you\u{1b}[2J</Message></Error></ErrorResponse>";
    sns.answer(|_| ("403 Forbidden".to_owned(), denied.to_owned()));
    let failed = ran(world.path(), &["ingest", "--notify"]);
    assert_eq!(failed.code, Some(3), "{}", failed.stderr);
    assert!(failed.stderr.contains("not notified: sns_topic: ") && !failed.stderr.contains('\u{1b}'), "{}", failed.stderr);
    assert_eq!(sns.refused().len(), 1, "who is denied is not asked again");
    sns.accept();
    assert_eq!(ran(world.path(), &["ingest", "--notify"]).code, Some(0));
    let posts = sns.taken();
    assert_eq!(posts.len(), 1);
    assert!(posts[0].body.contains("Action=Publish") && posts[0].header("authorization").is_some_and(|signed| signed.contains("/eu-west-1/sns/")));
    assert!(posts[0].header("user-agent").is_some_and(|agent| agent.contains("app/sessiontrail")));
}

#[test]
fn a_lake_on_s3_remembers_what_was_sent() {
    let (stand_in, hook) = (StandIn::with_bucket(BUCKET), Hook::start());
    let server = stand_in.serve();
    let world = world(&format!("webhook = \"{}\"", hook.url()));
    let configuration = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("the configuration");
    let lake = format!("uri = \"s3://{BUCKET}/some/lake\"\nregion = \"{REGION}\"\nendpoint_url = \"{}\"", server.url());
    world.write("sessiontrail.toml", configuration.replace("uri = \"./lake\"", &lake));
    overdue(&world, &[JANE]);
    let notified = |command: &str| {
        let keys = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)];
        let ran = trail(world.path()).args([command, "--notify"]).envs(keys).output().expect("the binary starts");
        assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    notified("ingest");
    assert_eq!(hook.taken().len(), 1);
    let kept = || stand_in.keys(BUCKET).into_iter().filter(|key| key.starts_with("some/lake/notices/")).count();
    assert_eq!(kept(), 3, "one for each finding, and one that says since when");
    notified("ingest");
    notified("status");
    assert_eq!((hook.taken().len(), kept()), (0, 3));
}
