//! `[[source]]`: where evidence comes from.

use std::path::Path;

use ingest::client::Access;
use policy::settings::{Problem, Section, Setting, SettingsError};
use url::Url;

use super::Location;

/// What a source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// Transcripts as S3 objects.
    Transcripts,
    /// Session logs of CloudWatch.
    Cloudwatch,
    /// CloudTrail.
    Cloudtrail,
    /// What an account says of itself.
    Account,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub(crate) const ALL: [Self; 4] = [Self::Transcripts, Self::Cloudwatch, Self::Cloudtrail, Self::Account];

    /// The word of the configuration.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Transcripts => "transcripts",
            Self::Cloudwatch => "cloudwatch",
            Self::Cloudtrail => "cloudtrail",
            Self::Account => "account",
        }
    }
}

/// From where a source is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Objects: in a folder or a bucket.
    Objects(Location),
    /// The CloudWatch API, one log group.
    LogGroup(String),
    /// The live APIs of an account.
    Api,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Unique: the identity of the source's state.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) kind: Kind,
    /// From where it is read.
    pub(crate) origin: Origin,
    /// The account of sessions that nothing else ties to one.
    pub(crate) account: Option<String>,
    /// The regions; none where the source covers whatever it holds.
    pub(crate) regions: Vec<String>,
    /// How AWS is reached. A folder needs none of it: a configuration keeps its keys while it reads a mirror.
    pub(crate) access: Access,
    /// After how many seconds without anything new the source counts as stale.
    pub(crate) stale_after_seconds: Option<i64>,
}

impl Source {
    /// The region of sessions that nothing else ties to one; `None` where the source has several or none.
    #[must_use]
    pub(crate) fn region(&self) -> Option<&str> {
        match self.regions.as_slice() {
            [region] => Some(region),
            _ => None,
        }
    }
}

pub(super) fn read(section: &Section<'_>, folder: &Path) -> Result<Source, SettingsError> {
    section.only(&KEYS)?;
    let name = section.need("name")?.text()?.to_owned();
    let kind = kind(&section.need("kind")?)?;
    let origin = origin(section, kind, folder)?;
    let regions = regions(section, kind)?;
    if regions.is_empty() && !matches!(origin, Origin::Objects(_)) {
        return Err(SettingsError::new(section.place_of("region"), Problem::Missing).hint("an API is asked in a region, or in several with `regions`"));
    }
    let account = section.get("account").map(|account| shaped(&account, "an account id of 12 digits", is_account)).transpose()?;
    let stale_after_seconds = section.get("stale_after").map(|stale| stale.positive_seconds()).transpose()?;
    let region = if let [region] = regions.as_slice() { Some(region.clone()) } else { None };
    let access = Access { region, ..access(section)? };
    Ok(Source { name, kind, origin, account, regions, access, stale_after_seconds })
}

fn kind(setting: &Setting<'_>) -> Result<Kind, SettingsError> {
    let word = setting.text()?;
    let refused = || setting.refuse(Problem::NotOneOf { found: word.to_owned(), allowed: Kind::ALL.map(Kind::as_str).join(", ") });
    Kind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(refused)
}

/// One region.
pub(super) fn region(setting: &Setting<'_>) -> Result<String, SettingsError> {
    shaped(setting, "an AWS region such as eu-west-1", is_region)
}

/// Which of `uri` and `log_group` there must be, or may not be, is the kind's to say.
fn origin(section: &Section<'_>, kind: Kind, folder: &Path) -> Result<Origin, SettingsError> {
    let has_groups = matches!(kind, Kind::Cloudwatch | Kind::Cloudtrail);
    match (section.get("uri"), section.get("log_group")) {
        (_, Some(group)) if !has_groups => Err(group.refuse(Problem::NotForKind(kind.as_str()))),
        (Some(_), Some(group)) => Err(group.refuse(Problem::Contradicts("uri")).hint("name one of them: either the objects or the log group")),
        (Some(uri), None) => {
            let location = Location::parse(uri.text()?, folder).map_err(|problem| uri.refuse(problem))?;
            Ok(Origin::Objects(location))
        }
        (None, Some(group)) => Ok(Origin::LogGroup(group.text()?.to_owned())),
        (None, None) if kind == Kind::Account => Ok(Origin::Api),
        (None, None) => {
            let hint = if has_groups { "name a folder or an s3:// address, or a `log_group`" } else { "name a folder or an s3:// address" };
            Err(SettingsError::new(section.place_of("uri"), Problem::Missing).hint(hint))
        }
    }
}

fn regions(section: &Section<'_>, kind: Kind) -> Result<Vec<String>, SettingsError> {
    match (section.get("region"), section.get("regions")) {
        (Some(_), Some(regions)) => Err(regions.refuse(Problem::Contradicts("region"))),
        (None, Some(regions)) if kind == Kind::Transcripts => {
            Err(regions.refuse(Problem::NotForKind(kind.as_str())).hint("write `region`: one source for each region's transcripts"))
        }
        (one, several) => one.or(several).map_or_else(|| Ok(Vec::new()), |setting| setting.one_or_many()?.iter().map(region).collect()),
    }
}

/// How AWS is reached, but for the region.
pub(super) fn access(section: &Section<'_>) -> Result<Access, SettingsError> {
    let text = |key| section.get(key).map(|setting| setting.text().map(str::to_owned)).transpose();
    let role_arn =
        section.get("role_arn").map(|role| shaped(&role, "the ARN of a role", |text| text.starts_with("arn:") && text.contains(":role/"))).transpose()?;
    if section.get("external_id").is_some() && role_arn.is_none() {
        return Err(SettingsError::new(section.place_of("role_arn"), Problem::Missing).hint("`external_id` is told to the role that is assumed"));
    }
    let endpoint_url = section.get("endpoint_url").map(|url| shaped(&url, "an http:// or https:// address", is_endpoint)).transpose()?;
    Ok(Access { profile: text("profile")?, role_arn, external_id: text("external_id")?, endpoint_url, region: None })
}

fn shaped(setting: &Setting<'_>, expected: &'static str, fits: impl Fn(&str) -> bool) -> Result<String, SettingsError> {
    let text = setting.text()?;
    if fits(text) { Ok(text.to_owned()) } else { Err(setting.refuse(Problem::NotA { expected, found: text.to_owned() })) }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lettered = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    parts.len() >= 3
        && parts.split_last().is_some_and(|(number, words)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && words.iter().all(lettered))
}

fn is_endpoint(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

const KEYS: [&str; 12] =
    ["name", "kind", "uri", "log_group", "account", "region", "regions", "profile", "role_arn", "external_id", "endpoint_url", "stale_after"];
