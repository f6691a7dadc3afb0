//! From the text of a configuration to a [`Config`]: one function for each section.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use analyze::ledger::Cost;
use ingest::client::Access;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use policy::settings::{Problem, Section, Setting, SettingsError, SettingsFile};
use url::Url;

use super::{Config, Evidence, Lake, Location, Notify, PolicyFile, Report, Serve, SigningKey, Source, TranscriptStore, Transcripts, location::path_in, source};

pub(super) fn read(text: &str, file: &str, folder: &Path) -> Result<Config, SettingsError> {
    let settings = SettingsFile::parse(text, file)?;
    let root = settings.root();
    root.only(&["lake", "report", "policy", "transcripts", "source", "cost", "evidence", "serve", "notify"])?;
    Ok(Config {
        lake: lake(root.section("lake")?, folder)?,
        report: report(root.section("report")?)?,
        policy_file: root.section("policy")?.map(|section| policy_file(&section, folder)).transpose()?,
        transcripts: transcripts(&root)?,
        sources: sources(&root, folder)?,
        cost: root.section("cost")?.map(|section| cost(&section)).transpose()?.unwrap_or_default(),
        evidence: root.section("evidence")?.map(|section| evidence(&section, folder)).transpose()?.unwrap_or_default(),
        serve: serve(root.section("serve")?)?,
        notify: root.section("notify")?.map(|section| notify(&section)).transpose()?.unwrap_or_default(),
    })
}

fn lake(section: Option<Section<'_>>, folder: &Path) -> Result<Lake, SettingsError> {
    let Some(section) = section else {
        return Ok(Lake { location: Location::Directory(path_in(folder, DEFAULT_LAKE)), access: Access::default() });
    };
    section.only(&["uri", "region", "profile", "role_arn", "external_id", "endpoint_url"])?;
    let region = section.get("region").map(|region| source::region(&region)).transpose()?;
    Ok(Lake { location: location(&section.need("uri")?, folder)?, access: Access { region, ..source::access(&section)? } })
}

fn location(setting: &Setting<'_>, folder: &Path) -> Result<Location, SettingsError> {
    Location::parse(setting.text()?, folder).map_err(|problem| setting.refuse(problem))
}

fn report(section: Option<Section<'_>>) -> Result<Report, SettingsError> {
    let get = |key| section.as_ref().and_then(|section| section.get(key));
    if let Some(section) = &section {
        section.only(&["timezone", "fiscal_year_start"])?;
    }
    let (timezone, timezone_name) = get("timezone").map_or_else(|| Ok((TimeZone::UTC, "UTC".to_owned())), |setting| timezone(&setting))?;
    let month = |setting: Setting<'_>| {
        let number = setting.whole_number()?;
        let month = i8::try_from(number).ok().filter(|month| (1..=12).contains(month));
        month.ok_or_else(|| setting.refuse(Problem::NotA { expected: "a month, 1 to 12", found: number.to_string() }))
    };
    Ok(Report { timezone, timezone_name, fiscal_year_start: get("fiscal_year_start").map_or(Ok(1), month)? })
}

fn timezone(setting: &Setting<'_>) -> Result<(TimeZone, String), SettingsError> {
    let name = setting.text()?;
    let found = TimeZoneDatabase::bundled().get(name).ok().filter(|timezone| !timezone.is_unknown());
    let named = found.and_then(|timezone| timezone.iana_name().map(str::to_owned).map(|name| (timezone, name)));
    let refused =
        || setting.refuse(Problem::NotA { expected: "an IANA time zone", found: name.to_owned() }).hint("write one such as \"UTC\" or \"Europe/Berlin\"");
    named.ok_or_else(refused)
}

fn policy_file(section: &Section<'_>, folder: &Path) -> Result<PolicyFile, SettingsError> {
    section.only(&["file"])?;
    let file = section.need("file")?;
    Ok(PolicyFile { path: path_in(folder, file.text()?), place: file.place() })
}

fn transcripts(root: &Section<'_>) -> Result<Transcripts, SettingsError> {
    let Some(section) = root.section("transcripts")? else {
        return Ok(Transcripts { store: TranscriptStore::Metadata, place: root.place_of("transcripts") });
    };
    section.only(&["store"])?;
    let Some(setting) = section.get("store") else {
        return Ok(Transcripts { store: TranscriptStore::Metadata, place: section.place() });
    };
    let store = match setting.text()? {
        "metadata" => TranscriptStore::Metadata,
        "lines" => TranscriptStore::Lines,
        other => return Err(setting.refuse(Problem::NotOneOf { found: other.to_owned(), allowed: "metadata, lines".to_owned() })),
    };
    Ok(Transcripts { store, place: setting.place() })
}

