//! A round: a bounded set of objects that are committed together.

use crate::source::{ErrorKind, Listed};

/// Objects of one round: enough to make a large file of, few enough to be lost to a crash.
const OBJECTS: usize = 4_096;
/// Bytes of one round, as stored.
const BYTES: u64 = 64 << 20;

#[derive(Default)]
pub(super) struct Round {
    pub(super) objects: Vec<Listed>,
    bytes: u64,
}

impl Round {
    pub(super) fn push(&mut self, listed: Listed) {
        self.bytes += listed.object.size;
        self.objects.push(listed);
    }

    pub(super) fn is_full(&self) -> bool {
        self.objects.len() >= OBJECTS || self.bytes >= BYTES
    }

    /// Takes the second half out.
    pub(super) fn split_off_half(&mut self) -> Self {
        let objects = self.objects.split_off(self.objects.len() / 2);
        let bytes = objects.iter().map(|listed| listed.object.size).sum();
        self.bytes = self.bytes.saturating_sub(bytes);
        Self { objects, bytes }
    }
}

/// An object of a round that broke off while it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    /// Its place in the round.
    pub(super) index: usize,
    pub(super) kind: ErrorKind,
    /// A fragment for people.
    pub(super) detail: String,
}
