//! The contract of every table, one file each.
//!
//! *Stored* tables are Delta tables in the lake; of these the *raw* ones are append-only evidence and [`SESSION_FACTS`] is derived from
//! [`EVENTS`]. The *said* ones are views that add policy, tags and `as_of`.

mod acknowledgements;
mod assessed_instances;
mod assessed_observations;
mod calendar;
mod columns;
mod destination_spells;
mod document_spells;
mod events;
mod gaps;
mod idle_spells;
mod instance_spells;
mod instances;
mod objects;
mod observations;
mod policy_tiers;
mod preferences;
mod prices;
mod rejects;
mod runs;
mod session_facts;
mod sessions;
mod shown;
mod source_reach;

pub use acknowledgements::ACKNOWLEDGEMENTS;
pub use assessed_instances::ASSESSED_INSTANCES;
pub use assessed_observations::ASSESSED_OBSERVATIONS;
pub use calendar::CALENDAR;
pub use columns::COLUMNS;
pub use destination_spells::DESTINATION_SPELLS;
pub use document_spells::DOCUMENT_SPELLS;
pub use events::EVENTS;
pub use gaps::GAPS;
pub use idle_spells::IDLE_SPELLS;
pub use instance_spells::INSTANCE_SPELLS;
pub use instances::INSTANCES;
pub use objects::OBJECTS;
pub use observations::OBSERVATIONS;
pub use policy_tiers::POLICY_TIERS;
pub use preferences::PREFERENCES;
pub use prices::PRICES;
pub use rejects::REJECTS;
pub use runs::RUNS;
pub use session_facts::SESSION_FACTS;
pub use sessions::SESSIONS;
pub use shown::SHOWN;
pub use source_reach::SOURCE_REACH;

use crate::Table;

/// The raw tables, in the order in which a batch is committed to them: the bookmark first, since it holds the promise of the rest.
pub const RAW: [&Table; 7] = [&OBJECTS, &EVENTS, &OBSERVATIONS, &INSTANCES, &PREFERENCES, &REJECTS, &GAPS];

/// Every table that is stored in the lake.
pub const STORED: [&Table; 9] = [&OBJECTS, &EVENTS, &OBSERVATIONS, &INSTANCES, &PREFERENCES, &REJECTS, &GAPS, &RUNS, &SESSION_FACTS];
