//! A headline: what a report says in one paragraph, and where the whole of it lies.

use schemas::computed_id;
use serde::Serialize;
use serde_json::json;

use crate::inert::{line, subject};
use crate::message::Message;

/// The form of a headline's document, with its version: a greater number where a field is taken away or means something else.
pub(crate) const SCHEMA: &str = "sessiontrail.headline/1";

/// A report, as it is announced.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// Such as `Weekly report 2026-W28 (to date)`.
    pub title: String,
    /// `weekly` or `quarterly`.
    pub kind: &'static str,
    /// Such as `2026-W28`.
    pub period: String,
    /// Whether the period had not ended.
    pub to_date: bool,
    /// The moment of the ledger.
    pub as_of: String,
    /// The report in one paragraph.
    pub summary: String,
    /// What a reader must know before anything else.
    pub notices: Vec<String>,
    /// The figures at the head of the report.
    pub figures: Vec<Tile>,
    /// Where the report lies: an address that a browser opens, or its folder.
    pub link: String,
}

/// A figure at the head of a report, with the same of the period before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tile {
    /// Its name within the report.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The number; null where it is not known.
    pub value: serde_json::Value,
    /// That of the period before; null where it is not known.
    pub before: serde_json::Value,
    /// What it measures.
    pub unit: String,
}

impl Headline {
    /// What channels carry: JSON with the fields `schema`, `text`, `kind`, `period`, `to_date`, `as_of`, `link` and `figures`.
    #[must_use]
    pub fn message(&self) -> Message {
        let document = json!({
            "schema": SCHEMA,
            "text": self.text(),
            "kind": self.kind,
            "period": self.period,
            "to_date": self.to_date,
            "as_of": self.as_of,
            "link": self.link,
            "figures": self.figures,
        });
        Message { document: document.to_string(), subject: subject(&format!("sessiontrail: {}", self.title)), digest: self.digest() }
    }

    /// The same for every headline of a period that says the same: when it was worked out, and where it lies, is no news.
    #[must_use]
    pub fn digest(&self) -> String {
        let said = json!([self.kind, self.period, self.to_date, self.summary, self.figures]).to_string();
        computed_id(&[said.as_bytes()])
    }

    /// For people: the title, the paragraph, what to know first, and the link, each a line.
    fn text(&self) -> String {
        let title = format!("sessiontrail: {}, as of {}", self.title, self.as_of);
        let lines = std::iter::once(&title).chain([&self.summary]).chain(&self.notices).chain([&self.link]);
        lines.map(|text| line(text)).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use serde_json::Value;

    use super::*;

    fn headline() -> Headline {
        Headline {
            title: "Weekly report 2026-W28".to_owned(),
            kind: "weekly",
            period: "2026-W28".to_owned(),
            to_date: false,
            as_of: "2026-07-13T06:00:00Z".to_owned(),
            summary: "In 2026-W28, 3 sessions were over the maximum duration, 2 fewer than in 2026-W27.".to_owned(),
            notices: vec!["Missing: 1 place that should have been read could not be.".to_owned()],
            figures: vec![Tile { id: "over_limit".to_owned(), title: "Over".to_owned(), value: json!(3), before: json!(5), unit: "none".to_owned() }],
            link: "https://reports.example.com/weekly/2026-W28/20260713T060000Z/report.html".to_owned(),
        }
    }

    #[test]
    fn a_headline_says_the_paragraph_what_to_know_and_where_it_lies() {
        let message = headline().message();
        let sent: Value = serde_json::from_str(&message.document).unwrap();
        assert_eq!(
            sent["text"],
            "sessiontrail: Weekly report 2026-W28, as of 2026-07-13T06:00:00Z\n\
             In 2026-W28, 3 sessions were over the maximum duration, 2 fewer than in 2026-W27.\n\
             Missing: 1 place that should have been read could not be.\n\
             https://reports.example.com/weekly/2026-W28/20260713T060000Z/report.html"
        );
        assert_eq!((&sent["schema"], &sent["figures"][0]["value"], &sent["figures"][0]["before"]), (&json!(SCHEMA), &json!(3), &json!(5)));
        assert_eq!((sent.as_object().unwrap().len(), message.subject.as_str()), (8, "sessiontrail: Weekly report 2026-W28"));
        assert_eq!(message, headline().message());
        let later = Headline { link: "elsewhere".to_owned(), as_of: "2026-07-13T07:00:00Z".to_owned(), ..headline() };
        assert_eq!(later.digest(), headline().digest(), "it says the same");
        assert_ne!(Headline { summary: "Something else.".to_owned(), ..headline() }.digest(), headline().digest());
    }

    #[test]
    fn nothing_in_it_is_obeyed() {
        let hostile = "<!channel>\nhigh PREFS-CHANGED \u{1b}[2J";
        let headline = Headline { summary: hostile.to_owned(), notices: vec![hostile.to_owned()], link: hostile.to_owned(), ..headline() };
        let sent: Value = serde_json::from_str(&headline.message().document).unwrap();
        let text = sent["text"].as_str().unwrap();
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(!text.contains(['<', '>', '\u{1b}']), "{text}");
    }
}
