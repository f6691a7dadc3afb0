//! Events of the CloudWatch Logs API: `{"timestamp","ingestionTime","message","logStreamName","eventId"}`.

use schemas::{Code, Timestamp};

use super::docket::Docket;
use super::json::Json;
use super::text::RECORD_CAP;
use super::values::join;

/// An event as the API gives it.
pub(super) struct ApiEvent<'j> {
    pub(super) timestamp: Timestamp,
    pub(super) ingestion_time: Option<Timestamp>,
    /// `GetLogEvents` and exports give none.
    pub(super) event_id: Option<&'j str>,
    /// Absent where the answer names the stream once for all of its events.
    pub(super) stream: Option<&'j str>,
    pub(super) message: &'j str,
}

/// Reads an event; `None` where it was refused.
pub(super) fn api_event<'j>(json: &'j Json<'_>, place: &str, docket: &mut Docket<'_>) -> Option<ApiEvent<'j>> {
    if let Some(key) = json.duplicate_key() {
        docket.refuse_duplicate(place, key);
        return None;
    }
    let event = read(json).map_err(|(field, code, detail)| docket.refuse(join(place, field), code, detail)).ok()?;
    if event.message.len() > RECORD_CAP {
        docket.refuse_size(join(place, "message"), "a message", RECORD_CAP);
        return None;
    }
    if let Some(at) = event.ingestion_time {
        docket.vouch(at);
    }
    Some(event)
}

/// Ids are 56 digits long.
const LONGEST_ID: usize = 256;

type Refused = (&'static str, Code, &'static str);

fn read<'j>(json: &'j Json<'_>) -> Result<ApiEvent<'j>, Refused> {
    let message = json.get("message").and_then(Json::text).ok_or(("message", Code::FieldInvalid, "not a text"))?;
    let ingestion_time = match json.get("ingestionTime") {
        None | Some(Json::Null) => None,
        Some(_) => Some(instant(json, "ingestionTime")?),
    };
    let event_id = json.filled(&["eventId"]);
    if event_id.is_some_and(|id| id.len() > LONGEST_ID) {
        return Err(("eventId", Code::FieldInvalid, "longer than any id of CloudWatch Logs"));
    }
    Ok(ApiEvent { timestamp: instant(json, "timestamp")?, ingestion_time, event_id, stream: json.filled(&["logStreamName"]), message })
}

fn instant(json: &Json<'_>, field: &'static str) -> Result<Timestamp, Refused> {
    let millis = json.get(field).and_then(Json::integer).ok_or((field, Code::FieldInvalid, "not a whole number of milliseconds"))?;
    Timestamp::from_millis(millis).ok_or((field, Code::TimeInvalid, "milliseconds beyond the years 1970 to 2199"))
}
