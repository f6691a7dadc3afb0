//! The configuration, from its text to what it means.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use super::source::Kind;
use super::*;

/// Every section and every key, in the shape of the documentation.
const WHOLE: &str = r#"[lake]
uri = "./lake"

[report]
timezone = "europe/berlin"
fiscal_year_start = 4

[policy]
file = "rules/policy.toml"

[transcripts]
store = "metadata"

[[source]]
name = "prod-transcripts"
kind = "transcripts"
uri = "s3://org-session-logs/ssm/"
account = "111122223333"
region = "us-east-1"

[[source]]
name = "prod-stream"
kind = "cloudwatch"
log_group = "/ssm/sessions"
regions = ["us-east-1", "eu-west-1"]
profile = "reader"
endpoint_url = "http://127.0.0.1:4566"

[[source]]
name = "org-trail"
kind = "cloudtrail"
uri = "/mirror/AWSLogs"

[[source]]
name = "prod-account"
kind = "account"
region = "us-gov-west-1"
role_arn = "arn:aws:iam::111122223333:role/sessiontrail-reader"
external_id = "…"
stale_after = "26h"

[cost]
cloudwatch_ingest_per_gb = 0.50
s3_storage_per_gb_month = 1

[evidence]
key = "alias/session-evidence"
store = "s3://org-evidence/"

[serve]
listen = "[::1]:5433"

[notify]
sns_topic = "arn:aws:sns:eu-west-1:111122223333:on-call"
webhook = "https://hooks.example.com/T0/SECRET"
reports_url = "https://reports.example.com/sessiontrail"
"#;

fn parse(text: &str) -> Result<Config, SettingsError> {
    read::read(text, "sessiontrail.toml", Path::new("/etc/st"))
}

fn config(text: &str) -> Config {
    parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn of(text: &str) -> (String, String) {
    let error = parse(text).err().unwrap_or_else(|| panic!("accepted: {text}"));
    (error.to_string(), error.hint.map(String::from).unwrap_or_default())
}

fn folder(path: &str) -> Location {
    Location::Directory(path.into())
}

fn bucket(bucket: &str, prefix: &str) -> Location {
    Location::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() }
}

#[test]
fn reads_every_section() {
    let config = config(WHOLE);
    assert_eq!(config.lake, Lake { location: folder("/etc/st/lake"), access: Access::default() });
    assert_eq!((config.report.timezone_name.as_str(), config.report.fiscal_year_start), ("Europe/Berlin", 4));
    assert_eq!(config.policy_file.as_ref().unwrap().path, Path::new("/etc/st/rules/policy.toml"));
    assert_eq!(config.transcripts.store, TranscriptStore::Metadata);
    let [transcripts, stream, trail, account] = config.sources.as_slice() else { panic!("four sources") };
    assert_eq!(transcripts.origin, Origin::Objects(bucket("org-session-logs", "ssm")));
    assert_eq!((transcripts.account.as_deref(), transcripts.region()), (Some("111122223333"), Some("us-east-1")));
    assert_eq!((&stream.origin, stream.regions.len(), stream.region()), (&Origin::LogGroup("/ssm/sessions".to_owned()), 2, None));
    assert_eq!((stream.access.profile.as_deref(), stream.access.endpoint_url.as_deref()), (Some("reader"), Some("http://127.0.0.1:4566")));
    assert_eq!((stream.access.region.as_deref(), transcripts.access.region.as_deref()), (None, Some("us-east-1")));
    assert_eq!((trail.kind, &trail.origin, trail.region()), (Kind::Cloudtrail, &Origin::Objects(folder("/mirror/AWSLogs")), None));
    assert_eq!((&account.origin, account.stale_after_seconds), (&Origin::Api, Some(26 * 3_600)));
    assert_eq!(account.access.external_id.as_deref(), Some("…"));
    assert_eq!(config.cost, Cost { cloudwatch_ingest_per_gb: Some(0.5), s3_storage_per_gb_month: Some(1.0) });
    assert_eq!(config.evidence, Evidence { key: Some(SigningKey::Kms("alias/session-evidence".to_owned())), store: Some(bucket("org-evidence", "")) });
    assert_eq!(config.serve.listen.to_string(), "[::1]:5433");
    assert_eq!(config.notify.webhook.as_ref().unwrap().as_str(), "https://hooks.example.com/T0/SECRET");
    assert_eq!(config.notify.sns_topic.as_ref().unwrap().to_string(), "arn:aws:sns:eu-west-1:111122223333:on-call");
    assert_eq!(config.notify.reports_url.as_ref().unwrap().as_str(), "https://reports.example.com/sessiontrail/");
    assert_eq!(config.notify.access, Access { region: Some("eu-west-1".to_owned()), ..Access::default() });
}

