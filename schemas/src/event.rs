//! One normalised fact of evidence: what every source is turned into.

use crate::Timestamp;

/// What an [`Event`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// An accepted `StartSession` or ECS `ExecuteCommand` that names the session it made.
    StartCall,
    /// An accepted `ResumeSession`.
    ResumeCall,
    /// An accepted `TerminateSession`.
    TerminateCall,
    /// A session or document call that makes, resumes and ends no session: denied, failed, or about a document.
    OtherCall,
    /// A `DescribeSessions` answer with `State=Active` names the session.
    ListedActive,
    /// A `DescribeSessions` answer with `State=History` names the session.
    ListedHistory,
    /// A streaming event of CloudWatch Logs: lines of output, made on the instance while the session ran.
    Stream,
    /// A transcript object exists since this time (its `LastModified`).
    Upload,
    /// A transcript was uploaded at the end into CloudWatch Logs at this time.
    UploadAtEnd,
    /// A transcript's `Script started` stamp: when it was generated, at the session's end.
    Stamp,
    /// The `Script done` stamp of a transcript that has no other: whoever wrote into the session could write it as well (ruling R9).
    DoneStamp,
}

impl EventKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::StartCall,
        Self::ResumeCall,
        Self::TerminateCall,
        Self::OtherCall,
        Self::ListedActive,
        Self::ListedHistory,
        Self::Stream,
        Self::Upload,
        Self::UploadAtEnd,
        Self::Stamp,
        Self::DoneStamp,
    ];

    /// The word of the `kind` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StartCall => "start_call",
            Self::ResumeCall => "resume_call",
            Self::TerminateCall => "terminate_call",
            Self::OtherCall => "other_call",
            Self::ListedActive => "listed_active",
            Self::ListedHistory => "listed_history",
            Self::Stream => "stream",
            Self::Upload => "upload",
            Self::UploadAtEnd => "upload_at_end",
            Self::Stamp => "stamp",
            Self::DoneStamp => "done_stamp",
        }
    }

    /// The kind that a word of the `kind` column names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// How far evidence of this kind can be trusted.
    #[must_use]
    pub const fn tier(self) -> Tier {
        match self {
            Self::StartCall | Self::ResumeCall | Self::TerminateCall | Self::OtherCall => Tier::A,
            Self::ListedActive | Self::ListedHistory | Self::Upload => Tier::B,
            Self::Stream | Self::UploadAtEnd | Self::Stamp | Self::DoneStamp => Tier::C,
        }
    }
}

/// The tier of evidence: how far a fact can be trusted, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// CloudTrail.
    A,
    /// An AWS API answer.
    B,
    /// Made on the instance.
    C,
}

impl Tier {
    /// The letter, as the tables hold it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }

    /// The tier that a letter names.
    #[must_use]
    pub fn parse(letter: &str) -> Option<Self> {
        [Self::A, Self::B, Self::C].into_iter().find(|tier| tier.as_str() == letter)
    }
}

/// How a CloudWatch Logs event reached us; both ways can deliver the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// With CloudWatch's own `eventId`.
    Api,
    /// From an export task, which has no event id.
    Export,
}

impl Delivery {
    /// The word of the `delivery` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Export => "export",
        }
    }

    /// The way that a word of the `delivery` column names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Api, Self::Export].into_iter().find(|delivery| delivery.as_str() == word)
    }
}

