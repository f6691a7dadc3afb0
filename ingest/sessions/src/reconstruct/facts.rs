//! The facts of one session: exactly the columns of `session_facts`.

use schemas::{Tier, Timestamp};

/// How the start is known, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StartMethod {
    /// `StartDate` of a listing.
    History,
    /// The start call's `eventTime`.
    StartCall,
    /// The first streaming event: an upper bound.
    Stream,
}

impl StartMethod {
    /// The word of the `start_method` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::StartCall => "start_call",
            Self::Stream => "stream",
        }
    }

    /// The method that a word of the column names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::History, Self::StartCall, Self::Stream].into_iter().find(|method| method.as_str() == word)
    }
}

/// How the end is known, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndMethod {
    /// `EndDate` of a listing.
    History,
    /// An accepted `TerminateSession`.
    TerminateCall,
    /// The transcript's stamp.
    Transcript,
    /// The transcript's upload.
    Upload,
    /// The last streaming event.
    Stream,
}

impl EndMethod {
    /// The word of the `end_method` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::TerminateCall => "terminate_call",
            Self::Transcript => "transcript",
            Self::Upload => "upload",
            Self::Stream => "stream",
        }
    }

    /// The method that a word of the column names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::History, Self::TerminateCall, Self::Transcript, Self::Upload, Self::Stream].into_iter().find(|method| method.as_str() == word)
    }
}

/// What the evidence of one session says. Every field is the column of the same name in `session_facts`, where its meaning is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub bucket: i64,
    pub session_id: String,
    pub account_id: Option<String>,
    pub region: Option<String>,
    pub first_fact_at: Option<Timestamp>,
    pub last_fact_at: Option<Timestamp>,
    pub target_id: Option<String>,
    pub document_name: Option<String>,
    pub principal_arn: Option<String>,
    pub reason: Option<String>,
    pub source_ip: Option<String>,
    pub mfa: Option<bool>,
    pub run_as_user: Option<String>,
    pub access_type: Option<String>,
    pub service_status: Option<String>,
    pub ecs: bool,
    pub started_at: Option<Timestamp>,
    pub start_method: Option<StartMethod>,
    pub resumes: i64,
    pub last_proof_at: Option<Timestamp>,
    pub last_proof_tier: Option<Tier>,
    pub vouched_proof_at: Option<Timestamp>,
    pub vouched_proof_tier: Option<Tier>,
    pub ended_at: Option<Timestamp>,
    pub end_method: Option<EndMethod>,
    pub ended_after: Option<Timestamp>,
    pub ended_before: Option<Timestamp>,
    pub end_tier: Option<Tier>,
    pub closing_principal_arn: Option<String>,
    pub closed_by_call: bool,
    pub corroborated: bool,
    pub exit_line: bool,
    pub listed_max_duration_seconds: Option<i64>,
    pub first_activity_at: Option<Timestamp>,
    pub last_activity_at: Option<Timestamp>,
    pub activity_events: Option<i64>,
    pub activity_bytes: Option<i64>,
    pub activity_sources: Vec<String>,
    pub gap_starts: Vec<Timestamp>,
    pub gap_ends: Vec<Timestamp>,
    pub listed_active_at: Vec<Timestamp>,
    pub ghost: bool,
    pub has_transcript: bool,
    pub streamed: bool,
    pub text_arrived_at: Option<Timestamp>,
    pub log_bytes: i64,
    pub stored_bytes: i64,
}