#[test]
fn what_is_left_out_has_a_meaning() {
    let config = config("");
    assert_eq!(config.lake, Lake { location: folder("/etc/st/lake"), access: Access::default() });
    assert_eq!((config.report.timezone_name.as_str(), config.report.fiscal_year_start), ("UTC", 1));
    assert_eq!(config.report.timezone, TimeZone::UTC);
    assert_eq!((config.policy_file, config.transcripts.store), (None, TranscriptStore::Metadata));
    assert_eq!((config.sources.len(), config.cost, config.evidence), (0, Cost::default(), Evidence::default()));
    assert_eq!((config.serve.listen.to_string(), config.notify), ("127.0.0.1:5433".to_owned(), Notify::default()));
}

#[test]
fn says_what_this_version_leaves_undone() {
    let found: Vec<_> = config(&WHOLE.replace("\"metadata\"", "\"lines\"")).not_yet().iter().map(ToString::to_string).collect();
    assert_eq!(found, ["sessiontrail.toml:12: transcripts.store: keeping the lines of transcripts is not in this version yet"]);
    let near = config("[[source]]\nname = 'a'\nkind = 'account'\nuri = 'snapshots'\n");
    assert_eq!(near.not_yet(), vec![]);
}

#[test]
fn a_lake_in_a_bucket_says_how_it_is_reached() {
    let text = "[lake]\nuri = 's3://org-lake/st/'\nregion = 'eu-west-1'\nprofile = 'writer'\nrole_arn = 'arn:aws:iam::111122223333:role/lake'\n\
                external_id = 'x'\nendpoint_url = 'http://127.0.0.1:9000'\n";
    let access = Access {
        profile: Some("writer".to_owned()),
        role_arn: Some("arn:aws:iam::111122223333:role/lake".to_owned()),
        external_id: Some("x".to_owned()),
        endpoint_url: Some("http://127.0.0.1:9000".to_owned()),
        region: Some("eu-west-1".to_owned()),
    };
    assert_eq!(config(text).lake, Lake { location: bucket("org-lake", "st"), access });
    assert_eq!(of(&text.replace("role_arn = 'arn:aws:iam::111122223333:role/lake'\n", "")).0, "sessiontrail.toml:1: lake.role_arn: missing");
    assert_eq!(of(&text.replace("eu-west-1", "EU")).0, "sessiontrail.toml:3: lake.region: \"EU\" is not an AWS region such as eu-west-1");
}

