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

/// What can be told of a shape before it is tried: bit `n` (up to 24), some alternative has `n` letters and digits; then
/// whether one is all digits, one begins with a digit, one begins with a letter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline(u32);

const PLAIN: u32 = 1 << 25;
const DIGIT: u32 = 1 << 26;
const LETTER: u32 = 1 << 27;

impl Outline {
    pub(super) const fn of(shape: &str) -> Self {
        let mut bytes = shape.as_bytes();
        let (mut outline, mut count, mut inside, mut plain) = (0_u32, 0_u32, false, PLAIN);
        while let Some((&byte, rest)) = bytes.split_first() {
            let can = match byte {
                b'd' | b'0'..=b'9' => DIGIT,
                b'x' => DIGIT | LETTER,
                b'l' | b'A'..=b'Z' => LETTER,
                _ => 0,
            };
            match byte {
                b'|' => {
                    outline |= 1 << count | plain;
                    (count, plain) = (0, PLAIN);
                }
                b'[' => {
                    inside = true;
                    count += 1;
                }
                b']' => inside = false,
                _ => {
                    if !inside && can != 0 {
                        count += 1;
                    }
                    if count == 1 {
                        outline |= can;
                    }
                    if can == LETTER && !inside || byte == b'x' {
                        plain = 0;
                    }
                }
            }
            bytes = rest;
        }
        Self(outline | 1 << count | plain)
    }

    /// What an outline must have for `run` to fit: one bit of each.
    pub(super) fn wanted(run: &Run) -> [u32; 3] {
        let first = if run.digits().is_empty() { LETTER } else { DIGIT };
        [run.stops, first, if run.is_plain() { PLAIN } else { first }]
    }

    /// Whether a run that wants these can fit.
    pub(super) fn admits(self, wanted: [u32; 3]) -> bool {
        wanted.into_iter().all(|bits| self.0 & bits != 0)
    }
}

/// How the beginning of `run` fits `shape`, if it does.
pub(super) fn fit(shape: &str, run: &Run) -> Option<Fit> {
    let mut left = shape.as_bytes();
    let letter = run.chars.first().copied().unwrap_or(0);
    while let Some(&first) = left.first() {
        // Most fail at the first character.
        let may = match first {
            b'd' => letter.is_ascii_digit(),
            b'0'..=b'9' | b'A'..=b'Z' => letter == first,
            _ => true,
        };
        if may && let Some(fit) = fit_one(left, run) {
            return Some(fit);
        }
        let next = left.iter().position(|b| *b == b'|').map_or(left.len(), |bar| bar + 1);
        left = left.get(next..).unwrap_or_default();
    }
    None
}

/// How it fits the first alternative of `shape`.
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
