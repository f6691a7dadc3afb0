//! Walks over JSON text without building values: the structure is checked, and only where things begin and end is told.
//!
//! This is what makes it cheap to pass over the thousands of CloudTrail records between two that matter. Strings, brackets, commas and
//! colons of the levels that are walked must be right; below them only strings and brackets are checked.

use memchr::memchr2;

use super::json::DEPTH;

/// Why a walk ended before its value did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The text ends inside of the value.
    Early,
    /// What stands at this byte cannot stand there.
    At(usize),
}

/// The first byte from `at` on that is no blank.
pub(super) fn blanks(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// The end of the value that begins at `at`.
pub(super) fn value(text: &[u8], at: usize) -> Result<usize, Broken> {
    match text.get(at) {
        None => Err(Broken::Early),
        Some(b'"') => string(text, at),
        Some(b'{' | b'[') => nested(text, at),
        Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => scalar(text, at),
        Some(_) => Err(Broken::At(at)),
    }
}

/// Walks an object that begins at `at`. `member` is given each key, without its quotes and with its escapes, and where its value
/// begins; it tells where the value ends. The end of the object.
pub(super) fn members<'t>(text: &'t [u8], at: usize, mut member: impl FnMut(&'t [u8], usize) -> Result<usize, Broken>) -> Result<usize, Broken> {
    let mut at = blanks(text, at + 1);
    if text.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    loop {
        if *text.get(at).ok_or(Broken::Early)? != b'"' {
            return Err(Broken::At(at));
        }
        let end = string(text, at)?;
        let key = &text[at + 1..end - 1];
        at = expect(text, blanks(text, end), b':')?;
        at = blanks(text, member(key, blanks(text, at))?);
        match text.get(at) {
            Some(b',') => at = blanks(text, at + 1),
            Some(b'}') => return Ok(at + 1),
            Some(_) => return Err(Broken::At(at)),
            None => return Err(Broken::Early),
        }
    }
}

/// Walks an array that begins at `at`. `element` is given where each element begins, and tells where it ends. The end of the array.
pub(super) fn elements(text: &[u8], at: usize, mut element: impl FnMut(usize) -> Result<usize, Broken>) -> Result<usize, Broken> {
    let mut at = blanks(text, at + 1);
    if text.get(at) == Some(&b']') {
        return Ok(at + 1);
    }
    loop {
        at = blanks(text, element(at)?);
        match text.get(at) {
            Some(b',') => at = blanks(text, at + 1),
            Some(b']') => return Ok(at + 1),
            Some(_) => return Err(Broken::At(at)),
            None => return Err(Broken::Early),
        }
    }
}

/// A count of values that a text of JSON cannot exceed: its brackets and commas outside of strings, and one.
pub(super) fn values_at_most(text: &[u8]) -> usize {
    let (mut count, mut at) = (1, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => match string(text, at) {
                Ok(end) => at = end,
                Err(_) => return count,
            },
            b'{' | b'[' | b',' => {
                count += 1;
                at += 1;
            }
            _ => at += 1,
        }
    }
    count
}

fn expect(text: &[u8], at: usize, byte: u8) -> Result<usize, Broken> {
    match text.get(at) {
        Some(found) if *found == byte => Ok(at + 1),
        Some(_) => Err(Broken::At(at)),
        None => Err(Broken::Early),
    }
}

/// The end of a string. Most are short, so the first bytes are looked at eight at a time before a longer search is worth its start.
fn string(text: &[u8], at: usize) -> Result<usize, Broken> {
    let mut at = at + 1;
    loop {
        let found = near_mark(text, at).or_else(|| Some(at + memchr2(b'"', b'\\', text.get(at..)?)?)).ok_or(Broken::Early)?;
        if text[found] == b'"' {
            return Ok(found + 1);
        }
        at = found + 2;
    }
}

