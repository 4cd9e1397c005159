//! A run of letters and digits with separators between them, read once for all shapes that are tried on it.

use crate::bytes::{at, before, run};
use crate::detect::number::glyph::glyph;

/// Most letters and digits that are read; no number here is longer.
const MOST: usize = 24;

/// What was read.
#[derive(Debug)]
pub(crate) struct Run {
    /// The letters and digits, letters in upper case.
    pub(super) chars: [u8; MOST],
    /// The separator before each of them, or NUL.
    pub(super) gaps: [u8; MOST],
    /// Where each of them ends, counted from the run's beginning.
    ends: [u8; MOST],
    /// Bit `n`: a group ends after `n` of them.
    pub(crate) stops: u32,
    /// Bit `n`: the letter at `n` is in lower case.
    lower: u32,
}

/// A number cannot begin at `i`, because what stands before it goes on: `a-1`, `1.2`, `x_1`, `+1`, `$1`, `10:1`.
pub(crate) fn goes_on(text: &str, i: usize) -> bool {
    match before(text, i) {
        b'-' | b'.' | b'_' | b'+' | b'$' | b'@' => true,
        // Seconds: two digits, with a fraction or without.
        b':' => before(text, i - 1).is_ascii_digit() && run(text, i, 3, |b| b.is_ascii_digit()) == i + 2,
        _ => false,
    }
}

impl Run {
    /// Reads at `i`, where a word begins.
    pub(super) fn read(text: &str, i: usize) -> Self {
        let mut run = Self { chars: [0; MOST], gaps: [0; MOST], ends: [0; MOST], stops: 0, lower: 0 };
        let (mut end, mut gap, mut count) = (i, 0_u8, 0_usize);
        loop {
            let (mut byte, mut width) = glyph(text, end);
            if !byte.is_ascii_alphanumeric() {
                // A letter that ASCII does not have goes on with the word.
                let last = count.checked_sub(1).and_then(|last| run.chars.get(last)).copied().unwrap_or(0);
                let goes_on = last.is_ascii_alphabetic() && at(text, end) >= 0x80 && byte == 0;
                run.stops |= u32::from(!goes_on) << count;
                // One separator, perhaps between blanks or with one: `1 - 2`, `(1) 2`.
                for _ in 0..3 {
                    if !matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')') {
                        break;
                    }
                    if gap == 0 || gap == b' ' {
                        gap = byte;
                    }
                    end += width;
                    (byte, width) = glyph(text, end);
                }
            }
            let at = run.chars.get_mut(count).zip(run.gaps.get_mut(count)).zip(run.ends.get_mut(count));
            let Some(((place, before), after)) = at.filter(|_| byte.is_ascii_alphanumeric()) else { break };
            end += width;
            run.lower |= u32::from(byte.is_ascii_lowercase()) << count;
            (*place, *before) = (byte.to_ascii_uppercase(), gap);
            *after = u8::try_from(end - i).unwrap_or(u8::MAX);
            count += 1;
            gap = 0;
        }
        run
    }

    /// The digits that it begins with.
    pub(crate) fn digits(&self) -> &[u8] {
        self.chars.get(..self.chars.iter().take_while(|b| b.is_ascii_digit()).count()).unwrap_or_default()
    }

    /// Forgets the ends of groups where no number can end, the run beginning at `i`.
    pub(super) fn keep_ends(&mut self, text: &str, i: usize) {
        for count in 1..=MOST {
            if self.stops >> count & 1 == 1 && !ends(text, i + self.length(count)) {
                self.stops &= !(1 << count);
            }
        }
    }

    /// Where the words behind the number begin, as far as that can be told before its shape is known: behind the first
    /// group and all others that have a digit.
    pub(super) fn behind(&self) -> usize {
        let (mut last, mut digit) = (0, false);
        for (place, (letter, gap)) in self.chars.iter().zip(&self.gaps).enumerate() {
            if *gap != 0 {
                if !digit && last > 0 {
                    break;
                }
                (last, digit) = (place, false);
            }
            digit |= letter.is_ascii_digit();
            if *letter == 0 {
                break;
            }
            if digit {
                last = place + 1;
            }
        }
        self.length(last.max(1))
    }

    /// Whether a digit comes soon.
    pub(super) fn has_digit(&self) -> bool {
        self.chars.iter().take(8).any(u8::is_ascii_digit)
    }

    /// Whether the first `count` have the same separator wherever they have one, and groups of three at least; the last
    /// may be shorter.
    pub(crate) fn is_even(&self, count: usize) -> bool {
        let (mut group, mut separator) = (0, 0);
        self.gaps.iter().take(count).all(|&gap| {
            let good = gap == 0
                || (group >= 3 && matches!(gap, b' ' | b'-' | b'.') && (separator == 0 || separator == gap));
            if gap != 0 {
                (group, separator) = (0, gap);
            }
            group += 1;
            good
        })
    }

    /// Whether the first `count` are written as numbers are: letters in capitals, or in front only, or one at the end.
    pub(super) fn is_number_like(&self, count: usize) -> bool {
        let chars = self.chars.get(..count).unwrap_or_default();
        let letters = |chars: &[u8]| chars.iter().filter(|b| b.is_ascii_alphabetic()).count();
        let head = chars.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let digits = count - letters(chars);
        self.is_upper(count)
            || (letters(chars) == head && digits >= 4)
            || (letters(chars) == 1
                && digits >= 7
                && letters(chars.get(..count - 1).unwrap_or_default()) == 0)
    }

    /// Whether none of the first `count` letters is in lower case.
    pub(super) fn is_upper(&self, count: usize) -> bool {
        self.lower & ((1 << count) - 1) == 0
    }

    /// How many bytes the first `count` letters and digits take.
    pub(crate) fn length(&self, count: usize) -> usize {
        count.checked_sub(1).and_then(|last| self.ends.get(last)).map_or(0, |end| usize::from(*end))
    }
}

/// Whether a number may end before `end`: no word goes on there, also not after a hyphen or a dot.
pub(crate) fn ends(text: &str, end: usize) -> bool {
    let (byte, next) = (at(text, end), at(text, end + 1));
    let joined = matches!(byte, b'-' | b'.' | b'_' | b'@') && next.is_ascii_alphanumeric();
    !byte.is_ascii_alphanumeric() && byte != b'_' && !joined
}
