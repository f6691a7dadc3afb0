//! A body as text: its head, its lines one by one, or the whole of it; never more in memory than a cap allows.

use memchr::memchr;
use schemas::Code;

use super::body::Body;

/// The longest line, in bytes: an event or record with its escapes, or a small answer.
pub(super) const LINE_CAP: usize = 4 << 20;
/// The longest record or message, in bytes. The agent sends 200,000 at most, CloudTrail 256 KiB; CloudWatch Logs takes no more.
pub(super) const RECORD_CAP: usize = 1 << 20;
/// The largest document that is held whole, in bytes.
pub(super) const DOCUMENT_CAP: usize = 128 << 20;
/// The byte order mark of UTF-8.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
/// What is said of a text in UTF-16.
pub(super) const UTF16: &str = "the text is UTF-16, and must be UTF-8";
/// As much of a line that is passed over is kept: enough for a time.
const OPENING: usize = 64;
/// How much is read at a time.
const PIECE: usize = 64 << 10;

/// A body, read as text.
pub(super) struct Text<'b, 'r> {
    body: &'b mut Body<'r>,
    buffer: Vec<u8>,
    start: usize,
    is_ended: bool,
    number: u64,
    /// How the line began that is being passed over.
    opening: Vec<u8>,
}

/// The next line of a text, without its newline. Lines are numbered from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'t> {
    /// A line; `is_cut` where the text was damaged before the line's end.
    Whole { number: u64, bytes: &'t [u8], is_cut: bool },
    /// A line beyond [`LINE_CAP`], which was passed over but for its first bytes.
    TooLong { number: u64, opening: &'t [u8] },
    /// There is no more.
    End,
}

impl<'b, 'r> Text<'b, 'r> {
    pub(super) fn new(body: &'b mut Body<'r>) -> Self {
        let buffer = body.take_buffer();
        Self { body, buffer, start: 0, is_ended: false, number: 0, opening: Vec::new() }
    }

    /// A text that begins after the byte order mark of UTF-8 that some programs put before it.
    pub(super) fn after_mark(body: &'b mut Body<'r>) -> Self {
        let mut text = Self::new(body);
        if text.head(MARK.len()).starts_with(&MARK) {
            text.start += MARK.len();
        }
        text
    }

    /// Whether it is UTF-16, which nothing here reads.
    pub(super) fn is_utf16(&mut self) -> bool {
        is_utf16(self.head(2))
    }

    /// What has been read and not been taken yet, after reading on until it is `count` bytes or the text ends.
    pub(super) fn head(&mut self, count: usize) -> &[u8] {
        while self.buffer.len() - self.start < count && self.more(PIECE) {}
        &self.buffer[self.start..]
    }

    /// Everything from here on, up to [`DOCUMENT_CAP`], and what damaged it, if anything. What is larger is damaged at the cap.
    pub(super) fn whole(&mut self) -> (&[u8], Option<Code>) {
        loop {
            let held = self.buffer.len() - self.start;
            if held > DOCUMENT_CAP {
                self.body.refuse(Code::TooLarge, format!("the document is larger than {} MiB", DOCUMENT_CAP >> 20));
                break;
            }
            // The vector doubles, and never grows beyond the cap by more than a piece.
            let room = held.clamp(PIECE, DOCUMENT_CAP + PIECE - held.min(DOCUMENT_CAP));
            self.buffer.reserve_exact(room);
            if !self.more(room) {
                break;
            }
        }
        (&self.buffer[self.start..], self.body.damage().map(|damage| damage.code))
    }

    /// The next line.
    pub(super) fn line(&mut self) -> Line<'_> {
        let mut searched = self.start;
        let mut passed_over = 0;
        loop {
            if let Some(found) = memchr(b'\n', &self.buffer[searched..]) {
                let (start, end) = (self.start, searched + found);
                self.start = end + 1;
                self.number += 1;
                return self.one(start, end, passed_over, false);
            }
            searched = self.buffer.len();
            if passed_over > 0 || searched - self.start > LINE_CAP {
                if passed_over == 0 {
                    self.opening = self.buffer[self.start..self.start + OPENING].to_vec();
                }
                passed_over += (searched - self.start) as u64;
                self.buffer.clear();
                (self.start, searched) = (0, 0);
            }
            let moved = self.start;
            if !self.more(PIECE) {
                return self.last_line(passed_over);
            }
            // Reading on moves what is held to the front of the buffer.
            searched -= moved - self.start;
        }
    }

    /// Whether the text ended before its end.
    pub(super) fn is_damaged(&self) -> bool {
        self.body.damage().is_some()
    }

    fn one(&self, start: usize, end: usize, passed_over: u64, is_cut: bool) -> Line<'_> {
        let (number, bytes) = (self.number, &self.buffer[start..end]);
        if passed_over > 0 {
            Line::TooLong { number, opening: &self.opening }
        } else if bytes.len() > LINE_CAP {
            Line::TooLong { number, opening: &bytes[..OPENING] }
        } else {
            Line::Whole { number, bytes, is_cut }
        }
    }

    /// What stands after the last newline is a line only where there is something.
    fn last_line(&mut self, passed_over: u64) -> Line<'_> {
        let (start, end) = (self.start, self.buffer.len());
        if start == end && passed_over == 0 {
            return Line::End;
        }
        self.start = end;
        self.number += 1;
        self.one(start, end, passed_over, self.body.damage().is_some())
    }

    fn more(&mut self, room: usize) -> bool {
        if self.is_ended {
            return false;
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.is_ended = !self.body.read(&mut self.buffer, room);
        !self.is_ended
    }
}

/// Whether a text of JSON is UTF-16, by its mark or by how its first character is written.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..])
}

impl Drop for Text<'_, '_> {
    fn drop(&mut self) {
        self.body.give_back(std::mem::take(&mut self.buffer));
    }
}
