//! The grid of windows that a log group is cut by, and the keys that their parts are listed under.
//!
//! ```text
//!   eu-west-1/log-group:%2Fssm%2Fsessions/20260714T091500Z-00000.ndjson
//!   eu-west-1/from/log-group:%2Fssm%2Fsessions/20260714T091500Z-00000.ndjson     read with `--from`, ahead of what is known
//! ```

use schemas::Timestamp;

/// The length of a window. A window is stored anew while it grows, so a run stores again what the last few minutes hold and no more; and a
/// year of a group that is never silent is some hundred thousand objects.
pub(super) const WINDOW: i64 = 5 * 60 * 1_000;

/// How far a listing goes back behind the newest window that is known: 2 hours, since that far ahead an event may be dated; 1 hour, which
/// the service may take until it shows what it has taken; and 3 hours for what an instance sends late. `--from` goes further back.
pub(super) const OVERLAP: i64 = 6 * 60 * 60 * 1_000;

/// The start of the window that a time lies in; in milliseconds, as all times of the service. Times that cannot be are held at the ends of
/// those that can: what they are on is refused when it is decoded.
pub(super) fn window_of(at: i64) -> i64 {
    let at = at.clamp(0, END - 1);
    at - at % WINDOW
}

/// Where in a group's listings its windows stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Everything before them was read, too: a later run may begin here.
    InLine,
    /// They were asked for by time, and what lies before them may be unread. Kept apart, so that no later run takes it for read.
    Ahead,
}

/// The folder of a group's windows.
pub(super) fn folder(region: &str, group: &str, line: Line) -> String {
    let ahead = match line {
        Line::InLine => "",
        Line::Ahead => "from/",
    };
    // One segment, whatever the group is called: as a path, its name could end up outside, or name what is passed over.
    format!("{region}/{ahead}log-group:{}/", group.replace('/', "%2F"))
}

/// The key of a part within its folder.
pub(super) fn name(window: i64, part: u32) -> String {
    let start = Timestamp::from_micros(window.saturating_mul(1_000)).to_string();
    let compact: String = start.chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{compact}Z-{part:05}.ndjson")
}

/// The window and part of a key within its folder; `None` where [`name`] never gives it.
pub(super) fn parse(text: &str) -> Option<(i64, u32)> {
    let (start, part) = text.strip_suffix(".ndjson")?.split_once('-')?;
    let (start, part) = (Timestamp::parse_compact(start).ok()?.micros() / 1_000, part.parse().ok()?);
    (window_of(start) == start && name(start, part) == text).then_some((start, part))
}

/// 2200-01-01T00:00:00Z, in milliseconds.
const END: i64 = 7_258_118_400_000;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use sessions::decode::{Interest, SourceKind, interest};

    #[test]
    fn a_key_says_its_window_and_its_part() {
        let at = Timestamp::parse("2026-07-14T09:17:59.999Z").unwrap().micros() / 1_000;
        let key = name(window_of(at), 12);
        assert_eq!(key, "20260714T091500Z-00012.ndjson");
        assert_eq!(parse(&key), Some((window_of(at), 12)));
        for stray in ["", "20260714T091500Z-12.ndjson", "20260714T091501Z-00012.ndjson", "20260714T0915Z-00012.ndjson", "20260714T091500Z-00012.json"] {
            assert_eq!(parse(stray), None, "{stray}");
        }
    }

    #[test]
    fn keys_are_ordered_as_times_are() {
        let mut keys: Vec<String> = [(0, 0), (WINDOW, 0), (WINDOW, 1), (WINDOW, 10), (window_of(i64::MAX), 0)].map(|(window, part)| name(window, part)).into();
        let sorted = keys.clone();
        keys.sort();
        assert_eq!(keys, sorted);
        assert_eq!(window_of(-7), 0);
    }

    #[test]
    fn every_group_is_read_whatever_it_is_called() {
        for group in ["/ssm/sessions", "CloudTrail-Digest", "111122223333/Config", "a/../../b", "#._-/"] {
            for line in [Line::InLine, Line::Ahead] {
                let key = format!("{}{}", folder("eu-west-1", group, line), name(0, 0));
                for kind in [SourceKind::CloudWatch, SourceKind::CloudTrail] {
                    assert_eq!(interest(kind, &key), Interest::Read, "{key}");
                }
                assert!(key.split('/').all(|segment| !matches!(segment, "" | "." | "..")), "{key}");
            }
        }
    }
}
