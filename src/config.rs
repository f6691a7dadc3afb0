//! The configuration: what stands in `sessiontrail.toml`.
//!
//! In: the path of a file. Out: a [`Config`] whose every value is checked and whose paths are absolute. A setting that cannot be used is an error that
//! names file, line and key; one that is right and that this version cannot follow yet is a value, and whoever needs it gets a [`NotYet`].

mod location;
mod read;
mod source;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use analyze::ledger::Cost;
use ingest::client::Access;
use jiff::tz::TimeZone;
use policy::settings::{Place, Problem, SettingsError};
use policy::{Policy, Warning};
use url::Url;

pub(crate) use location::{Location, NotYet};
pub(crate) use source::{Kind, Origin, Source};

/// The whole configuration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Config {
    /// `[lake]`.
    pub(crate) lake: Lake,
    /// `[report]`.
    pub(crate) report: Report,
    /// `[policy]`; without it no session has a limit.
    pub(crate) policy_file: Option<PolicyFile>,
    /// `[transcripts]`.
    pub(crate) transcripts: Transcripts,
    /// Every `[[source]]`, in the order of the file; their names are unique.
    pub(crate) sources: Vec<Source>,
    /// `[cost]`.
    pub(crate) cost: Cost,
    /// `[evidence]`.
    pub(crate) evidence: Evidence,
    /// `[serve]`.
    pub(crate) serve: Serve,
    /// `[notify]`.
    pub(crate) notify: Notify,
}

/// Where the lake lies, and how it is reached where that is a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lake {
    /// Where.
    pub(crate) location: Location,
    /// How AWS is reached.
    pub(crate) access: Access,
}

/// Where weeks, quarters and years begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// The time zone, of the database that is built in: the same everywhere.
    pub(crate) timezone: TimeZone,
    /// Its IANA name, in IANA's spelling.
    pub(crate) timezone_name: String,
    /// The month in which the fiscal year begins, 1 to 12.
    pub(crate) fiscal_year_start: i8,
}

/// The policy file, which is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// Where the configuration names it.
    pub(crate) place: Place,
}

/// What is kept of transcripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TranscriptStore {
    /// Their metadata.
    Metadata,
    /// Their lines too, redacted, in a table of their own.
    Lines,
}

/// `[transcripts]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transcripts {
    /// What is kept.
    pub(crate) store: TranscriptStore,
    /// Where the configuration says so.
    pub(crate) place: Place,
}

/// What signs evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SigningKey {
    /// Id, ARN or alias of a key of KMS.
    Kms(String),
    /// A file.
    File(PathBuf),
}

/// `[evidence]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// What signs it.
    pub(crate) key: Option<SigningKey>,
    /// Where it is put.
    pub(crate) store: Option<Location>,
}

/// `[serve]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Serve {
    /// The address and port to listen on.
    pub(crate) listen: SocketAddr,
}

/// `[notify]`: where new findings and headlines of reports are sent, for whoever says `--notify`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Notify {
    /// An SNS topic.
    pub(crate) sns_topic: Option<deliver::Topic>,
    /// How AWS is reached, in the topic's region.
    pub(crate) access: Access,
    /// An address, which can hold a secret.
    pub(crate) webhook: Option<Url>,
    /// Where people's browsers find what `report --out` writes; ends with `/`.
    pub(crate) reports_url: Option<Url>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// There is no such file.
    #[error("there is no configuration {0:?}")]
    Absent(PathBuf),
    /// The file cannot be read.
    #[error("cannot read the configuration {path:?}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The policy file cannot be read.
    #[error("{place}: cannot read the policy {path:?}")]
    PolicyUnreadable {
        /// Where the configuration names it.
        place: Place,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A setting of the configuration or of the policy cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingsError),
}

impl ConfigError {
    /// What to do.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Absent(_) => Some("name one with --config, or make one with `sessiontrail demo`"),
            Self::Setting(error) => error.hint.as_deref(),
            Self::Unreadable { .. } | Self::PolicyUnreadable { .. } => Some("see that it is a text in UTF-8, and that you may read it"),
        }
    }
}

impl Config {
    /// Reads and checks the configuration at `path`. Relative paths in it start from its folder.
    ///
    /// # Errors
    /// Where the file is not there, or anything in it cannot be used; where the policy file that it names is not there.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => ConfigError::Absent(path.to_owned()),
            _ => ConfigError::Unreadable { path: path.to_owned(), source },
        };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let absolute = std::path::absolute(path).map_err(unreadable)?;
        let config = read::read(&text, &path.display().to_string(), absolute.parent().unwrap_or(&absolute))?;
        match &config.policy_file {
            Some(PolicyFile { path, place }) if !path.is_file() => {
                Err(SettingsError::new(place.clone(), Problem::NoSuchFile(path.display().to_string())).hint("it is looked for beside the configuration").into())
            }
            _ => Ok(config),
        }
    }

    /// The policy, and what it warns of; a policy without versions where the configuration names none.
    ///
    /// # Errors
    /// Where the file cannot be read or used.
    pub(crate) fn policy(&self) -> Result<(Policy, Vec<Warning>), ConfigError> {
        let Some(PolicyFile { path, place }) = &self.policy_file else {
            return Ok((Policy::none(), Vec::new()));
        };
        let unreadable = |source| ConfigError::PolicyUnreadable { place: place.clone(), path: path.clone(), source };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Ok(Policy::parse(&text, &path.display().to_string())?)
    }

    /// Everything that the configuration asks of every ingest and this version would leave undone; where a source or the lake is out of reach, whoever
    /// needs it says so.
    #[must_use]
    pub(crate) fn not_yet(&self) -> Vec<NotYet> {
        let lines = (self.transcripts.store == TranscriptStore::Lines).then(|| NotYet {
            subject: self.transcripts.place.to_string(),
            what: "keeping the lines of transcripts",
            hint: "write store = \"metadata\"",
        });
        lines.into_iter().collect()
    }
}

#[cfg(test)]
mod tests;
