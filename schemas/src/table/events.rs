//! `events`.

use crate::column::Kind::*;
use crate::{Column, Table};

/// Every copy of every normalised fact, with the place it was read from; the `events` view keeps one copy of each event_id.
pub const EVENTS: Table = Table {
    name: "events",
    doc: "Every copy of every normalised fact, with the place it was read from; the `events` view keeps one copy of each event_id.",
    columns: &[
        Column::required("bucket", Integer, "Bucket of the session id (0 to 255), by which rows are sorted; 0 where there is none."),
        Column::required(
            "event_id",
            Text,
            "Computed from the origin: `ct:<eventID>` for CloudTrail, `cw:<eventId>` for CloudWatch Logs, `cx:<content_id>` where an export names none, else a SHA-256.",
        ),
        Column::required(
            "kind",
            Text,
            "start_call, resume_call, terminate_call, other_call, listed_active, listed_history, stream, upload, upload_at_end, stamp (a text's Script started) or done_stamp (its Script done, where it has no other).",
        ),
        Column::optional(
            "event_time",
            Instant,
            "When: by AWS's clock for calls and listings, by the instance's for stream, upload_at_end and the stamps; null where the instance's time cannot be true.",
        ),
        Column::optional("session_id", Text, "The session; null for calls that name none."),
        Column::optional("account_id", Text, "The account, where the evidence itself says it."),
        Column::optional("region", Text, "The region, where the evidence itself says it."),
        Column::optional("target_id", Text, "What the session reaches: i-…, mi-…, ecs:…."),
        Column::optional("document_name", Text, "The Session document."),
        Column::optional("principal_arn", Text, "ARN of the caller, or of the session's owner."),
        Column::optional("reason", Text, "Why the session was started, in the caller's words."),
        Column::optional("source_ip", Text, "Where the call came from."),
        Column::optional("mfa", Boolean, "Whether the caller's credentials were made with a second factor."),
        Column::optional("run_as_user", Text, "The operating system user of the session."),
        Column::optional("access_type", Text, "Standard or JustInTime, as listed."),
        Column::optional("service_status", Text, "The session's status, as listed."),
        Column::optional("listed_start", Instant, "StartDate, as listed."),
        Column::optional("listed_end", Instant, "EndDate, as listed."),
        Column::optional("max_duration_seconds", Integer, "MaxSessionDuration as listed, in seconds."),
        Column::optional("lines", Integer, "Lines of output."),
        Column::optional("bytes", Integer, "Bytes of the message (stream, upload_at_end) or of the object (upload)."),
        Column::optional("exit_line", Boolean, "Whether the text ends in an exit or logout line."),
        Column::optional("delivery", Text, "CloudWatch Logs: api (with an eventId) or export (without)."),
        Column::optional(
            "content_id",
            Text,
            "CloudWatch Logs: SHA-256 of stream, time and the SHA-256 of the message, which both deliveries of an event share.",
        ),
        Column::optional("ingestion_time", Instant, "CloudWatch Logs: when AWS received the event."),
        Column::optional("event_name", Text, "CloudTrail: eventName."),
        Column::optional("event_source", Text, "CloudTrail: eventSource."),
        Column::optional("error_code", Text, "CloudTrail: errorCode."),
        Column::optional("error_message", Text, "CloudTrail: errorMessage."),
        Column::optional("user_agent", Text, "CloudTrail: userAgent."),
        Column::optional("document_version", Text, "CloudTrail, document calls: the version that the call made or set."),
        Column::required("evidence_tier", Text, "A CloudTrail, B an AWS API answer, C made on the instance."),
        Column::required("source", Text, "Name of the configured source."),
        Column::required("object", Text, "Key of the object within the source."),
        Column::required("object_version", Text, "Version id of the object where known, else its size and time."),
        Column::required("position", Integer, "Ordinal of the record, line or answer within the object, from 0."),
        Column::required(
            "sha256",
            Text,
            "SHA-256 of the bytes that say so: the record, the message, the entry, the whole transcript; empty where a transcript could not be read to its end.",
        ),
        Column::optional("source_account_id", Text, "Account of the source's configuration: holds only where nothing else ties the session to one."),
        Column::optional("source_region", Text, "Region of the source's configuration, likewise."),
    ],
};
