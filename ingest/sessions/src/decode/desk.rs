//! The desk of one worker: what is needed for each object anew, and used again for the next.

use std::fmt;
use std::io::Read;

use libdeflater::Decompressor;

use super::Explained;
use super::docket::Sink;
use super::object::Object;

/// Buffers that one worker uses for one object after the other, so that none of them has to be made and zeroed for each. What is on it
/// makes no difference to what is decoded.
#[derive(Default)]
pub struct Desk {
    /// Stored bytes that were read ahead.
    pub(super) stored: Vec<u8>,
    /// Stored bytes on their way into the hash and the decoder.
    pub(super) buffer: Vec<u8>,
    /// Text, while nobody has it.
    pub(super) text: Vec<u8>,
    pub(super) inflater: Decompressor,
}

/// A buffer that has grown beyond this is not kept.
const KEPT: usize = 16 << 20;

impl Desk {
    /// Decodes one object, as [`decode`](super::decode) does.
    pub fn decode(&mut self, object: &Object, body: &mut dyn Read, sink: &mut dyn Sink) -> Explained {
        let explained = super::decode_on(self, object, body, sink);
        for buffer in [&mut self.stored, &mut self.text] {
            if buffer.capacity() > KEPT {
                *buffer = Vec::new();
            }
        }
        explained
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}
