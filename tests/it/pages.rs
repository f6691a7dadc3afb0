//! Pages that are made from the code, so that they cannot be out of date. `UPDATE=1 cargo test pages` writes them anew.

use std::fmt::Write as _;

use schemas::{Code, Kind, Table, table};

use crate::support::python::root;

#[test]
fn tables() {
    let mut page = String::from(
        "# Tables\n\nMade from the code by `UPDATE=1 cargo test pages`. Times are UTC, in microseconds. *Stored* tables are Delta tables in the lake; *said* ones are worked out when they \
         are asked, from what is stored, the policy and `as_of`.\n",
    );
    page.push_str("\n## Said\n");
    for said in [
        &table::SESSIONS,
        &table::CALENDAR,
        &table::ASSESSED_OBSERVATIONS,
        &table::ASSESSED_INSTANCES,
        &table::SOURCE_REACH,
        &table::IDLE_SPELLS,
        &table::INSTANCE_SPELLS,
        &table::DOCUMENT_SPELLS,
        &table::DESTINATION_SPELLS,
        &table::ACKNOWLEDGEMENTS,
        &table::POLICY_TIERS,
        &table::PRICES,
        &table::COLUMNS,
    ] {
        section(&mut page, said);
    }
    page.push_str("\n## Views and KPIs\n\nEach is one SQL file under `queries/`, with its proof beside it.\n");
    for query in queries::VIEWS.iter().chain(queries::find("findings")).chain(queries::KPIS.iter()) {
        view(&mut page, query);
    }
    page.push_str("\n## Rules of the findings\n\nEach is a view as well, with the columns below; [rulings.md](rulings.md) says how the contract is read.\n\n| rule's view | what it asks |\n|---|---|\n");
    for rule in queries::FINDINGS.iter().filter(|rule| rule.id != "findings") {
        let _ = writeln!(page, "| `{}` | {} {} |", rule.id, rule.question, rule.caveats);
    }
    section(&mut page, &table::SHOWN);
    page.push_str(
        "\n## Stored\n\nOf `events` and `gaps`, SQL sees under these names the views above; what is stored is there as `event_copies` and `gap_notes`.\n",
    );
    for stored in table::STORED {
        section(&mut page, stored);
    }
    page.push_str("\n## Codes of rejects\n\n");
    for code in Code::ALL {
        let _ = writeln!(page, "* `{code}`: {}", code.meaning());
    }
    check("docs/tables.md", &page);
}

fn section(page: &mut String, table: &Table) {
    let _ = write!(page, "\n### `{}`\n\n{}\n\n| column | type | null | meaning |\n|---|---|---|---|\n", table.name, table.doc);
    for column in table.columns {
        let kind = match column.kind {
            Kind::Text => "text",
            Kind::Integer => "bigint",
            Kind::Double => "double",
            Kind::Boolean => "boolean",
            Kind::Instant => "timestamp",
            Kind::Date => "date",
            Kind::Instants => "timestamp[]",
            Kind::Texts => "text[]",
        };
        let _ = writeln!(page, "| {} | {kind} | {} | {} |", column.name, if column.nullable { "yes" } else { "" }, column.doc.replace('|', "\\|"));
    }
}

fn view(page: &mut String, query: &queries::Query) {
    let _ = write!(
        page,
        "\n### `{}`\n\n{} In {}; a row for each {}.\n\n| column | meaning |\n|---|---|\n",
        query.id,
        query.question,
        query.unit,
        query.grain.join(", ")
    );
    for (name, meaning) in &query.columns {
        let _ = writeln!(page, "| {name} | {} |", meaning.replace('|', "\\|"));
    }
    if !query.caveats.is_empty() {
        let _ = writeln!(page, "\n{}", query.caveats);
    }
}

fn check(file: &str, made: &str) {
    let path = root().join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, made).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "{file} is out of date: run UPDATE=1 cargo test pages");
}
