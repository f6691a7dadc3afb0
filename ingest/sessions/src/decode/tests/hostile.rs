//! Damage, bombs, and bytes that nobody meant to be a log.

use std::io::{self, ErrorKind, Read};

use proptest::prelude::*;

use super::super::body::{BOMB_BYTES, Body, MEMBERS};
use super::super::scan;
use super::super::text::{DOCUMENT_CAP, LINE_CAP, Line, Text};
use super::*;

const TRAIL: &str = "210987654321_CloudTrail_eu-west-3_20260714T0945Z_abcdefghijklmnop.json.gz";
const EXPORT: &str = "task/ana-0c3d5e7f90a1b2c3d/000000.gz";
const ACTIVE: &str = "210987654321/eu-west-3/20260714T091500Z/describe-sessions-active.json";
const TRANSCRIPT: &str = "ana-0c3d5e7f90a1b2c3d.log";

/// One object of each kind and shape, with its key.
fn samples() -> Vec<(SourceKind, &'static str, &'static [u8])> {
    vec![
        (SourceKind::CloudTrail, TRAIL, include_bytes!("../../../fixtures/cloudtrail/records.json")),
        (SourceKind::CloudWatch, "page.ndjson", include_bytes!("../../../fixtures/cloudwatch/page.ndjson")),
        (SourceKind::CloudWatch, "answer.json", include_bytes!("../../../fixtures/cloudwatch/answer.json")),
        (SourceKind::CloudWatch, EXPORT, include_bytes!("../../../fixtures/cloudwatch/export.txt")),
        (SourceKind::Account, ACTIVE, include_bytes!("../../../fixtures/account/describe-sessions-active.json")),
    ]
}

/// Reads; without the note that a snapshot's question was asked and not answered.
fn read_answered(kind: SourceKind, key: &str, bytes: &[u8]) -> (Found, Explained) {
    let (mut found, explained) = read(kind, key, bytes);
    if let [Fact::Observation(observation)] = &found.facts[..]
        && kind == SourceKind::Account
    {
        assert!(!observation.complete && observation.items == 0, "{observation:?}");
        found.facts.clear();
    }
    (found, explained)
}

#[test]
fn a_gzip_that_is_cut_anywhere_keeps_what_came_before() {
    for (kind, key, bytes) in samples() {
        let packed = gzip(bytes);
        let (whole, _) = read(kind, key, &packed);
        let mut kept = 0;
        for cut in 3..packed.len() {
            let (found, explained) = read_answered(kind, key, &packed[..cut]);
            assert!(whole.facts.starts_with(&found.facts), "{key} {cut}");
            assert_eq!(found.rejects.iter().filter(|reject| reject.code == Code::GzipCorrupt).count(), 1, "{key} {cut}");
            assert!(found.rejects.len() <= 1 + whole.rejects.len(), "{key} {cut} {:?}", found.rejects);
            assert_eq!(explained.sha256, Some(schemas::sha256_hex(&packed[..cut])));
            assert!(found.facts.len() >= kept, "{key} {cut}");
            kept = found.facts.len();
        }
        assert!(kept > 0 || kind == SourceKind::Account, "{key}: something is kept of almost all of it");
    }
}

#[test]
fn json_that_is_cut_anywhere_keeps_what_came_before() {
    for (kind, key, bytes) in samples().into_iter().filter(|(_, key, _)| *key != EXPORT) {
        let (whole, _) = read(kind, key, bytes);
        for cut in (1..bytes.trim_ascii_end().len()).step_by(7) {
            let (found, _) = read_answered(kind, key, &bytes[..cut]);
            assert!(whole.facts.starts_with(&found.facts), "{key} {cut}");
            let is_between_lines = key == "page.ndjson" && bytes[..=cut].contains(&b'\n') && (bytes[cut - 1] == b'\n' || bytes[cut] == b'\n');
            assert!(is_between_lines || found.rejects.len() > whole.rejects.iter().filter(|_| found.facts.len() == whole.facts.len()).count(), "{key} {cut}");
        }
    }
}