fn sources(root: &Section<'_>, folder: &Path) -> Result<Vec<Source>, SettingsError> {
    let mut lines = HashMap::new();
    let mut sources = Vec::new();
    for section in root.sections("source")? {
        let source = source::read(&section, folder)?;
        let name = section.need("name")?.place();
        if let Some(first) = lines.insert(source.name.clone(), name.line) {
            let hint = "the name is the identity of a source's state: give each its own";
            return Err(SettingsError::new(name, Problem::Repeated { what: source.name, first }).hint(hint));
        }
        sources.push(source);
    }
    Ok(sources)
}

fn cost(section: &Section<'_>) -> Result<Cost, SettingsError> {
    section.only(&["cloudwatch_ingest_per_gb", "s3_storage_per_gb_month"])?;
    let price = |key| {
        let checked = |setting: Setting<'_>| {
            let number = setting.number()?;
            if number >= 0.0 { Ok(number) } else { Err(setting.refuse(Problem::NotA { expected: "a price of zero or more", found: number.to_string() })) }
        };
        section.get(key).map(checked).transpose()
    };
    Ok(Cost { cloudwatch_ingest_per_gb: price("cloudwatch_ingest_per_gb")?, s3_storage_per_gb_month: price("s3_storage_per_gb_month")? })
}

fn evidence(section: &Section<'_>, folder: &Path) -> Result<Evidence, SettingsError> {
    section.only(&["key", "key_file", "store"])?;
    let key = match (section.get("key"), section.get("key_file")) {
        (Some(_), Some(file)) => return Err(file.refuse(Problem::Contradicts("key")).hint("evidence has one key: in KMS, or in a file")),
        (Some(key), None) => Some(SigningKey::Kms(key.text()?.to_owned())),
        (None, Some(file)) => Some(SigningKey::File(path_in(folder, file.text()?))),
        (None, None) => None,
    };
    Ok(Evidence { key, store: section.get("store").map(|store| location(&store, folder)).transpose()? })
}

fn serve(section: Option<Section<'_>>) -> Result<Serve, SettingsError> {
    let Some(section) = section else {
        return Ok(Serve { listen: DEFAULT_LISTEN });
    };
    section.only(&["listen"])?;
    let listen = |setting: Setting<'_>| {
        let text = setting.text()?;
        let refused = |_| setting.refuse(Problem::NotA { expected: "an address with a port, such as 127.0.0.1:5433", found: text.to_owned() });
        text.parse().map_err(refused)
    };
    Ok(Serve { listen: section.get("listen").map_or(Ok(DEFAULT_LISTEN), listen)? })
}

fn notify(section: &Section<'_>) -> Result<Notify, SettingsError> {
    section.only(&["sns_topic", "webhook", "reports_url", "profile", "role_arn", "external_id", "endpoint_url"])?;
    let sns_topic = section.get("sns_topic").map(|setting| topic(&setting)).transpose()?;
    let region = sns_topic.as_ref().map(|topic| topic.region().to_owned());
    Ok(Notify {
        sns_topic,
        access: Access { region, ..source::access(section)? },
        webhook: section.get("webhook").map(|setting| webhook(&setting)).transpose()?,
        reports_url: section.get("reports_url").map(|setting| reports_url(&setting)).transpose()?,
    })
}

/// Where a browser finds reports. It ends with a `/`, so that names are put below it and not in the place of its last part.
fn reports_url(setting: &Setting<'_>) -> Result<Url, SettingsError> {
    let text = setting.text()?;
    let refused = || setting.refuse(Problem::NotA { expected: "an address such as https://reports.example.com/sessiontrail", found: text.to_owned() });
    let whole = format!("{}/", text.trim_end_matches('/'));
    Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.query().is_none() && url.fragment().is_none()).ok_or_else(refused)
}

fn topic(setting: &Setting<'_>) -> Result<deliver::Topic, SettingsError> {
    let arn = setting.text()?;
    let refused =
        || setting.refuse(Problem::NotA { expected: "the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:111122223333:on-call", found: arn.to_owned() });
    deliver::Topic::parse(arn).ok_or_else(refused)
}

fn webhook(setting: &Setting<'_>) -> Result<Url, SettingsError> {
    // The value is not shown where it is wrong: the address of a webhook can hold a secret.
    let refused = || setting.refuse(Problem::WrongType { expected: "an https:// address", found: "another text" });
    deliver::address(setting.text()?).ok_or_else(refused)
}

const DEFAULT_LAKE: &str = "lake";

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5433);