/// One normalised fact, with its origin. Texts that AWS leaves empty are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Computed from the origin: `ct:<eventID>`, `cw:<eventId>`, `cx:<content_id>` and an ordinal, or a hash of object and version.
    pub event_id: String,
    /// What it says.
    pub kind: EventKind,
    /// When, by AWS's clock for calls and listings, else by the instance's; `None` where the instance's time cannot be true (ruling R6).
    pub event_time: Option<Timestamp>,
    /// The session; `None` for calls that name none.
    pub session_id: Option<String>,
    /// The account, where the evidence itself says it.
    pub account_id: Option<String>,
    /// The region, where the evidence itself says it.
    pub region: Option<String>,
    /// What the session reaches: `i-…`, `mi-…`, `ecs:…`.
    pub target_id: Option<String>,
    /// The Session document.
    pub document_name: Option<String>,
    /// ARN of the caller, or of the session's owner.
    pub principal_arn: Option<String>,
    /// Why the session was started, in the caller's words.
    pub reason: Option<String>,
    /// Where the call came from.
    pub source_ip: Option<String>,
    /// Whether the caller's credentials were made with a second factor.
    pub mfa: Option<bool>,
    /// The operating system user of the session.
    pub run_as_user: Option<String>,
    /// `Standard` or `JustInTime`, as listed.
    pub access_type: Option<String>,
    /// The session's status, as listed.
    pub service_status: Option<String>,
    /// `StartDate`, as listed.
    pub listed_start: Option<Timestamp>,
    /// `EndDate`, as listed.
    pub listed_end: Option<Timestamp>,
    /// `MaxSessionDuration` as listed, in seconds.
    pub max_duration_seconds: Option<i64>,
    /// Lines of output.
    pub lines: Option<i64>,
    /// Bytes of output (streaming: of the message; transcripts: of the object).
    pub bytes: Option<i64>,
    /// Whether the text ends in an `exit` or `logout` line (ruling R15).
    pub exit_line: Option<bool>,
    /// How a CloudWatch Logs event reached us.
    pub delivery: Option<Delivery>,
    /// CloudWatch Logs: SHA-256 of stream, time and the message's own SHA-256, which both deliveries of an event share.
    pub content_id: Option<String>,
    /// CloudWatch Logs: when AWS received it.
    pub ingestion_time: Option<Timestamp>,
    /// CloudTrail: `eventName`.
    pub event_name: Option<String>,
    /// CloudTrail: `eventSource`.
    pub event_source: Option<String>,
    /// CloudTrail: `errorCode`.
    pub error_code: Option<String>,
    /// CloudTrail: `errorMessage`.
    pub error_message: Option<String>,
    /// CloudTrail: `userAgent`.
    pub user_agent: Option<String>,
    /// CloudTrail, document calls: the version that the call made or set.
    pub document_version: Option<String>,
    /// Name of the configured source.
    pub source: String,
    /// Key of the object within the source.
    pub object: String,
    /// Version of the object: its version id where one is known, else its size and time.
    pub object_version: String,
    /// Ordinal of the record, line or answer within the object.
    pub position: i64,
    /// SHA-256 of the bytes that say so; empty where a transcript could not be read to its end.
    pub sha256: String,
    /// The account of the source's configuration: holds only where nothing else ties the session to one (ruling R1).
    pub source_account_id: Option<String>,
    /// The region of the source's configuration, likewise.
    pub source_region: Option<String>,
}

impl Event {
    /// An event that says nothing yet, not even where it comes from.
    #[must_use]
    pub const fn blank(kind: EventKind, event_id: String) -> Self {
        Self {
            event_id,
            kind,
            event_time: None,
            session_id: None,
            account_id: None,
            region: None,
            target_id: None,
            document_name: None,
            principal_arn: None,
            reason: None,
            source_ip: None,
            mfa: None,
            run_as_user: None,
            access_type: None,
            service_status: None,
            listed_start: None,
            listed_end: None,
            max_duration_seconds: None,
            lines: None,
            bytes: None,
            exit_line: None,
            delivery: None,
            content_id: None,
            ingestion_time: None,
            event_name: None,
            event_source: None,
            error_code: None,
            error_message: None,
            user_agent: None,
            document_version: None,
            source: String::new(),
            object: String::new(),
            object_version: String::new(),
            position: 0,
            sha256: String::new(),
            source_account_id: None,
            source_region: None,
        }
    }
}
