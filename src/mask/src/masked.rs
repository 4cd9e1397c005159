//! What comes out of one structure: its text, and where in it something was masked.

use core::ops::Range;

use crate::bytes::{at, part};
use crate::display::{Lines, visible};
use crate::marks::Mark;
use crate::masker::Look;
use crate::report::Report;

/// A masked text and the findings in it, their paths relative to it.
#[derive(Debug, Default)]
pub(crate) struct Masked {
    pub(crate) text: String,
    pub(crate) found: Report,
}

/// A text that is being written anew: what is replaced, and the rest as it was, byte for byte.
///
/// What cannot be decided yet is held: findings there come after others of the same text.
#[derive(Debug)]
pub(crate) struct Rewrite<'a> {
    text: &'a str,
    out: String,
    copied: usize,
    held: Vec<Held>,
    pub(crate) found: Report,
}

/// A place of the written text that may yet be replaced.
#[derive(Debug)]
struct Held {
    range: Range<usize>,
    instead: Option<String>,
}

impl<'a> Rewrite<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, out: String::new(), copied: 0, held: Vec::new(), found: Report::default() }
    }

    /// Writes what comes instead of `range`, after everything before it that is not yet written. Ranges come in order; one
    /// that begins before the end of the last is taken from there.
    pub(crate) fn replace(&mut self, range: Range<usize>, write: impl FnOnce(&mut String)) {
        self.out.push_str(part(self.text, self.copied..range.start.max(self.copied)));
        write(&mut self.out);
        self.copied = range.end.max(self.copied);
    }

    /// Puts the masked inside of `range` there, `write` bringing it into this text's own spelling.
    pub(crate) fn adopt(
        &mut self,
        range: Range<usize>,
        path: &str,
        masked: Masked,
        write: impl FnOnce(&str, &mut String),
    ) {
        let start = range.start;
        self.replace(range, |out| write(&masked.text, out));
        self.found.adopt(path, masked.found, start);
    }

    /// Replaces each of the settled `marks` by its stand-in, and each cell by what it became.
    pub(crate) fn apply(&mut self, look: Look<'_>, path: &str, marks: Vec<Mark>) {
        for mark in marks {
            if let Some(cell) = mark.cell {
                self.adopt(mark.range, &format!("{path}{}", cell.step), cell.masked, |text, out| {
                    out.push_str(text);
                });
                continue;
            }
            let start = mark.range.start;
            let stand_in = look.stand_in(mark.kind, mark.strategy, part(self.text, mark.range.clone()));
            self.replace(mark.range, |out| out.push_str(&stand_in));
            self.found.add(path.to_owned(), mark.kind, mark.detector, start);
        }
    }

    /// Copies `range` as it is for now. What is said later may still [`Self::release`] it.
    pub(crate) fn hold(&mut self, range: Range<usize>) -> usize {
        self.replace(range.start..range.start, |_| {});
        let start = self.out.len();
        let text = part(self.text, range.clone());
        self.replace(range, |out| out.push_str(text));
        self.held.push(Held { range: start..self.out.len(), instead: None });
        self.held.len() - 1
    }

    /// Puts the masked inside of what was held there after all; it lies at `start` of the text.
    pub(crate) fn release(
        &mut self,
        held: usize,
        (start, path): (usize, &str),
        masked: Masked,
        write: impl FnOnce(&str, &mut String),
    ) {
        if let Some(held) = self.held.get_mut(held) {
            write(&masked.text, held.instead.get_or_insert_default());
            self.found.adopt(path, masked.found, start);
        }
    }

    pub(crate) fn finish(mut self) -> Masked {
        self.out.push_str(part(self.text, self.copied..self.text.len()));
        if self.held.iter().any(|held| held.instead.is_some()) {
            let mut text = String::with_capacity(self.out.len());
            let mut copied = 0;
            for Held { range, instead } in self.held {
                if let Some(instead) = instead {
                    text.push_str(part(&self.out, copied..range.start));
                    text.push_str(&instead);
                    copied = range.end;
                }
            }
            text.push_str(part(&self.out, copied..self.out.len()));
            self.out = text;
        }
        Masked { text: self.out, found: self.found }
    }
}

/// One step of a path (RFC 9535): `.name`, or `['odd name']`. The name must be masked already.
pub(crate) fn step(name: &str) -> String {
    const LONGEST: usize = 64;
    let short = name.get(..name.floor_char_boundary(LONGEST)).unwrap_or("");
    let more = if short.len() < name.len() { "\u{2026}" } else { "" };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if !short.is_empty() && !at(short, 0).is_ascii_digit() && short.bytes().all(plain) {
        format!(".{short}{more}")
    } else {
        format!("['{}{more}']", visible(&short.replace('\'', "\\'"), Lines::Escape))
    }
}
