//! Estates to measure with: CloudTrail as an organisation's trail delivers it, and the session logs of busy instances. Made once for each
//! size, the same bytes each time.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;

use crate::random::{HEX, LOWER, Random};

/// A folder with a configuration and sources, and how much they hold.
pub(crate) struct Corpus {
    pub(crate) dir: PathBuf,
    /// Bytes of text: inflated, where the files are compressed.
    pub(crate) bytes: u64,
    pub(crate) files: u64,
}

/// Makes a corpus, or finds the one that an earlier run made.
pub(crate) fn corpus(name: &str, make: impl FnOnce(&Path) -> (u64, u64)) -> Corpus {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench").join(name);
    let stamp = dir.join("made.txt");
    if let Ok(made) = fs::read_to_string(&stamp) {
        let (bytes, files) = made.split_once(' ').expect("two numbers");
        return Corpus { dir, bytes: bytes.parse().expect("bytes"), files: files.parse().expect("files") };
    }
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("the target directory can be written");
    let (bytes, files) = make(&dir);
    fs::write(stamp, format!("{bytes} {files}")).expect("the target directory can be written");
    Corpus { dir, bytes, files }
}

/// One configuration for all: a source for each folder that is there.
pub(crate) fn configure(dir: &Path) {
    let mut text = "[lake]\nuri = \"./lake\"\n[policy]\nfile = \"policy.toml\"\n".to_owned();
    for kind in ["cloudtrail", "cloudwatch", "transcripts"] {
        if dir.join(kind).is_dir() {
            text += &format!("[[source]]\nname = \"{kind}\"\nkind = \"{kind}\"\nuri = \"{kind}\"\naccount = \"111122223333\"\nregion = \"eu-central-1\"\n");
        }
    }
    fs::write(dir.join("sessiontrail.toml"), text).expect("a file");
    let policy = "grace = \"120s\"\n[[policy]]\neffective_from = \"2026-01-01T00:00:00Z\"\n[policy.default]\nmax_duration = \"1h\"\nterminate_within = \"1h\"\n\
                  [[policy.tier]]\nname = \"operators\"\nprincipals = [\"*/o*\"]\nmax_duration = \"30m\"\n";
    fs::write(dir.join("policy.toml"), policy).expect("a file");
}

/// CloudTrail: `files` deliveries of `records` calls each, of which `percent` in a hundred start or terminate a session.
pub(crate) fn trail(dir: &Path, files: u64, records: u64, percent: i64) -> (u64, u64) {
    configure_after(dir, |dir| {
        let mut random = Random::new(files ^ records);
        let mut calls = Calls { random: Random::new(7), open: None };
        let mut bytes = 0;
        for file in 0..files {
            let minute = BEGIN + i64::try_from(file).expect("few files") * 300;
            let mut text = r#"{"Records":["#.to_owned();
            for number in 0..records {
                let at = minute + i64::try_from(number * 300 / records).expect("few records");
                text.push_str(if number == 0 { "" } else { "," });
                text.push_str(&if random.chance(percent) { calls.session(at) } else { calls.other(at) });
            }
            text.push_str("]}");
            bytes += text.len() as u64;
            deliver(dir, minute + 600, &text, &mut random);
        }
        (bytes, files)
    })
}

/// CloudTrail: `count` sessions of half a year, each with its start and all but a few with their end; most last minutes, some run over every limit.
pub(crate) fn sessions(dir: &Path, count: u64) -> (u64, u64) {
    sessions_of(dir, count, HALF_A_YEAR)
}

/// The same, of so many seconds.
pub(crate) fn sessions_of(dir: &Path, count: u64, seconds: i64) -> (u64, u64) {
    configure_after(dir, |dir| {
        let mut random = Random::new(count);
        let mut moments = Vec::new();
        for number in 0..count {
            let start = BEGIN + random.between(0, seconds);
            let lasts = random.weighed(&[(30, (5, 300)), (45, (300, 1_800)), (18, (1_800, 7_200)), (6, (7_200, 86_400)), (1, (86_400, 900_000))]);
            let seed = random.bits();
            moments.push((start, number, seed, true));
            if !random.chance(1) {
                moments.push((start + random.between(lasts.0, lasts.1), number, seed, false));
            }
        }
        moments.sort_unstable();
        let mut calls = Calls { random: Random::new(11), open: None };
        let (mut bytes, mut files) = (0, 0);
        for chunk in moments.chunks(5_000) {
            let calls: Vec<String> = chunk.iter().map(|(at, number, seed, starts)| calls.of_session(*at, *number, *seed, *starts)).collect();
            let text = format!("{{\"Records\":[{}]}}", calls.join(","));
            bytes += text.len() as u64;
            files += 1;
            deliver(dir, chunk[chunk.len() - 1].0 + 600, &text, &mut random);
        }
        (bytes, files)
    })
}

