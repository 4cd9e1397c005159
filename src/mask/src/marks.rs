//! Stretches of a text that must go, and the text without them.

use core::ops::Range;
use std::borrow::Cow;

use crate::bytes::{before, rest, run};
use crate::claims::is_view;
use crate::keys::is_letter;
use crate::kind::Kind;
use crate::masked::Masked;
use crate::strategy::{MOST_KEPT, PSEUDONYM, Strategy, is_coarse};

/// Closes an excerpt that shows only the beginning.
pub(crate) const CUT: &str = "\u{2026}[cut]";

/// Other texts that stand in place of one. `[masked]` is the core's, for what a rule's pointers name.
const OTHERS: &[&str] = &["[binary]", "[masked]", CUT];

/// The length of the stand-in that `text` begins with: `[email]`, `[card …1111]`, `[email:k7f3a2x4qz]`,
/// `[birth_date 1980]`, `[secret/jwt/alg:RS256]`, `[binary 12 kB]`, and this crate's other words in brackets.
///
/// What may follow the kind is as narrow as what [`crate::strategy`] writes, so that nobody can pass a secret off as one
/// that was masked.
pub(crate) fn stand_in(text: &str) -> Option<usize> {
    if let Some(other) = OTHERS.iter().find(|other| text.starts_with(**other)) {
        return Some(other.len());
    }
    let inside = text.strip_prefix('[')?;
    if let Some(size) = inside.strip_prefix("binary ") {
        let digits = run(size, 0, 9, |b| b.is_ascii_digit());
        let unit = [" bytes]", " kB]"].iter().find(|unit| rest(size, digits).starts_with(**unit))?;
        return (digits > 0).then_some("[binary ".len() + digits + unit.len());
    }
    let word = run(inside, 0, 16, |b| b.is_ascii_lowercase() || b == b'_');
    let kind = Kind::named(inside.get(..word)?)?;
    let end = inside.bytes().take(LONGEST).position(|b| b == b']')?;
    let inside = inside.get(..end)?;
    let more = inside.get(word..)?;
    let good = match more.split_at_checked(1) {
        None => true,
        Some(("/", more)) => kind == Kind::Secret && is_view(more),
        Some((":", name)) => {
            name.len() == PSEUDONYM && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
        }
        Some((" ", more)) => match more.strip_prefix('\u{2026}') {
            Some(tail) => {
                (1..=usize::from(MOST_KEPT)).contains(&tail.len())
                    && tail.bytes().all(|b| b.is_ascii_alphanumeric())
            }
            None => is_coarse(kind, more),
        },
        Some(_) => false,
    };
    good.then_some(end + 2)
}

/// Longest text in the brackets of a stand-in.
pub(crate) const LONGEST: usize = 160;

/// The stand-in that `end` is inside of, or that ends there.
fn around(text: &str, end: usize) -> Option<Range<usize>> {
    let from = end.saturating_sub(LONGEST + 2);
    let bracket = from + text.as_bytes().get(from..end)?.iter().rposition(|b| *b == b'[')?;
    let cut = bracket.saturating_sub('\u{2026}'.len_utf8());
    [bracket, cut].into_iter().find_map(|start| {
        let length = stand_in(rest(text, start))?;
        (start + length >= end).then_some(start..start + length)
    })
}

/// Where the stand-in begins that `end` would cut in two, if it would.
pub(crate) fn stand_in_across(text: &str, end: usize) -> Option<usize> {
    around(text, end).filter(|range| range.end > end).map(|range| range.start)
}

/// Whether a stand-in ends at `end`.
pub(crate) fn ends_in_stand_in(text: &str, end: usize) -> bool {
    // Each ends in a bracket, and most ends asked about do not.
    before(text, end) == b']' && around(text, end).is_some_and(|range| range.end == end)
}

