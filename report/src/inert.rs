//! Hostile texts, made harmless: characters that act are spelt out, formulas are disarmed, what is too long to be read is cut.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character acts instead of being shown: control characters (C0, DEL, C1), which drive terminals; marks of writing direction, which make
/// text look like another; and line and paragraph separators, which end lines for some readers.
#[must_use]
pub fn acts(letter: char) -> bool {
    matches!(
        letter,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// The text with every acting character spelt out, as in `\u{1b}`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if acts(letter) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// The visible text, cut where it is longer than `most` characters; it says how long it was.
#[must_use]
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    let Some((end, _)) = text.char_indices().nth(most) else { return visible(text) };
    let head = visible(text.get(..end).unwrap_or_default());
    Cow::Owned(format!("{head}… ({} characters)", text.chars().count()))
}

/// The text as shown, with a `'` before everything in it that a spreadsheet would calculate. `value` is the text before anything in it was
/// spelt out: its first character decides.
#[must_use]
pub fn disarmed<'t>(value: &str, shown: &'t str) -> Cow<'t, str> {
    let mut cells = shown.split(';');
    let first = cells.next().unwrap_or_default();
    let is_formula = value.starts_with(FORMULA);
    // Blanks and quotes before a formula do not keep every reader from seeing it.
    let is_later_formula = |cell: &str| cell.trim_start_matches([' ', '"']).starts_with(FORMULA);
    if !is_formula && !cells.clone().any(is_later_formula) {
        return Cow::Borrowed(shown);
    }
    let mut text = String::with_capacity(shown.len() + 8);
    text.push_str(if is_formula { "'" } else { "" });
    text.push_str(first);
    for cell in cells {
        text.push_str(if is_later_formula(cell) { ";'" } else { ";" });
        text.push_str(cell);
    }
    Cow::Owned(text)
}

/// A text as a field of CSV (RFC 4180): visible, disarmed, and quoted where it has to be.
pub fn csv_text(value: &str, line: &mut String) {
    let shown = visible(value);
    let disarmed = disarmed(value, &shown);
    if let Cow::Borrowed(plain) = disarmed
        && !plain.is_empty()
        && !plain.contains([',', '"'])
        && !plain.starts_with(' ')
        && !plain.ends_with(' ')
    {
        line.push_str(plain);
        return;
    }
    line.push('"');
    line.push_str(&disarmed.replace('"', "\"\""));
    line.push('"');
}

/// What makes a spreadsheet calculate.
const FORMULA: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

/// How many characters of a text are shown to people; CSV and JSON have all of them.
pub(crate) const SHOWN: usize = 250;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_any_more() {
        for letter in (0..=0x11_0000).filter_map(char::from_u32) {
            assert!(!visible(letter.encode_utf8(&mut [0; 4])).contains(acts), "{letter:?}");
        }
        assert_eq!(visible("a\u{1b}[2J\u{202e}"), r"a\u{1b}[2J\u{202e}");
    }

    #[test]
    fn what_is_cut_says_how_long_it_was() {
        assert_eq!(shortened("short", 5), "short");
        assert_eq!(shortened("\u{fc}\u{1b}345678", 3), "\u{fc}\\u{1b}3… (8 characters)");
    }

    #[test]
    fn formulas_are_texts() {
        let field = |text: &str| {
            let mut line = String::new();
            csv_text(text, &mut line);
            line
        };
        assert_eq!(field("=1+1"), "\"'=1+1\"");
        assert_eq!(field("a;=1+1"), "\"a;'=1+1\"");
        assert_eq!(field("\tx"), "\"'\\u{9}x\"");
        assert_eq!(field("plain"), "plain");
        assert_eq!(field(""), "\"\"");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
