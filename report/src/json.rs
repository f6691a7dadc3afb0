//! The whole report as JSON: exact values, under a schema with a version. Characters that act are written as `\uXXXX`, which means the same.

use std::fmt::Write;

use serde::Serialize;

use crate::Report;
use crate::inert::acts;

/// What the form is called. A reader that knows it may pass over names that it does not know; a form that would break it gets another number.
pub const SCHEMA: &str = "sessiontrail.report/1";

/// The report, with the name of its form before it.
#[derive(Serialize)]
struct Whole<'r> {
    schema: &'static str,
    title: String,
    #[serde(flatten)]
    report: &'r Report,
}

/// The whole report.
///
/// # Errors
/// Never: everything in it can be written as JSON.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&Whole { schema: SCHEMA, title: report.title(), report })?;
    text.push('\n');
    if !text.contains(|letter| letter != '\n' && acts(letter)) {
        return Ok(text);
    }
    // Outside of strings, line ends are all that acts; within them serde_json has escaped those of C0.
    let mut inert = String::with_capacity(text.len() + 64);
    for letter in text.chars() {
        if letter != '\n' && acts(letter) {
            // Every acting character lies in the basic plane, so that four digits hold it. Writing to a String cannot fail.
            let _ = write!(inert, "\\u{:04x}", u32::from(letter));
        } else {
            inert.push(letter);
        }
    }
    Ok(inert)
}
