//! Every layout names what there is, and every question of a report is one that the engine understands.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeSet;

use report::{Kind, Period};
use schemas::Timestamp;

use super::bound::{bound, words};
use super::layout::Layout;
use super::span::{Bounds, Span};
use crate::engine::tests::engine;

fn bounds(label: &str, starts_on: &str, days: i32, ends_on: &str) -> Bounds {
    let at = |date: &str| Timestamp::parse(&format!("{date}T00:00:00Z")).unwrap();
    let period = Period { label: label.to_owned(), starts_on: starts_on.to_owned(), start_at: at(starts_on), end_at: at(ends_on), to_date: false };
    Bounds { period, starts_on: days }
}

fn span(with_before: bool) -> Span {
    let before = bounds("2026-W27", "2026-06-29", 20_633, "2026-07-06");
    Span { this: bounds("2026-W28", "2026-07-06", 20_640, "2026-07-13"), before: with_before.then(|| before.clone()), first: before }
}

#[test]
fn layouts_name_what_there_is() {
    let mut asked = BTreeSet::new();
    for kind in [Kind::Weekly, Kind::Quarterly] {
        let layout = Layout::of(kind);
        let mut ids = BTreeSet::new();
        for part in layout.parts {
            assert!(ids.insert(part.id), "{} stands twice", part.id);
            for (id, _) in part.tables {
                assert!(queries::REPORT.iter().any(|question| question.id == *id), "there is no question {id}");
                assert!(ids.insert(id) || part.id == *id, "{id} stands twice");
                asked.insert(*id);
            }
            for picture in part.charts {
                assert!(part.tables.iter().any(|(id, _)| *id == picture.table), "{} draws a table of another section", picture.id);
            }
        }
        for headline in layout.figures {
            assert!(ids.contains(headline.table), "{} stands in no table", headline.id);
        }
    }
    let all: BTreeSet<&str> = queries::REPORT.iter().map(|question| question.id).collect();
    assert_eq!(asked, all, "every question is asked in some report");
}

#[tokio::test]
async fn every_question_is_understood_and_names_its_key() {
    let engine = engine();
    for (kind, with_before) in [(Kind::Weekly, true), (Kind::Quarterly, false)] {
        for question in queries::REPORT.iter().filter(|question| question.needs.iter().all(|table| engine.knows(table))) {
            let sql = bound(question.statement(), &words(kind, &span(with_before)));
            assert!(!sql.contains('$'), "{}: a word is not known: {sql}", question.id);
            let answer = engine.ask(&sql).await.unwrap_or_else(|error| panic!("{}: {error:?}", question.id));
            for column in question.grain.iter().chain(question.columns.iter().map(|(name, _)| name)) {
                assert!(answer.schema().field_with_name(column).is_ok(), "{}: there is no column {column}", question.id);
            }
        }
    }
}
