//! A tiny generator of numbers (splitmix64): the same seed gives the same estate on every machine.

#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included. The bias of the remainder does not matter here.
    pub(super) const fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low) + 1;
        low + (self.bits() % span).cast_signed()
    }

    /// True in `percent` of a hundred cases.
    pub(super) const fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of the choices, each with its weight. The choices must not be empty.
    pub(super) fn weighed<T: Copy>(&mut self, choices: &[(i64, T)]) -> T {
        let total: i64 = choices.iter().map(|(weight, _)| weight).sum();
        let mut ticket = self.between(1, total.max(1));
        for (weight, choice) in choices {
            ticket -= weight;
            if ticket <= 0 {
                return *choice;
            }
        }
        choices[choices.len() - 1].1
    }

    /// One of the choices, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[usize::try_from(self.bits() % choices.len() as u64).unwrap_or(0)]
    }

    /// A text of `length` letters of an alphabet.
    pub(super) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(*self.pick(alphabet))).collect()
    }

    /// A random-looking UUID, the form of CloudTrail's event ids.
    pub(super) fn uuid(&mut self) -> String {
        let mut part = |length| self.text(HEX, length);
        format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
    }
}

pub(super) const HEX: &[u8] = b"0123456789abcdef";
pub(super) const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
pub(super) const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
