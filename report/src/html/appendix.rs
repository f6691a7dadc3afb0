//! What stands behind the figures: definitions, the SQL that gives each, and what the report was made of.

use maud::{Markup, html};

use crate::inert::{SHOWN, shortened, visible};
use crate::{Report, Table};

/// What each KPI means.
pub(super) fn definitions(report: &Report) -> Markup {
    html! {
        section id="definitions" {
            h2 { "Definitions" }
            @for definition in &report.definitions {
                h3 id=(format!("def-{}", definition.id)) { code { (definition.id) } }
                p { (visible(&definition.question)) " In " (visible(&definition.unit)) "; a row for each " (definition.grain.join(", ")) "." }
                dl { @for (name, meaning) in &definition.columns { dt { code { (name) } } dd { (visible(meaning)) } } }
                @if !definition.caveats.is_empty() { p.note { (visible(&definition.caveats)) } }
            }
        }
    }
}

/// How to get each figure again.
pub(super) fn sql(report: &Report) -> Markup {
    html! {
        section id="sql" {
            h2 { "SQL of every figure" }
            p.note { "Ask " code { "sessiontrail query" } " with " code { "--as-of " (report.as_of) } ", the same policy and the same lake: the numbers are the same." }
            @for table in report.tables() { (statement(table)) }
        }
    }
}

fn statement(table: &Table) -> Markup {
    html! {
        h3 id=(format!("sql-{}", table.id)) { a href=(format!("#table-{}", table.id)) { (table.title) } }
        dl { @for column in &table.columns { @if !column.meaning.is_empty() { dt { code { (column.name) } } dd { (visible(&column.meaning)) } } } }
        pre { code { (table.sql.trim_end()) } }
    }
}

/// What the report was made of.
pub(super) fn made_of(report: &Report) -> Markup {
    html! {
        footer {
            @for (name, value) in &report.made_of { p { (visible(name)) ": " code { (shortened(value, SHOWN)) } } }
        }
    }
}
