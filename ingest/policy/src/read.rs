//! From the text of a policy file to a [`Policy`].

use std::collections::HashMap;

use schemas::sha256_hex;

use crate::matcher::{Field, Matchers};
use crate::pattern::Pattern;
use crate::policy::{Acknowledged, DEFAULT_GRACE_SECONDS, Policy, TagNames};
use crate::settings::{Place, Problem, Section, Setting, SettingsError, SettingsFile};
use crate::version::{DEFAULT_TIER, Exception, Limits, Tier, Version};
use crate::warning::{self, Warning};

/// Why a policy cannot be used: file, line, key, what is wrong, and a hint.
pub type PolicyError = SettingsError;

pub(crate) fn read(text: &str, file: &str) -> Result<(Policy, Vec<Warning>), PolicyError> {
    let settings = SettingsFile::parse(text, file)?;
    let root = settings.root();
    root.only(&["grace", "policy", "automation", "tags", "acknowledged"])?;
    let mut warnings = Vec::new();
    let mut versions = root.sections("policy")?.iter().map(|section| version(section, &mut warnings)).collect::<Result<Vec<_>, _>>()?;
    let mut dates = Unique::default();
    for (version, place) in &versions {
        dates.add(version.effective_from, place, || version.effective_from.to_string())?;
    }
    versions.sort_by_key(|(version, _)| version.effective_from);
    let automation = root.section("automation")?.map(|section| section.only(&["principals"]).and_then(|()| automation(&section))).transpose()?;
    let policy = Policy {
        digest: sha256_hex(text.as_bytes()),
        grace_seconds: root.get("grace").map(|grace| grace.seconds()).transpose()?.unwrap_or(DEFAULT_GRACE_SECONDS),
        versions: versions.into_iter().map(|(version, _)| version).collect(),
        automation: automation.unwrap_or_default(),
        tags: root.section("tags")?.map_or_else(|| Ok(TagNames::default()), |section| tag_names(&section))?,
        acknowledged: acknowledged(&root)?,
    };
    warnings.extend(warning::of(&policy, file));
    warnings.sort_by(|left, right| left.place.cmp(&right.place));
    Ok((policy, warnings))
}

fn version(section: &Section<'_>, warnings: &mut Vec<Warning>) -> Result<(Version, Place), PolicyError> {
    section.only(&["effective_from", "default", "tier", "exception"])?;
    let effective_from = section.need("effective_from")?;
    let default = section.section("default")?.map_or_else(
        || Ok(Limits::default()),
        |default| {
            default.only(&LIMITS)?;
            limits(&default, warnings)
        },
    )?;
    let version = Version {
        effective_from: effective_from.instant()?,
        default,
        tiers: tiers(section, default, warnings)?,
        exceptions: section.sections("exception")?.iter().map(|section| exception(section, warnings)).collect::<Result<_, _>>()?,
        line: section.place().line,
    };
    Ok((version, effective_from.place()))
}

fn tiers(version: &Section<'_>, default: Limits, warnings: &mut Vec<Warning>) -> Result<Vec<Tier>, PolicyError> {
    let mut names = Unique::default();
    let mut tiers = Vec::new();
    for section in version.sections("tier")? {
        section.only(&[&["name", "break_glass"], &MATCHERS[..], &LIMITS[..]].concat())?;
        let setting = section.need("name")?;
        let name = setting.text()?;
        if [DEFAULT_TIER, ALL_TIERS].contains(&name) {
            let hint = if name == DEFAULT_TIER { "its limits stand in [policy.default]" } else { "choose another name" };
            return Err(setting.refuse(Problem::ReservedName(name.to_owned())).hint(hint));
        }
        names.add(name.to_owned(), &setting.place(), || name.to_owned())?;
        tiers.push(Tier {
            name: name.to_owned(),
            break_glass: section.get("break_glass").map(|flag| flag.flag()).transpose()?.unwrap_or(false),
            matchers: matchers(&section)?,
            limits: limits(&section, warnings)?.or(default),
            line: section.place().line,
        });
    }
    Ok(tiers)
}

fn exception(section: &Section<'_>, warnings: &mut Vec<Warning>) -> Result<Exception, PolicyError> {
    section.only(&[&["owner", "reason", "from", "until"], &MATCHERS[..], &LIMITS[..]].concat())?;
    let until = section.need("until")?;
    let exception = Exception {
        owner: section.need("owner")?.text()?.to_owned(),
        reason: section.need("reason")?.prose()?,
        from: section.need("from")?.instant()?,
        until: until.instant()?,
        matchers: matchers(section)?,
        limits: limits(section, warnings)?,
        line: section.place().line,
    };
    if exception.until <= exception.from { Err(until.refuse(Problem::NeverHolds)) } else { Ok(exception) }
}

