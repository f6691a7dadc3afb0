//! One answer of an account snapshot: that it was given, whether it was whole, and what it names.

use std::fmt::Write as _;

use schemas::{Answer, Code, Observation, sha256_hex};

use super::{FIELD_CAP, document, fleet, listing};
use crate::decode::{AnswerFile, Docket, Fact, Json, Question, Snapshot};

/// The entries of a list.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Those that were understood.
    pub(super) items: i64,
    /// Those that were not. What they name is not known, so nobody is known not to be named.
    pub(super) refused: i64,
}

/// A question whose answer was refused as a whole: that it was asked is known all the same, and when (ruling R29).
pub(super) fn unanswered(snapshot: &Snapshot<'_>, question: &Question<'_>, bytes: &[u8], docket: &mut Docket<'_>) {
    docket.fact(Fact::Observation(asked(snapshot, question, bytes, docket)));
}

/// What is known before the answer is looked at.
fn asked(snapshot: &Snapshot<'_>, question: &Question<'_>, bytes: &[u8], docket: &Docket<'_>) -> Observation {
    let subject = match (question.subject, question.version) {
        (Some(name), Some(version)) => Some(format!("{name}:{version}")),
        (name, _) => name.map(str::to_owned),
    };
    Observation {
        account_id: snapshot.account_id.to_owned(),
        region: snapshot.region.to_owned(),
        observed_at: snapshot.observed_at,
        answer: question.answer,
        subject,
        complete: false,
        items: 0,
        detail: None,
        source: docket.object.source.clone(),
        object: docket.object.key.clone(),
        sha256: sha256_hex(bytes),
    }
}

/// An answer that lacks what its question asks for is refused: then nothing was answered, which is not the same as "none".
pub(super) fn answer(file: &AnswerFile<'_>, docket: &mut Docket<'_>) {
    if !is_answered(file, docket) {
        unanswered(&file.snapshot, &file.question, file.bytes, docket);
    }
}

/// Whether an answer could be understood; then its facts are handed on.
fn is_answered(file: &AnswerFile<'_>, docket: &mut Docket<'_>) -> bool {
    let is_list_of_records = matches!(file.question.answer, Answer::SessionsActive | Answer::SessionsHistory | Answer::Instances | Answer::InstanceInformation);
    if let Some(key) = file.json.duplicate_key().filter(|_| !is_list_of_records) {
        docket.refuse_duplicate("", key);
        return false;
    }
    let expected = match file.question.answer {
        Answer::SessionsActive | Answer::SessionsHistory => "Sessions",
        Answer::Instances => "Reservations",
        Answer::InstanceInformation => "InstanceInformationList",
        Answer::ListDocuments => "DocumentIdentifiers",
        Answer::DescribeDocument => "Document",
        Answer::GetDocument => "Content",
        Answer::BucketVersioning | Answer::BucketEncryption | Answer::ObjectLock => "",
        Answer::LogGroups => "logGroups",
    };
    let whole = |items: i64| Named { items, refused: 0 };
    let named = match file.question.answer {
        Answer::SessionsActive | Answer::SessionsHistory => listing::sessions(file, docket),
        Answer::Instances => fleet::instances(file, docket),
        Answer::InstanceInformation => fleet::nodes(file, docket),
        Answer::ListDocuments => document::named_in_list(&file.json, docket),
        Answer::DescribeDocument => file.json.get("Document").filter(|document| matches!(document, Json::Object(_))).map(|_| whole(1)),
        // What a document says is refused in its own words where it says nothing.
        Answer::GetDocument => match file.json.get("Content") {
            Some(_) if document::preference(file, docket) => Some(whole(1)),
            Some(_) => return false,
            None => None,
        },
        Answer::BucketVersioning | Answer::BucketEncryption | Answer::ObjectLock => {
            Some(whole(i64::from(!matches!(&file.json, Json::Object(members) if members.is_empty()))))
        }
        Answer::LogGroups => file.json.get("logGroups").and_then(Json::items).map(|groups| whole(groups.len() as i64)),
    };
    let Some(named) = named else {
        docket.refuse(expected, Code::JsonUnexpected, "the answer lacks it");
        return false;
    };
    let detail = detail(file);
    let is_told = detail.as_ref().is_none_or(|detail| detail.len() <= DETAIL_CAP);
    if !is_told {
        docket.refuse_size("", "what the answer says", DETAIL_CAP);
    }
    let observation = Observation {
        subject: subject(file),
        complete: named.refused == 0 && is_told && has_every_page(&file.json),
        items: named.items,
        detail: detail.filter(|_| is_told),
        ..asked(&file.snapshot, &file.question, file.bytes, docket)
    };
    docket.fact(Fact::Observation(observation));
    true
}

/// The most that is kept of what an answer says beyond its items, in bytes: ten thousand log groups fit.
const DETAIL_CAP: usize = 16 << 20;

/// The document or bucket asked about; of a document's version, `<name>:<version>`.
fn subject(file: &AnswerFile<'_>) -> Option<String> {
    let named = match file.question.answer {
        Answer::GetDocument => return document::named(file).map(|(name, version)| format!("{name}:{version}")),
        Answer::DescribeDocument => file.json.filled(&["Document", "Name"]).filter(|name| name.len() <= FIELD_CAP),
        _ => None,
    };
    named.or(file.question.subject).map(str::to_owned)
}

fn detail(file: &AnswerFile<'_>) -> Option<String> {
    match file.question.answer {
        Answer::DescribeDocument => Some(document::described(file)),
        Answer::ListDocuments => {
            let mut detail = String::from("{\"documents\":[");
            for (index, document) in document::listed(&file.json)?.iter().enumerate() {
                let _infallible = write!(detail, "{}{document}", if index > 0 { "," } else { "" });
            }
            Some(detail + "]}")
        }
        Answer::BucketVersioning | Answer::BucketEncryption | Answer::ObjectLock | Answer::LogGroups => Some(file.json.to_string()),
        _ => None,
    }
}

/// Whether an answer holds every page.
fn has_every_page(answer: &Json<'_>) -> bool {
    ["NextToken", "nextToken"].into_iter().all(|key| match answer.get(key) {
        None | Some(Json::Null) => true,
        Some(Json::Text(token)) => token.is_empty(),
        Some(_) => false,
    })
}
