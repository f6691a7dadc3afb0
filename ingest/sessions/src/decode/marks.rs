//! Where strings and brackets end, told by looking at sixty-four bytes at once.
//!
//! `scan` walks byte by byte and says what is wrong, and where. This walks over what is right several times as fast, and says nothing else:
//! at whatever it does not know, it stops for good, and `scan` walks on from there. So it may be narrow, and must never be generous.

use wide::u8x16;

use super::json::DEPTH;
use super::scan;

/// A walk over one text, which only goes forward. It must begin outside of any string, and be asked for each thing in its turn.
pub(super) struct Marks<'t> {
    text: &'t [u8],
    /// Where the block begins that is being looked at, and what it has: a bit for each of its bytes.
    base: usize,
    /// Quotes that begin or end a string.
    quotes: u64,
    /// Bytes of strings, their first quotes included.
    inside: u64,
    /// All bits where the next block begins within a string.
    within: u64,
    /// One where the first byte of the next block is escaped.
    escaped: u64,
    /// The last backslash so far.
    last_backslash: Option<usize>,
    is_lost: bool,
}

const BLOCK: usize = 64;

impl<'t> Marks<'t> {
    /// Starts at a byte of a text.
    pub(super) fn new(text: &'t [u8], at: usize) -> Self {
        let mut marks = Self { text, base: at, quotes: 0, inside: 0, within: 0, escaped: 0, last_backslash: None, is_lost: false };
        marks.look();
        marks
    }

    /// Walks an object as [`scan::members`] does. `member` is given each key, without its quotes and with its escapes, and its value, and
    /// whether the key may hold an escape. The end of the object; `None` where it is not known, and never again after that.
    pub(super) fn members(&mut self, at: usize, mut member: impl FnMut(&'t [u8], &'t [u8], bool)) -> Option<usize> {
        let end = if self.is_lost { None } else { self.walk(at, &mut member) };
        self.is_lost |= end.is_none();
        end
    }

