//! Which profile of the AWS configuration reaches an account: what a command that is to be pasted has to name.

use std::collections::BTreeMap;

use super::text;
use crate::asked;
use crate::config::Source;
use crate::exit::Failure;
use crate::plan::Plan;
use crate::reading::{Reading, Row};

/// A profile for each account that a source names one for.
#[derive(Debug, Default)]
pub(super) struct Profiles(BTreeMap<String, String>);

impl Profiles {
    /// Of the sources in the order of the configuration, the first that says both: its account, or the only one whose snapshots it holds, and a profile. With
    /// `role_arn` the profile is that of another account, from which the role is assumed.
    pub(super) async fn of(plan: &Plan, reading: &Reading) -> Result<Self, Failure> {
        let sources = &plan.config.sources;
        if !sources.iter().any(|source| usable(source).is_some()) {
            return Ok(Self::default());
        }
        Ok(Self::from(sources, &reading.rows(asked::ACCOUNTS).await?))
    }

    fn from(sources: &[Source], seen: &[Row]) -> Self {
        let mut profiles = BTreeMap::new();
        for source in sources {
            let seen = || seen.iter().find(|row| text(row, "source") == source.name).map(|row| text(row, "account_id"));
            if let (Some(profile), Some(account)) = (usable(source), source.account.as_deref().or_else(seen)) {
                profiles.entry(account.to_owned()).or_insert_with(|| profile.to_owned());
            }
        }
        Self(profiles)
    }

    pub(super) fn get(&self, account_id: &str) -> Option<&str> {
        self.0.get(account_id).map(String::as_str)
    }
}

fn usable(source: &Source) -> Option<&str> {
    if source.access.role_arn.is_some() { None } else { source.access.profile.as_deref() }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ingest::client::Access;
    use serde_json::{Map, Value};

    use super::*;
    use crate::config::{Kind, Location, Origin};

    fn source(name: &str, account: Option<&str>, profile: Option<&str>, role: Option<&str>) -> Source {
        let text = |text: &str| text.to_owned();
        Source {
            name: name.to_owned(),
            kind: Kind::Account,
            origin: Origin::Objects(Location::Directory(PathBuf::new())),
            account: account.map(text),
            regions: Vec::new(),
            access: Access { profile: profile.map(text), role_arn: role.map(text), ..Access::default() },
            stale_after_seconds: None,
        }
    }

    #[test]
    fn an_account_is_reached_by_the_first_profile_that_is_its_own() {
        let seen: Map<String, Value> =
            [("source", "seen"), ("account_id", "3")].map(|(name, value)| (name.to_owned(), Value::from(value))).into_iter().collect();
        let sources = [
            source("plain", Some("1"), None, None),
            source("role", Some("1"), Some("hub"), Some("arn:aws:iam::1:role/r")),
            source("own", Some("1"), Some("one"), None),
            source("later", Some("1"), Some("other"), None),
            source("unknown", None, Some("nobody"), None),
            source("seen", None, Some("three"), None),
        ];
        let profiles = Profiles::from(&sources, &[seen]);
        assert_eq!(["1", "2", "3"].map(|account| profiles.get(account)), [Some("one"), None, Some("three")]);
    }
}
