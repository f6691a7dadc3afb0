//! Snapshots of an account: `<account>/<region>/<YYYYMMDDTHHMMSSZ>/<answer>.json`, one answer of the AWS CLI in each file.
//!
//! An answer is one statement: a file that is cut short or damaged states nothing, and is refused as a whole (ruling R11). What stays is
//! that it was asked.

use schemas::{Answer, Code, Timestamp};

use super::docket::Docket;
use super::json::Json;
use super::record::{AnswerFile, Question, Record, Snapshot, Unanswered};
use super::scan::{self, Broken};
use super::text::{Text, UTF16, is_utf16};

pub(super) fn read(docket: &mut Docket<'_>, mut text: Text<'_, '_>) {
    let object = docket.object;
    let Some((snapshot, name)) = snapshot(&object.key) else {
        return docket.refuse("", Code::KeyUnexpected, "not <account>/<region>/<YYYYMMDDTHHMMSSZ>/<answer>.json");
    };
    docket.vouch(snapshot.observed_at);
    let Some(question) = question(name) else {
        return docket.refuse("", Code::KeyUnexpected, "no answer has this name");
    };
    let (bytes, damage) = text.whole();
    if damage == Some(Code::Unreadable) {
        // Some other time it may be read.
        return;
    }
    match if damage.is_some() { None } else { answer(bytes, docket) } {
        Some(json) => {
            docket.whole += 1;
            let entries = entries(bytes, &json).unwrap_or_default();
            docket.record(Record::Answer(AnswerFile { snapshot, question, json, bytes, entries }));
        }
        None => docket.record(Record::Unanswered(Unanswered { snapshot, question, bytes })),
    }
}

/// The answer in a file; `None` where it was refused.
fn answer<'t>(bytes: &'t [u8], docket: &mut Docket<'_>) -> Option<Json<'t>> {
    // Every value takes some room, however small it is written.
    if scan::values_at_most(bytes) > VALUES {
        docket.refuse("", Code::TooLarge, format!("an answer of more than {VALUES} values"));
        return None;
    }
    match Json::parse(bytes) {
        Ok(json @ Json::Object(_)) => match json.own_duplicate_key() {
            None => return Some(json),
            Some(key) => docket.refuse_duplicate("", key),
        },
        Ok(_) => docket.refuse("", Code::JsonUnexpected, "an answer is a JSON object"),
        Err(_) if bytes.trim_ascii().is_empty() => docket.refuse("", Code::JsonInvalid, "the object is empty"),
        Err(_) if is_utf16(bytes) => docket.refuse("", Code::JsonInvalid, UTF16),
        Err(malformed) => docket.refuse("", Code::JsonInvalid, format!("no JSON at byte {} of {}", malformed.at, bytes.len())),
    }
    None
}

/// The most values in one answer: twenty thousand instances have six million.
const VALUES: usize = 8 << 20;

/// The place and time of a snapshot, and the name of the answer: the last four segments of the key.
fn snapshot(key: &str) -> Option<(Snapshot<'_>, &str)> {
    let mut segments = key.rsplit('/');
    let (name, time, region, account_id) = (segments.next()?, segments.next()?, segments.next()?, segments.next()?);
    let is_account = account_id.len() == 12 && account_id.bytes().all(|byte| byte.is_ascii_digit());
    let is_region = !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let observed_at = Timestamp::parse_compact(time).ok().filter(|_| time.len() == 16)?;
    (is_account && is_region).then_some((Snapshot { account_id, region, observed_at }, name))
}