    fn walk(&mut self, at: usize, member: &mut impl FnMut(&'t [u8], &'t [u8], bool)) -> Option<usize> {
        let text = self.text;
        let mut at = self.blanks(at + 1);
        if *text.get(at)? == b'}' {
            return Some(at + 1);
        }
        loop {
            let start = at + 1;
            let end = self.string(at)?;
            let key = &text[start..end - 1];
            let has_escapes = self.last_backslash.is_some_and(|last| last >= start) && key.contains(&b'\\');
            let colon = self.blanks(end);
            if *text.get(colon)? != b':' {
                return None;
            }
            let value = self.blanks(colon + 1);
            let end = match *text.get(value)? {
                b'"' => self.string(value)?,
                b'{' | b'[' => self.nested(value)?,
                _ => scan::value(text, value).ok()?,
            };
            member(key, &text[value..end], has_escapes);
            at = self.blanks(end);
            match *text.get(at)? {
                b',' => at = self.blanks(at + 1),
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    fn blanks(&self, at: usize) -> usize {
        if self.text.get(at).is_some_and(|byte| *byte <= b' ') { scan::blanks(self.text, at) } else { at }
    }

    /// The end of the string that begins at a byte.
    fn string(&mut self, at: usize) -> Option<usize> {
        if *self.text.get(at)? != b'"' {
            return None;
        }
        loop {
            let ahead = self.quotes & self.from(at + 1);
            if ahead != 0 {
                return Some(self.base + ahead.trailing_zeros() as usize + 1);
            }
            self.go_on()?;
        }
    }

    /// The end of the object or array that begins at a byte.
    fn nested(&mut self, at: usize) -> Option<usize> {
        // One bit a level: set for an object.
        let (mut open, mut depth) = (0_u128, 0);
        let mut from = at;
        loop {
            let mut ahead = self.brackets() & self.from(from);
            while ahead != 0 {
                let found = self.base + ahead.trailing_zeros() as usize;
                ahead &= ahead - 1;
                let byte = self.text[found];
                if byte == b'{' || byte == b'[' {
                    if depth == DEPTH {
                        return None;
                    }
                    depth += 1;
                    open = open << 1 | u128::from(byte == b'{');
                } else {
                    if (open & 1 == 1) != (byte == b'}') {
                        return None;
                    }
                    depth -= 1;
                    open >>= 1;
                    if depth == 0 {
                        return Some(found + 1);
                    }
                }
            }
            self.go_on()?;
            from = self.base;
        }
    }

    /// The bits of the block from a byte on, which lies in the block or after it.
    fn from(&self, at: usize) -> u64 {
        let skipped = at.saturating_sub(self.base);
        if skipped < BLOCK { u64::MAX << skipped } else { 0 }
    }

    fn go_on(&mut self) -> Option<()> {
        self.base += BLOCK;
        if self.base >= self.text.len() {
            return None;
        }
        self.look();
        (!self.is_lost).then_some(())
    }

    /// Looks at the block that begins at the base.
    fn look(&mut self) {
        let block = self.block();
        let lanes = block.as_chunks::<16>().0;
        let is = |byte: u8| bits(lanes, |lane| lane.simd_eq(u8x16::splat(byte)));
        let mut quotes = is(b'"');
        let backslashes = is(b'\\');
        if backslashes | self.escaped != 0 {
            quotes &= !self.escaped_in(backslashes);
        }
        // Each bit becomes the parity of the quotes up to it: set from a string's first quote to the byte before its last.
        let mut inside = quotes;
        for distance in [1, 2, 4, 8, 16, 32] {
            inside ^= inside << distance;
        }
        inside ^= self.within;
        self.within = 0_u64.wrapping_sub(inside >> 63);
        // A backslash outside of strings escapes nothing; what comes after it is not known here.
        self.is_lost |= backslashes & !inside != 0;
        (self.quotes, self.inside) = (quotes, inside);
        if backslashes != 0 {
            self.last_backslash = Some(self.base + 63 - backslashes.leading_zeros() as usize);
        }
    }

    /// Brackets outside of strings: only asked for where something is nested.
    fn brackets(&self) -> u64 {
        let brackets = bits(self.block().as_chunks::<16>().0, |lane| {
            // `[` and `{`, and `]` and `}`, differ in one bit.
            let folded = lane | u8x16::splat(0x20);
            folded.simd_eq(u8x16::splat(b'{')) | folded.simd_eq(u8x16::splat(b'}'))
        });
        brackets & !self.inside
    }

    /// The block at the base; what lies beyond the end of the text is zeros.
    fn block(&self) -> [u8; BLOCK] {
        let rest = &self.text[self.base..];
        rest.first_chunk::<BLOCK>().copied().unwrap_or_else(|| {
            let mut last = [0; BLOCK];
            last[..rest.len()].copy_from_slice(rest);
            last
        })
    }

    /// The bytes of a block that a backslash before them escapes: every second one of a run of backslashes, and the byte after an odd run.
    fn escaped_in(&mut self, backslashes: u64) -> u64 {
        let mut escaped = self.escaped;
        let mut left = backslashes & !escaped;
        self.escaped = 0;
        while left != 0 {
            let at = left.trailing_zeros();
            if at == 63 {
                self.escaped = 1;
                break;
            }
            escaped |= 2 << at;
            // Neither this backslash nor one that it escapes escapes anything further.
            left &= !(3 << at);
        }
        escaped
    }
}

/// A bit for each byte of a block: whether it passes the test.
fn bits(lanes: &[[u8; 16]], test: impl Fn(u8x16) -> u8x16) -> u64 {
    lanes.iter().rev().fold(0, |bits, lane| bits << 16 | u64::from(test(u8x16::new(*lane)).to_bitmask()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Members<'t> = Vec<(&'t [u8], &'t [u8], bool)>;

    fn fast<'t>(marks: &mut Marks<'t>, at: usize) -> Option<(usize, Members<'t>)> {
        let mut members = Vec::new();
        let end = marks.members(at, |key, value, has_escapes| members.push((key, value, has_escapes)))?;
        Some((end, members))
    }

    fn slow(text: &[u8], at: usize) -> Option<(usize, Members<'_>)> {
        let mut members = Vec::new();
        let end = scan::members(text, at, |key, at| {
            let end = scan::value(text, at)?;
            members.push((key, &text[at..end], key.contains(&b'\\')));
            Ok(end)
        });
        end.ok().map(|end| (end, members))
    }

    /// How many objects of a list each of the two walks; where the fast one knows an end, it is the one that the other tells.
    fn both(text: &[u8]) -> (usize, usize) {
        let mut marks = Marks::new(text, 0);
        let (mut by_fast, mut by_slow) = (0, 0);
        let _ended = scan::elements(text, 0, |at| {
            let is_object = text.get(at) == Some(&b'{');
            let expected = if is_object { slow(text, at) } else { scan::value(text, at).ok().map(|end| (end, Vec::new())) };
            if is_object && let Some(found) = fast(&mut marks, at) {
                assert_eq!(Some(&found), expected.as_ref(), "{}", text.escape_ascii());
                by_fast += 1;
            }
            by_slow += usize::from(is_object && expected.is_some());
            expected.map(|(end, _)| end).ok_or(scan::Broken::Early)
        });
        (by_fast, by_slow)
    }

    #[test]
    fn walks_what_is_right_to_its_end() {
        for filler in 0..200 {
            let long = "x".repeat(filler);
            for record in [
                format!(r#"{{"a":"{long}","b":{{"c":[1,"]}}{long}",{{}}]}},"d":null,"e":-1.5e3}}"#),
                format!("{{\n \"{long}\" : [ ] ,\t\"b\":\"\\\\\",\"c\\\"\":\"\\\\\\\"{long}\"}}"),
                format!(r#"{{"{long}\\":"{long}\\\\","b":true}}"#),
            ] {
                let text = format!("[{record},{{}}, {record} ,17,{record}]");
                assert_eq!(both(text.as_bytes()), (4, 4), "{text}");
            }
        }
    }

    #[test]
    fn stops_for_good_at_what_it_does_not_know() {
        for (text, known) in [
            (&br#"[{"a":1},{"a" 1},{"a":1}]"#[..], 1),
            (br#"[{"a":1},{"a":1]"#, 1),
            (br#"[{"a":1},{"a":{]}}]"#, 1),
            (br#"[{"a":1},{"a":"x"#, 1),
            (br#"[{"a":1},{"a":[x\"y"]},{"a":1}]"#, 0),
        ] {
            assert_eq!(both(text).0, known, "{}", text.escape_ascii());
        }
        let mut marks = Marks::new(br#"[{"a" 1},{"a":1}]"#, 0);
        assert_eq!((fast(&mut marks, 1), fast(&mut marks, 9)), (None, None));
    }

    proptest! {
        #[test]
        fn tells_no_end_that_the_other_walk_does_not(text in r#"\[(\{("[a\\"]{0,70}":("[ab{}\[\]\\"]{0,70}"|[\[\]{}1,"\\]{0,9}|null|-1),?){0,4}\},?){0,5}\]"#) {
            both(text.as_bytes());
        }

        #[test]
        fn tells_no_end_of_rubbish(text in r#"\[[\[\]{}:,"\\a1 \n]{0,200}"#) {
            both(text.as_bytes());
        }
    }
}