#[test]
fn names_file_line_and_key() {
    for (old, new, message, hint) in [
        // Unknown keys, at every level.
        ("[lake]", "[lakes]", "sessiontrail.toml:1: lakes: unknown key", "did you mean `lake`?"),
        ("uri = \"./lake\"", "url = './lake'", "sessiontrail.toml:2: lake.url: unknown key", "did you mean `uri`?"),
        ("timezone =", "time_zone =", "sessiontrail.toml:5: report.time_zone: unknown key", "did you mean `timezone`?"),
        ("file =", "path =", "sessiontrail.toml:9: policy.path: unknown key", "*"),
        ("store = \"metadata\"", "stores = 1", "sessiontrail.toml:12: transcripts.stores: unknown key", "did you mean `store`?"),
        ("log_group", "log-group", "sessiontrail.toml:24: source.log-group: unknown key", "did you mean `log_group`?"),
        ("[cost]\n", "[cost]\nvat = 1\n", "sessiontrail.toml:43: cost.vat: unknown key", "*"),
        ("key =", "keys =", "sessiontrail.toml:47: evidence.keys: unknown key", "*"),
        ("listen", "port", "sessiontrail.toml:51: serve.port: unknown key", "*"),
        ("sns_topic", "sns", "sessiontrail.toml:54: notify.sns: unknown key", "*"),
        // Missing.
        ("uri = \"./lake\"", "", "sessiontrail.toml:1: lake.uri: missing", ""),
        ("file = \"rules/policy.toml\"", "", "sessiontrail.toml:8: policy.file: missing", ""),
        ("name = \"prod-stream\"", "", "sessiontrail.toml:21: source.name: missing", ""),
        ("kind = \"cloudwatch\"", "", "sessiontrail.toml:21: source.kind: missing", ""),
        ("uri = \"s3://org-session-logs/ssm/\"", "", "sessiontrail.toml:14: source.uri: missing", "name a folder or an s3:// address"),
        ("log_group = \"/ssm/sessions\"", "", "sessiontrail.toml:21: source.uri: missing", "name a folder or an s3:// address, or a `log_group`"),
        (
            "regions = [\"us-east-1\", \"eu-west-1\"]",
            "",
            "sessiontrail.toml:21: source.region: missing",
            "an API is asked in a region, or in several with `regions`",
        ),
        ("region = \"us-gov-west-1\"", "", "sessiontrail.toml:34: source.region: missing", "an API is asked in a region, or in several with `regions`"),
        ("role_arn = \"arn:aws:iam::111122223333:role/sessiontrail-reader\"", "", "sessiontrail.toml:34: source.role_arn: missing", "*"),
        // What excludes each other, and what a kind has no use for.
        ("log_group = \"/ssm/sessions\"", "log_group = 'g'\nuri = 'x'", "sessiontrail.toml:24: source.log_group: cannot stand beside `uri`", "*"),
        ("account = \"111122223333\"", "log_group = 'g'", "sessiontrail.toml:18: source.log_group: has no meaning for a source of kind transcripts", ""),
        ("stale_after = \"26h\"", "log_group = 'g'", "sessiontrail.toml:40: source.log_group: has no meaning for a source of kind account", ""),
        ("profile = \"reader\"", "region = 'us-east-1'", "sessiontrail.toml:25: source.regions: cannot stand beside `region`", ""),
        ("region = \"us-east-1\"", "regions = 'us-east-1'", "sessiontrail.toml:19: source.regions: has no meaning for a source of kind transcripts", "*"),
        ("key = \"alias/session-evidence\"", "key = 'k'\nkey_file = 'f'", "sessiontrail.toml:48: evidence.key_file: cannot stand beside `key`", "*"),
        // Values.
        ("\"europe/berlin\"", "\"Europe/Berlinn\"", "sessiontrail.toml:5: report.timezone: \"Europe/Berlinn\" is not an IANA time zone", "*"),
        ("\"europe/berlin\"", "\"+02:00\"", "sessiontrail.toml:5: report.timezone: \"+02:00\" is not an IANA time zone", "*"),
        ("\"europe/berlin\"", "\"Etc/Unknown\"", "sessiontrail.toml:5: report.timezone: \"Etc/Unknown\" is not an IANA time zone", "*"),
        ("fiscal_year_start = 4", "fiscal_year_start = 13", "sessiontrail.toml:6: report.fiscal_year_start: \"13\" is not a month, 1 to 12", ""),
        ("fiscal_year_start = 4", "fiscal_year_start = 0", "sessiontrail.toml:6: report.fiscal_year_start: \"0\" is not a month, 1 to 12", ""),
        ("fiscal_year_start = 4", "fiscal_year_start = 'April'", "sessiontrail.toml:6: report.fiscal_year_start: expected a whole number, found a text", ""),
        ("\"metadata\"", "\"text\"", "sessiontrail.toml:12: transcripts.store: \"text\" is none of metadata, lines", ""),
        (
            "\"cloudwatch\"",
            "\"cloudwatch-logs\"",
            "sessiontrail.toml:23: source.kind: \"cloudwatch-logs\" is none of transcripts, cloudwatch, cloudtrail, account",
            "",
        ),
        ("\"111122223333\"", "\"11112222333\"", "sessiontrail.toml:18: source.account: \"11112222333\" is not an account id of 12 digits", ""),
        ("\"111122223333\"", "111122223333", "sessiontrail.toml:18: source.account: expected a text in quotes, found a whole number", ""),
        ("\"us-east-1\"\n", "\"us east\"\n", "sessiontrail.toml:19: source.region: \"us east\" is not an AWS region such as eu-west-1", ""),
        ("\"eu-west-1\"", "\n\"EU\"", "sessiontrail.toml:26: source.regions: \"EU\" is not an AWS region such as eu-west-1", ""),
        (
            "\"arn:aws:iam::111122223333:role/sessiontrail-reader\"",
            "\"reader\"",
            "sessiontrail.toml:38: source.role_arn: \"reader\" is not the ARN of a role",
            "",
        ),
        (
            "\"http://127.0.0.1:4566\"",
            "\"127.0.0.1:4566\"",
            "sessiontrail.toml:27: source.endpoint_url: \"127.0.0.1:4566\" is not an http:// or https:// address",
            "",
        ),
        ("\"26h\"", "26", "sessiontrail.toml:40: source.stale_after: a duration without a unit: \"26\"", "*"),
        ("\"26h\"", "\"0h\"", "sessiontrail.toml:40: source.stale_after: an impossible limit: it must be longer than nothing", "*"),
        ("\"./lake\"", "\"gs://lake\"", "sessiontrail.toml:2: lake.uri: \"gs://lake\" is not a folder or an s3:// address", ""),
        ("\"./lake\"", "\"s3:///lake\"", "sessiontrail.toml:2: lake.uri: \"s3:///lake\" is not an address of a bucket, as s3://bucket/prefix", ""),
        (
            "\"./lake\"",
            "\"s3://Org_Lake/st\"",
            "sessiontrail.toml:2: lake.uri: \"Org_Lake\" is not the name of a bucket: 3 to 63 lowercase letters, digits, dots and hyphens, with a letter or digit at either end",
            "",
        ),
        ("\"./lake\"", "\"\"", "sessiontrail.toml:2: lake.uri: empty", ""),
        ("\"/mirror/AWSLogs\"", "\"/mirror\\u0000\"", "sessiontrail.toml:32: source.uri: has control characters: \"/mirror\\0\"", ""),
        ("0.50", "-0.5", "sessiontrail.toml:43: cost.cloudwatch_ingest_per_gb: \"-0.5\" is not a price of zero or more", ""),
        ("0.50", "nan", "sessiontrail.toml:43: cost.cloudwatch_ingest_per_gb: expected a finite number, found a number with a point", ""),
        ("\"[::1]:5433\"", "\"5433\"", "sessiontrail.toml:51: serve.listen: \"5433\" is not an address with a port, such as 127.0.0.1:5433", ""),
        ("https://hooks", "http://hooks", "sessiontrail.toml:55: notify.webhook: expected an https:// address, found another text", ""),
        ("https://hooks.example.com/T0/", "", "sessiontrail.toml:55: notify.webhook: expected an https:// address, found another text", ""),
        (
            ":sns:eu-west-1:",
            ":sqs:eu-west-1:",
            "sessiontrail.toml:54: notify.sns_topic: \"arn:aws:sqs:eu-west-1:111122223333:on-call\" is not the ARN of an SNS topic, such as \
             arn:aws:sns:eu-west-1:111122223333:on-call",
            "",
        ),
        (
            "https://reports.example.com/",
            "s3://org-reports/",
            "sessiontrail.toml:56: notify.reports_url: \"s3://org-reports/sessiontrail\" is not an address such as https://reports.example.com/sessiontrail",
            "",
        ),
        ("[notify]\n", "[notify]\nexternal_id = 'x'\n", "sessiontrail.toml:53: notify.role_arn: missing", "*"),
        ("[[source]]\nname = \"prod-transcripts\"", "[source]\nname = 'x'", "*", "*"),
        // Twice.
        ("\"org-trail\"", "\"prod-stream\"", "sessiontrail.toml:30: source.name: \"prod-stream\" stands twice, first on line 22", "*"),
    ] {
        assert!(WHOLE.contains(old), "{old}");
        let (found, hinted) = of(&WHOLE.replacen(old, new, 1));
        assert!(message == "*" || found == message, "{old} -> {new}\n found: {found}\nwanted: {message}");
        assert!(hint == "*" || hinted == hint, "{old} -> {new}\n found: {hinted}\nwanted: {hint}");
    }
    assert_eq!(of("[source]\nname = 'x'\n").0, "sessiontrail.toml:1: source: expected an array of tables, found a table");
    assert!(of("[lake\n").0.starts_with("sessiontrail.toml:1: not TOML"));
}

