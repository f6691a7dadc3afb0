//! Session documents: each version's inputs, and what the answers say about versions.

use std::borrow::Cow;

use schemas::{Code, Preference, sha256_hex};

use super::answer::Named;
use super::instant::instant;
use super::{FIELD_CAP, filled, yaml};
use crate::decode::{AnswerFile, Docket, Fact, Json};

/// A version of a document, as `GetDocument` answers it; whether it could be understood.
pub(super) fn preference(file: &AnswerFile<'_>, docket: &mut Docket<'_>) -> bool {
    let Some((document_name, document_version)) = named(file) else {
        docket.refuse("DocumentVersion", Code::FieldInvalid, "neither the answer nor the file says which version it is");
        return false;
    };
    if file.json.filled(&["DocumentType"]).is_some_and(|kind| kind != "Session") {
        docket.pass_over();
        return true;
    }
    let Some((content, text)) = content(&file.json, docket) else { return false };
    let input = |name: &str| content.at(&["inputs", name]).and_then(written);
    let mut switch = |name: &str| switch(content.at(&["inputs", name]), name, docket);
    let (s3_encryption_enabled, cloud_watch_encryption_enabled) = (switch("s3EncryptionEnabled"), switch("cloudWatchEncryptionEnabled"));
    let (cloud_watch_streaming_enabled, run_as_enabled) = (switch("cloudWatchStreamingEnabled"), switch("runAsEnabled"));
    let preference = Preference {
        account_id: file.snapshot.account_id.to_owned(),
        region: file.snapshot.region.to_owned(),
        observed_at: file.snapshot.observed_at,
        document_name,
        document_version,
        session_type: filled(&content, &["sessionType"]),
        idle_session_timeout: input("idleSessionTimeout"),
        max_session_duration: input("maxSessionDuration"),
        s3_bucket_name: input("s3BucketName"),
        s3_key_prefix: input("s3KeyPrefix"),
        s3_encryption_enabled,
        cloud_watch_log_group_name: input("cloudWatchLogGroupName"),
        cloud_watch_encryption_enabled,
        cloud_watch_streaming_enabled,
        kms_key_id: input("kmsKeyId"),
        run_as_enabled,
        run_as_default_user: input("runAsDefaultUser"),
        shell_profile_linux: filled(&content, &["inputs", "shellProfile", "linux"]),
        shell_profile_windows: filled(&content, &["inputs", "shellProfile", "windows"]),
        created_at: instant(&file.json, "CreatedDate", "", docket),
        content_sha256: sha256_hex(text.as_bytes()),
        content: if matches!(content, Json::Object(_)) && file.json.filled(&["DocumentFormat"]) != Some("YAML") {
            text.into_owned()
        } else {
            content.to_string()
        },
        source: docket.object.source.clone(),
        object: docket.object.key.clone(),
    };
    docket.fact(Fact::Preference(Box::new(preference)));
    true
}

/// Name and version of a document: as the answer says them, else, or where no name is that long, as its file does.
pub(super) fn named(file: &AnswerFile<'_>) -> Option<(String, String)> {
    let name = file.json.filled(&["Name"]).filter(|name| name.len() <= FIELD_CAP).or(file.question.subject)?;
    let version = file.json.get("DocumentVersion").and_then(written).filter(|version| version.len() <= FIELD_CAP);
    let version = version.or_else(|| file.question.version.map(str::to_owned))?;
    Some((name.to_owned(), version))
}

/// What `DescribeDocument` says, as compact JSON.
pub(super) fn described(file: &AnswerFile<'_>) -> String {
    let document = |key: &str| file.json.at(&["Document", key]).and_then(written);
    let name = document("Name").or_else(|| file.question.subject.map(str::to_owned));
    object([("name", name), ("default_version", document("DefaultVersion")), ("latest_version", document("LatestVersion")), ("status", document("Status"))])
        .to_string()
}

