//! What one session's conclusion needs to know of everything else.

use std::collections::HashMap;

use schemas::Timestamp;

/// The preferences of an account-region as one snapshot shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// When.
    pub observed_at: Timestamp,
    /// The idle timeout in force, in seconds; AWS's default where none is set or what is set is no number.
    pub idle_seconds: i64,
    /// The maximum duration, in seconds; `None` where none is set.
    pub max_seconds: Option<i64>,
    /// Whether a bucket or a log group is set.
    pub logs: bool,
}

/// AWS's idle timeout where the preferences set none: 20 minutes.
pub const DEFAULT_IDLE_SECONDS: i64 = 20 * 60;

/// One account-region.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Times of the complete Active listings, ascending.
    pub complete_active: Vec<Timestamp>,
    /// Preferences by observation, ascending.
    pub preferences: Vec<Preferences>,
    /// Whether each other Session document logs, by observation, ascending.
    pub document_logs: HashMap<String, Vec<(Timestamp, bool)>>,
    /// `sessionType` of each Session document, as the newest snapshot that shows it says.
    pub session_types: HashMap<String, String>,
}

/// Everything else, cut at `as_of`.
#[derive(Debug, Clone)]
pub struct Context {
    /// The moment the ledger speaks of.
    pub as_of: Timestamp,
    /// By account and region.
    pub places: HashMap<(Option<String>, Option<String>), Place>,
    /// The newest event of each configured source.
    pub newest_of_source: HashMap<String, Timestamp>,
}

impl Context {
    /// A context that knows nothing but the time.
    #[must_use]
    pub fn empty(as_of: Timestamp) -> Self {
        Self { as_of, places: HashMap::new(), newest_of_source: HashMap::new() }
    }
}

impl Place {
    /// The preferences as last observed at or before `at`.
    #[must_use]
    pub fn preferences_at(&self, at: Timestamp) -> Option<&Preferences> {
        let after = self.preferences.partition_point(|preferences| preferences.observed_at <= at);
        after.checked_sub(1).and_then(|index| self.preferences.get(index))
    }

    /// Whether sessions through `document` were logged at `at`: as last observed by then, else as first after it; `None` where no observation shows it.
    #[must_use]
    pub fn document_logs_at(&self, document: &str, at: Timestamp) -> Option<bool> {
        let observed = self.document_logs.get(document)?;
        let after = observed.partition_point(|(observed_at, _)| *observed_at <= at);
        observed.get(after.saturating_sub(1)).map(|(_, logs)| *logs)
    }

    /// The idle timeout in force at `at`, in seconds.
    #[must_use]
    pub fn idle_seconds_at(&self, at: Timestamp) -> i64 {
        self.preferences_at(at).map_or(DEFAULT_IDLE_SECONDS, |preferences| preferences.idle_seconds)
    }
}
