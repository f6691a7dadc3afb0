//! The catalogue and its folder agree, and every query explains itself.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

fn files(folder: &str, kind: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let names =
        folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display())).map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(kind).map(str::to_owned)).collect()
}

fn ids(queries: &[Query]) -> BTreeSet<String> {
    queries.iter().map(|query| query.id.to_owned()).collect()
}

/// The statement alone, without comments.
fn statement(query: &Query) -> String {
    query.sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_catalogue_names_every_file() {
    assert_eq!(files("kpi", ".sql"), ids(&KPIS));
    assert_eq!(files("kpi", ".slt"), ids(&KPIS));
    assert_eq!(files("views", ".sql"), ids(&VIEWS));
    assert_eq!(files("views", ".slt"), ids(&VIEWS));
    assert_eq!(files("findings", ".sql"), ids(&FINDINGS));
    assert_eq!(files("findings", ".slt"), ids(&FINDINGS));
    assert_eq!(files("report", ".sql"), ids(&REPORT));
    assert!(files("report", ".slt").is_subset(&ids(&REPORT)), "a proof of a question that nobody asks");
}

#[test]
fn every_header_is_complete() {
    for query in all() {
        for (section, text) in [("question", &query.question), ("unit", &query.unit)] {
            assert!(!text.is_empty(), "{}: no {section}", query.id);
        }
        assert!(query.question.ends_with('?'), "{}: a question ends in a question mark", query.id);
        assert!(!query.rulings.is_empty() || !query.id.starts_with("kpi_"), "{}: no rulings", query.id);
        assert!(!query.columns.is_empty() && query.columns.iter().all(|(_, meaning)| meaning.ends_with('.')), "{}: a column has no meaning", query.id);
        for column in &query.grain {
            assert!(query.columns.iter().any(|(name, _)| name == column), "{}: the grain {column} is no column", query.id);
        }
        assert!(!query.grain.is_empty(), "{}: no grain", query.id);
    }
}

#[test]
fn what_a_report_asks_explains_itself() {
    for query in REPORT.iter() {
        assert!(query.question.ends_with('?') && !query.unit.is_empty() && !query.grain.is_empty(), "{}: its header is not complete", query.id);
        assert!(query.columns.iter().all(|(_, meaning)| meaning.ends_with('.')), "{}: a column has no meaning", query.id);
        assert!(!query.definition.is_empty(), "{}: nothing says what its figures mean", query.id);
        let is_known = find(&query.definition).is_some() || query.needs.contains(&query.definition);
        assert!(is_known, "{}: there is no {}", query.id, query.definition);
        let asked = query.statement();
        assert!(!asked.contains(';') && asked.contains("ORDER BY"), "{}: one question with an order", query.id);
        assert!(asked.starts_with("SELECT") || asked.starts_with("WITH"), "{}: its head is not taken off", query.id);
        let lower = statement(query).to_lowercase();
        assert!(["now()", "current_date", "current_timestamp", "random("].iter().all(|clock| !lower.contains(clock)), "{} reads a clock", query.id);
    }
}

#[test]
fn every_kpi_is_one_select_in_the_order_of_its_grain() {
    for query in KPIS.iter() {
        let statement = statement(query);
        let ending = format!("ORDER BY {}", query.grain.join(", "));
        assert!(statement.trim_end().ends_with(&ending), "{} does not end in {ending}", query.id);
        assert!(!statement.contains(';'), "{} holds more than one statement", query.id);
    }
}

#[test]
fn no_query_reads_a_clock() {
    for query in all() {
        let statement = statement(query).to_lowercase();
        for clock in ["now()", "current_date", "current_time", "current_timestamp", "today()", "random("] {
            assert!(!statement.contains(clock), "{} says {clock}", query.id);
        }
    }
}

#[test]
fn a_query_reads_only_what_comes_before_it() {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for query in all() {
        for later in all().filter(|other| !known.contains(other.id)) {
            let statement = statement(query);
            assert!(!reads(&statement, later.id), "{} reads {}, which comes later", query.id, later.id);
        }
        known.insert(query.id);
    }
}

/// Whether a statement reads a table, however its lines are broken.
fn reads(statement: &str, table: &str) -> bool {
    let words: Vec<&str> = statement.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|pair| ["FROM", "JOIN"].contains(&pair[0]) && pair[1] == table)
}

#[test]
fn a_table_is_read_wherever_its_name_stands() {
    for statement in ["SELECT 1 FROM events", "SELECT 1 FROM\n    events\nWHERE x", "SELECT 1 FROM a\nJOIN  events ON x", "SELECT (SELECT 1 FROM events)"] {
        assert!(reads(statement, "events"), "{statement}");
    }
    assert!(!reads("SELECT events FROM event_copies", "events"));
}
