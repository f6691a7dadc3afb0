//! What others say of the stand-in and of us: the real AWS CLI talks to the stand-in, and our source reads what it put; and our source reads from moto, which
//! somebody else wrote.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::support::cloudwatch::behaviour::{Behaviour, Fault};
use crate::support::cloudwatch::wired::{aws, ingest, must_aws, ran};
use crate::support::cloudwatch::{Cloud, Message, output};
use crate::support::python::python;
use crate::support::world::World;

const REGION: &str = "us-east-1";
const GROUP: &str = "/ssm/sessions";
const SESSION: &str = "jane.doe@example.com-0a1b2c3d4e5f60718";

#[test]
fn the_aws_cli_talks_to_the_stand_in_and_the_binary_reads_what_it_put() {
    let cloud = Cloud::start();
    let url = cloud.url();
    let logs = |args: &[&str]| must_aws(&url, REGION, args);
    logs(&["create-log-group", "--log-group-name", GROUP]);
    assert_eq!(logs(&["describe-log-groups"])["logGroups"][0]["logGroupName"], GROUP);
    assert_eq!(must_aws(&url, "eu-west-1", &["describe-log-groups"])["logGroups"], json!([]), "another region has groups of its own");
    logs(&["create-log-stream", "--log-group-name", GROUP, "--log-stream-name", SESSION]);
    let events = streamed(SESSION, 1_784_030_400_000);
    logs(&["put-log-events", "--log-group-name", GROUP, "--log-stream-name", SESSION, "--log-events", &events.to_string()]);

    // Pages of three, every second of them empty: the CLI goes through all of them.
    cloud.behave(Behaviour { page: 3, empty_every: 2, ..Behaviour::default() });
    let found = logs(&["filter-log-events", "--log-group-name", GROUP]);
    let found: Vec<&Value> = found["events"].as_array().unwrap().iter().collect();
    assert!(cloud.calls() > 7, "{} pages", cloud.calls());
    let told: Vec<Value> = found.iter().map(|event| json!({ "timestamp": event["timestamp"], "message": event["message"] })).collect();
    assert_eq!(Value::from(told), events);
    assert!(found.iter().all(|event| event["logStreamName"] == SESSION && event["eventId"].as_str().unwrap().len() == 56));
    let span = logs(&["filter-log-events", "--log-group-name", GROUP, "--start-time", "1784030460000", "--end-time", "1784030520000"]);
    assert_eq!(span["events"].as_array().unwrap().len(), 2, "both ends belong to a span");

    // What goes wrong is told in the service's words.
    let missing = aws(&url, REGION, &["filter-log-events", "--log-group-name", "/none"]);
    assert!(missing.code.is_some_and(|code| code != 0) && missing.stderr.contains("ResourceNotFoundException"), "{}", missing.stderr);
    cloud.behave(Behaviour { from: Some((0, Fault::Denied)), ..Behaviour::default() });
    let denied = aws(&url, REGION, &["filter-log-events", "--log-group-name", GROUP]);
    assert!(denied.code.is_some_and(|code| code != 0) && denied.stderr.contains("AccessDeniedException"), "{}", denied.stderr);
    cloud.behave(Behaviour { page: 3, faults: [(1, Fault::TokenExpired)].into(), ..Behaviour::default() });
    let expired = aws(&url, REGION, &["filter-log-events", "--log-group-name", GROUP]);
    assert!(expired.stderr.contains("InvalidParameterException"), "{}", expired.stderr);
    cloud.behave(Behaviour { faults: [(0, Fault::Throttled), (1, Fault::Broken), (2, Fault::Unavailable)].into(), ..Behaviour::default() });
    logs(&["filter-log-events", "--log-group-name", GROUP]);
    assert!(cloud.calls() >= 3, "the CLI tries again after each of them, as it does with the service");

    cloud.behave(Behaviour::default());
    let world = world(&url);
    ingest(world.path(), &[], 0);
    assert_eq!(activity(&world), json!([{ "session_id": SESSION, "activity_events": 10 }]));
}

#[test]
fn the_binary_reads_from_moto() {
    let moto = Moto::start();
    let logs = |args: &[&str]| must_aws(&moto.url, REGION, args);
    // moto takes `@` in the name of a stream for a pattern.
    let session = "jane-0a1b2c3d4e5f60718";
    logs(&["create-log-group", "--log-group-name", GROUP]);
    logs(&["create-log-stream", "--log-group-name", GROUP, "--log-stream-name", session]);
    // It takes no events older than two weeks.
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let events = streamed(session, now - now % 60_000 - 1_200_000);
    logs(&["put-log-events", "--log-group-name", GROUP, "--log-stream-name", session, "--log-events", &events.to_string()]);
    let world = world(&moto.url);
    ingest(world.path(), &[], 0);
    assert_eq!(activity(&world), json!([{ "session_id": session, "activity_events": 10 }]));
    let again = ingest(world.path(), &[], 0);
    assert!(again.contains(" 0 read "), "{again}");
}

/// Ten events a minute apart, as `put-log-events` takes them.
fn streamed(session: &str, from: i64) -> Value {
    let events = (0..10).map(|minute| {
        let put = output(session, from + minute * 60_000, &["ls", "größer"]);
        let Message::Text(message) = put.message else { unreachable!() };
        json!({ "timestamp": put.at, "message": message })
    });
    events.collect()
}

fn activity(world: &World) -> Value {
    let asked = ran(world.path(), &["query", "SELECT session_id, activity_events FROM sessions ORDER BY 1", "--format", "json"]);
    serde_json::from_str(&asked.stdout).unwrap_or_else(|_| panic!("{}", asked.stderr))
}

fn world(url: &str) -> World {
    let world = World::new();
    let text = format!(
        "[lake]\nuri = \"./lake\"\n\n[policy]\nfile = \"policy.toml\"\n\n[[source]]\nname = \"stream\"\nkind = \"cloudwatch\"\nlog_group = \"{GROUP}\"\n\
         region = \"{REGION}\"\naccount = \"111122223333\"\nendpoint_url = \"{url}\"\n"
    );
    world.write("sessiontrail.toml", text);
    world
}

/// moto as a server; it ends with the test.
struct Moto {
    url: String,
    process: Child,
}

impl Moto {
    fn start() -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port").port();
        let mut command = Command::new(python().with_file_name("moto_server"));
        let process = command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("moto starts");
        let moto = Self { url: format!("http://127.0.0.1:{port}"), process };
        for _ in 0..600 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return moto;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("moto does not listen after a minute");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
