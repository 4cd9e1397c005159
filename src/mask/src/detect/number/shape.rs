//! The little language that shapes of numbers are written in.
//!
//! `d` a digit, `l` a letter, `x` either, `[A-CX]` one of a set, a capital letter or a digit itself; `-` a place where a
//! separator may stand, `=` one where it must; `|` between alternatives, the longer first.

use crate::detect::number::run::Run;

/// How a run fits a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    /// Letters and digits that are taken.
    pub(super) count: usize,
    /// How its groups are set apart.
    pub(super) grouping: Grouping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// Not at all, or not at every place.
    None,
    /// With separators at every place of the shape.
    Whole,
    /// The same, but as a large number is written, too (`1 234 567`, `1.234.567`), or a hardware address
    /// (`0011.2233.4455`).
    Ambiguous,
}

/// What can be told of one alternative of a shape before it is tried, as bits: bit `n` for the letter or digit at `n`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mould {
    /// Which table, and which row of it.
    pub(super) place: (u8, u8),
    /// Where in the row's shape it begins.
    start: u16,
    /// The bit of its length.
    stop: u32,
    /// What must be a digit, and what a letter.
    digits: u32,
    letters: u32,
    /// Before which there may be a separator, and before which there must.
    gaps: u32,
    must: u32,
}

impl Mould {
    pub(super) const NONE: Self =
        Self { place: (0, 0), start: 0, stop: 0, digits: 0, letters: 0, gaps: 0, must: 0 };

    /// That of the alternative of `shape` that begins at `start`.
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index is an error")]
    #[expect(clippy::cast_possible_truncation, reason = "the shapes are short, and a test tries each")]
    pub(super) const fn of(shape: &str, start: usize, place: (u8, u8)) -> Self {
        let shape = shape.as_bytes();
        let mut mould = Self { start: start as u16, place, stop: 1, ..Self::NONE };
        let mut i = start;
        while i < shape.len() && shape[i] != b'|' {
            match shape[i] {
                b'-' => mould.gaps |= mould.stop,
                b'=' => {
                    mould.gaps |= mould.stop;
                    mould.must |= mould.stop;
                }
                b'[' => {
                    let (mut digit, mut letter) = (false, false);
                    i += 1;
                    while shape[i] != b']' {
                        digit |= shape[i].is_ascii_digit();
                        letter |= shape[i].is_ascii_alphabetic();
                        i += 1;
                    }
                    mould = mould.then(digit, letter);
                }
                byte => {
                    let digit = matches!(byte, b'd' | b'x' | b'0'..=b'9');
                    mould = mould.then(digit, matches!(byte, b'l' | b'x' | b'A'..=b'Z'));
                }
            }
            i += 1;
        }
        mould
    }

    const fn then(self, digit: bool, letter: bool) -> Self {
        let mut next = self;
        match (digit, letter) {
            (true, false) => next.digits |= self.stop,
            (false, true) => next.letters |= self.stop,
            (true, true) | (false, false) => {}
        }
        next.stop <<= 1;
        next
    }

    /// Whether `run` may fit it: only whose letter it is must still be looked at.
    pub(super) fn admits(&self, run: &Kinds) -> bool {
        run.stops & self.stop != 0
            && self.digits & !run.digits == 0
            && self.letters & !run.letters == 0
            && run.gaps & (self.stop - 1) & !self.gaps == 0
            && self.must & !run.gaps == 0
    }

    /// How the beginning of `run` fits this alternative of `shape`, if it does.
    pub(super) fn fit(&self, shape: &str, run: &Run) -> Option<Fit> {
        fit_one(shape.as_bytes().get(usize::from(self.start)..)?, run)
    }
}

/// What a run consists of, as bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kinds {
    stops: u32,
    digits: u32,
    letters: u32,
    gaps: u32,
}

impl Kinds {
    pub(super) fn of(run: &Run) -> Self {
        let mut kinds = Self { stops: run.stops, digits: 0, letters: 0, gaps: 0 };
        let mut bit = 1;
        for (letter, gap) in run.chars.iter().zip(&run.gaps) {
            kinds.digits |= if letter.is_ascii_digit() { bit } else { 0 };
            kinds.letters |= if letter.is_ascii_alphabetic() { bit } else { 0 };
            kinds.gaps |= if *gap == 0 { 0 } else { bit };
            bit <<= 1;
        }
        kinds
    }
}

/// How it fits the first alternative of `shape`, sign by sign.
fn fit_one(shape: &[u8], run: &Run) -> Option<Fit> {
    let mut pattern = shape.iter().copied().take_while(|b| *b != b'|');
    let mut letters = run.chars.iter().zip(&run.gaps);
    let (mut count, mut open, mut places, mut gaps) = (0, None, 0, 0);
    // Whether every group after the first has three digits, and all have the same separator, a blank or a dot.
    let (mut thousands, mut fours, mut group, mut separator) = (true, true, 3, 0);
    while let Some(byte) = pattern.next() {
        if matches!(byte, b'-' | b'=') {
            open = Some(byte);
            continue;
        }
        let (&letter, &gap) = letters.next()?;
        let place = open.take();
        if gap != 0 {
            place?;
            gaps += 1;
            thousands &= (group == 3 || gaps == 1)
                && matches!(gap, b' ' | b'.')
                && (separator == 0 || separator == gap);
            fours &= gap == b'.' && group == 4;
            (group, separator) = (0, gap);
        } else if place == Some(b'=') {
            return None;
        }
        places += usize::from(place.is_some());
        group = if gaps > 0 { group + 1 } else { count + 1 };
        let good = match byte {
            b'd' => letter.is_ascii_digit(),
            b'l' => letter.is_ascii_uppercase(),
            b'x' => letter != 0,
            b'[' => set(&mut pattern, letter),
            other => letter == other,
        };
        if !good {
            return None;
        }
        thousands &= letter.is_ascii_digit();
        count += 1;
    }
    let grouping = if places == 0 || gaps < places {
        Grouping::None
    } else if (thousands && group == 3) || (fours && group == 4) {
        Grouping::Ambiguous
    } else {
        Grouping::Whole
    };
    (run.stops >> count & 1 == 1).then_some(Fit { count, grouping })
}

/// Whether `letter` is in the set that `pattern` is inside of; reads to its end.
fn set(pattern: &mut impl Iterator<Item = u8>, letter: u8) -> bool {
    let (mut found, mut last, mut range) = (false, 0, false);
    for byte in pattern {
        match byte {
            b']' => break,
            b'-' => range = true,
            _ => {
                found |= letter == byte || (range && last <= letter && letter <= byte);
                (last, range) = (byte, false);
            }
        }
    }
    found
}
