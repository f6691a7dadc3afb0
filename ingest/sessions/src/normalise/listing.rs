//! `DescribeSessions`: each session that an answer names is an event of the moment of the answer.

use schemas::{Answer, Code, EventKind, computed_id, sha256_hex};

use super::answer::Named;
use super::instant::instant;
use super::{FIELD_CAP, blank, document_name, filled, keep};
use crate::decode::{AnswerFile, Docket, Json, Place, join};

/// The sessions of an answer. `None` where it is no such answer.
pub(super) fn sessions(file: &AnswerFile<'_>, docket: &mut Docket<'_>) -> Option<Named> {
    let sessions = file.json.get("Sessions").and_then(Json::items)?;
    let mut named = Named::default();
    for (index, (session, bytes)) in sessions.iter().zip(&file.entries).enumerate() {
        let place = format!("Sessions[{index}]");
        if let Some(key) = session.duplicate_key() {
            named.refused += 1;
            docket.refuse_duplicate(place, key);
        } else if let Some(session_id) = session.filled(&["SessionId"]).filter(|id| id.len() <= FIELD_CAP) {
            named.items += 1;
            listed(file, session, session_id, bytes, (i64::try_from(index).unwrap_or(i64::MAX), &place), docket);
        } else {
            named.refused += 1;
            docket.refuse(join(&place, "SessionId"), Code::FieldInvalid, "a session without an id");
        }
    }
    Some(named)
}

fn listed(file: &AnswerFile<'_>, session: &Json<'_>, session_id: &str, bytes: &[u8], (position, place): (i64, &str), docket: &mut Docket<'_>) {
    let snapshot = &file.snapshot;
    let is_history = file.question.answer == Answer::SessionsHistory;
    let kind = if is_history { EventKind::ListedHistory } else { EventKind::ListedActive };
    let observed_at = snapshot.observed_at.to_string();
    let event_id =
        computed_id(&[kind.as_str().as_bytes(), snapshot.account_id.as_bytes(), snapshot.region.as_bytes(), observed_at.as_bytes(), session_id.as_bytes()]);
    let (listed_start, listed_end) = (instant(session, "StartDate", place, docket), instant(session, "EndDate", place, docket));
    let max_duration_seconds = max_duration(session, place, docket);
    let mut event = blank(docket.object, kind, event_id, position, sha256_hex(bytes));
    event.event_time = Some(snapshot.observed_at);
    event.session_id = Some(session_id.to_owned());
    event.account_id = Some(snapshot.account_id.to_owned());
    event.region = Some(snapshot.region.to_owned());
    event.target_id = filled(session, &["Target"]);
    event.document_name = filled(session, &["DocumentName"]).and_then(document_name);
    event.principal_arn = filled(session, &["Owner"]);
    event.reason = filled(session, &["Reason"]);
    event.access_type = filled(session, &["AccessType"]);
    event.service_status = filled(session, &["Status"]);
    event.listed_start = listed_start;
    event.listed_end = listed_end;
    event.max_duration_seconds = max_duration_seconds;
    keep(event, Place::Named(place), docket);
}

/// `MaxSessionDuration`, in seconds: minutes as a text of digits. The pattern that AWS publishes for it is wrong, and the 1,440 minutes
/// that it sets today need not be for ever, so any whole number of minutes is believed that is less than two years.
fn max_duration(session: &Json<'_>, place: &str, docket: &mut Docket<'_>) -> Option<i64> {
    const MINUTES: std::ops::RangeInclusive<i64> = 1..=1_000_000;
    let minutes = match session.get("MaxSessionDuration")? {
        Json::Null => return None,
        Json::Text(text) if text.trim().is_empty() => return None,
        Json::Text(text) => text.trim().parse().ok(),
        other => other.integer(),
    };
    let minutes = minutes.filter(|minutes| MINUTES.contains(minutes));
    if minutes.is_none() {
        docket.refuse(join(place, "MaxSessionDuration"), Code::FieldInvalid, "not a number of minutes");
    }
    minutes.map(|minutes: i64| minutes * 60)
}
