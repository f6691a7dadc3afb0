//! The words that stand for a period in what a report asks: `$start`, `$end_at` and their like. What takes their place are dates and moments that we have
//! worked out ourselves, never a text of the ledger.

use report::Kind;

use super::span::Span;

/// The words with what takes their place.
pub(super) fn words(kind: Kind, span: &Span) -> Vec<(&'static str, String)> {
    let date = |text: &str| format!("DATE '{text}'");
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let (this, first) = (&span.this.period, &span.first.period);
    // Over few violations no curve can be drawn: a week's looks back as far as its trends do.
    let cohort = if kind == Kind::Weekly { first } else { this };
    let before = span.before.as_ref().map(|before| &before.period);
    vec![
        ("kind", text(kind.period())),
        ("label", text(&this.label)),
        ("start", date(&this.starts_on)),
        ("before", before.map_or_else(|| "CAST(NULL AS DATE)".to_owned(), |before| date(&before.starts_on))),
        ("first", date(&first.starts_on)),
        ("start_at", text(&this.start_at.to_string())),
        ("end_at", text(&this.end_at.to_string())),
        // Before the first period nothing was alive: whatever ends ends before this.
        ("before_at", before.map_or_else(|| "'2200-01-01T00:00:00Z'".to_owned(), |before| text(&before.start_at.to_string()))),
        ("first_at", text(&first.start_at.to_string())),
        ("cohort_at", text(&cohort.start_at.to_string())),
    ]
}

/// The statement with every word replaced; one that nobody knows stays, and is then no SQL.
pub(super) fn bound(statement: &str, words: &[(&str, String)]) -> String {
    let mut sql = String::with_capacity(statement.len() + 256);
    let mut pieces = statement.split('$');
    sql.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.find(|letter: char| !(letter.is_ascii_lowercase() || letter == '_')).unwrap_or(piece.len());
        let (name, rest) = piece.split_at(end);
        match words.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => sql.push_str(value),
            None => {
                sql.push('$');
                sql.push_str(name);
            }
        }
        sql.push_str(rest);
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_replaced() {
        let words = [("start", "DATE '2026-07-06'".to_owned()), ("start_at", "'2026-07-06T00:00:00Z'".to_owned())];
        assert_eq!(bound("a = $start AND b<$start_at, $end", &words), "a = DATE '2026-07-06' AND b<'2026-07-06T00:00:00Z', $end");
        assert_eq!(bound("SELECT 1", &words), "SELECT 1");
    }
}