/// What a file of this name is the answer to.
fn question(name: &str) -> Option<Question<'_>> {
    let stem = name.strip_suffix(".json")?;
    let plain = |answer| Some(Question { answer, subject: None, version: None });
    match stem {
        "describe-sessions-active" => return plain(Answer::SessionsActive),
        "describe-sessions-history" => return plain(Answer::SessionsHistory),
        "describe-instances" => return plain(Answer::Instances),
        "describe-instance-information" => return plain(Answer::InstanceInformation),
        "list-documents" => return plain(Answer::ListDocuments),
        "describe-log-groups" => return plain(Answer::LogGroups),
        _ => {}
    }
    if let Some(document) = stem.strip_prefix("get-document-") {
        // Names of documents hold dashes themselves; a version is a number.
        let (subject, version) = document.rsplit_once('-').filter(|(subject, version)| !subject.is_empty() && is_number(version))?;
        return Some(Question { answer: Answer::GetDocument, subject: Some(subject), version: Some(version) });
    }
    let named = [
        ("describe-document-", Answer::DescribeDocument),
        ("get-bucket-versioning-", Answer::BucketVersioning),
        ("get-bucket-encryption-", Answer::BucketEncryption),
        ("get-object-lock-configuration-", Answer::ObjectLock),
    ];
    named.into_iter().find_map(|(prefix, answer)| {
        let subject = stem.strip_prefix(prefix).filter(|subject| !subject.is_empty())?;
        Some(Question { answer, subject: Some(subject), version: None })
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The bytes of each entry of `Sessions`, which is where an event's hash is taken from. The member is told by its number, so that no
/// spelling of its key makes a difference. `bytes` are known to be the text of `json`.
fn entries<'t>(bytes: &'t [u8], json: &Json<'_>) -> Result<Vec<&'t [u8]>, Broken> {
    let Json::Object(members) = json else { return Ok(Vec::new()) };
    let sessions = members.iter().position(|(key, _)| key == "Sessions");
    let (mut entries, mut number) = (Vec::new(), 0);
    scan::members(bytes, scan::blanks(bytes, 0), |_, at| {
        number += 1;
        if sessions != Some(number - 1) || bytes.get(at) != Some(&b'[') {
            return scan::value(bytes, at);
        }
        scan::elements(bytes, at, |at| {
            let end = scan::value(bytes, at)?;
            entries.push(&bytes[at..end]);
            Ok(end)
        })
    })?;
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_segments_say_where_and_when() {
        let expected = Timestamp::parse("2026-07-14T09:15:00Z").ok();
        for key in ["111122223333/eu-central-1/20260714T091500Z/x.json", "mirror/a/111122223333/eu-central-1/20260714T091500Z/x.json"] {
            assert_eq!(
                snapshot(key).map(|(snapshot, name)| (snapshot.account_id, snapshot.region, Some(snapshot.observed_at), name)),
                Some(("111122223333", "eu-central-1", expected, "x.json"))
            );
        }
        for key in [
            "x.json",
            "eu-central-1/20260714T091500Z/x.json",
            "prod/eu-central-1/20260714T091500Z/x.json",
            "111122223333/eu-central-1/20260714T0915Z/x.json",
            "111122223333/eu-central-1/2026/x.json",
        ] {
            assert_eq!(snapshot(key), None, "{key}");
        }
    }

    #[test]
    fn names_of_documents_may_hold_dashes_and_numbers() {
        let asked = |name| question(name).map(|question| (question.answer, question.subject, question.version));
        assert_eq!(asked("get-document-SSM-SessionManagerRunShell-12.json"), Some((Answer::GetDocument, Some("SSM-SessionManagerRunShell"), Some("12"))));
        assert_eq!(asked("get-document-Tail-2-3.json"), Some((Answer::GetDocument, Some("Tail-2"), Some("3"))));
        assert_eq!(asked("describe-document-Tail-2.json"), Some((Answer::DescribeDocument, Some("Tail-2"), None)));
        assert_eq!(asked("get-bucket-encryption-logs.json"), Some((Answer::BucketEncryption, Some("logs"), None)));
        for name in ["notes.json", "describe-instances.txt", "get-document-X.json", "get-document-1.json", "describe-document-.json", "DESCRIBE-INSTANCES.json"]
        {
            assert_eq!(asked(name), None, "{name}");
        }
    }
}