#[test]
fn a_location_is_a_folder_or_a_bucket() {
    let of = |text: &str| Location::parse(text, Path::new("/etc/st"));
    assert_eq!(of("../mirror/./x/"), Ok(folder("/etc/st/../mirror/x")));
    assert_eq!(of("file:///var/lib/st%20x"), Ok(folder("/var/lib/st x")));
    assert_eq!(of("s3://org-logs"), Ok(bucket("org-logs", "")));
    assert_eq!(of("s3://org-logs/a/b/"), Ok(bucket("org-logs", "a/b")));
    for text in ["", " ", "s3://", "s3://Org/x", "s3://a b", "s3://ab/x", "s3://-ab/x", "s3://ab.", "s3://a_b/x", "https://x/y", "file://host/x"] {
        assert!(of(text).is_err(), "{text}");
    }
    assert_eq!(of("s3://org-logs/a").unwrap().to_string(), "s3://org-logs/a");
}

#[test]
fn loads_a_file_with_its_policy() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("sessiontrail.toml");
    let load = || Config::load(&path).map_err(|error| (error.to_string(), error.hint().unwrap_or_default().to_owned()));
    let shown = path.display();

    assert_eq!(load().unwrap_err().0, format!("there is no configuration {path:?}"));
    std::fs::write(&path, "[lake]\nuri = 'l'\n")?;
    let config = load().unwrap();
    assert_eq!(config.lake.location, Location::Directory(folder.path().join("l")));
    assert_eq!(config.policy().unwrap(), (Policy::none(), Vec::new()));

    std::fs::write(&path, "\n[policy]\nfile = 'p.toml'\n")?;
    let policy = folder.path().join("p.toml");
    assert_eq!(load().unwrap_err().0, format!("{shown}:3: policy.file: there is no file {:?}", policy.display().to_string()));
    std::fs::create_dir(&policy)?;
    assert!(load().unwrap_err().0.contains("there is no file"));
    std::fs::remove_dir(&policy)?;

    std::fs::write(&policy, "grace = '5m'\n")?;
    let (parsed, warnings) = load().unwrap().policy().unwrap();
    assert_eq!((parsed.grace_seconds(), warnings.len()), (300, 1));
    std::fs::write(&policy, "\ngrace = 5\n")?;
    let error = load().unwrap().policy().unwrap_err();
    assert_eq!(error.to_string(), format!("{}:2: grace: a duration without a unit: \"5\"", policy.display()));
    assert!(error.hint().is_some());

    std::fs::write(&policy, b"\xff")?;
    assert!(matches!(load().unwrap().policy(), Err(ConfigError::PolicyUnreadable { .. })));
    std::fs::write(&path, b"\xff")?;
    assert!(matches!(Config::load(&path), Err(ConfigError::Unreadable { .. })));
    Ok(())
}
