//! Stored bytes: read once, hashed as stored, inflated where they are gzip, in pieces of a bounded size.
//!
//! All members of a gzip file are decoded and counted: AWS services concatenate members, and a CloudTrail file that has more than one
//! deserves a second look. What was inflated before the first damage is handed out; then the body ends, and says why. A bomb is damage,
//! whatever it is made of: one long line or a hundred million short ones.
//!
//! A small gzip file is inflated at once where that gives the same (`whole.rs`); all else goes through here piece by piece.

use std::io::{ErrorKind, Read};

use flate2::{Decompress, FlushDecompress, Status};
use schemas::{Code, hex};
use sha2::{Digest, Sha256};

use super::desk::Desk;
use super::whole;

/// Why a body ended before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) code: Code,
    pub(super) detail: String,
}

/// The bytes of one object.
pub(super) struct Body<'r> {
    desk: &'r mut Desk,
    input: &'r mut dyn Read,
    /// How many of the desk's bytes that were read ahead have been taken up.
    taken_up: usize,
    /// How reading ahead ended, where it failed.
    failure: Option<std::io::Error>,
    hash: Sha256,
    start: usize,
    end: usize,
    stored: u64,
    produced: u64,
    is_exhausted: bool,
    gzip: Option<Gzip>,
    /// All that a gzip file holds, where it was inflated at once; then nothing is left to inflate.
    whole: Vec<u8>,
    damage: Option<Damage>,
    unreadable: Option<ErrorKind>,
}

struct Gzip {
    members: i64,
    /// Empty between two members.
    member: Option<Decompress>,
}

/// What is known of the stored bytes once all is said.
pub(super) struct Stored {
    pub(super) bytes: u64,
    pub(super) sha256: Option<String>,
    pub(super) gzip_members: Option<i64>,
    pub(super) unreadable: Option<ErrorKind>,
    pub(super) damage: Option<Damage>,
}

const BUFFER: usize = 128 << 10;
const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The largest window of deflate, in bits.
const WINDOW: u8 = 15;
/// More than this out of a body that gives more than [`BOMB_RATIO`] bytes for one is no honest log.
pub(super) const BOMB_BYTES: u64 = 64 << 20;
/// Deflate gives 1,032 bytes for one at most; honest logs stay far below this.
const BOMB_RATIO: u64 = 500;
/// AWS concatenates a few members; each costs the state of a decoder, however little it holds.
pub(super) const MEMBERS: i64 = 65_536;

impl<'r> Body<'r> {
    /// Whether the bytes are gzip is told by how they begin, never by the object's name.
    pub(super) fn new(input: &'r mut dyn Read, desk: &'r mut Desk) -> Self {
        let mut body = Self::in_pieces(input, desk);
        if body.gzip.is_some() && body.read_ahead(whole::STORED + 1) {
            body.inflate_at_once();
        }
        body
    }

    /// A body of which nothing is inflated at once.
    pub(super) fn in_pieces(input: &'r mut dyn Read, desk: &'r mut Desk) -> Self {
        desk.stored.clear();
        desk.buffer.resize(BUFFER, 0);
        let mut body = Self {
            desk,
            input,
            taken_up: 0,
            failure: None,
            hash: Sha256::new(),
            start: 0,
            end: 0,
            stored: 0,
            produced: 0,
            is_exhausted: false,
            gzip: None,
            whole: Vec::new(),
            damage: None,
            unreadable: None,
        };
        body.read_ahead(MAGIC.len());
        if body.desk.stored.starts_with(&MAGIC) {
            body.gzip = Some(Gzip { members: 0, member: None });
        }
        body
    }

    /// Reads on until so many bytes lie on the desk; whether the end came first.
    fn read_ahead(&mut self, count: usize) -> bool {
        let missing = count.saturating_sub(self.desk.stored.len());
        match Read::take(&mut *self.input, missing as u64).read_to_end(&mut self.desk.stored) {
            Ok(_) => self.desk.stored.len() < count,
            Err(error) => {
                self.failure = Some(error);
                false
            }
        }
    }

    /// Takes up the whole file, where it can be proven to be one sound member.
    fn inflate_at_once(&mut self) {
        if let Some(text) = whole::inflate(self.desk) {
            self.whole = text;
            self.gzip = Some(Gzip { members: 1, member: None });
            self.hash.update(&self.desk.stored);
            self.stored = self.desk.stored.len() as u64;
            self.taken_up = self.desk.stored.len();
            self.is_exhausted = true;
        }
    }

    /// A buffer for the text: with all of it, where it was inflated at once, and else empty.
    pub(super) fn take_buffer(&mut self) -> Vec<u8> {
        if self.whole.is_empty() {
            let mut buffer = std::mem::take(&mut self.desk.text);
            buffer.clear();
            return buffer;
        }
        self.produced += self.whole.len() as u64;
        std::mem::take(&mut self.whole)
    }

    /// Takes a buffer back, for the next object.
    pub(super) fn give_back(&mut self, buffer: Vec<u8>) {
        self.desk.text = buffer;
    }

