//! A notice: some findings, as the document that is sent, and as a text for people.
//!
//! Whatever is in the findings, a document stays below what SNS takes ([`Notice::document`]): a finding that is long loses its detail, and one that is still
//! long has its texts cut; both are told in its `cut`.

use schemas::computed_id;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::inert::{quoted, subject};
use crate::message::Message;

/// The form of a document, with its version: a greater number where a field is taken away or means something else.
pub const SCHEMA: &str = "sessiontrail.notice/1";

/// Findings of one notice.
pub const MOST_FINDINGS: usize = 20;

/// What was found, as the table `findings` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Computed; the same for the same finding. It names its subject, and so can hold whatever somebody wrote there.
    pub finding_id: String,
    /// Such as `PREFS-CHANGED`.
    pub rule: String,
    /// `high`, `medium` or `low`.
    pub severity: String,
    /// `certain` or `suspected`.
    pub certainty: String,
    /// The account.
    pub account_id: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// What the subject is.
    pub subject_kind: Option<String>,
    /// Of what it was found.
    pub subject: Option<String>,
    /// The session, where there is one.
    pub session_id: Option<String>,
    /// The tier of the policy.
    pub tier: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// Since when.
    pub opened_at: String,
    /// Until when; a finding can be over by the time that it becomes known.
    pub closed_at: Option<String>,
    /// What ended it.
    pub closed_by: Option<String>,
    /// More of it, as JSON.
    pub detail: Option<String>,
    /// Controls of standards that it touches.
    pub controls: Option<String>,
}

/// Some findings that are sent together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The moment of the ledger that found them.
    pub as_of: String,
    /// At most [`MOST_FINDINGS`], or the document can outgrow what a channel takes.
    pub findings: Vec<Finding>,
}

impl Notice {
    /// What channels carry.
    #[must_use]
    pub fn message(&self) -> Message {
        Message { document: self.document(), subject: self.subject(), digest: self.digest() }
    }

    /// The document: JSON with the fields `schema`, `text`, `as_of` and `findings`.
    #[must_use]
    pub fn document(&self) -> String {
        let findings: Vec<Map<String, Value>> = self.findings.iter().map(fitted).collect();
        json!({ "schema": SCHEMA, "text": self.text(), "as_of": self.as_of, "findings": findings }).to_string()
    }

    /// For people: a line that counts, and a line for each finding.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.findings.iter().map(line);
        std::iter::once(format!("sessiontrail: {}, as of {}", self.counted(), self.as_of)).chain(lines).collect::<Vec<_>>().join("\n")
    }

    /// For the head of a mail.
    #[must_use]
    pub fn subject(&self) -> String {
        match self.findings.as_slice() {
            [one] => {
                let of = one.subject.as_deref().or(one.session_id.as_deref()).unwrap_or_default();
                subject(&format!("sessiontrail: {} {} {of}", one.severity, one.rule))
            }
            _ => subject(&format!("sessiontrail: {}", self.counted())),
        }
    }

    /// The same for the same findings.
    #[must_use]
    pub fn digest(&self) -> String {
        computed_id(&self.findings.iter().map(|finding| finding.finding_id.as_bytes()).collect::<Vec<_>>())
    }

    fn counted(&self) -> String {
        let of = |severity: &str| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let severities = ["high", "medium", "low"].map(|severity| (of(severity), severity));
        let severities: Vec<String> = severities.iter().filter(|(count, _)| *count > 0).map(|(count, severity)| format!("{count} {severity}")).collect();
        let findings = if self.findings.len() == 1 { "finding" } else { "findings" };
        let severities = if severities.is_empty() { String::new() } else { format!(" ({})", severities.join(", ")) };
        format!("{} new {findings}{severities}", self.findings.len())
    }
}

