//! A table, and its picture.

use maud::{Markup, PreEscaped, html};

use crate::chart;
use crate::inert::visible;
use crate::shown::shown;
use crate::{Chart, Table, Type, Unit};

/// The picture; nothing where there is nothing to draw.
pub(super) fn picture(told: &Chart, table: &Table) -> Markup {
    html! {
        @if let Some(svg) = chart::svg(told, table) {
            figure id=(format!("chart-{}", told.id)) {
                figcaption { (told.title) }
                // What is drawn is ours, and its words are escaped where they are drawn.
                div.chart role="img" aria-label=(told.title) { (PreEscaped(svg)) }
            }
        }
    }
}

/// The table, as much of it as can be read.
pub(super) fn table(table: &Table) -> Markup {
    html! {
        h3 id=(format!("table-{}", table.id)) { (table.title) }
        @if !table.note.is_empty() { p.note { (visible(&table.note)) } }
        @if table.rows.is_empty() {
            p { "Nothing." }
        } @else if table.drawn {
            p.more { "Drawn above; its " (table.rows.len()) " rows are in csv/" (table.id) ".csv." }
        } @else {
            div.wide { table {
                thead { tr { @for column in &table.columns { th class=[column.is.is_number().then_some("n")] title=(visible(&column.meaning)) { (Unit::title(&column.name)) } } } }
                tbody {
                    @for row in table.rows.iter().take(ROWS) {
                        tr {
                            @for (value, column) in row.iter().zip(&table.columns) {
                                @let told = shown(value, column.unit);
                                td class=(of(column.is, &told)) { (told) }
                            }
                        }
                    }
                }
            } }
        }
        p.more {
            @if table.rows.len() > ROWS && !table.drawn { "… and " (table.rows.len() - ROWS) " more in csv/" (table.id) ".csv · " }
            @if !table.definition.is_empty() { a href=(format!("#def-{}", table.definition)) { "definition" } " · " }
            a href=(format!("#sql-{}", table.id)) { "SQL" }
        }
    }
}

/// How a cell is set: numbers flush right, what is short on one line, texts on as many as they need.
fn of(is: Type, told: &str) -> &'static str {
    if is.is_number() {
        "n"
    } else if matches!(is, Type::Date | Type::Instant | Type::Boolean) || told.chars().count() <= NEVER_BROKEN {
        "d"
    } else if told.chars().count() <= SHORT {
        "k"
    } else {
        "t"
    }
}

/// Letters of a text that stays on one line on a screen, and on paper too.
const SHORT: usize = 24;
const NEVER_BROKEN: usize = 12;

/// Rows that are shown; CSV has all of them.
const ROWS: usize = 25;
