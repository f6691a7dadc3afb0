//! JSON as evidence needs it: strict, with every key kept, and numbers as they are written.
//!
//! A map would drop all but one of the keys that stand twice, and a float would round a time; evidence must do neither.

use std::borrow::Cow;
use std::fmt;

use super::scan;

/// A JSON value. Keys keep their order, and stand as often as they are written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'t> {
    Null,
    Bool(bool),
    /// The literal as written.
    Number(Cow<'t, str>),
    Text(Cow<'t, str>),
    Array(Vec<Self>),
    Object(Vec<(Cow<'t, str>, Self)>),
}

/// Where a text stops being JSON, in bytes from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) at: usize,
}

/// Nesting beyond this is no evidence, and must not exhaust the stack.
pub(super) const DEPTH: usize = 127;

impl<'t> Json<'t> {
    /// One value, with nothing but blanks around it.
    pub(crate) fn parse(bytes: &'t [u8]) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|error| Malformed { at: error.valid_up_to() })?;
        let mut parser = Parser { text, at: 0 };
        parser.blanks();
        let value = parser.value(0)?;
        parser.blanks();
        if parser.at == text.len() { Ok(value) } else { Err(parser.malformed()) }
    }

    /// A key as it is written, without its quotes, as it reads: `\u0041` is `A`. Whoever looks for a key must look past its spelling.
    pub(crate) fn key(written: &[u8]) -> Cow<'_, str> {
        let plain = String::from_utf8_lossy(written);
        if !plain.contains('\\') {
            return plain;
        }
        match Json::parse(format!("\"{plain}\"").as_bytes()) {
            Ok(Json::Text(text)) => Cow::Owned(text.into_owned()),
            // It is no JSON, and is refused as such by whoever parses the whole.
            _ => plain,
        }
    }

    /// The value of a key of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at the end of a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text at the end of a path of keys; `None` where it is absent, empty, or no text.
    pub(crate) fn filled(&self, path: &[&str]) -> Option<&str> {
        self.at(path).and_then(Self::text).filter(|text| !text.is_empty())
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Self::Number(literal) => literal.parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// A key that stands twice in this object, not looking into its values.
    pub(crate) fn own_duplicate_key(&self) -> Option<&str> {
        let Self::Object(members) = self else { return None };
        if members.len() <= 16 {
            return members
                .iter()
                .enumerate()
                .find(|(index, (key, _))| members[..*index].iter().any(|(earlier, _)| earlier == key))
                .map(|(_, (key, _))| &**key);
        }
        let mut keys: Vec<&str> = members.iter().map(|(key, _)| &**key).collect();
        keys.sort_unstable();
        keys.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }

    /// A key that stands twice in one object, here or anywhere below.
    pub(crate) fn duplicate_key(&self) -> Option<&str> {
        match self {
            Self::Array(items) => items.iter().find_map(Self::duplicate_key),
            Self::Object(members) => self.own_duplicate_key().or_else(|| members.iter().find_map(|(_, value)| value.duplicate_key())),
            _ => None,
        }
    }
}

/// Compact JSON.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(literal) => f.write_str(literal),
            Self::Text(text) => quote(f, text),
            Self::Array(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    f.write_str(if index > 0 { "," } else { "" })?;
                    quote(f, key)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn value(&mut self, depth: usize) -> Result<Json<'t>, Malformed> {
        if depth > DEPTH {
            return Err(self.malformed());
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err(self.malformed()),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'t>, Malformed> {
        let mut members = Vec::new();
        self.at += 1;
        self.blanks();
        if self.took(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.malformed());
            }
            let key = self.string()?;
            self.blanks();
            self.take(b':')?;
            self.blanks();
            members.push((key, self.value(depth + 1)?));
            self.blanks();
            if self.took(b'}') {
                return Ok(Json::Object(members));
            }
            self.take(b',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json<'t>, Malformed> {
        let mut items = Vec::new();
        self.at += 1;
        self.blanks();
        if self.took(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            self.blanks();
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.took(b']') {
                return Ok(Json::Array(items));
            }
            self.take(b',')?;
        }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Malformed> {
        self.at += 1;
        let start = self.at;
        let mut unescaped = String::new();
        let mut from = start;
        loop {
            self.at += scan::plain(&self.text.as_bytes()[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    let rest = &self.text[from..self.at];
                    self.at += 1;
                    return Ok(if from == start { Cow::Borrowed(rest) } else { Cow::Owned(unescaped + rest) });
                }
                Some(b'\\') => {
                    unescaped.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    unescaped.push(self.escape()?);
                    from = self.at;
                }
                Some(byte) if byte >= b' ' => self.at += 1,
                _ => return Err(self.malformed()),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Malformed> {
        let Some(byte) = self.peek() else { return Err(self.malformed()) };
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => byte as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => {
                self.at -= 1;
                return Err(self.malformed());
            }
        })
    }

    /// The character of `\uXXXX`, or of a pair of them. Half a pair is no character; it reads as the replacement character.
    fn unicode(&mut self) -> Result<char, Malformed> {
        let first = self.four_digits()?;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                return Ok(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32, Malformed> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let number = digits.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let number = number.ok_or_else(|| self.malformed())?;
        self.at += 4;
        Ok(number)
    }

    fn number(&mut self) -> Result<Json<'t>, Malformed> {
        let start = self.at;
        self.took(b'-');
        if !self.took(b'0') {
            self.digits()?;
        }
        if self.took(b'.') {
            self.digits()?;
        }
        if self.took(b'e') || self.took(b'E') {
            let _signed = self.took(b'+') || self.took(b'-');
            self.digits()?;
        }
        Ok(Json::Number(Cow::Borrowed(&self.text[start..self.at])))
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.malformed());
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn word(&mut self, word: &str, value: Json<'t>) -> Result<Json<'t>, Malformed> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.malformed());
        }
        self.at += word.len();
        Ok(value)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn took(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn take(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.took(byte) { Ok(()) } else { Err(self.malformed()) }
    }

    fn malformed(&self) -> Malformed {
        Malformed { at: self.at }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_what_a_map_and_a_float_would_lose() {
        let json = Json::parse(br#" {"a":1550676938.352000, "b":{"c":1,"c":2}, "d":"\u00e9\ud83d\ude00\ud800x", "e":[true,null]} "#).unwrap();
        assert_eq!(json.get("a"), Some(&Json::Number("1550676938.352000".into())));
        assert_eq!(json.filled(&["d"]), Some("é😀\u{fffd}x"));
        assert_eq!((json.own_duplicate_key(), json.duplicate_key()), (None, Some("c")));
        assert_eq!(json.to_string(), r#"{"a":1550676938.352000,"b":{"c":1,"c":2},"d":"é😀�x","e":[true,null]}"#);
    }

    #[test]
    fn many_keys_are_searched_as_well() {
        let keys = |last: &str| format!("{{{}\"{last}\":0}}", (0..40).map(|n| format!("\"k{n}\":0,")).collect::<String>());
        assert_eq!(Json::parse(keys("k7").as_bytes()).unwrap().duplicate_key(), Some("k7"));
        assert_eq!(Json::parse(keys("new").as_bytes()).unwrap().duplicate_key(), None);
    }

    #[test]
    fn refuses_what_is_no_json_and_says_where() {
        for (text, at) in
            [("", 0), ("{", 1), ("[1,]", 3), ("{\"a\" 1}", 5), ("01", 1), ("1.", 2), ("\"\n\"", 1), ("nul", 0), ("[1] x", 4), ("\"\\x\"", 2), ("-", 1)]
        {
            assert_eq!(Json::parse(text.as_bytes()), Err(Malformed { at }), "{text:?}");
        }
        assert!(Json::parse(b"\"\xff\"").is_err());
        assert!(Json::parse("[".repeat(1_000_000).as_bytes()).is_err());
    }

    proptest! {
        /// The two agree on what is JSON, and on what it says, wherever serde_json can say it.
        #[test]
        fn agrees_with_serde_json(text in r#"[\[\]{}:,"\\/a-f0-9.+eEtrulns \n-]{0,24}"#) {
            let ours = Json::parse(text.as_bytes());
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(theirs) => {
                    let ours = ours.unwrap();
                    prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&ours.to_string()).unwrap(), theirs);
                }
                // Numbers beyond a double, and half a surrogate pair, are JSON all the same.
                Err(error) => prop_assert!(ours.is_err() || error.to_string().contains("out of range") || text.contains("\\u"), "{} {}", text, error),
            }
        }
    }
}