fn line(finding: &Finding) -> String {
    let of = finding.subject.as_deref().or(finding.session_id.as_deref()).unwrap_or_default();
    let mut line = format!("{} {} {}", word(&finding.severity), word(&finding.rule), quoted(of));
    let mut say = |before: &str, value: &Option<String>| {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            line.push_str(before);
            line.push_str(&quoted(value));
        }
    };
    say(" in ", &finding.account_id);
    say(" ", &finding.region);
    say(", tier ", &finding.tier);
    say(", owner ", &finding.owner);
    line.push_str(", since ");
    line.push_str(&word(&finding.opened_at));
    if let Some(closed_at) = &finding.closed_at {
        line.push_str(" until ");
        line.push_str(&word(closed_at));
    }
    if finding.certainty != "certain" {
        line.push_str(" (");
        line.push_str(&word(&finding.certainty));
        line.push(')');
    }
    line
}

/// A word that sessiontrail makes itself: letters, digits and `-:.+_`, and nothing else whoever made it.
fn word(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-:.+_".contains(*letter)).take(40).collect()
}

/// A finding as it is sent, no longer than it may be.
fn fitted(finding: &Finding) -> Map<String, Value> {
    let mut cut: Vec<String> = Vec::new();
    // A struct of texts becomes an object.
    let Ok(Value::Object(mut sent)) = serde_json::to_value(finding) else { return Map::new() };
    if let Some(detail) = &finding.detail {
        // It is JSON within a text in the lake; here it is JSON.
        sent.insert("detail".to_owned(), serde_json::from_str(detail).unwrap_or_else(|_| Value::from(detail.as_str())));
    }
    if length(&sent) > FINDING_BYTES && sent.insert("detail".to_owned(), Value::Null) != Some(Value::Null) {
        cut.push("detail".to_owned());
    }
    if length(&sent) > FINDING_BYTES {
        for (name, value) in &mut sent {
            let most = if name == "finding_id" { CUT_ID } else { CUT };
            if let Value::String(text) = value
                && let Some((end, _)) = text.char_indices().nth(most)
            {
                text.truncate(end);
                cut.push(name.clone());
            }
        }
    }
    if !cut.is_empty() {
        sent.insert("cut".to_owned(), Value::from(cut));
    }
    sent
}

fn length(sent: &Map<String, Value>) -> usize {
    serde_json::to_string(sent).map_or(usize::MAX, |text| text.len())
}

