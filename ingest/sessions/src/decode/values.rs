//! JSON texts of either shape, value by value: what is whole is handed on, what is not is refused with its place.

use schemas::Code;

use super::docket::Docket;
use super::json::Json;
use super::scan::{self, Broken};
use super::shape::{HEAD, Shape, shape};
use super::text::{LINE_CAP, Line, RECORD_CAP, Text};

/// A value that ends before its end, and the place within it.
pub(super) struct Torn {
    pub(super) place: String,
    pub(super) broken: Broken,
}

/// Reads the value that begins at a byte of a text; tells where it ends. The place is where the value stands, empty for the whole.
pub(super) type ReadValue<'v> = dyn FnMut(&[u8], usize, &str, &mut Docket<'_>) -> Result<usize, Torn> + 'v;

impl From<Broken> for Torn {
    fn from(broken: Broken) -> Self {
        Self { place: String::new(), broken }
    }
}

/// Reads every value of a text.
pub(super) fn read(text: &mut Text<'_, '_>, docket: &mut Docket<'_>, read_value: &mut ReadValue<'_>) {
    match shape(text.head(HEAD)) {
        Shape::Document => {
            let (bytes, damage) = text.whole();
            read_document(bytes, damage.is_some(), docket, read_value);
        }
        Shape::Lines => read_lines(text, docket, read_value),
        Shape::Empty if text.is_damaged() => {}
        Shape::Empty => docket.refuse("", Code::JsonInvalid, "the object is empty"),
    }
}

/// Most documents are one value; what follows it is read as further ones.
fn read_document(bytes: &[u8], is_damaged: bool, docket: &mut Docket<'_>, read_value: &mut ReadValue<'_>) {
    let mut at = scan::blanks(bytes, 0);
    let mut place = String::new();
    for number in 2_u64.. {
        if at == bytes.len() {
            return;
        }
        match read_value(bytes, at, &place, docket) {
            Ok(end) => at = scan::blanks(bytes, end),
            // The damage of the bytes is told once, with what was kept.
            Err(torn) if torn.broken == Broken::Early && is_damaged => return,
            Err(torn) => return docket.refuse(join(&place, &torn.place), Code::JsonInvalid, explain(torn.broken, docket.whole)),
        }
        place = value_place(number);
    }
}

fn read_lines(text: &mut Text<'_, '_>, docket: &mut Docket<'_>, read_value: &mut ReadValue<'_>) {
    loop {
        match text.line() {
            Line::End => return,
            Line::TooLong { number, .. } => docket.refuse(line_place(number), Code::TooLarge, format!("the line is longer than {} MiB", LINE_CAP >> 20)),
            Line::Whole { is_cut: true, .. } => {}
            Line::Whole { number, bytes, .. } => {
                let mut place = line_place(number);
                let mut at = scan::blanks(bytes, 0);
                for value in 1_u64.. {
                    if at == bytes.len() {
                        break;
                    }
                    if value > 1 {
                        place = join(&line_place(number), &value_place(value));
                    }
                    match read_value(bytes, at, &place, docket) {
                        Ok(end) => at = scan::blanks(bytes, end),
                        Err(torn) => {
                            docket.refuse(join(&place, &torn.place), Code::JsonInvalid, explain(torn.broken, docket.whole));
                            break;
                        }
                    }
                }
            }
        }
    }
}

/// A value that is neither an object nor a list, and so is nothing that any log holds.
pub(super) fn refuse_scalar(text: &[u8], at: usize, place: &str, docket: &mut Docket<'_>) -> Result<usize, Torn> {
    let end = scan::value(text, at)?;
    if end - at > RECORD_CAP {
        docket.refuse_size(place, "a value", RECORD_CAP);
    } else {
        Json::parse(&text[at..end]).map_err(|_| Broken::At(at))?;
        docket.refuse(place, Code::JsonUnexpected, "neither an object nor a list");
    }
    docket.whole += 1;
    Ok(end)
}

/// Where a value stands: written out only where that is told, since most values are in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'p> {
    /// As [`join`] puts it.
    Named(&'p str),
    /// On a line of its own, counted from 1.
    Line(u64),
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(place) => f.write_str(place),
            Self::Line(number) => f.write_str(&line_place(*number)),
        }
    }
}

/// The place of a line, counted from 1.
pub(super) fn line_place(number: u64) -> String {
    format!("line {number}")
}

/// The place of a value after the first one of a text or a line, counted from 1.
fn value_place(number: u64) -> String {
    format!("value {number}")
}

/// The place of something within something: `line 4: Records[3].eventTime`. Either may be empty.
pub(crate) fn join(outer: &str, inner: &str) -> String {
    let is_counted = outer.rsplit(": ").next().is_some_and(|last| last.starts_with("line ") || last.starts_with("value "));
    match (outer.is_empty(), inner.is_empty()) {
        (true, _) => inner.to_owned(),
        (_, true) => outer.to_owned(),
        _ => format!("{outer}{}{inner}", if is_counted { ": " } else { "." }),
    }
}

fn explain(broken: Broken, whole: i64) -> String {
    match broken {
        Broken::Early => format!("the JSON ends early; {whole} before that were read whole"),
        Broken::At(byte) => format!("no JSON at byte {byte}; {whole} before that were read whole"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_within_places() {
        for (outer, inner, expected) in [
            ("", "eventTime", "eventTime"),
            ("line 4", "", "line 4"),
            ("line 4", "Records[3]", "line 4: Records[3]"),
            ("line 4: value 2", "message", "line 4: value 2: message"),
            ("value 2: Records[3]", "eventTime", "value 2: Records[3].eventTime"),
            ("Sessions[0]", "EndDate", "Sessions[0].EndDate"),
        ] {
            assert_eq!(join(outer, inner), expected);
        }
    }
}
