//! Runs that are killed at any commit to a lake on S3, just before it took effect and just after, and then run to their end: every table is as if
//! nobody had been killed.

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ingest::lake::Lake;
use ingest::pipeline::{Options, run};
use ingest::source::{Directory, Origin, Source, SourceKind};
use ingest::summary::Silent;
use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use serde_json::json;
use url::Url;

use super::{BUCKET, REGION};
use crate::support::s3::{ACCESS_KEY, Call, Fault, SECRET_KEY, Server, StandIn, State, What};
use crate::support::tables::tables;
use crate::support::told::say;
use crate::support::trail::trail;
use crate::support::world::{World, start_session, terminate_session};

/// Runs that are killed side by side, each with a lake of its own.
const LANES: usize = 3;
/// Kills at any time, of each run that is killed so.
const ANY_TIME: u32 = 4;

/// Every table of a lake, and what is said of them; `runs` tells when, which is never the same.
pub(super) const TABLES: [&str; 9] =
    ["objects", "event_copies", "observations", "instances", "preferences", "rejects", "gap_notes", "session_facts", "sessions"];

type Tables = BTreeMap<&'static str, Vec<String>>;

/// A little of everything that a lake can hold.
pub(super) fn world() -> World {
    let world = World::new();
    world.deliver("20260706T0905Z", &[start_session("jane-0a1b2c3d4e5f60718", "2026-07-06T09:00:00Z", "jane")]);
    world.deliver("20260706T1905Z", &[terminate_session("jane-0a1b2c3d4e5f60718", "2026-07-06T19:00:00Z", "jane")]);
    world.write_at("transcripts/kim-0a1b2c3d4e5f60719.log", "Script started on 2026-07-06 09:30:00+00:00\n$ exit\n", "2026-07-06T09:31:00Z");
    world.write_at("transcripts/no session.txt.log", "hello\n", "2026-07-06T09:31:00Z");
    world.write_at(
        "cloudwatch/page.ndjson",
        "{\"timestamp\":1783328400000,\"message\":\"hello\",\"logStreamName\":\"kim-0a1b2c3d4e5f60719\"}\n",
        "2026-07-06T10:00:00Z",
    );
    world.answer("20260706T200000Z", "describe-sessions-active.json", &json!({ "Sessions": [] }));
    let instance = json!({ "InstanceId": "i-0123456789abcdef0", "State": { "Name": "running" } });
    world.answer("20260706T200000Z", "describe-instances.json", &json!({ "Reservations": [{ "Instances": [instance] }] }));
    let content = json!({ "schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": { "idleSessionTimeout": "20" } });
    let document = json!({ "Name": "SSM-SessionManagerRunShell", "DocumentVersion": "1", "Content": content.to_string(), "DocumentType": "Session" });
    world.answer("20260706T200000Z", "get-document-SSM-SessionManagerRunShell-1.json", &document);
    let configuration = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("a configuration");
    world.write("sessiontrail.toml", configuration + "\n[[source]]\nname = \"gone\"\nkind = \"transcripts\"\nuri = \"gone\"\n");
    world
}

pub(super) fn lake() -> Url {
    Url::parse(&format!("s3://{BUCKET}/lake")).expect("an address")
}

/// The sources of a world, as its configuration names them.
pub(super) fn sources(world: &World) -> Vec<Arc<dyn Source>> {
    let kinds = [
        ("transcripts", SourceKind::Transcripts, None),
        ("cloudwatch", SourceKind::CloudWatch, Some("eu-central-1")),
        ("trail", SourceKind::CloudTrail, None),
        ("account", SourceKind::Account, Some("eu-central-1")),
        ("gone", SourceKind::Transcripts, None),
    ];
    let source = |(name, kind, region): (&str, SourceKind, Option<&str>)| -> Arc<dyn Source> {
        let origin = Origin { name: name.to_owned(), kind, account_id: None, region: region.map(str::to_owned) };
        Arc::new(Directory::new(origin, world.path().join(name)))
    };
    kinds.into_iter().map(source).collect()
}