#[test]
fn a_mark_of_utf8_is_passed_over_and_utf16_is_told() {
    for (kind, key, bytes) in samples() {
        let (plain, _) = read(kind, key, bytes);
        assert!(!plain.facts.is_empty(), "{key}");
        let marked = [b"\xef\xbb\xbf", bytes].concat();
        for stored in [marked.clone(), gzip(&marked)] {
            let (found, explained) = read(kind, key, &stored);
            assert_eq!(found, plain, "{key}");
            assert_eq!(explained.sha256, Some(schemas::sha256_hex(&stored)), "{key}: the bytes as stored, mark and all");
        }
        let text = std::str::from_utf8(bytes).unwrap();
        let wide = |mark: bool, order: fn(u16) -> [u8; 2]| mark.then_some(0xfeff).into_iter().chain(text.encode_utf16()).flat_map(order).collect::<Vec<u8>>();
        let mut wides = vec![wide(true, u16::to_le_bytes), wide(true, u16::to_be_bytes)];
        if key != EXPORT {
            wides.extend([wide(false, u16::to_le_bytes), wide(false, u16::to_be_bytes)]);
        }
        for stored in wides {
            let (found, _) = read_answered(kind, key, &stored);
            let said: Vec<_> = found.rejects.iter().map(|reject| (reject.at.as_str(), reject.code, reject.detail.as_str())).collect();
            assert!(found.facts.is_empty(), "{key}");
            assert_eq!(said, [("", Code::JsonInvalid, "the text is UTF-16, and must be UTF-8")], "{key}");
        }
    }
}

#[test]
fn all_members_count() {
    for (kind, key, bytes) in samples() {
        let (plain, _) = read(kind, key, bytes);
        let split = [gzip(&bytes[..bytes.len() / 3]), gzip(b""), gzip(&bytes[bytes.len() / 3..])].concat();
        let (found, explained) = read(kind, key, &split);
        assert_eq!((&found, explained.gzip_members), (&plain, Some(3)), "{key}");
        let (found, explained) = read(kind, key, &[&split[..], &[0; 512]].concat());
        assert_eq!((&found, explained.gzip_members), (&plain, Some(3)), "{key}: zeros are padding");
        let (found, _) = read(kind, key, &[&split[..], b"\0\0tail"].concat());
        assert_eq!(found.rejects.last().map(|reject| reject.code), Some(Code::GzipCorrupt), "{key}");
    }
}

#[test]
fn a_flipped_bit_is_noticed() {
    let (kind, key, bytes) = samples()[0];
    let packed = gzip(bytes);
    for at in (2..packed.len()).step_by(11) {
        let mut flipped = packed.clone();
        flipped[at] ^= 0x10;
        // Nobody checks the time and the operating system in the header, nor the bits that fill the last byte before the trailer.
        let is_unchecked = (4..10).contains(&at) || at == packed.len() - 9;
        let (found, _) = read(kind, key, &flipped);
        assert!(is_unchecked || found.rejects.iter().any(|reject| reject.code == Code::GzipCorrupt), "{at} of {}: {:?}", packed.len(), found.rejects);
    }
}

/// A reader that gives `bytes` in pieces of `piece`, and then fails.
struct Failing<'b> {
    bytes: &'b [u8],
    piece: usize,
    end: Option<ErrorKind>,
}

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() {
            return self.end.map_or(Ok(0), |kind| Err(kind.into()));
        }
        let room = self.piece.min(buffer.len());
        self.bytes.read(&mut buffer[..room])
    }
}

fn read_failing(kind: SourceKind, key: &str, body: &mut Failing<'_>) -> (Found, Explained) {
    let mut found = Found::default();
    let explained = decode(&object(kind, key), body, &mut found);
    (found, explained)
}