/// Writes a file as CloudTrail delivers it at a time.
fn deliver(dir: &Path, at: i64, text: &str, random: &mut Random) {
    let when = time(at);
    let (day, minute) = (when[..10].replace('-', "/"), when[..16].replace(['-', ':'], ""));
    let folder = dir.join("cloudtrail/AWSLogs/111122223333/CloudTrail/eu-central-1").join(day);
    fs::create_dir_all(&folder).expect("a folder");
    let name = format!("111122223333_CloudTrail_eu-central-1_{minute}Z_{}.json.gz", random.text(LOWER, 16));
    gzip(&folder.join(name), text.as_bytes());
}

/// Session logs: `sessions` transcripts of `lines` lines each, and as many streams of an export task.
pub(crate) fn logs(dir: &Path, sessions: u64, lines: u64) -> (u64, u64) {
    configure_after(dir, |dir| {
        let mut random = Random::new(sessions ^ lines);
        let (transcripts, export) = (dir.join("transcripts/ssm"), dir.join("cloudwatch/task"));
        fs::create_dir_all(&transcripts).expect("a folder");
        let mut bytes = 0;
        for session in 0..sessions {
            let at = BEGIN + i64::try_from(session).expect("few sessions") * 30;
            let id = format!("jane.doe-0{}", random.text(HEX, 16));
            let mut text = format!("Script started on {} [<not executed on terminal>]\n", time(at).replace('T', " ").replace('Z', "+00:00"));
            for _ in 0..lines {
                text.push_str(&format!("sh-5.2$ \u{1b}[01;34m{}\u{1b}[0m {} {}\r\r\n", random.text(LOWER, 9), random.text(HEX, 24), WORDS));
            }
            text.push_str(&format!("\nScript done on {} [COMMAND_EXIT_CODE=\"0\"]\n", time(at).replace('T', " ").replace('Z', "+00:00")));
            bytes += text.len() as u64;
            fs::write(transcripts.join(format!("{id}.log")), text).expect("a file");

            let id = format!("john.doe-0{}", random.text(HEX, 16));
            let mut text = String::new();
            for second in 0..lines / 4 {
                let when = time(at + i64::try_from(second).expect("few lines"));
                text.push_str(&format!(
                    "{}.017Z {{\"eventVersion\":\"1.0\",\"eventTime\":\"{when}\",\"awsRegion\":\"eu-central-1\",\"target\":{{\"id\":\"i-0fe1dc2ba3987654f\"}},\
                     \"userIdentity\":{{\"arn\":\"arn:aws:sts::111122223333:assumed-role/Operators/john\"}},\"runAsUser\":\"ssm-user\",\"sessionId\":\"{id}\",\
                     \"sessionData\":[\"sh-5.2$ {} {WORDS}\",\"{}\",\"{WORDS}\",\"{}\"]}}\n",
                    when.trim_end_matches('Z'),
                    random.text(LOWER, 9),
                    random.text(HEX, 60),
                    random.text(HEX, 40),
                ));
            }
            bytes += text.len() as u64;
            fs::create_dir_all(export.join(&id)).expect("a folder");
            gzip(&export.join(&id).join("000000.gz"), text.as_bytes());
        }
        (bytes, sessions * 2)
    })
}

fn configure_after(dir: &Path, make: impl FnOnce(&Path) -> (u64, u64)) -> (u64, u64) {
    let made = make(dir);
    configure(dir);
    made
}

fn gzip(path: &Path, bytes: &[u8]) {
    let mut encoder = GzEncoder::new(File::create(path).expect("a file"), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish().map(drop)).expect("a file");
}

/// `seconds` since 1970 as CloudTrail writes a time.
fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).expect("a time").to_string()
}

/// Calls as CloudTrail records them.
struct Calls {
    random: Random,
    /// A session that has been started and not been terminated.
    open: Option<(String, String)>,
}

impl Calls {
    /// A call of another service: what most of a trail is.
    fn other(&mut self, at: i64) -> String {
        let random = &mut self.random;
        let (service, name, request) = *random.pick(&OTHERS);
        let resource = random.text(LOWER, 24);
        let role = *random.pick(&ROLES);
        self.call(at, role, &Call { service, name, request: &request.replace('?', &resource), response: "null" })
    }

    /// A StartSession, or the TerminateSession of the one before it.
    fn session(&mut self, at: i64) -> String {
        if let Some((id, role)) = self.open.take() {
            let both = format!("{{\"sessionId\":\"{id}\"}}");
            return self.call(at, &role, &Call { service: SSM, name: "TerminateSession", request: &both, response: &both });
        }
        let role = (*self.random.pick(&ROLES)).to_owned();
        let id = format!("{}-0{}", &role[role.len() - 3..], self.random.text(HEX, 16));
        let request = format!("{{\"target\":\"i-{}\",\"reason\":\"ticket\"}}", self.random.text(HEX, 17));
        let channel = format!("wss://ssmmessages.eu-central-1.amazonaws.com/v1/data-channel/{id}?role=publish_subscribe");
        let response = format!("{{\"sessionId\":\"{id}\",\"tokenValue\":\"Value hidden due to security reasons.\",\"streamUrl\":\"{channel}\"}}");
        let call = self.call(at, &role, &Call { service: SSM, name: "StartSession", request: &request, response: &response });
        self.open = Some((id, role));
        call
    }

