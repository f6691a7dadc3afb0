//! A gzip file of one member, inflated at once: faster than piece by piece, since neither a window is kept nor a state between the pieces.
//!
//! The decoder for whole members tells neither where the member ended nor what is wrong with it. So only what is proven to be one sound
//! member and nothing else is taken; all the rest, damaged files above all, is left to be read piece by piece, as if nobody had tried.

use memchr::memmem;

use super::desk::Desk;

/// The largest file that is inflated at once, in bytes as stored …
pub(super) const STORED: usize = 16 << 20;
/// … and as text. No bomb is as small as that.
const TEXT: usize = 64 << 20;
/// Magic, method, flags, time, extra flags, operating system.
const HEADER: usize = 10;
/// CRC-32 and length of the text.
const TRAILER: usize = 8;
/// The only flag that is understood here: a file name follows the header. It is the only one that AWS sets, if any.
const HAS_NAME: u8 = 8;

/// Inflates the file that lies on the desk as a whole; `None` where it is not known to be one sound member and nothing else.
///
/// The decoder checks CRC and length at the end of the first member, wherever that is. The file ends where that member does: for its length
/// stands nowhere in the file but in the last four bytes, so nowhere else can the member's trailer be.
pub(super) fn inflate(desk: &mut Desk) -> Option<Vec<u8>> {
    let Desk { stored, text, inflater, .. } = desk;
    let flags = *stored.get(3)?;
    if stored.len() < HEADER + TRAILER || flags & !HAS_NAME != 0 {
        return None;
    }
    let (_, length) = stored.split_last_chunk::<4>()?;
    let expected = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|expected| (1..=TEXT).contains(expected))?;
    if memmem::find(stored, length)? + length.len() != stored.len() {
        return None;
    }
    text.resize(expected, 0);
    let found = inflater.gzip_decompress(stored, text).ok()?;
    (found == expected).then(|| std::mem::take(text))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use std::io::Write;

    use flate2::write::GzEncoder;
    use flate2::{Compression, GzBuilder};
    use proptest::prelude::*;

    use super::super::body::{Body, Damage};
    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn at_once(stored: &[u8]) -> Option<Vec<u8>> {
        inflate(&mut Desk { stored: stored.to_vec(), ..Desk::default() })
    }

    type Read = (Vec<u8>, u64, Option<String>, Option<i64>, Option<Damage>);

    fn read(mut body: Body<'_>) -> Read {
        let mut text = Vec::new();
        while body.read(&mut text, 1_000) {}
        let stored = body.close();
        (text, stored.bytes, stored.sha256, stored.gzip_members, stored.damage)
    }

    /// Both ways must tell the same of any bytes.
    fn assert_same(stored: &[u8]) {
        let (mut first, mut second, mut desk, mut other) = (stored, stored, Desk::default(), Desk::default());
        assert_eq!(read(Body::new(&mut first, &mut desk)), read(Body::in_pieces(&mut second, &mut other)), "{}", stored.escape_ascii());
    }

    #[test]
    fn takes_one_sound_member_and_nothing_else() {
        let text = "some text that says a thing or two. ".repeat(10_000);
        let packed = gzip(text.as_bytes());
        assert_eq!(at_once(&packed).as_deref(), Some(text.as_bytes()));
        let mut named = GzBuilder::new().filename("a.json").write(Vec::new(), Compression::fast());
        named.write_all(text.as_bytes()).unwrap();
        let named = named.finish().unwrap();
        assert_eq!(at_once(&named).as_deref(), Some(text.as_bytes()));
        // What follows a member is never passed over, whatever it pretends to be.
        let trailer = &packed[packed.len() - TRAILER..];
        for more in [&packed[..], trailer, &[trailer, trailer].concat(), &trailer[4..], &[0; 512], b"tail"] {
            let longer = [&packed, more].concat();
            assert_eq!(at_once(&longer), None);
            assert_same(&longer);
        }
        assert_eq!((at_once(&gzip(b"")), at_once(&packed[..packed.len() - 1]), at_once(b"\x1f\x8b")), (None, None, None));
    }

    #[test]
    fn what_is_too_large_is_left() {
        assert_eq!(at_once(&gzip(&vec![b'x'; TEXT + 1])), None);
        assert!(at_once(&gzip(&vec![b'x'; TEXT])).is_some());
    }

    #[test]
    fn a_desk_keeps_nothing_of_the_object_before() {
        let mut desk = Desk::default();
        for text in ["a longer text", "short", "", "a text that is longer still"] {
            let packed = gzip(text.as_bytes());
            assert_eq!(read(Body::new(&mut &packed[..], &mut desk)).0, text.as_bytes());
            assert_eq!(read(Body::new(&mut text.as_bytes(), &mut desk)).0, text.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn makes_no_difference(text in prop::collection::vec(prop::sample::select(b"abc\n\x00".to_vec()), 0..3_000), flips in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..3), cut in any::<prop::sample::Index>(), tail in prop::collection::vec(any::<u8>(), 0..12)) {
            let packed = gzip(&text);
            assert_same(&packed);
            assert_same(&packed[..cut.index(packed.len())]);
            assert_same(&[&packed[..], &tail].concat());
            assert_same(&[&packed[..], &packed].concat());
            let mut flipped = packed;
            for (at, bits) in flips {
                let at = at.index(flipped.len());
                flipped[at] ^= bits;
            }
            assert_same(&flipped);
        }
    }
}