/// Moments that nobody chose; their seed is told, so that they can be had again.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970").subsec_nanos();
        let seed = std::env::var("SESSIONTRAIL_KILLS_SEED").map_or(u64::from(now), |seed| seed.parse().expect("a seed is a number"));
        say(&format!("kills at any time: seed {seed} (SESSIONTRAIL_KILLS_SEED)"));
        Self(seed)
    }

    /// Some time within this one, by splitmix64.
    fn within(&mut self, all: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        all * u32::try_from((mixed ^ (mixed >> 31)) % 1_000).expect("a small number") / 1_000
    }
}

/// Kills a run after some time; whether there was still one to kill.
fn killed_after(mut child: Child, time: Duration) -> bool {
    thread::sleep(time);
    let is_alive = child.try_wait().expect("a child").is_none();
    child.kill().expect("a child");
    child.wait().expect("it is dead");
    is_alive
}

/// A lake of its own for the sources of a world.
struct Lane<'w> {
    world: &'w World,
    configuration: String,
    stand_in: StandIn,
    server: Server,
    runtime: tokio::runtime::Runtime,
}

impl<'w> Lane<'w> {
    fn new(world: &'w World, number: usize) -> Self {
        let stand_in = StandIn::with_bucket(BUCKET);
        let server = stand_in.serve();
        let text = std::fs::read_to_string(world.path().join("sessiontrail.toml")).expect("a configuration");
        let lake = format!("uri = \"s3://{BUCKET}/lake\"\nendpoint_url = \"{}\"", server.url());
        let configuration = format!("lane-{number}.toml");
        world.write(&configuration, text.replace("uri = \"./lake\"", &lake));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        Self { world, configuration, stand_in, server, runtime }
    }

    fn start(&self) -> Child {
        let mut command = trail(self.world.path());
        command.args(["--config", &self.configuration, "ingest", "--quiet"]);
        command.envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY), ("AWS_REGION", REGION)]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
    }

    /// Runs to the end; at first one source is not there, and one object is no transcript.
    fn run(&self) {
        let ended = self.start().wait().expect("it ends");
        assert!(matches!(ended.code(), Some(0 | 3)), "{ended}");
    }

    /// The same in this process, without what is published: that takes longer than all the rest, and is no table.
    fn run_here(&self) {
        self.runtime.block_on(async {
            let mut lake = Lake::open(self.store(), &lake()).await.expect("a lake");
            run(&mut lake, &sources(self.world), &Options { from: None, to: None }, &Silent).await.expect("it ends");
        });
    }

    /// Runs until the commit of this number is held, and is killed there.
    fn killed_at(&self, commit: usize, side: What) {
        self.stand_in.faults(vec![Fault { after: commit, ..Fault::first(1, Call::Put, side) }.at("_delta_log/")]);
        let mut child = self.start();
        let begin = Instant::now();
        while self.stand_in.waiting() == 0 {
            assert!(child.try_wait().expect("a child").is_none(), "it ended before commit {commit}");
            assert!(begin.elapsed() < Duration::from_secs(60), "commit {commit} never came");
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("a child");
        child.wait().expect("it is dead");
        self.stand_in.faults(Vec::new());
    }

    fn store(&self) -> Arc<dyn ObjectStore> {
        let store = AmazonS3Builder::new().with_bucket_name(BUCKET).with_region(REGION).with_endpoint(self.server.url()).with_allow_http(true);
        Arc::new(store.with_access_key_id(ACCESS_KEY).with_secret_access_key(SECRET_KEY).build().expect("a store"))
    }

    fn tables(&self) -> Tables {
        self.runtime.block_on(tables(self.store(), &lake(), &TABLES))
    }

    fn commits(&self) -> usize {
        self.stand_in.calls().into_iter().filter(|(call, key)| *call == Call::Put && key.contains("_delta_log/")).count()
    }

    /// Every kill of a run that begins with `from`, and the run after it. Lanes take turns.
    fn survive(&self, from: &State, commits: usize, next: &AtomicUsize, expected: &Tables) {
        loop {
            let number = next.fetch_add(1, Ordering::SeqCst);
            let (commit, side) = (number / 2, if number.is_multiple_of(2) { What::HeldBefore } else { What::HeldAfter });
            if commit >= commits {
                return;
            }
            self.stand_in.restore(from);
            self.killed_at(commit, side);
            self.run_here();
            let found = self.tables();
            for (table, rows) in expected {
                assert_eq!(&found[table], rows, "{table}, killed at commit {commit}: {side:?}");
            }
        }
    }
}

