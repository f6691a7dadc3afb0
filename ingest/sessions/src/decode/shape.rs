//! Whether a JSON text is one document, or one value on each line.

use memchr::memchr;

use super::json::Json;
use super::scan::{self, Broken};

/// How a JSON text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One value, however many lines it takes; perhaps more after it.
    Document,
    /// A value on each line (NDJSON).
    Lines,
    /// Nothing but blanks.
    Empty,
}

/// How much of a text is enough to tell.
pub(super) const HEAD: usize = 64 << 10;

/// The shape of a text that begins like this. `head` is the whole text where it is shorter than [`HEAD`].
pub(super) fn shape(head: &[u8]) -> Shape {
    let start = scan::blanks(head, 0);
    match head.get(start) {
        None => return Shape::Empty,
        Some(b'[') => return Shape::Document,
        Some(_) => {}
    }
    if holds_a_list(head, start) {
        return Shape::Document;
    }
    let Some(length) = memchr(b'\n', &head[start..]) else { return Shape::Lines };
    let (first, rest) = head[start..].split_at(length);
    let first = first.trim_ascii_end();
    // Printers that break a value into lines break it after a bracket or a comma; a line that was cut short rarely ends in one, and a
    // line of NDJSON after it begins a new object.
    let is_open = first.last().is_some_and(|last| b"{[,".contains(last));
    let next = rest.trim_ascii_start().first();
    if is_open && (first == b"{" || next != Some(&b'{')) && Json::parse(first).is_err() { Shape::Document } else { Shape::Lines }
}

/// Whether the object that begins the text has `Records` or `events` as a list, as far as the head shows.
fn holds_a_list(head: &[u8], start: usize) -> bool {
    if head.get(start) != Some(&b'{') {
        return false;
    }
    let mut found = false;
    let _end = scan::members(head, start, |key, at| {
        found |= (key == b"Records" || key == b"events") && head.get(at) == Some(&b'[');
        if found { Err(Broken::Early) } else { scan::value(head, at) }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_document_from_lines() {
        for (head, expected) in [
            ("", Shape::Empty),
            (" \n\n", Shape::Empty),
            ("[{\"a\":1}", Shape::Document),
            ("{\"Records\":[{\"a\"", Shape::Document),
            ("{\n \"Records\": [\n", Shape::Document),
            ("{\"logGroupName\":\"g\",\"events\":[", Shape::Document),
            ("{\n \"eventVersion\": \"1.08\",\n", Shape::Document),
            ("{\"eventVersion\": \"1.08\",\n \"x\": 1}", Shape::Document),
            ("{\"timestamp\":1}\n{\"timestamp\":2}\n", Shape::Lines),
            ("{\"timestamp\":1}", Shape::Lines),
            ("{\"timestamp\": 17, \"message\":\n{\"timestamp\":2}\n", Shape::Lines),
            ("{\"timestamp\": 17,\n{\"timestamp\":2}\n", Shape::Lines),
            ("no JSON", Shape::Lines),
            ("{\"message\":\"a very long line …", Shape::Lines),
        ] {
            assert_eq!(shape(head.as_bytes()), expected, "{head}");
        }
    }
}