#[test]
fn how_the_bytes_arrive_makes_no_difference() {
    for (kind, key, bytes) in samples() {
        let packed = gzip(bytes);
        for bytes in [bytes, &packed] {
            let whole = read(kind, key, bytes);
            for piece in [1, 7, 1_000] {
                assert_eq!(read_failing(kind, key, &mut Failing { bytes, piece, end: None }), whole, "{key} {piece}");
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    for (kind, key, bytes) in samples() {
        for cut in [0, bytes.len() / 2] {
            let (found, explained) = read_failing(kind, key, &mut Failing { bytes: &bytes[..cut], piece: 100, end: Some(ErrorKind::PermissionDenied) });
            assert_eq!(found.rejects.iter().filter(|reject| reject.code == Code::Unreadable).count(), 1, "{key}");
            assert!(explained.is_denied() && explained.sha256.is_none(), "{key}");
            assert!(read(kind, key, bytes).0.facts.starts_with(&found.facts), "{key}");
        }
    }
    let (found, explained) =
        read_failing(SourceKind::Transcripts, TRANSCRIPT, &mut Failing { bytes: b"Script started on", piece: 3, end: Some(ErrorKind::PermissionDenied) });
    let upload = found.events()[0];
    assert_eq!(
        (upload.kind, upload.event_time, upload.bytes, upload.lines, upload.exit_line),
        (EventKind::Upload, Some(at("2026-07-14T09:15:07Z")), Some(4_711), None, None)
    );
    assert_eq!((found.events().len(), found.rejects.len(), explained.is_denied()), (1, 1, true));
    let (_, explained) = read_failing(SourceKind::Transcripts, "notes.log", &mut Failing { bytes: b"x", piece: 1, end: Some(ErrorKind::TimedOut) });
    assert_eq!((explained.unreadable, explained.is_denied()), (Some(ErrorKind::TimedOut), false));
}

#[test]
fn a_bomb_is_refused_and_not_held() {
    let zeros = gzip(&vec![b'0'; 70 << 20]);
    let bomb = zeros.repeat(20);
    for (kind, key) in [
        (SourceKind::CloudTrail, TRAIL),
        (SourceKind::CloudWatch, EXPORT),
        (SourceKind::CloudWatch, "page.json"),
        (SourceKind::Account, ACTIVE),
        (SourceKind::Transcripts, TRANSCRIPT),
    ] {
        let (found, explained) = read_answered(kind, key, &bomb);
        assert!(found.rejects.iter().any(|reject| reject.code == Code::TooLarge), "{key} {:?}", found.rejects);
        // Nothing beyond what was ahead at the bound was read.
        assert!(explained.sha256.is_none() && explained.bytes < 3 * zeros.len() as u64, "{key} {}", explained.bytes);
        let uploads = usize::from(kind == SourceKind::Transcripts);
        assert_eq!(found.facts.len(), uploads, "{key}");
    }
    let (mut input, mut desk) = (&bomb[..], Desk::default());
    let mut body = Body::new(&mut input, &mut desk);
    let mut text = Text::new(&mut body);
    let (held, damage) = text.whole();
    assert_eq!((held.len() as u64 <= 2 * BOMB_BYTES, damage), (true, Some(Code::TooLarge)));
    let (mut input, mut desk) = (&bomb[..], Desk::default());
    let mut body = Body::new(&mut input, &mut desk);
    let mut text = Text::new(&mut body);
    assert!(matches!(text.line(), Line::TooLong { number: 1, .. }));
    assert!(text.head(0).is_empty() && text.is_damaged(), "of a line that is passed over nothing is held");
}

#[test]
fn a_bomb_made_of_lines_is_refused() {
    // Long enough that the test does not take its time over millions of them.
    let line = &[&b"2026-07-14T09:00:02.017Z "[..], &[b'x'; 4_000], b"\n"].concat();
    let lines = gzip(&line.repeat((70 << 20) / line.len()));
    let bomb = lines.repeat(20);
    // A sink that counts, since millions of events are not worth holding.
    #[derive(Default)]
    struct Count(u64, Vec<Reject>);
    impl Sink for Count {
        fn fact(&mut self, _: Fact) {
            self.0 += 1;
        }
        fn reject(&mut self, reject: Reject) {
            self.1.push(reject);
        }
    }
    let mut count = Count::default();
    let explained = decode(&object(SourceKind::CloudWatch, EXPORT), &mut &bomb[..], &mut count);
    assert!(count.1.iter().any(|reject| reject.code == Code::TooLarge) && explained.bytes < 3 * lines.len() as u64);
    assert!(count.0 <= 2 * BOMB_BYTES / line.len() as u64, "{}", count.0);
    let other = [&b"no"[..], &[b' '; 4_000], b"\n"].concat();
    let others = gzip(&other.repeat((70 << 20) / other.len())).repeat(20);
    for (kind, key) in [(SourceKind::CloudWatch, "page.ndjson"), (SourceKind::CloudTrail, TRAIL), (SourceKind::Transcripts, TRANSCRIPT)] {
        let (found, _) = read(kind, key, &others);
        assert!(found.rejects.iter().any(|reject| reject.code == Code::TooLarge), "{key} {:?}", found.rejects);
        let texts: Vec<_> = found.events().iter().map(|event| (event.kind, event.lines)).collect();
        assert_eq!(texts, if kind == SourceKind::Transcripts { vec![(EventKind::Upload, None)] } else { vec![] }, "{key}");
    }
}

#[test]
fn a_flood_of_members_is_refused() {
    let members = gzip(b"").repeat(MEMBERS as usize);
    let (found, explained) = read(SourceKind::CloudWatch, EXPORT, &members);
    assert_eq!((found.rejects(), explained.gzip_members), (vec![], Some(MEMBERS)));
    let (found, explained) = read(SourceKind::CloudWatch, EXPORT, &[members, gzip(b"")].concat());
    assert_eq!((found.rejects(), explained.gzip_members), (vec![("", Code::TooLarge)], Some(MEMBERS)));
}

#[test]
fn a_document_beyond_the_cap_keeps_what_came_before() {
    let record = include_str!("../../../fixtures/cloudtrail/records.json");
    let open = record.trim_end().strip_suffix("]}").unwrap();
    // Not compressible enough to be a bomb, and too large: it is cut at the cap, within the filler.
    let filler: String = (0..500_000_u64).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let text = format!("{open},{{\"eventName\":\"x\",\"eventSource\":\"y\",\"z\":\"{}\"}}]}}", filler.repeat(1 + DOCUMENT_CAP / filler.len()));
    let (found, _) = read(SourceKind::CloudTrail, TRAIL, text.as_bytes());
    assert_eq!((found.rejects(), found.events().len()), (vec![("", Code::TooLarge)], 15));
}

#[test]
fn a_line_beyond_the_cap_is_refused_alone() {
    let long = "x".repeat(LINE_CAP + 1);
    let page = String::from_utf8_lossy(include_bytes!("../../../fixtures/cloudwatch/page.ndjson"));
    let (found, _) = read(SourceKind::CloudWatch, "page.ndjson", format!("{page}{{\"message\":\"{long}\"}}\n{page}{long}").as_bytes());
    assert_eq!((found.rejects(), found.events().len()), (vec![("line 4", Code::TooLarge), ("line 8", Code::TooLarge)], 8));

    let export = String::from_utf8_lossy(include_bytes!("../../../fixtures/cloudwatch/export.txt"));
    let text = format!("{export}2026-07-14T09:16:00.000Z {long}\n{export}{long}\n{export}");
    let (found, _) = read(SourceKind::CloudWatch, EXPORT, text.as_bytes());
    // The second long line continues the text before it, and takes it along.
    assert_eq!((found.rejects(), found.events().len()), (vec![("line 7", Code::TooLarge), ("line 10", Code::TooLarge)], 10));
    let many = format!("2026-07-14T09:16:00.000Z x\n{}2026-07-14T09:17:00.000Z y\n", "0123456789\n".repeat(LINE_CAP / 10));
    let (found, _) = read(SourceKind::CloudWatch, EXPORT, many.as_bytes());
    assert_eq!((found.rejects(), found.events().len()), (vec![("line 1", Code::TooLarge)], 1));
}

#[test]
fn a_flood_of_rejects_is_counted() {
    let (found, _) = read(SourceKind::CloudWatch, "page.ndjson", "no\n".repeat(5_000).as_bytes());
    assert_eq!(found.rejects.len(), 1_001);
    assert_eq!((&*found.rejects[1_000].at, &*found.rejects[1_000].detail), ("after 1000", "4000 more like these"));
}

#[test]
fn deep_nesting_is_refused() {
    for text in ["[".repeat(200_000), "{\"a\":".repeat(200_000), format!("{{\"Records\":[{}", "[".repeat(200_000))] {
        for (kind, key) in [(SourceKind::CloudTrail, TRAIL), (SourceKind::CloudWatch, "page.json"), (SourceKind::Account, ACTIVE)] {
            let (found, _) = read_answered(kind, key, text.as_bytes());
            assert_eq!((found.facts.len(), found.rejects.is_empty()), (0, false));
        }
    }
}

fn any_kind() -> impl Strategy<Value = (SourceKind, &'static str)> {
    prop::sample::select(vec![
        (SourceKind::Transcripts, TRANSCRIPT),
        (SourceKind::CloudWatch, EXPORT),
        (SourceKind::CloudWatch, "page.json"),
        (SourceKind::CloudTrail, TRAIL),
        (SourceKind::CloudTrail, "task/210987654321_CloudTrail_eu-west-3/000000.gz"),
        (SourceKind::Account, ACTIVE),
        (SourceKind::Account, "210987654321/eu-west-3/20260714T091500Z/get-document-X-1.json"),
        (SourceKind::Account, "210987654321/eu-west-3/20260714T091500Z/describe-instances.json"),
    ])
}

/// Bytes of no sense, and bytes that begin to make sense.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        " ",
        "{\"Records\":[",
        "\"events\":[",
        "\"Sessions\":[",
        "\"Reservations\":[{\"Instances\":[",
        "\"eventName\":\"StartSession\"",
        "\"eventSource\":\"ssm.amazonaws.com\"",
        "\"eventTime\":\"2026-07-14T09:00:00Z\"",
        "\"timestamp\":1784019602017",
        "\"message\":\"",
        "\"Content\":\"a: &a [*a]\"",
        "\"DocumentFormat\":\"YAML\"",
        "2026-07-14T09:00:02.017Z ",
        "Script started on 2026-07-14 09:15:00+0000",
        "Script done on ",
        "[COMMAND=\"cat ",
        "/session/orchestration/",
        "\u{1b}[0m",
        "\u{1b}]0;",
        "exit",
        "null",
        "1e5",
        "\"SessionId\":\"a\"",
        "ssm-session-logger",
    ]);
    let text = prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        text.clone(),
        text.prop_map(|text| gzip(&text)),
        prop::collection::vec(any::<u8>(), 0..100).prop_map(|bytes| [&[0x1f, 0x8b, 8][..], &bytes].concat())
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic((kind, key) in any_kind(), bytes in any_bytes()) {
        let (found, explained) = read(kind, key, &bytes);
        prop_assert_eq!(explained.bytes, bytes.len() as u64);
        prop_assert_eq!(explained.sha256, Some(schemas::sha256_hex(&bytes)));
        // Nothing is passed over in silence, but for what was understood.
        prop_assert!(!found.facts.is_empty() || !found.rejects.is_empty() || explained.passed_over > 0 || says_nothing(&bytes), "{key} {:?}", bytes.escape_ascii().to_string());
    }

    #[test]
    fn members_make_no_difference((kind, key) in any_kind(), bytes in any_bytes(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4)) {
        prop_assume!(!bytes.starts_with(&[0x1f, 0x8b]));
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let mut from = 0;
        let mut packed = Vec::new();
        for cut in cuts.into_iter().chain([bytes.len()]) {
            packed.extend(gzip(&bytes[from..cut]));
            from = cut;
        }
        let (plain, _) = read(kind, key, &bytes);
        let (found, _) = read(kind, key, &packed);
        prop_assert_eq!(found.rejects, plain.rejects);
        prop_assert_eq!(found.facts.len(), plain.facts.len());
    }
}

/// An empty file says nothing, and so does the honest one of a quiet hour: nothing but lists that are empty.
fn says_nothing(bytes: &[u8]) -> bool {
    let mut unpacked = Vec::new();
    let mut decoder = flate2::write::GzDecoder::new(&mut unpacked);
    let text = if bytes.starts_with(&[0x1f, 0x8b]) && decoder.write_all(bytes).is_ok() && decoder.finish().is_ok() { unpacked } else { bytes.to_vec() };
    let mut at = scan::blanks(&text, 0);
    while at < text.len() {
        let Ok(end) = scan::value(&text, at) else { return false };
        let is_empty = Json::parse(&text[at..end]).is_ok_and(|json| match &json {
            Json::Array(items) => items.is_empty(),
            _ => ["Records", "events"].into_iter().any(|list| json.get(list).and_then(Json::items).is_some_and(<[_]>::is_empty)),
        });
        if !is_empty {
            return false;
        }
        at = scan::blanks(&text, end);
    }
    true
}
