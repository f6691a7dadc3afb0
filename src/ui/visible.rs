//! Text from data, made harmless for a terminal: what a terminal would obey is shown in its place.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with control characters (but line ends), bidirectional controls and Unicode's own line ends as `\u{…}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_obeyed(character) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

const fn is_obeyed(character: char) -> bool {
    // C0 but the line end, DEL and C1; marks, embeddings, overrides and isolates of bidirectional text; line and paragraph separators.
    matches!(character,
        '\0'..='\x09' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(visible("plain \u{fc} \u{1f642}\n"), "plain \u{fc} \u{1f642}\n");
        assert_eq!(visible("\u{1b}[2J\r\t\u{9b}31m\u{7f}\u{202e}\u{2066}\u{2028}"), r"\u{1b}[2J\u{d}\u{9}\u{9b}31m\u{7f}\u{202e}\u{2066}\u{2028}");
    }

    #[test]
    fn nothing_that_is_obeyed_comes_through() {
        for character in (0..=0x11_0000).filter_map(char::from_u32) {
            let shown = visible(character.encode_utf8(&mut [0; 4])).into_owned();
            assert!(
                !shown.contains(
                    |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
                )
            );
        }
    }
}
