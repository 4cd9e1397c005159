//! Stretches of a text that must go, and the text without them.

use core::ops::Range;

use crate::bytes::part;
use crate::keys::is_letter;

/// What kind of thing a mask stands for; this is all that a reviewer learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Secret,
    Email,
    Card,
    Iban,
    Ssn,
}

impl Kind {
    /// The text that stands in for the value.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Secret => "[secret]",
            Self::Email => "[email]",
            Self::Card => "[card]",
            Self::Iban => "[iban]",
            Self::Ssn => "[ssn]",
        }
    }
}

/// Closes an excerpt that shows only the beginning.
pub(crate) const CUT: &str = "\u{2026}[cut]";

/// Every text that stands in place of another. `[masked]` is the core's, for what a rule's pointers name.
pub(crate) const LABELS: &[&str] =
    &["[secret]", "[email]", "[card]", "[iban]", "[ssn]", "[binary]", "[masked]", CUT, "[not shown: "];

/// Whether nothing is left in `text` but masks and punctuation.
pub(crate) fn is_masked(text: &str) -> bool {
    let mut left = text;
    let mut seen = false;
    while let Some(first) = left.chars().next() {
        let label = LABELS.iter().find_map(|label| left.strip_prefix(label));
        left = match label {
            Some(after) => {
                seen = true;
                after
            }
            None if is_letter(first) => return false,
            None => left.strip_prefix(first).unwrap_or(""),
        };
    }
    seen
}

/// One stretch to mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) range: Range<usize>,
    pub(crate) kind: Kind,
    pub(crate) detector: &'static str,
}

/// The stretches of one text.
#[derive(Debug, Default)]
pub(crate) struct Marks(Vec<Mark>);

impl Marks {
    /// Notes a stretch; an empty one is none.
    pub(crate) fn add(&mut self, range: Range<usize>, kind: Kind, detector: &'static str) {
        if !range.is_empty() {
            // In order of place, the longer first. They come almost in order, so this is one comparison each, and a sort
            // of the standard library would be a tenth of this crate's code.
            let later = |other: &Mark| {
                (other.range.start, core::cmp::Reverse(other.range.end))
                    > (range.start, core::cmp::Reverse(range.end))
            };
            let behind = self.0.iter().rev().take_while(|other| later(other)).count();
            self.0.insert(self.0.len() - behind, Mark { range, kind, detector });
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The stretches in order, those that touch the same characters made one (the earlier names it).
    pub(crate) fn settle(self) -> Vec<Mark> {
        let mut settled: Vec<Mark> = Vec::with_capacity(self.0.len());
        for mark in self.0 {
            match settled.last_mut() {
                Some(last) if mark.range.start < last.range.end => {
                    last.range.end = last.range.end.max(mark.range.end);
                }
                Some(_) | None => settled.push(mark),
            }
        }
        settled
    }
}

/// `text` with each of the settled `marks` replaced by its label.
pub(crate) fn replace(text: &str, marks: &[Mark]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for mark in marks {
        out.push_str(part(text, from..mark.range.start));
        out.push_str(mark.kind.label());
        from = mark.range.end;
    }
    out.push_str(part(text, from..text.len()));
    out
}
