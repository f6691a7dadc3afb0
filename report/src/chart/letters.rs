//! How much room words need. Which font draws them is known only to the reader's machine; they are measured as in a wide one, so that they fit in any.

/// How wide a text is drawn at 12 px, at most, in px. The advances are those of DejaVu Sans 2.37, the widest sans-serif that machines come with, as Chromium
/// rounds them.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(advance).sum()
}

fn advance(letter: char) -> f64 {
    match letter {
        ' ' | '\'' | '|' | 'f' | 'i' | 'j' | 'l' | ',' | '-' | '.' | ':' | ';' => 4.0,
        't' | 'I' | 'J' | '!' | '(' | ')' | '/' | '[' | '\\' | ']' | '{' | '}' => 5.0,
        'r' | 's' | 'z' | '"' | '*' | '?' | '_' | '`' => 6.0,
        'a' | 'c' | 'e' | 'k' | 'o' | 'v' | 'x' | 'y' => 7.0,
        '0'..='9' | 'b' | 'd' | 'g' | 'h' | 'n' | 'p' | 'q' | 'u' | 'F' | 'L' | 'P' | 'S' | 'T' | 'Y' | 'Z' | '$' => 8.0,
        'A' | 'B' | 'C' | 'E' | 'K' | 'R' | 'V' | 'X' | '+' | '=' => 9.0,
        // The wide ones, and the square letters of the East.
        _ => 12.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_wide_as_chromium_draws_them() {
        for (text, drawn) in [("2 min 30 s", 65.0), ("7 d and more", 82.0), ("2026-W27", 64.0), ("under 1 min", 76.0), ("production", 68.0), ("(all)", 25.0)] {
            assert!((0.0..=2.0).contains(&(width(text) - drawn)), "{text}: {}", width(text));
        }
    }
}
