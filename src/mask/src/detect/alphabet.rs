//! Sets of ASCII characters as bits: what a token may be written in. A set is data, so one loop reads all of them.

/// A set of ASCII characters.
#[derive(Clone, Copy)]
pub(super) struct Alphabet(u64, u64);

impl Alphabet {
    pub(super) const DIGITS: Self = Self::EMPTY.with_range(b'0', b'9');
    pub(super) const LOWER_HEX: Self = Self::DIGITS.with_range(b'a', b'f');
    pub(super) const HEX: Self = Self::LOWER_HEX.with_range(b'A', b'F');
    pub(super) const UPPER: Self = Self::DIGITS.with_range(b'A', b'Z');
    pub(super) const ALNUM: Self = Self::UPPER.with_range(b'a', b'z');
    /// `[A-Za-z0-9_-]`
    pub(super) const URL: Self = Self::ALNUM.with(b"_-");
    /// What tokens made of several parts are written in.
    pub(super) const WIDE: Self = Self::URL.with(b".=:/+");

    const EMPTY: Self = Self(0, 0);

    const fn with_range(self, first: u8, last: u8) -> Self {
        let mut set = self;
        let mut byte = first;
        while byte <= last {
            set = set.with(&[byte]);
            byte += 1;
        }
        set
    }

    pub(super) const fn with(self, bytes: &[u8]) -> Self {
        let mut set = self;
        let mut left = bytes;
        while let [byte, rest @ ..] = left {
            if *byte < 64 {
                set.0 |= 1 << *byte;
            } else {
                set.1 |= 1 << (*byte & 63);
            }
            left = rest;
        }
        set
    }

    pub(super) fn has(self, byte: u8) -> bool {
        let half = if byte < 64 { self.0 } else { self.1 };
        byte < 128 && half >> (byte & 63) & 1 == 1
    }

    /// Where the run of these characters from `start` on ends, looking at `most` bytes at most.
    pub(super) fn run(self, text: &str, start: usize, most: usize) -> usize {
        let bytes = text.as_bytes().get(start..).unwrap_or_default();
        start + bytes.iter().take(most).take_while(|&&b| self.has(b)).count()
    }

    /// Where the run of these characters up to `end` begins, looking back `most` bytes at most.
    pub(super) fn run_back(self, text: &str, end: usize, most: usize) -> usize {
        let bytes = text.as_bytes().get(..end).unwrap_or_default();
        end - bytes.iter().rev().take(most).take_while(|&&b| self.has(b)).count()
    }
}
