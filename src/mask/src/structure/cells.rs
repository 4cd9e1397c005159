//! Structures inside running text: tables, statements, lists of settings, wherever in a text they stand.
//!
//! One pass over the lines asks each structure whether it begins there. A structure says which stretches of the text are
//! cells and what their names say; a cell is masked on its own, and everything around it is left to the detectors, so that
//! a structure that is not what it seems hides nothing from them. Cells inside cells are followed as deep as other
//! wrappings are.

use core::ops::Range;
use std::borrow::Cow;

use crate::bytes::{at, before, part, rest};
use crate::detect::Scan;
use crate::keys::Key;
use crate::kind::Kind;
use crate::marks::{Cell, Mark, Marks};
use crate::masked::step;
use crate::masker::Look;
use crate::structure::lines::Lines;
use crate::structure::{csv, segments, sql, value};

/// The cells of one text so far.
pub(super) struct Cells<'a> {
    pub(super) text: &'a str,
    look: Look<'a>,
    marks: Marks,
    /// Whether a dollar quote was looked for to the end of the text in vain, which is done once.
    pub(super) dollars: bool,
}

/// How a cell is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As it is.
    Raw,
    /// In quotes of this kind, which are doubled inside, or escaped by `\`.
    Quoted(char),
}

/// The cells in `scan` that are masked, in order.
pub(crate) fn cells(scan: Scan<'_>) -> Vec<Mark> {
    let Some(look) = scan.look.inside() else { return Vec::new() };
    let mut cells = Cells { text: scan.text, look, marks: Marks::default(), dollars: false };
    let mut lines = Lines::default();
    let mut i = 0;
    while i < scan.text.len() {
        let begins = i == 0 || before(scan.text, i) == b'\n';
        let end =
            begins.then(|| segments::message(&mut cells, i).or_else(|| csv::table(&mut cells, i))).flatten();
        if end.is_none() && begins {
            lines.line(&mut cells, i);
        }
        i = match end {
            Some(end) => end.max(i + 1),
            None => sql::line(&mut cells, i),
        };
    }
    cells.marks.settle()
}

impl Cells<'_> {
    /// Notes what goes as it stands.
    pub(super) fn mark(&mut self, range: Range<usize>, kind: Kind, detector: &'static str) {
        self.marks.add(range, kind, detector);
    }

    /// Masks the cell in `range` at `place` under a `name` that says `key`.
    pub(super) fn add(
        &mut self,
        place: &str,
        (name, key): (&str, Key),
        range: Range<usize>,
        spelling: Spelling,
    ) {
        let raw = part(self.text, range.clone());
        let plain = spelling.read(raw);
        if let Some(mut masked) = value::mask(key, &plain, self.look) {
            masked.text = spelling.write(masked.text);
            let name = value::mask(Key::Plain, name, self.look)
                .map_or(Cow::Borrowed(name), |name| Cow::Owned(name.text));
            let step = if name.is_empty() { place.to_owned() } else { format!("{place}{}", step(&name)) };
            let cell = Some(Box::new(Cell { step, masked }));
            self.marks.put(Mark {
                range,
                kind: Kind::Secret,
                detector: Cow::Borrowed("cell"),
                strategy: None,
                cell,
            });
        }
    }
}

impl Spelling {
    pub(crate) fn read(self, raw: &str) -> Cow<'_, str> {
        match self {
            Self::Quoted(quote) if raw.contains(quote) => {
                let mut out = String::with_capacity(raw.len());
                let mut left = raw;
                while let Some(i) = left.find(quote) {
                    let before = part(left, 0..i);
                    out.push_str(before.strip_suffix('\\').unwrap_or(before));
                    out.push(quote);
                    left = rest(left, i + 1);
                    if !before.ends_with('\\') {
                        left = left.strip_prefix(quote).unwrap_or(left);
                    }
                }
                out.push_str(left);
                Cow::Owned(out)
            }
            Self::Raw | Self::Quoted(_) => Cow::Borrowed(raw),
        }
    }

    pub(crate) fn write(self, text: String) -> String {
        match self {
            Self::Quoted(quote) if text.contains(quote) => {
                let mut out = String::with_capacity(text.len() + 8);
                for c in text.chars() {
                    out.push(c);
                    if c == quote {
                        out.push(c);
                    }
                }
                out
            }
            Self::Raw | Self::Quoted(_) => text,
        }
    }
}

/// Where the string that `quote` opened at `start - 1` ends, if it does: at a quote that is neither doubled nor escaped.
///
/// `\'` is an escaped quote in some dialects and a backslash at the end in others; what follows tells.
pub(super) fn closing(text: &str, start: usize, quote: u8) -> Option<usize> {
    let mut i = start;
    loop {
        match at(text, i) {
            0 => return None,
            b'\\' if at(text, i + 1) == b'\\' => i += 2,
            b'\\'
                if at(text, i + 1) == quote
                    && !matches!(at(text, i + 2), 0 | b',' | b')' | b';' | b'\n' | b'\r') =>
            {
                i += 2;
            }
            b if b == quote && at(text, i + 1) == quote => i += 2,
            b if b == quote => return Some(i),
            _ => i += 1,
        }
    }
}

/// Where the line at `start` ends, its line feed excluded.
pub(super) fn line_end(text: &str, start: usize) -> usize {
    rest(text, start).find('\n').map_or(text.len(), |length| start + length)
}
