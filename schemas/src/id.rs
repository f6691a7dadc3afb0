//! Ids: computed from what they name, never random, so that reading the same bytes twice gives the same rows.

use sha2::{Digest, Sha256};

/// A Session Manager session id: `<caller name>-<suffix>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// Takes a text that has the form of the ids Session Manager makes: a name in `[A-Za-z0-9_+=,.@-]`, a dash, and either `0` and
    /// 16 hexadecimal digits or 26 of `[a-z0-9]`; 96 characters at most.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, suffix) = text.rsplit_once('-')?;
        let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
        let older = suffix.len() == 17 && suffix.starts_with('0') && suffix.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let newer = suffix.len() == 26 && suffix.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        (named && (older || newer) && text.len() <= 96).then(|| Self(text.to_owned()))
    }

    /// The id as AWS writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> Self {
        id.0
    }
}

/// The bucket (0 to 255) of a session: all evidence of one session id lies in one, whatever account it turns out to belong to.
#[must_use]
pub fn bucket(session_id: &str) -> u8 {
    Sha256::digest(session_id.as_bytes())[0]
}

/// An id computed from `parts`: SHA-256 over each part's length and bytes, so that no two lists of parts meet.
#[must_use]
pub fn computed_id(parts: &[&[u8]]) -> String {
    hex(&computed_digest(parts))
}

/// The digest that [`computed_id`] writes out, where many are kept.
#[must_use]
pub fn computed_digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let text = digest.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect();
    // Digits are text, so nothing is ever left out.
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_session_id() {
        for id in [
            "Matt-07a16060613c408b5",
            "root-5hvouhyykagjjk3f6glxk8o6bu",
            "a@b.c-0a1b2c3d4e5f60718",
            "=1+1-0a1b2c3d4e5f60718",
            "i-0fedcba9876543210-0b1b2c3d4e5f60718",
        ] {
            assert!(SessionId::parse(id).is_some(), "{id}");
        }
        for id in ["", "notes", "Matt-17a16060613c408b5", "Matt-07A16060613c408b5", "-07a16060613c408b5", "../x-07a16060613c408b5", "Matt-07a16060613c408b"] {
            assert!(SessionId::parse(id).is_none(), "{id}");
        }
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(computed_id(&[b"ab", b"c"]), computed_id(&[b"a", b"bc"]));
    }
}
