//! Between the words of the house and Arrow: what the lake stores, and what is read back from it.
//!
//! One file a table. Both directions are driven by the contract of the table in [`schemas::table`]: a batch that is made here has exactly
//! its columns in its order, and a batch that is read is looked up by name, so that it may come from any engine. Nothing is lost on the
//! way: what goes in comes out.

mod events;
mod facts;
mod instances;
mod observations;
mod preferences;
mod read;
mod rejects;
mod write;

pub use events::{events_batch, events_from};
pub use facts::{facts_batch, facts_from};
pub use instances::{instances_batch, instances_from};
pub use observations::{observations_batch, observations_from};
pub use preferences::{preferences_batch, preferences_from};
pub use read::Read;
pub use rejects::{RejectRow, rejects_batch, rejects_from};
pub use write::Write;

use arrow::error::ArrowError;

/// Why rows could not be turned into a batch, or a batch into rows.
#[derive(Debug)]
pub enum RowError {
    /// A column of the contract is missing, or stands in another place than the code that writes it thinks.
    Column {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// A column that always has a value holds a null, or a word that the contract does not know.
    Value {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The word, where it is one.
        word: Option<String>,
    },
    /// Arrow refused.
    Arrow {
        /// The table.
        table: &'static str,
        /// Why.
        source: ArrowError,
    },
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Column { table, column } => write!(f, "the rows of {table} have no column {column} where the contract has it"),
            Self::Value { table, column, word: Some(word) } => write!(f, "the column {column} of {table} holds the unknown word {word:?}"),
            Self::Value { table, column, word: None } => write!(f, "the column {column} of {table} holds no value"),
            Self::Arrow { table, .. } => write!(f, "the columns of {table} could not be converted"),
        }
    }
}

impl std::error::Error for RowError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Arrow { source, .. } => Some(source),
            Self::Column { .. } | Self::Value { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
