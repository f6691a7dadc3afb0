//! What a published copy says of itself, in the metadata of its file.

use crate::ledger::Cost;

/// Keys and values.
pub type Words = Vec<(&'static str, String)>;

/// All that an answer of the ledger depends on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stamp {
    /// The ledger's moment; empty where the lake holds nothing that is dated.
    pub(crate) as_of: String,
    pub(crate) policy_digest: String,
    /// Versions of the tables of the lake that sessions and coverage are judged by.
    pub(crate) lake: String,
    pub(crate) timezone: String,
    pub(crate) fiscal_year_start: u8,
    /// The configured sources, of which KPIs tell how far they were read.
    pub(crate) sources: Vec<String>,
    pub(crate) cost: Cost,
}

impl Stamp {
    /// What `sessions` depends on: it knows neither weeks nor the configured sources nor prices.
    pub(crate) fn of_sessions(&self) -> Words {
        vec![
            ("sessiontrail.as_of", self.as_of.clone()),
            ("sessiontrail.policy_digest", self.policy_digest.clone()),
            ("sessiontrail.lake", self.lake.clone()),
            ("sessiontrail.code", CODE.to_owned()),
        ]
    }

    /// What a KPI depends on; every copy says it.
    pub(crate) fn of_kpis(&self) -> Words {
        let mut sources = self.sources.clone();
        sources.sort();
        let mut words = self.of_sessions();
        words.extend([
            ("sessiontrail.timezone", self.timezone.clone()),
            ("sessiontrail.fiscal_year_start", self.fiscal_year_start.to_string()),
            // A name can hold a comma, and its quotes are then doubled.
            ("sessiontrail.sources", format!("{sources:?}")),
            ("sessiontrail.prices", format!("{:?} {:?}", self.cost.cloudwatch_ingest_per_gb, self.cost.s3_storage_per_gb_month)),
        ]);
        words
    }
}

/// The code that judges and counts (see `build.rs`).
const CODE: &str = concat!(env!("CARGO_PKG_VERSION"), "-", env!("SESSIONTRAIL_CODE"));
