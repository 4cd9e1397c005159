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
    /// The same, but as a large number is written, too: `1 234 567`, `1.234.567`.
    Thousands,
}

/// Bit `n`: some alternative of the shape has `n` letters and digits.
pub(super) const fn lengths(shape: &str) -> u32 {
    let mut bytes = shape.as_bytes();
    let (mut lengths, mut count, mut inside) = (0_u32, 0_u32, false);
    while let Some((&byte, rest)) = bytes.split_first() {
        match byte {
            b'|' => {
                lengths |= 1 << count;
                count = 0;
            }
            b'-' | b'=' => {}
            b'[' => {
                inside = true;
                count += 1;
            }
            b']' => inside = false,
            _ => {
                if !inside {
                    count += 1;
                }
            }
        }
        bytes = rest;
    }
    lengths | 1 << count
}

/// How the beginning of `run` fits `shape`, if it does.
pub(super) fn fit(shape: &str, run: &Run) -> Option<Fit> {
    shape.split('|').find_map(|one| fit_one(one, run))
}

fn fit_one(shape: &str, run: &Run) -> Option<Fit> {
    let mut pattern = shape.bytes();
    let mut letters = run.chars.iter().zip(&run.gaps);
    let (mut count, mut open, mut places, mut gaps) = (0, None, 0, 0);
    // Whether every group after the first has three digits, and all have the same separator, a blank or a dot.
    let (mut thousands, mut group, mut separator) = (true, 3, 0);
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
            thousands &= group == 3 && matches!(gap, b' ' | b'.') && (separator == 0 || separator == gap);
            (group, separator) = (0, gap);
        } else if place == Some(b'=') {
            return None;
        }
        places += usize::from(place.is_some());
        group += usize::from(gaps > 0);
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
    } else if thousands && group == 3 {
        Grouping::Thousands
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
