//! Text from data, made harmless for a terminal: what a terminal would obey is shown in its place.

use std::borrow::Cow;

use analyze::answer;

/// A value, as it may stand within a line: control characters, line ends among them, and bidirectional controls are spelt out.
pub(crate) fn visible(value: &str) -> Cow<'_, str> {
    answer::visible(value)
}

/// A text of our own, which has lines: all that [`visible`] spells out but its line ends. A value in it must have gone through [`visible`]
/// before, or it could make lines of its own.
pub(super) fn lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(lines("plain \u{fc} \u{1f642}\n\u{1b}[2J\n"), "plain \u{fc} \u{1f642}\n\\u{1b}[2J\n");
        assert_eq!(visible("a\n  certain: root\r\t\u{202e}"), r"a\u{a}  certain: root\u{d}\u{9}\u{202e}");
    }

    #[test]
    fn nothing_that_is_obeyed_comes_through() {
        for character in (0..=0x11_0000).filter_map(char::from_u32) {
            let shown = visible(character.encode_utf8(&mut [0; 4])).into_owned();
            assert!(!shown.contains(|c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')));
        }
    }
}
