//! A table, and its picture.

use maud::{Markup, PreEscaped, html};

use crate::chart;
use crate::inert::visible;
use crate::shown::shown;
use crate::{Chart, Column, Table, Type, Unit};

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
        h3 id=(table.id) { (table.title) }
        @if !table.note.is_empty() { p.note { (visible(&table.note)) } }
        @if table.rows.is_empty() {
            p { "Nothing." }
        } @else {
            div.wide { table {
                thead { tr { @for column in &table.columns { th class=[of(column)] title=(visible(&column.meaning)) { (Unit::title(&column.name)) } } } }
                tbody {
                    @for row in table.rows.iter().take(ROWS) {
                        tr { @for (value, column) in row.iter().zip(&table.columns) { td class=[of(column)] { (shown(value, column.unit)) } } }
                    }
                }
            } }
        }
        p.more {
            @if table.rows.len() > ROWS { "… and " (table.rows.len() - ROWS) " more in csv/" (table.id) ".csv · " }
            @if !table.definition.is_empty() { a href=(format!("#def-{}", table.definition)) { "definition" } " · " }
            a href=(format!("#sql-{}", table.id)) { "SQL" }
        }
    }
}

fn of(column: &Column) -> Option<&'static str> {
    match column.is {
        Type::Integer | Type::Double => Some("n"),
        Type::Text => Some("t"),
        _ => None,
    }
}

/// Rows that are shown; CSV has all of them.
const ROWS: usize = 25;