#[test]
fn killed_at_any_commit_and_run_again_leaves_every_table_as_if_nobody_had_been_killed() {
    let world = world();
    let lanes: Vec<Lane<'_>> = (0..LANES).map(|number| Lane::new(&world, number)).collect();
    let (mut kills, mut any_time, mut chance) = (Vec::new(), 0, Chance::new());
    // Into an empty lake; then with more of each kind into one that holds something.
    for more in [false, true] {
        let from = lanes[0].stand_in.state();
        if more {
            world.deliver("20260707T0905Z", &[terminate_session("kim-0a1b2c3d4e5f60719", "2026-07-07T09:00:00Z", "kim")]);
            world.answer("20260707T200000Z", "describe-instances.json", &json!({ "Reservations": [] }));
            world.write_at("gone/lea-0a1b2c3d4e5f60720.log", "no stamp\n", "2026-07-07T09:31:00Z");
        }
        lanes[0].stand_in.calls();
        let begin = Instant::now();
        lanes[0].run();
        let lasted = begin.elapsed();
        let (commits, expected, after) = (lanes[0].commits(), lanes[0].tables(), lanes[0].stand_in.state());
        assert!(expected.values().all(|rows| !rows.is_empty()), "there is something of everything");
        let next = AtomicUsize::new(0);
        thread::scope(|scope| lanes.iter().for_each(|lane| drop(scope.spawn(|| lane.survive(&from, commits, &next, &expected)))));
        kills.push(2 * commits);
        for _ in 0..ANY_TIME {
            let (lane, time) = (&lanes[0], chance.within(lasted));
            lane.stand_in.restore(&from);
            any_time += u32::from(killed_after(lane.start(), time));
            lane.run();
            assert_eq!(lane.tables(), expected, "killed after {time:?} of {lasted:?}");
        }
        lanes[0].stand_in.restore(&after);
    }
    say(&format!(
        "a lake on S3: killed {} times at a commit of a first run, {} of a second, and {any_time} at any time; every table is the same",
        kills[0], kills[1],
    ));
}

#[test]
fn killed_at_any_time_with_a_lake_in_a_folder_every_table_is_as_if_nobody_had_been_killed() {
    const KILLS: u32 = 8;
    let (world, mut chance) = (world(), Chance::new());
    let lake = world.path().join("lake");
    let start = || trail(world.path()).args(["ingest", "--quiet"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
    let run = || {
        let ended = start().wait().expect("it ends");
        assert!(matches!(ended.code(), Some(0 | 3)), "{ended}");
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let told = || {
        let url = Url::from_directory_path(lake.canonicalize().expect("a folder")).expect("an address");
        runtime.block_on(tables(Arc::new(LocalFileSystem::new()), &url, &TABLES))
    };
    let begin = Instant::now();
    run();
    let (lasted, expected) = (begin.elapsed(), told());
    assert!(expected["objects"].len() >= 8 && !expected["sessions"].is_empty(), "{expected:?}");
    let mut killed = 0;
    for _ in 0..KILLS {
        std::fs::remove_dir_all(&lake).expect("a lake");
        let time = chance.within(lasted);
        killed += u32::from(killed_after(start(), time));
        run();
        assert_eq!(told(), expected, "killed after {time:?} of {lasted:?}");
    }
    say(&format!("a lake in a folder: killed {killed} times at any time; every table is the same"));
    assert!(killed > 0, "every run ended before it was killed");
}