/// The longest finding that is sent as it is. Twenty of them and their text are far below the 256 KiB that SNS takes.
const FINDING_BYTES: usize = 4 << 10;
/// Characters that are left of the texts of one that is longer.
const CUT: usize = 64;
/// And of its id, which names it.
const CUT_ID: usize = 256;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::sns::MOST_BYTES;

    pub(crate) fn finding(id: &str) -> Finding {
        let text = |text: &str| Some(text.to_owned());
        Finding {
            finding_id: id.to_owned(),
            rule: "SESSION-OVER-MAX".to_owned(),
            severity: "high".to_owned(),
            certainty: "certain".to_owned(),
            account_id: text("111122223333"),
            region: text("eu-central-1"),
            subject_kind: text("session"),
            subject: text("jane-0a1b2c3d4e5f60718"),
            session_id: text("jane-0a1b2c3d4e5f60718"),
            tier: text("default"),
            owner: None,
            opened_at: "2026-07-06T17:00:00.000000Z".to_owned(),
            closed_at: None,
            closed_by: None,
            detail: text(r#"{"limit_seconds":28800}"#),
            controls: text("AC-12"),
        }
    }

    fn notice(findings: Vec<Finding>) -> Notice {
        Notice { as_of: "2026-07-06T18:00:00Z".to_owned(), findings }
    }

    #[test]
    fn a_document_says_what_it_is_and_all_that_was_found() {
        let sent: Value = serde_json::from_str(&notice(vec![finding("f1")]).document()).unwrap();
        assert_eq!(sent["schema"], "sessiontrail.notice/1");
        assert_eq!(
            sent["text"],
            "sessiontrail: 1 new finding (1 high), as of 2026-07-06T18:00:00Z\n\
             high SESSION-OVER-MAX `jane-0a1b2c3d4e5f60718` in `111122223333` `eu-central-1`, tier `default`, since 2026-07-06T17:00:00.000000Z"
        );
        let found = &sent["findings"][0];
        assert_eq!((&found["finding_id"], &found["owner"], &found["detail"]["limit_seconds"]), (&json!("f1"), &Value::Null, &json!(28_800)));
        assert_eq!(found.as_object().unwrap().len(), 16, "{found}");
    }

    #[test]
    fn several_are_counted_and_what_is_over_or_suspected_says_so() {
        let over =
            Finding { closed_at: Some("2026-07-06T17:30:00Z".to_owned()), certainty: "suspected".to_owned(), severity: "low".to_owned(), ..finding("f2") };
        let notice = notice(vec![finding("f1"), over]);
        assert_eq!(notice.subject(), "sessiontrail: 2 new findings (1 high, 1 low)");
        assert!(notice.text().ends_with("since 2026-07-06T17:00:00.000000Z until 2026-07-06T17:30:00Z (suspected)"), "{}", notice.text());
    }

    #[test]
    fn whatever_is_in_it_a_document_stays_below_what_sns_takes() {
        for hostile in ["x", "\u{1b}", "\u{1f642}", "\"\\", "\u{202e}"] {
            let long = hostile.repeat(10_000);
            let all = || Some(long.clone());
            let worst = |number: usize| Finding {
                rule: long.clone(),
                severity: long.clone(),
                certainty: long.clone(),
                account_id: all(),
                region: all(),
                subject_kind: all(),
                subject: all(),
                session_id: all(),
                tier: all(),
                owner: all(),
                opened_at: long.clone(),
                closed_at: all(),
                closed_by: all(),
                detail: all(),
                controls: all(),
                ..finding(&format!("{number:064}{long}"))
            };
            let notice = notice((0..MOST_FINDINGS).map(worst).collect());
            let document = notice.document();
            assert!(document.len() < MOST_BYTES, "{} bytes of {hostile:?}", document.len());
            let sent: Value = serde_json::from_str(&document).unwrap();
            assert!(sent["findings"][19]["finding_id"].as_str().unwrap().starts_with(&format!("{:064}", 19)));
            assert!(sent["findings"][0]["cut"].as_array().unwrap().iter().any(|name| name == "detail"));
            assert!(notice.subject().len() < 100);
        }
        let chatty = Finding { detail: Some(format!("{{\"said\":\"{}\"}}", "x".repeat(5_000))), ..finding("f1") };
        let sent: Value = serde_json::from_str(&notice(vec![chatty]).document()).unwrap();
        assert_eq!((&sent["findings"][0]["cut"], &sent["findings"][0]["detail"]), (&json!(["detail"]), &Value::Null));
        assert_eq!(sent["findings"][0]["session_id"], "jane-0a1b2c3d4e5f60718", "the rest of it is whole");
    }

    #[test]
    fn hostile_texts_make_no_lines_no_fields_and_no_mentions() {
        let hostile = Finding {
            subject: Some("x\",\"schema\":\"y\nhigh PREFS-CHANGED <!channel> `@here`\u{1b}[2J".to_owned()),
            severity: "high\n<!here>".to_owned(),
            ..finding("f1")
        };
        let notice = notice(vec![hostile.clone()]);
        let sent: Value = serde_json::from_str(&notice.document()).unwrap();
        assert_eq!((sent["schema"].as_str(), sent.as_object().unwrap().len()), (Some(SCHEMA), 4));
        assert_eq!(sent["findings"][0]["subject"].as_str(), hostile.subject.as_deref(), "the exact value is in the data");
        let text = sent["text"].as_str().unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(!text.contains(['<', '>', '\u{1b}']) && text.matches('`').count().is_multiple_of(2), "{text}");
        assert!(notice.subject().bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{}", notice.subject());
    }

    #[test]
    fn the_digest_is_of_the_findings() {
        let of = |ids: &[&str]| notice(ids.iter().map(|id| finding(id)).collect()).digest();
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert!(of(&["a", "b"]) != of(&["ab"]) && of(&["a"]) != of(&["b"]));
    }
}