/// Whether nothing is left in `text` but masks and punctuation.
pub(crate) fn is_masked(text: &str) -> bool {
    let mut left = text;
    let mut seen = false;
    while let Some(first) = left.chars().next() {
        left = match stand_in(left) {
            Some(length) => {
                seen = true;
                rest(left, length)
            }
            None if left.starts_with("[not shown: ") => return true,
            None if is_letter(first) => return false,
            None => left.strip_prefix(first).unwrap_or(""),
        };
    }
    seen
}

/// One stretch to mask.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) range: Range<usize>,
    pub(crate) kind: Kind,
    pub(crate) detector: Cow<'static, str>,
    /// What comes instead, where it is not what comes instead of its kind.
    pub(crate) strategy: Option<Strategy>,
    /// What comes there instead of a stand-in: the stretch is a structure's cell and is masked already.
    pub(crate) cell: Option<Box<Cell>>,
}

impl Mark {
    /// A stretch that is masked already.
    pub(crate) fn cell(range: Range<usize>, step: String, masked: Masked) -> Self {
        let cell = Some(Box::new(Cell { step, masked }));
        Self { range, kind: Kind::Secret, detector: Cow::Borrowed("cell"), strategy: None, cell }
    }
}

/// A masked cell: how it is written in its structure, what was found in it, and the step to it.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) step: String,
    pub(crate) masked: Masked,
}

/// The stretches of one text.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    all: Vec<Mark>,
    /// How far escapes have been read.
    pub(crate) read: usize,
}

impl Marks {
    /// Notes a stretch; an empty one is none.
    pub(crate) fn add(&mut self, range: Range<usize>, kind: Kind, detector: impl Into<Cow<'static, str>>) {
        self.add_as(range, kind, detector, None);
    }

    /// Notes a stretch that has a strategy of its own.
    pub(crate) fn add_as(
        &mut self,
        range: Range<usize>,
        kind: Kind,
        detector: impl Into<Cow<'static, str>>,
        strategy: Option<Strategy>,
    ) {
        self.put(Mark { range, kind, detector: detector.into(), strategy, cell: None });
    }

    /// Notes a cell.
    pub(crate) fn put(&mut self, mark: Mark) {
        let range = &mark.range;
        if !range.is_empty() {
            // In order of place, the longer first. They come almost in order, so this is one comparison each, and a sort
            // of the standard library would be a tenth of this crate's code.
            let later = |other: &Mark| {
                (other.range.start, core::cmp::Reverse(other.range.end))
                    > (range.start, core::cmp::Reverse(range.end))
            };
            let behind = self.all.iter().rev().take_while(|other| later(other)).count();
            self.all.insert(self.all.len() - behind, mark);
        }
    }

    /// Where the last stretch ends.
    pub(crate) fn end(&self) -> usize {
        self.all.last().map_or(0, |mark| mark.range.end)
    }

    /// Drops the stretches that `harmless` says may stay.
    pub(crate) fn release(&mut self, harmless: impl Fn(Range<usize>) -> bool) {
        self.all.retain(|mark| !harmless(mark.range.clone()));
    }

    /// Where the last stretch ends, if it is of that kind.
    pub(crate) fn last_end(&self, kind: Kind) -> Option<usize> {
        self.all.last().filter(|mark| mark.kind == kind).map(|mark| mark.range.end)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Forgets the stretches that are not wanted.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&Mark) -> bool) {
        self.all.retain(wanted);
    }

    /// The stretches in order, those that touch the same characters made one (the earlier names it, or the cell that is
    /// all of it).
    pub(crate) fn settle(self) -> Vec<Mark> {
        let mut settled: Vec<Mark> = Vec::with_capacity(self.all.len());
        for mark in self.all {
            match settled.last_mut() {
                Some(last) if mark.range.start < last.range.end => {
                    if last.cell.is_none() && mark.cell.is_some() && mark.range == last.range {
                        *last = mark;
                    } else if mark.range.end > last.range.end {
                        last.range.end = mark.range.end;
                        last.cell = None;
                    }
                }
                Some(_) | None => settled.push(mark),
            }
        }
        settled
    }
}
