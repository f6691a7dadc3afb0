//! Stored bytes: read once, hashed as stored, inflated where they are gzip, in pieces of a bounded size.
//!
//! All members of a gzip file are decoded and counted: AWS services concatenate members, and a CloudTrail file that has more than one
//! deserves a second look. What was inflated before the first damage is handed out; then the body ends, and says why. A bomb is damage,
//! whatever it is made of: one long line or a hundred million short ones.

use std::io::{ErrorKind, Read};

use flate2::{Decompress, FlushDecompress, Status};
use schemas::{Code, hex};
use sha2::{Digest, Sha256};

/// Why a body ended before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) code: Code,
    pub(super) detail: String,
}

/// The bytes of one object.
pub(super) struct Body<'r> {
    input: &'r mut dyn Read,
    hash: Sha256,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    stored: u64,
    produced: u64,
    is_exhausted: bool,
    gzip: Option<Gzip>,
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
    pub(super) fn new(input: &'r mut dyn Read) -> Self {
        let mut body = Self {
            input,
            hash: Sha256::new(),
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            stored: 0,
            produced: 0,
            is_exhausted: false,
            gzip: None,
            damage: None,
            unreadable: None,
        };
        if body.holds(MAGIC.len()) && body.ahead().starts_with(&MAGIC) {
            body.gzip = Some(Gzip { members: 0, member: None });
        }
        body
    }

    /// Appends some bytes to `out`, about `room` at most; false at the end, or at the damage.
    pub(super) fn read(&mut self, out: &mut Vec<u8>, room: usize) -> bool {
        let before = out.len();
        while self.damage.is_none() && out.len() == before {
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
        &self.buffer[self.start..self.end]
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
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        match self.input.read(&mut self.buffer[self.end..]) {
            Ok(0) => self.is_exhausted = true,
            Ok(count) => {
                self.hash.update(&self.buffer[self.end..self.end + count]);
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

    fn copy(&mut self, out: &mut Vec<u8>, room: usize) -> bool {
        if !self.holds(1) {
            return false;
        }
        let end = self.end.min(self.start.saturating_add(room));
        out.extend_from_slice(&self.buffer[self.start..end]);
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
        let status = member.decompress_vec(&self.buffer[self.start..self.end], out, FlushDecompress::None);
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
        while self.holds(1) && self.gzip.as_ref().is_some_and(|gzip| gzip.members > 0) && self.buffer[self.start] == 0 {
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
