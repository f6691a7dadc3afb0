//! CloudTrail records: session calls, accepted or not, and calls about Session documents (rulings R1, R2 and R3).

use schemas::{Code, Event, EventKind, PREFERENCES_DOCUMENT, Timestamp, computed_id, sha256_hex};

use super::{FIELD_CAP, blank, document_name, filled, keep};
use crate::decode::{Call, Docket, Json, Place, join};

pub(super) fn call(call: &Call<'_>, docket: &mut Docket<'_>) {
    let json = &call.json;
    let Some(time) = json.get("eventTime").and_then(Json::text) else {
        return docket.refuse(join(&call.place, "eventTime"), Code::FieldInvalid, "a call without a time");
    };
    let Ok(time) = Timestamp::parse(time) else {
        return docket.refuse(join(&call.place, "eventTime"), Code::TimeInvalid, "no time with an offset");
    };
    let own_id = json.filled(&["eventID"]).filter(|id| id.len() <= FIELD_CAP);
    let event_id = own_id.map_or_else(|| computed_id(&[b"cloudtrail", call.bytes]), |id| format!("ct:{id}"));
    let (kind, session_id) = match said(json) {
        (_, Some(id)) if id.len() > FIELD_CAP => {
            docket.refuse_size(join(&call.place, "session_id"), "a field", FIELD_CAP);
            (EventKind::OtherCall, None)
        }
        said => said,
    };
    let mut event = blank(docket.object, kind, event_id, call.position, sha256_hex(call.bytes));
    event.event_time = Some(time);
    event.session_id = session_id;
    event.account_id = filled(json, &["recipientAccountId"]).or_else(|| filled(json, &["userIdentity", "accountId"]));
    event.region = filled(json, &["awsRegion"]);
    event.principal_arn = filled(json, &["userIdentity", "arn"]);
    event.source_ip = filled(json, &["sourceIPAddress"]);
    event.mfa = mfa(json);
    event.event_name = filled(json, &["eventName"]);
    event.event_source = filled(json, &["eventSource"]);
    event.error_code = filled(json, &["errorCode"]);
    event.error_message = filled(json, &["errorMessage"]);
    event.user_agent = filled(json, &["userAgent"]);
    describe(&mut event, json);
    keep(event, Place::Named(&call.place), docket);
}

/// What a call did, and to which session. A call that failed, or that names no session, did nothing to any: evidence of what somebody
/// tried must not make a session, nor tie one to an account.
fn said(json: &Json<'_>) -> (EventKind, Option<String>) {
    let failed = json.get("errorCode").is_some_and(|code| *code != Json::Null);
    let answered = filled(json, &["responseElements", "sessionId"]);
    let named = || answered.clone().or_else(|| filled(json, &["requestParameters", "sessionId"]));
    let (kind, session_id) = match json.filled(&["eventName"]).filter(|_| !failed) {
        Some("StartSession") => (EventKind::StartCall, answered.clone()),
        Some("ExecuteCommand") => (EventKind::StartCall, filled(json, &["responseElements", "session", "sessionId"])),
        Some("ResumeSession") => (EventKind::ResumeCall, named()),
        Some("TerminateSession") => (EventKind::TerminateCall, named()),
        _ => (EventKind::OtherCall, None),
    };
    if session_id.is_some() { (kind, session_id) } else { (EventKind::OtherCall, None) }
}

/// What the call was about.
fn describe(event: &mut Event, json: &Json<'_>) {
    let request = |field: &str| filled(json, &["requestParameters", field]);
    match event.event_name.as_deref() {
        Some("StartSession") => {
            event.target_id = request("target").or_else(|| event.error_message.as_deref().and_then(instance_in));
            event.reason = request("reason");
            // Who names no document gets the preferences'. A denied call hides what it asked for, so there its document is not known.
            let is_told = event.kind == EventKind::StartCall || matches!(json.get("requestParameters"), Some(Json::Object(_)));
            event.document_name = request("documentName").and_then(document_name).or_else(|| is_told.then(|| PREFERENCES_DOCUMENT.to_owned()));
        }
        // It names the task, and neither the runtime id that is the target nor a document.
        Some("ExecuteCommand" | "ResumeSession" | "TerminateSession") => {}
        _ => {
            event.document_name = request("name").and_then(document_name);
            event.document_version = document_version(json);
        }
    }
}

/// The version that a document call made, set as default, or deleted.
fn document_version(json: &Json<'_>) -> Option<String> {
    filled(json, &["responseElements", "documentDescription", "documentVersion"])
        .or_else(|| filled(json, &["responseElements", "description", "defaultVersion"]))
        .or_else(|| filled(json, &["requestParameters", "documentVersion"]))
        // `$LATEST` is what an update starts from, not what it makes.
        .filter(|version| !version.starts_with('$'))
}

fn mfa(json: &Json<'_>) -> Option<bool> {
    match json.at(&["userIdentity", "sessionContext", "attributes", "mfaAuthenticated"])? {
        Json::Bool(mfa) => Some(*mfa),
        Json::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Json::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The instance or managed node whose ARN stands in the message of a denied call, which may name the document's instead.
fn instance_in(message: &str) -> Option<String> {
    ["instance/i-", "managed-instance/mi-"].into_iter().find_map(|mark| {
        let (before, after) = message.split_once(mark)?;
        let is_arn = before.rsplit(char::is_whitespace).next().is_some_and(|word| word.starts_with("arn:"));
        let id: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
        let prefix = if mark.ends_with("/i-") { "i-" } else { "mi-" };
        (is_arn && !id.is_empty()).then(|| format!("{prefix}{id}"))
    })
}