fn limits(section: &Section<'_>, warnings: &mut Vec<Warning>) -> Result<Limits, PolicyError> {
    let mut limit = |key| -> Result<Option<i64>, PolicyError> {
        let Some(setting) = section.get(key) else {
            return Ok(None);
        };
        let seconds = setting.positive_seconds()?;
        warnings.extend(warning::beyond_aws(key, seconds).map(|concern| Warning { place: setting.place(), concern }));
        Ok(Some(seconds))
    };
    let [max_duration_seconds, idle_timeout_seconds, terminate_within_seconds] = LIMITS.map(&mut limit);
    Ok(Limits { max_duration_seconds: max_duration_seconds?, idle_timeout_seconds: idle_timeout_seconds?, terminate_within_seconds: terminate_within_seconds? })
}

fn matchers(section: &Section<'_>) -> Result<Matchers, PolicyError> {
    let mut matchers = Matchers::default();
    for field in Field::ALL {
        if let Some(setting) = section.get(field.key()) {
            matchers.fields.push((field, patterns(&setting)?));
        }
    }
    let Some(setting) = section.get("tags") else {
        return Ok(matchers);
    };
    let tags = setting.section()?.all();
    if tags.is_empty() {
        return Err(setting.refuse(Problem::Empty).hint("leave the key out instead"));
    }
    for (key, values) in tags {
        // A tag can have an empty value, which a pattern can ask for.
        let patterns = values.one_or_many()?.iter().map(|value| value.text_or_empty().map(Pattern::new)).collect::<Result<_, _>>()?;
        matchers.tags.push((key.to_owned(), patterns));
    }
    matchers.tags.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(matchers)
}

fn patterns(setting: &Setting<'_>) -> Result<Vec<Pattern>, PolicyError> {
    setting.one_or_many()?.iter().map(|value| value.text().map(Pattern::new)).collect()
}

fn automation(section: &Section<'_>) -> Result<Vec<Pattern>, PolicyError> {
    section.get("principals").map_or_else(|| Ok(Vec::new()), |setting| patterns(&setting))
}

fn tag_names(section: &Section<'_>) -> Result<TagNames, PolicyError> {
    section.only(&["environment", "owner", "cost_center"])?;
    let named = |key, default: String| section.get(key).map_or(Ok(default), |setting| setting.text().map(str::to_owned));
    let TagNames { environment, owner, cost_center } = TagNames::default();
    Ok(TagNames { environment: named("environment", environment)?, owner: named("owner", owner)?, cost_center: named("cost_center", cost_center)? })
}

fn acknowledged(root: &Section<'_>) -> Result<Vec<Acknowledged>, PolicyError> {
    let mut findings = Unique::default();
    let mut all = Vec::new();
    for section in root.sections("acknowledged")? {
        section.only(&["finding", "by", "at", "note"])?;
        let setting = section.need("finding")?;
        let finding = setting.text()?;
        findings.add(finding.to_owned(), &setting.place(), || finding.to_owned())?;
        all.push(Acknowledged {
            finding: finding.to_owned(),
            by: section.need("by")?.text()?.to_owned(),
            at: section.need("at")?.instant()?,
            note: section.get("note").map(|note| note.prose()).transpose()?,
        });
    }
    Ok(all)
}

/// Remembers the line on which each value stood first.
struct Unique<K>(HashMap<K, usize>);

impl<K> Default for Unique<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: std::hash::Hash + Eq> Unique<K> {
    fn add(&mut self, value: K, place: &Place, shown: impl FnOnce() -> String) -> Result<(), PolicyError> {
        match self.0.insert(value, place.line) {
            Some(first) => Err(SettingsError::new(place.clone(), Problem::Repeated { what: shown(), first })),
            None => Ok(()),
        }
    }
}

/// The tier of the rows that sum over all tiers.
const ALL_TIERS: &str = "(all)";

const LIMITS: [&str; 3] = ["max_duration", "idle_timeout", "terminate_within"];

const MATCHERS: [&str; 6] = ["principals", "accounts", "regions", "targets", "documents", "tags"];