    /// Appends some bytes to `out`, about `room` at most; false at the end, or at the damage.
    pub(super) fn read(&mut self, out: &mut Vec<u8>, room: usize) -> bool {
        let before = out.len();
        while self.damage.is_none() && out.len() == before {
            if !self.whole.is_empty() {
                // Whoever reads in pieces takes what was inflated at once as one.
                out.append(&mut self.whole);
                break;
            }
            let goes_on = if self.gzip.is_some() { self.inflate(out, room) } else { self.copy(out, room) };
            if !goes_on {
                break;
            }
        }
        self.produced += (out.len() - before) as u64;
        if self.produced > BOMB_BYTES && self.produced / self.stored.max(1) > BOMB_RATIO {
            self.refuse(Code::TooLarge, format!("more than {} MiB inflate from {BOMB_RATIO} times fewer bytes", BOMB_BYTES >> 20));
        }
        out.len() > before
    }

    /// Ends the body here, for a reason of the reader's own.
    pub(super) fn refuse(&mut self, code: Code, detail: String) {
        self.damage.get_or_insert(Damage { code, detail });
    }

    pub(super) fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }

    /// Reads what is left of the stored bytes into the hash, except after what is too large or cannot be read: then there is no hash.
    pub(super) fn close(mut self) -> Stored {
        let is_cut = self.unreadable.is_some() || self.damage.as_ref().is_some_and(|damage| damage.code == Code::TooLarge);
        while !is_cut && !self.is_exhausted {
            (self.start, self.end) = (0, 0);
            self.fill();
        }
        let is_whole = self.is_exhausted && self.unreadable.is_none();
        Stored {
            bytes: self.stored,
            sha256: is_whole.then(|| hex(&self.hash.finalize())),
            gzip_members: self.gzip.map(|gzip| gzip.members),
            unreadable: self.unreadable,
            damage: self.damage,
        }
    }

    fn ahead(&self) -> &[u8] {
        &self.desk.buffer[self.start..self.end]
    }

    /// Whether at least `count` stored bytes lie ahead.
    fn holds(&mut self, count: usize) -> bool {
        while self.end - self.start < count && !self.is_exhausted {
            self.fill();
        }
        self.end - self.start >= count
    }

    fn fill(&mut self) {
        if self.start > 0 {
            self.desk.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        match self.next_bytes() {
            Ok(0) => self.is_exhausted = true,
            Ok(count) => {
                self.hash.update(&self.desk.buffer[self.end..self.end + count]);
                self.end += count;
                self.stored += count as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                self.is_exhausted = true;
                self.unreadable = Some(error.kind());
                self.refuse(Code::Unreadable, format!("reading failed after {} bytes: {error}", self.stored));
            }
        }
    }

    /// Puts bytes at the end of the buffer: first those that were read ahead, then how that ended, then what comes.
    fn next_bytes(&mut self) -> std::io::Result<usize> {
        let Desk { stored, buffer, .. } = &mut *self.desk;
        let room = &mut buffer[self.end..];
        let mut ahead = &stored[self.taken_up..];
        if ahead.is_empty() {
            return self.failure.take().map_or_else(|| self.input.read(room), Err);
        }
        let count = ahead.read(room)?;
        self.taken_up += count;
        Ok(count)
    }

    fn copy(&mut self, out: &mut Vec<u8>, room: usize) -> bool {
        if !self.holds(1) {
            return false;
        }
        let end = self.end.min(self.start.saturating_add(room));
        out.extend_from_slice(&self.desk.buffer[self.start..end]);
        self.start = end;
        true
    }

    /// One step of inflating; false at the end. What comes out may be nothing yet.
    fn inflate(&mut self, out: &mut Vec<u8>, room: usize) -> bool {
        // Without input there may still be output that had no room.
        self.holds(1);
        let is_between = self.gzip.as_ref().is_some_and(|gzip| gzip.member.is_none());
        if is_between && !self.open_member() {
            return false;
        }
        let Some(gzip) = &mut self.gzip else { return false };
        let Some(member) = &mut gzip.member else { return false };
        out.reserve(room);
        let (read, written) = (member.total_in(), out.len());
        let status = member.decompress_vec(&self.desk.buffer[self.start..self.end], out, FlushDecompress::None);
        let taken = usize::try_from(member.total_in() - read).unwrap_or(0);
        self.start += taken.min(self.end - self.start);
        match status {
            Ok(Status::StreamEnd) => gzip.member = None,
            Ok(Status::Ok | Status::BufError) => {
                if taken == 0 && out.len() == written {
                    let members = gzip.members;
                    self.refuse(Code::GzipCorrupt, format!("gzip member {members} ends early"));
                    return false;
                }
            }
            Err(_) => {
                let members = gzip.members;
                self.refuse(Code::GzipCorrupt, format!("gzip member {members} is damaged"));
                return false;
            }
        }
        true
    }

    /// Begins the next member; false where there is none. Zeros after the last member are padding.
    fn open_member(&mut self) -> bool {
        while self.holds(1) && self.gzip.as_ref().is_some_and(|gzip| gzip.members > 0) && self.desk.buffer[self.start] == 0 {
            self.start += 1;
        }
        if !self.holds(1) {
            return false;
        }
        let is_member = self.holds(MAGIC.len()) && self.ahead().starts_with(&MAGIC);
        let Some(gzip) = &mut self.gzip else { return false };
        if !is_member {
            let members = gzip.members;
            self.refuse(Code::GzipCorrupt, format!("bytes that are no gzip follow member {members}"));
            return false;
        }
        if gzip.members == MEMBERS {
            self.refuse(Code::TooLarge, format!("more than {MEMBERS} gzip members"));
            return false;
        }
        gzip.members += 1;
        gzip.member = Some(Decompress::new_gzip(WINDOW));
        true
    }
}
