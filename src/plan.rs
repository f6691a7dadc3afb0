//! What was typed, meant: configuration, lake and moment, resolved once.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ingest::client::{self, Access};
use ingest::lake::Lake;
use ingest::source::{Account, CloudWatch, Directory, Origin, Recorded, S3, Source, SourceKind};
use schemas::Timestamp;
use tokio::sync::OnceCell;

use crate::args::Global;
use crate::config::{self, Config, Location};
use crate::exit::Failure;
use crate::place::LakePlace;
use crate::ui::Ui;

/// What every command works with.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) config: Config,
    lake: Location,
    /// The lake's place, once somebody has asked for it.
    place: Arc<OnceCell<LakePlace>>,
    /// The moment that was asked for.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) ui: Ui,
}

impl Plan {
    /// Reads the configuration that was named, else the one in the current folder.
    pub(crate) fn make(global: &Global) -> Result<Self, Failure> {
        let config = Config::load(global.config.as_deref().unwrap_or(Path::new("sessiontrail.toml")))?;
        let lake = match &global.lake {
            None => config.lake.location.clone(),
            Some(uri) => {
                let here = std::env::current_dir().map_err(Failure::failed)?;
                Location::parse(uri, &here).map_err(|problem| Failure::usage(format!("--lake: {problem}")))?
            }
        };
        Ok(Self { lake, place: Arc::default(), as_of: global.as_of, ui: Ui::new(global.quiet), config })
    }

    /// Where the lake lies; it need not exist yet.
    pub(crate) async fn lake(&self) -> Result<LakePlace, Failure> {
        self.place.get_or_try_init(|| LakePlace::of(&self.lake, &self.config.lake.access)).await.cloned()
    }

    /// The sources of these names, all of them where none is named, in the order of the configuration.
    pub(crate) async fn sources(&self, names: &[String]) -> Result<Vec<Arc<dyn Source>>, Failure> {
        let configured: Vec<&str> = self.config.sources.iter().map(|source| source.name.as_str()).collect();
        if let Some(stranger) = names.iter().find(|name| !configured.contains(&name.as_str())) {
            let hint = if configured.is_empty() { "the configuration names no source".to_owned() } else { format!("sources are {}", configured.join(", ")) };
            return Err(Failure::usage(format!("there is no source {stranger:?}")).hint(hint));
        }
        if let Some(not_yet) = self.config.not_yet().into_iter().next() {
            return Err(not_yet.into());
        }
        // Sources that nobody asks for now need not be within reach.
        let wanted = self.config.sources.iter().filter(|source| names.is_empty() || names.contains(&source.name));
        let mut sources = Vec::new();
        for wanted in wanted {
            sources.push(source(wanted).await?);
        }
        Ok(sources)
    }

    /// The same sources; what those answer that nobody can ask again is kept in the lake as it is read.
    pub(crate) fn recorded(&self, sources: Vec<Arc<dyn Source>>, lake: &Lake) -> Vec<Arc<dyn Source>> {
        let is_live = |name: &str| self.config.sources.iter().any(|source| source.name == name && source.origin == config::Origin::Api);
        let recorded = |source: Arc<dyn Source>| -> Arc<dyn Source> {
            if !is_live(source.name()) {
                return source;
            }
            let answers = lake.answers(source.name());
            Arc::new(Recorded::new(source, answers))
        };
        sources.into_iter().map(recorded).collect()
    }

    /// The moment by which a source's age is told, and at which the policy is explained: what was asked for, else this very one.
    pub(crate) fn moment(&self) -> Timestamp {
        self.as_of.unwrap_or_else(now)
    }
}

/// A source as it is configured. Nothing is asked of it yet.
async fn source(source: &config::Source) -> Result<Arc<dyn Source>, Failure> {
    let word = source.kind.as_str();
    let kind = SourceKind::parse(word).ok_or_else(|| Failure::failed(format!("no source is of the kind {word:?}")))?;
    let origin = Origin { name: source.name.clone(), kind, account_id: source.account.clone(), region: source.region().map(str::to_owned) };
    match &source.origin {
        config::Origin::Objects(Location::Directory(path)) => Ok(Arc::new(Directory::new(origin, path))),
        config::Origin::Objects(Location::S3 { bucket, prefix }) => {
            let config = client::connect(&source.access, &source.name).await;
            Ok(Arc::new(S3::new(origin, &config, bucket, prefix)))
        }
        config::Origin::LogGroup(log_group) => Ok(Arc::new(CloudWatch::new(origin, log_group, regions(source).await))),
        config::Origin::Api => Ok(Arc::new(Account::new(origin, regions(source).await, now))),
    }
}

/// How each region of a source is reached.
async fn regions(source: &config::Source) -> Vec<(String, client::SdkConfig)> {
    let mut regions = Vec::new();
    for region in &source.regions {
        let access = Access { region: Some(region.clone()), ..source.access.clone() };
        regions.push((region.clone(), client::connect(&access, &source.name).await));
    }
    regions
}

/// The only look at a clock: for `runs`, the age of sources, which policy is in force now, when an account is asked, and when a notice was sent; never for a KPI.
pub(crate) fn now() -> Timestamp {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}
