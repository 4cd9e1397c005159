//! Telephone numbers as they are written: a sign, digits in groups, brackets around the area.

use crate::detect::number::glyph::glyph;

/// Most digits that are read; E.164 has fifteen, and what precedes them when dialled from abroad.
const MOST: usize = 20;

/// Digits that may be a telephone number.
#[derive(Debug)]
pub(super) struct Dial {
    pub(super) plus: bool,
    /// Which group stands in brackets, from one on; none is 0.
    pub(super) bracket: usize,
    digits: [u8; MOST],
    pub(super) groups: [Group; 9],
    pub(super) count: usize,
}

/// One group of digits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    /// How many digits there are up to its end.
    pub(super) total: usize,
    /// How many it has.
    pub(super) digits: usize,
    /// Where it ends in the text.
    pub(super) end: usize,
    /// The separator before it, or NUL.
    pub(super) gap: u8,
}

impl Dial {
    /// Reads at `i`: a plus sign, a bracket or a digit.
    pub(super) fn read(text: &str, i: usize) -> Self {
        let mut dial =
            Self { plus: false, bracket: 0, digits: [0; MOST], groups: [Group::default(); 9], count: 0 };
        let (mut end, mut total, mut gap) = (i, 0, 0_u8);
        loop {
            // One separator, perhaps with blanks or brackets beside it.
            let (mut byte, mut width) = glyph(text, end);
            for _ in 0..4 {
                match byte {
                    b'+' if end == i => dial.plus = true,
                    b'(' => {
                        dial.bracket = if dial.bracket == 0 { dial.count + 1 } else { dial.bracket };
                        gap = if gap == 0 { b'(' } else { gap };
                    }
                    b' ' | b'-' | b'.' | b'/' | b')' if total > 0 || dial.plus => {
                        gap = if matches!(gap, 0 | b' ') { byte } else { gap };
                    }
                    _ => break,
                }
                end += width;
                (byte, width) = glyph(text, end);
            }
            let before = total;
            while byte.is_ascii_digit() {
                let Some(place) = dial.digits.get_mut(total) else { break };
                *place = byte;
                total += 1;
                end += width;
                (byte, width) = glyph(text, end);
            }
            let Some(group) =
                dial.groups.get_mut(dial.count).filter(|_| total > before && !byte.is_ascii_digit())
            else {
                break;
            };
            *group = Group { total, digits: total - before, end, gap };
            dial.count += 1;
            gap = 0;
        }
        dial
    }

    /// The first `count` groups.
    pub(super) fn groups(&self, count: usize) -> &[Group] {
        self.groups.get(..count.min(self.count)).unwrap_or_default()
    }

    /// The digits of the first `count` groups.
    pub(super) fn digits(&self, count: usize) -> &[u8] {
        let total = self.groups(count).last().map_or(0, |group| group.total);
        self.digits.get(..total).unwrap_or_default()
    }

    /// Whether the digits begin as a date does: `2026-11-12`, `12.11.2026`, `12/11/26`, or are years: `2023-2026`.
    pub(super) fn is_date(&self) -> bool {
        let [a, b, c, d, ..] = &self.groups;
        if a.digits == 4
            && matches!(b.digits, 2 | 4)
            && matches!(self.digits.first_chunk(), Some(b"19" | b"20"))
            && self.count == 2
        {
            return true;
        }
        let same = matches!(b.gap, b'-' | b'.' | b'/') && b.gap == c.gap;
        let sizes = matches!((a.digits, b.digits, c.digits), (4, 2, 2) | (1 | 2, 1 | 2, 4))
            || ((a.digits, b.digits, c.digits) == (2, 2, 2) && (self.count == 3 || d.gap != c.gap));
        same && sizes && self.bracket == 0 && !self.plus
    }
}

/// Whether `groups` are how a large number is written: threes behind the first, with blanks or dots.
pub(super) fn is_count(groups: &[Group]) -> bool {
    let gap = groups.get(1).map_or(0, |group| group.gap);
    matches!(gap, b' ' | b'.') && groups.iter().skip(1).all(|group| group.digits == 3 && group.gap == gap)
}