    /// The start of a session, or its end by whoever started it.
    fn of_session(&mut self, at: i64, number: u64, seed: u64, starts: bool) -> String {
        let role = *Random::new(seed).pick(&ROLES);
        let id = format!("{}-0{number:016x}", &role[role.len() - 3..]);
        let both = format!("{{\"sessionId\":\"{id}\"}}");
        if !starts {
            return self.call(at, role, &Call { service: SSM, name: "TerminateSession", request: &both, response: &both });
        }
        let request = format!("{{\"target\":\"i-{:017x}\",\"reason\":\"ticket {}\"}}", seed % 5_000, seed % 100_000);
        self.call(at, role, &Call { service: SSM, name: "StartSession", request: &request, response: &both })
    }

    fn call(&mut self, at: i64, role: &str, call: &Call<'_>) -> String {
        let Call { service, name, request, response } = call;
        let random = &mut self.random;
        let key = random.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        let principal = random.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 17);
        let (request_id, event_id) = (random.uuid(), random.uuid());
        let when = time(at);
        format!(
            "{{\"eventVersion\":\"1.10\",\"userIdentity\":{{\"type\":\"AssumedRole\",\"principalId\":\"AROA{principal}:{role}\",\"arn\":\"arn:aws:sts::111122223333:assumed-role/{role}/{role}\",\
             \"accountId\":\"111122223333\",\"accessKeyId\":\"ASIA{key}\",\"sessionContext\":{{\"sessionIssuer\":{{\"type\":\"Role\",\"principalId\":\"AROA{principal}\",\
             \"arn\":\"arn:aws:iam::111122223333:role/{role}\",\"accountId\":\"111122223333\",\"userName\":\"{role}\"}},\"attributes\":{{\"creationDate\":\"{when}\",\"mfaAuthenticated\":\"false\"}}}}}},\
             \"eventTime\":\"{when}\",\"eventSource\":\"{service}\",\"eventName\":\"{name}\",\"awsRegion\":\"eu-central-1\",\"sourceIPAddress\":\"203.0.113.{}\",\
             \"userAgent\":\"aws-cli/2.17.44 md/awscrt#0.21.2 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.9 md/pyimpl#CPython cfg/retry-mode#standard\",\
             \"requestParameters\":{request},\"responseElements\":{response},\"requestID\":\"{request_id}\",\"eventID\":\"{event_id}\",\"readOnly\":true,\"eventType\":\"AwsApiCall\",\
             \"managementEvent\":true,\"recipientAccountId\":\"111122223333\",\"eventCategory\":\"Management\",\"tlsDetails\":{{\"tlsVersion\":\"TLSv1.3\",\
             \"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"{service}\"}}}}",
            random.between(1, 254),
        )
    }
}

/// What is called, and what it answers, as JSON.
struct Call<'c> {
    service: &'c str,
    name: &'c str,
    request: &'c str,
    response: &'c str,
}

const SSM: &str = "ssm.amazonaws.com";
/// 2026-03-02T00:00:00Z, a Monday.
const BEGIN: i64 = 1_772_409_600;
const HALF_A_YEAR: i64 = 26 * 7 * 86_400;
const WORDS: &str = "total 48 drwxr-xr-x 2 root root 4096 Jul 14 09:15 conf.d";
const ROLES: [&str; 5] = ["Operators", "ci-nightly", "BreakGlass", "developers", "oncall-eu"];
const OTHERS: [(&str, &str, &str); 8] = [
    ("sts.amazonaws.com", "AssumeRole", r#"{"roleArn":"arn:aws:iam::111122223333:role/?","roleSessionName":"?","durationSeconds":3600}"#),
    ("ec2.amazonaws.com", "DescribeInstances", r#"{"instancesSet":{"items":[{"instanceId":"i-?"}]},"filterSet":{}}"#),
    ("kms.amazonaws.com", "Decrypt", r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::?"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#),
    ("s3.amazonaws.com", "GetBucketAcl", r#"{"bucketName":"?","Host":"s3.eu-central-1.amazonaws.com","acl":""}"#),
    ("ssm.amazonaws.com", "DescribeInstanceInformation", r#"{"maxResults":50,"nextToken":"?"}"#),
    ("ssm.amazonaws.com", "UpdateInstanceInformation", r#"{"instanceId":"i-?","agentVersion":"3.3.987.0","agentStatus":"Active","platformType":"Linux"}"#),
    ("logs.amazonaws.com", "CreateLogStream", r#"{"logGroupName":"/aws/lambda/?","logStreamName":"2026/03/02/[$LATEST]?"}"#),
    ("ecr.amazonaws.com", "BatchGetImage", r#"{"repositoryName":"?","imageIds":[{"imageTag":"latest"}],"registryId":"111122223333"}"#),
];
