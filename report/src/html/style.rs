//! The only style of the page, and the policy that allows it and nothing else.

use schemas::sha256;

/// The style, as it stands between its tags.
pub(super) const STYLE: &str = include_str!("report.css");

/// The policy of the page: nothing is fetched, nothing runs, and of styles only this one counts.
pub(super) fn policy() -> String {
    format!("default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'", base64(&sha256(STYLE.as_bytes())))
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, place| bits << 8 | u32::from(chunk.get(place).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = bits >> (18 - 6 * place) & 63;
            let digit = DIGITS.get(usize::try_from(digit).unwrap_or(0)).copied().unwrap_or(b'A');
            text.push(if place > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xef, 0xbe]), "/+++");
    }

    #[test]
    fn the_style_fetches_nothing_and_ends_no_element() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains("</") && !STYLE.contains('\r'));
        assert!(policy().starts_with("default-src 'none'; style-src 'sha256-"));
    }
}
