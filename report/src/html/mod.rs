//! The report as one page of HTML with nothing beside it: for a browser, a mail client, a phone, paper and the dark.
//!
//! It holds no script, no attribute `style`, and no address but anchors of its own. Whatever is not a word of ours goes through maud, which escapes it.

mod answer;
mod appendix;
mod style;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::inert::visible;
use crate::shown::{change, shown, to_the_second};
use crate::{Figure, Report, Section, Tendency};

/// The page.
#[must_use]
pub fn html(report: &Report) -> String {
    let title = report.title();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(style::policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { "sessiontrail: " (title) }
                style { (PreEscaped(style::STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    p.when { (when(report)) }
                    @if !report.notices.is_empty() {
                        ul.notices { @for notice in &report.notices { li { (visible(&notice.text)) } } }
                    }
                    p.summary { (visible(&report.summary)) }
                }
                main {
                    (tiles(report))
                    nav { ul {
                        @for section in &report.sections { li { a href=(format!("#part-{}", section.id)) { (section.title) } } }
                        li { a href="#definitions" { "Definitions" } }
                        li { a href="#sql" { "SQL" } }
                    } }
                    @for told in &report.sections { (section(told)) }
                    (appendix::definitions(report))
                    (appendix::sql(report))
                }
                (appendix::made_of(report))
            }
        }
    };
    page.into_string()
}

fn when(report: &Report) -> String {
    let before = report.before.as_ref().map_or_else(String::new, |before| format!(" · compared with {}", before.label));
    format!("{}, {} · as of {}{before}", report.period.days(), visible(&report.timezone), to_the_second(&report.as_of.to_string()))
}

fn tiles(report: &Report) -> Markup {
    html! {
        div.tiles { @for figure in &report.figures { (tile(report, figure)) } }
    }
}

fn tile(report: &Report, figure: &Figure) -> Markup {
    let definition = report.table(&figure.table).map_or("", |table| &table.definition);
    html! {
        div.tile {
            div.name { a href=(format!("#def-{definition}")) { (figure.title) } }
            div.value { (shown(&figure.value, figure.unit)) }
            @if let Some((size, said)) = change(&figure.value, &figure.before, figure.unit) {
                div.change { span class=(mood(figure.better, size)) { (said) } " · " span.whole { "was " (shown(&figure.before, figure.unit)) } }
            } @else {
                div.change.even { "nothing to compare with" }
            }
            div.detail {
                @for detail in &figure.details { span.whole { (detail.title) " " (shown(&detail.value, detail.unit)) } " · " }
                a href=(format!("#sql-{}", figure.table)) { "SQL" }
            }
        }
    }
}

fn mood(better: Tendency, size: f64) -> &'static str {
    let is_good = match better {
        Tendency::Less => size < 0.0,
        Tendency::More => size > 0.0,
        Tendency::Neither => return "even",
    };
    if size == 0.0 {
        "even"
    } else if is_good {
        "good"
    } else {
        "bad"
    }
}

fn section(section: &Section) -> Markup {
    html! {
        section id=(format!("part-{}", section.id)) {
            h2 { (section.title) }
            @if !section.note.is_empty() { p.note { (visible(&section.note)) } }
            @if !section.charts.is_empty() {
                div.charts {
                    @for chart in &section.charts {
                        @if let Some(table) = section.tables.iter().find(|table| table.id == chart.table) { (answer::picture(chart, table)) }
                    }
                }
            }
            @for table in &section.tables { (answer::table(table)) }
        }
    }
}
