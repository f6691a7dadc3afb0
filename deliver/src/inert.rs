//! Values from data in a text for people: nothing in them is a link, a mention, a command of a terminal, or a line of its own.

use std::fmt::Write;

/// A value as it may stand in the text of a notice: within backticks, which chats take literally; what ends those, what acts instead of being shown, and what
/// Slack reads as markup in any place (`<!channel>`, `<http://…|click>`) is spelt out as in `\u{3c}`. Long ones are cut.
pub(crate) fn quoted(value: &str) -> String {
    let mut shown = String::from("`");
    let mut length = 0;
    for letter in value.chars() {
        if length >= LONGEST {
            shown.push('…');
            break;
        }
        length += spell(letter, &mut shown);
    }
    shown.push('`');
    shown
}

/// A text of ours as a line of its own: what ends a line, acts instead of being shown, or is markup to a chat is spelt out.
pub(crate) fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        spell(letter, &mut shown);
    }
    shown
}

/// Puts a letter as it is, or spelt out; gives how many letters it takes.
fn spell(letter: char, shown: &mut String) -> usize {
    if is_plain(letter) {
        shown.push(letter);
        return 1;
    }
    let before = shown.len();
    // Writing to a String cannot fail.
    let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
    shown.len() - before
}

/// A text as the subject of a mail: printable ASCII in one line, cut where it is too long.
pub(crate) fn subject(text: &str) -> String {
    let letter = |letter: char| if letter == ' ' || letter.is_ascii_graphic() { letter } else { '?' };
    let shown: String = text.chars().map(letter).take(SUBJECT + 1).collect();
    if shown.len() > SUBJECT { format!("{}...", shown.get(..SUBJECT - 3).unwrap_or_default()) } else { shown }
}

fn is_plain(letter: char) -> bool {
    let acts =
        matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    !letter.is_control() && !acts && !matches!(letter, '`' | '<' | '>' | '&')
}

/// Characters of a value. Session ids have up to 96.
const LONGEST: usize = 100;
/// SNS takes subjects of less than 100 characters.
const SUBJECT: usize = 99;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_would_obey_is_spelt_out() {
        for (value, expected) in [
            ("jane.doe@example.com-0a1b2c3d4e5f60718", "`jane.doe@example.com-0a1b2c3d4e5f60718`"),
            ("größer", "`größer`"),
            ("<!channel>", r"`\u{3c}!channel\u{3e}`"),
            ("a` @everyone `b", r"`a\u{60} @everyone \u{60}b`"),
            ("a\nhigh: PREFS-CHANGED\u{1b}[2J\u{202e}&amp;", r"`a\u{a}high: PREFS-CHANGED\u{1b}[2J\u{202e}\u{26}amp;`"),
            ("", "``"),
        ] {
            assert_eq!(quoted(value), expected);
        }
        assert_eq!(quoted(&"x".repeat(101)), format!("`{}…`", "x".repeat(100)));
        assert!(quoted(&"\u{1b}".repeat(1_000)).len() < 120, "what is spelt out is counted as long as it is");
    }

    #[test]
    fn a_subject_is_one_line_of_ascii() {
        assert_eq!(subject("2 findings:\r\nBcc: all@example.com\u{1b} ü"), "2 findings:??Bcc: all@example.com? ?");
        assert_eq!(subject(&"x".repeat(99)), "x".repeat(99));
        assert_eq!(subject(&"x".repeat(100)), "x".repeat(96) + "...");
        assert_eq!(subject(&"\u{1f642}".repeat(10_000)).len(), 99);
    }
}