/// The first quote or backslash within the next 32 bytes.
fn near_mark(text: &[u8], at: usize) -> Option<usize> {
    for (index, word) in text.get(at..at + 32)?.as_chunks::<8>().0.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            // A borrow can only raise false marks above a true one, so the lowest is true.
            return Some(at + index * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    None
}

/// How many bytes of a text at least can stand in a string as they are: neither quotes nor backslashes nor control characters. Counted by
/// eights, so that the rest is for whoever asks.
pub(super) fn plain(text: &[u8]) -> usize {
    let is_plain = |word: &&[u8; 8]| {
        let word = u64::from_le_bytes(**word);
        // Of bytes below 0x20, subtracting that sets the highest bit where it was not set before.
        marks(word) | (word.wrapping_sub(LOW * 0x20) & !word & HIGH) == 0
    };
    8 * text.as_chunks::<8>().0.iter().take_while(is_plain).count()
}

/// The highest bit of each byte of a word that is a quote or a backslash; above the lowest of them perhaps of others as well.
fn marks(word: u64) -> u64 {
    let zeros = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    zeros(word ^ (LOW * b'"' as u64)) | zeros(word ^ (LOW * b'\\' as u64))
}

const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

fn scalar(text: &[u8], at: usize) -> Result<usize, Broken> {
    let length = text[at..].iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'E' | b'+' | b'-' | b'.')).count();
    // A scalar that runs up to the end may go on after it.
    if at + length < text.len() { Ok(at + length) } else { Err(Broken::Early) }
}

/// The end of an object or array, whatever it holds.
fn nested(text: &[u8], mut at: usize) -> Result<usize, Broken> {
    // One bit a level: set for an object.
    let (mut open, mut depth) = (0_u128, 0);
    loop {
        let Some(byte) = text.get(at) else { return Err(Broken::Early) };
        match byte {
            b'"' => {
                at = string(text, at)?;
                continue;
            }
            b'{' | b'[' => {
                if depth == DEPTH {
                    return Err(Broken::At(at));
                }
                depth += 1;
                open = open << 1 | u128::from(*byte == b'{');
            }
            b'}' | b']' => {
                if (open & 1 == 1) != (*byte == b'}') {
                    return Err(Broken::At(at));
                }
                depth -= 1;
                open >>= 1;
                if depth == 0 {
                    return Ok(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_where_values_end() {
        let text = br#"{"a\"":[1,{"b":"]}"}],"c":-1.5e3 , "d":null} tail"#;
        let mut seen = Vec::new();
        let end = members(text, 0, |key, at| {
            let end = value(text, at)?;
            seen.push((key, &text[at..end]));
            Ok(end)
        });
        assert_eq!(end, Ok(text.len() - 5));
        assert_eq!(seen, [(&br#"a\""#[..], &br#"[1,{"b":"]}"}]"#[..]), (b"c", b"-1.5e3"), (b"d", b"null")]);
    }

    #[test]
    fn counts_no_value_too_few() {
        for (text, values) in [("1", 1), ("[1,2]", 3), ("{\"a,[\":[],\"b\":{\"c\":1}}", 4), ("[[[]]]", 3), ("\"open", 1)] {
            assert!(values_at_most(text.as_bytes()) >= values, "{text}");
        }
        assert_eq!(values_at_most(b"[1,\"a,b\\\",\",{}]"), 5);
    }

    #[test]
    fn strings_of_every_length_end_at_their_quote() {
        for length in 0..80 {
            for inner in ["x", "\\\"", "\u{81}", "#"] {
                let text = format!("\"{}\"tail that is long enough to be looked at in words of eight", inner.repeat(length));
                assert_eq!(value(text.as_bytes(), 0), Ok(inner.len() * length + 2), "{text}");
            }
        }
    }

    #[test]
    fn plain_bytes_end_before_any_that_is_not() {
        for byte in 0..=u8::MAX {
            for at in 0..24 {
                let mut text = [b'x'; 24];
                text[at] = byte;
                let is_plain = byte >= b' ' && byte != b'"' && byte != b'\\';
                assert_eq!(plain(&text), if is_plain { 24 } else { at / 8 * 8 }, "{byte} at {at}");
            }
        }
        assert_eq!(plain(b"1234567"), 0);
    }

    #[test]
    fn every_cut_ends_early_and_a_wrong_bracket_is_found() {
        let text = br#"[{"a":[1,"x\\"]}, 12, "y" ]"#;
        let walk = |text: &[u8]| elements(text, 0, |at| value(text, at));
        assert_eq!(walk(text), Ok(text.len()));
        for cut in 1..text.len() {
            assert_eq!(walk(&text[..cut]), Err(Broken::Early), "{cut}");
        }
        assert_eq!(walk(b"[{]]"), Err(Broken::At(2)));
        assert_eq!(walk(b"[1 2]"), Err(Broken::At(3)));
        assert_eq!(walk(b"[,]"), Err(Broken::At(1)));
        assert!(value("[".repeat(1_000_000).as_bytes(), 0).is_err());
    }
}