/// How many documents a `ListDocuments` answer names; `None` where it is no such answer.
pub(super) fn named_in_list(json: &Json<'_>, docket: &mut Docket<'_>) -> Option<Named> {
    let mut named = Named::default();
    for (index, entry) in json.get("DocumentIdentifiers")?.items()?.iter().enumerate() {
        if entry.filled(&["Name"]).is_some() {
            named.items += 1;
        } else {
            named.refused += 1;
            docket.refuse(format!("DocumentIdentifiers[{index}].Name"), Code::FieldInvalid, "a document without a name");
        }
    }
    Some(named)
}

/// The documents of a `ListDocuments` answer, each as compact JSON; `None` where it is no such answer.
pub(super) fn listed<'j>(json: &'j Json<'_>) -> Option<Vec<Json<'j>>> {
    let entries = json.get("DocumentIdentifiers")?.items()?;
    let entry = |entry: &Json<'_>| {
        let said = |key: &str| entry.get(key).and_then(written);
        object([
            ("name", said("Name")),
            ("document_type", said("DocumentType")),
            ("document_version", said("DocumentVersion")),
            ("default_version", said("DefaultVersion")),
        ])
    };
    Some(entries.iter().map(entry).collect())
}

fn object<'j, const N: usize>(members: [(&'static str, Option<String>); N]) -> Json<'j> {
    Json::Object(members.into_iter().filter_map(|(key, value)| Some((Cow::Borrowed(key), Json::Text(value?.into())))).collect())
}

/// The content of a document, and its text. The CLI gives the text as a string, in JSON or YAML; some mirrors hold it as an object.
fn content<'j>(answer: &'j Json<'_>, docket: &mut Docket<'_>) -> Option<(Json<'j>, Cow<'j, str>)> {
    let given = answer.get("Content")?;
    let text = given.text().map_or_else(|| Cow::Owned(given.to_string()), Cow::Borrowed);
    if text.len() > TEXT_CAP {
        docket.refuse_size("Content", "a document", TEXT_CAP);
        return None;
    }
    let content = match given.text() {
        Some(text) if answer.filled(&["DocumentFormat"]) == Some("YAML") => yaml::parse(text, EXPANDED_CAP),
        Some(text) => Json::parse(text.as_bytes()).map_err(|malformed| (Code::JsonInvalid, format!("no JSON at its byte {}", malformed.at))),
        None => Ok(given.clone()),
    };
    match content {
        Err((code, detail)) => docket.refuse("Content", code, detail),
        Ok(content @ Json::Object(_)) => match content.duplicate_key() {
            None => return Some((content, text)),
            Some(key) => docket.refuse_duplicate("Content", key),
        },
        Ok(_) => docket.refuse("Content", Code::JsonUnexpected, "a document is an object"),
    }
    None
}

/// The longest text of a document, in bytes; AWS takes no more.
const TEXT_CAP: usize = 64 << 10;
/// What a document in YAML may become once its aliases are written out: without any it is never more than its text.
const EXPANDED_CAP: usize = 4 * TEXT_CAP;

/// A value as written: texts, and in YAML numbers and booleans without quotes. Empty texts say nothing.
fn written(value: &Json<'_>) -> Option<String> {
    match value {
        Json::Null => None,
        Json::Text(text) => Some(text.to_string()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

/// A switch: a boolean, or the word for one. A template such as `{{ssm:name}}` cannot be told from here, and is none.
fn switch(value: Option<&Json<'_>>, name: &str, docket: &mut Docket<'_>) -> Option<bool> {
    let text = match value? {
        Json::Null => return None,
        Json::Bool(value) => return Some(*value),
        Json::Text(text) => text.trim(),
        _ => "neither",
    };
    match text {
        "" => None,
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ if text.starts_with("{{") => None,
        _ => {
            docket.refuse(format!("Content.inputs.{name}"), Code::FieldInvalid, "neither true nor false");
            None
        }
    }
}
