//! Transcripts: what `script(1)` wrote around a session's text, and how the text ends (rulings R9 and R15).
//!
//! The text itself is made on the instance, by whoever sat there; nothing in it is believed but the frame that the agent's own call of
//! `script` puts around it: the first line, and the last.

use memchr::memmem::Finder;
use memchr::{memchr_iter, memrchr};
use schemas::Timestamp;

use super::body::Body;
use super::terminal::{is_blank, is_exit, visible};

/// What a transcript tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Transcript {
    /// `Script started on`, in the header.
    pub(crate) started: Option<Stamp>,
    /// `Script done on`, in the last line.
    pub(crate) done: Option<Stamp>,
    /// What the header's COMMAND says of the session.
    pub(crate) command: Option<Command>,
    /// Whether the text ends in an `exit` or `logout` line.
    pub(crate) exit_line: bool,
    /// Lines, the frame included.
    pub(crate) lines: u64,
}

/// The time in a stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// With its offset, by the instance's clock.
    At(Timestamp),
    /// It has the form of a time, and there is no such time.
    Impossible,
}

/// The path in the COMMAND of a header: `…/<target>/session/orchestration/<session id>/…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) target_id: String,
    pub(crate) session_id: String,
}

/// How much of the beginning and of the end is looked at.
const EDGE: usize = 64 << 10;
const PIECE: usize = 64 << 10;
/// The program whose call stands in the transcripts of old agents.
const LOGGER: &[u8] = b"ssm-session-logger";
/// Old agents' logger says a few lines at most before the header.
const NOISE_LINES: usize = 32;

impl Transcript {
    /// Reads a text that is in memory.
    pub(crate) fn of(text: &[u8]) -> Self {
        let has_logger = Finder::new(LOGGER).find(text).is_some();
        Self::from_edges(text, text, has_logger, lines(text))
    }

    /// Reads a body to its end, and keeps no more than its edges; `None` where it is damaged, or a bomb.
    pub(super) fn read(body: &mut Body<'_>) -> Option<Self> {
        let finder = Finder::new(LOGGER);
        let (mut head, mut tail): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
        let (mut has_logger, mut newlines, mut since_newline, mut is_cut) = (false, 0, 0_u64, false);
        loop {
            let before = tail.len();
            if !body.read(&mut tail, PIECE) {
                break;
            }
            let piece = &tail[before..];
            newlines += memchr_iter(b'\n', piece).count() as u64;
            since_newline = memrchr(b'\n', piece).map_or(since_newline + piece.len() as u64, |last| (piece.len() - last - 1) as u64);
            has_logger |= finder.find(&tail[before.saturating_sub(LOGGER.len())..]).is_some();
            if head.len() < EDGE {
                head.extend_from_slice(&piece[..piece.len().min(EDGE - head.len())]);
            }
            if tail.len() > 4 * EDGE {
                tail.drain(..tail.len() - EDGE);
                is_cut = true;
            }
        }
        if body.damage().is_some() {
            return None;
        }
        if is_cut {
            // The first line of the tail lacks its beginning, and so cannot be taken for a line that is `exit` alone.
            tail.insert(0, b'.');
        }
        Some(Self::from_edges(&head, &tail, has_logger, newlines + u64::from(since_newline > 0)))
    }

    fn from_edges(head: &[u8], tail: &[u8], has_logger: bool, lines: u64) -> Self {
        let header = header(head);
        let mut last = filled_lines(tail);
        let mut line = last.next();
        let done = line.as_deref().and_then(|line| stamp(line.strip_prefix(DONE)?));
        if line.as_deref().is_some_and(|line| line.starts_with(b"Script done")) {
            line = last.next();
        }
        let is_loggers_own = has_logger && line.as_deref().is_some_and(is_exit);
        if is_loggers_own {
            line = last.next();
        }
        Self {
            started: header.and_then(|line| stamp(line.strip_prefix(STARTED)?)),
            done,
            command: header.and_then(command),
            exit_line: line.as_deref().is_some_and(is_exit),
            lines,
        }
    }
}

const STARTED: &[u8] = b"Script started on ";
const DONE: &[u8] = b"Script done on ";

/// The first line, where it is a header; or the first one after nothing but the noise of an old agent's logger.
fn header(head: &[u8]) -> Option<&[u8]> {
    let mut has_logger = false;
    for (index, line) in head.split(|byte| *byte == b'\n').take(NOISE_LINES).enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(STARTED) && (index == 0 || has_logger) {
            return Some(line);
        }
        let line = visible(line);
        let is_call = Finder::new(LOGGER).find(&line).is_some();
        let is_noise =
            is_call || is_blank(&line) || [&b" INFO "[..], b" WARN ", b" ERROR ", b" DEBUG "].iter().any(|level| Finder::new(level).find(&line).is_some());
        if !is_noise {
            return None;
        }
        has_logger |= is_call;
    }
    None
}

/// The time at the beginning of `text`: `2021-03-15 11:41:00+0000`, with `+00:00` or a fraction as well. A time without an offset, as
/// BSD and PowerShell write it, is no stamp.
fn stamp(text: &[u8]) -> Option<Stamp> {
    let end = text.iter().enumerate().position(|(at, byte)| byte.is_ascii_whitespace() && at > 10).unwrap_or(text.len());
    let text = &text[..end];
    let fits = |pattern: &[u8], text: &[u8]| {
        pattern.len() == text.len()
            && pattern.iter().zip(text).all(|(pattern, byte)| match pattern {
                b'0' => byte.is_ascii_digit(),
                b'+' => matches!(byte, b'+' | b'-'),
                b' ' => matches!(byte, b' ' | b'T'),
                _ => pattern == byte,
            })
    };
    let (clock, rest) = text.split_at_checked(19)?;
    let digits = match rest.split_first() {
        Some((b'.' | b',', fraction)) => 1 + fraction.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    let offset = &rest[digits..];
    if digits == 1 || !fits(b"0000-00-00 00:00:00", clock) || !(fits(b"+00:00", offset) || fits(b"+0000", offset)) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?.replace(',', ".");
    Some(Timestamp::parse(&text).map_or(Stamp::Impossible, Stamp::At))
}

/// The target and session id in `[COMMAND="cat …/<target>/session/orchestration/<session id>/…"`.
fn command(header: &[u8]) -> Option<Command> {
    const MARK: &[u8] = b"[COMMAND=\"";
    const FOLDERS: &[u8] = b"/session/orchestration/";
    let command = &header[Finder::new(MARK).find(header)? + MARK.len()..];
    let found = Finder::new(FOLDERS).find(command)?;
    let target = command[..found].rsplit(|byte| *byte == b'/').next()?;
    let session = command[found + FOLDERS.len()..].split(|byte| matches!(byte, b'/' | b'"')).next()?;
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Command { target_id: text(target)?, session_id: text(session)? })
}

/// The lines that show something, as a person saw them, from the last.
fn filled_lines(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    text.rsplit(|byte| *byte == b'\n').map(visible).filter(|line| !is_blank(line))
}

fn lines(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64 + u64::from(text.last().is_some_and(|byte| *byte != b'\n'))
}

/// Whether the last line of a streaming event that shows something leaves the shell.
pub(crate) fn ends_in_exit<'l>(lines: impl DoubleEndedIterator<Item = &'l str>) -> bool {
    lines.rev().map(|line| visible(line.as_bytes())).find(|line| !is_blank(line)).is_some_and(|line| is_exit(&line))
}
