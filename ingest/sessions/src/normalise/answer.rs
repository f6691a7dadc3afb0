//! One answer of an account snapshot: that it was given, whether it was whole, and what it names.

use std::fmt::Write as _;

use schemas::{Answer, Code, Observation, sha256_hex};

use super::{document, fleet, listing};
use crate::decode::{AnswerFile, Docket, Fact, Json};

/// An answer that lacks what its question asks for is refused: then nothing was answered, which is not the same as "none".
pub(super) fn answer(file: &AnswerFile<'_>, docket: &mut Docket<'_>) {
    let is_list_of_records = matches!(file.question.answer, Answer::SessionsActive | Answer::SessionsHistory | Answer::Instances | Answer::InstanceInformation);
    if let Some(key) = file.json.duplicate_key().filter(|_| !is_list_of_records) {
        return docket.refuse("", Code::JsonDuplicateKey, format!("the key {key:?} stands twice"));
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
    let items = match file.question.answer {
        Answer::SessionsActive | Answer::SessionsHistory => listing::sessions(file, docket),
        Answer::Instances => fleet::instances(file, docket),
        Answer::InstanceInformation => fleet::nodes(file, docket),
        Answer::ListDocuments => document::listed(&file.json).map(|documents| documents.len() as i64),
        Answer::DescribeDocument => file.json.get("Document").filter(|document| matches!(document, Json::Object(_))).map(|_| 1),
        // What a document says is refused in its own words where it says nothing.
        Answer::GetDocument => match file.json.get("Content") {
            Some(_) if document::preference(file, docket) => Some(1),
            Some(_) => return,
            None => None,
        },
        Answer::BucketVersioning | Answer::BucketEncryption | Answer::ObjectLock => {
            Some(i64::from(!matches!(&file.json, Json::Object(members) if members.is_empty())))
        }
        Answer::LogGroups => file.json.get("logGroups").and_then(Json::items).map(|groups| groups.len() as i64),
    };
    let Some(items) = items else {
        return docket.refuse(expected, Code::JsonUnexpected, "the answer lacks it");
    };
    docket.fact(Fact::Observation(Observation {
        account_id: file.snapshot.account_id.to_owned(),
        region: file.snapshot.region.to_owned(),
        observed_at: file.snapshot.observed_at,
        answer: file.question.answer,
        subject: subject(file),
        complete: is_complete(&file.json),
        items,
        detail: detail(file),
        source: docket.object.source.clone(),
        object: docket.object.key.clone(),
        sha256: sha256_hex(file.bytes),
    }));
}

/// The document or bucket asked about; of a document's version, `<name>:<version>`.
fn subject(file: &AnswerFile<'_>) -> Option<String> {
    let named = match file.question.answer {
        Answer::GetDocument => return document::named(file).map(|(name, version)| format!("{name}:{version}")),
        Answer::DescribeDocument => file.json.filled(&["Document", "Name"]),
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
fn is_complete(answer: &Json<'_>) -> bool {
    ["NextToken", "nextToken"].into_iter().all(|key| match answer.get(key) {
        None | Some(Json::Null) => true,
        Some(Json::Text(token)) => token.is_empty(),
        Some(_) => false,
    })
}
