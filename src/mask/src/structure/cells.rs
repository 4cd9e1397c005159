//! Structures inside running text: tables, statements, lists of settings, wherever in a text they stand.
//!
//! One pass over the lines asks each structure whether it begins there. A structure says which stretches of the text are
//! cells and what their names say; a cell is masked on its own, and everything around it is left to the detectors, so that
//! a structure that is not what it seems hides nothing from them. Cells inside cells are followed as deep as other
//! wrappings are.

use core::ops::Range;
use std::borrow::Cow;

use crate::bytes::{at, before, is_url_safe, part, rest, run};
use crate::custom::Named;
use crate::detect::{Scan, binary, wrapped};
use crate::keys::Key;
use crate::kind::Kind;
use crate::marks::{Mark, Marks, is_masked};
use crate::masked::{Masked, step};
use crate::masker::Look;
use crate::structure::lines::Lines;
use crate::structure::{csv, embedded, escapes, http, segments, sql, value, xml};

/// The cells of one text so far.
pub(super) struct Cells<'a> {
    pub(super) text: &'a str,
    pub(super) look: Look<'a>,
    marks: Marks,
    /// Where the last element may end. Markup that does not end is not looked for twice.
    closes: usize,
    /// Where the last object may end.
    braces: usize,
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
    /// As text of XML.
    Entities,
    /// As mail writes it (RFC 2045).
    QuotedPrintable,
}

/// The cells in `scan` that are masked, in order.
pub(crate) fn cells(scan: Scan<'_>) -> Vec<Mark> {
    let Some(look) = scan.look.inside() else { return Vec::new() };
    let mut cells = Cells::new(scan.text, look);
    let bytes = scan.text.as_bytes();
    cells.closes = bytes.windows(2).rposition(|pair| matches!(pair, b"</" | b"/>")).unwrap_or(0);
    cells.braces = bytes.iter().rposition(|b| *b == b'}').unwrap_or(0);
    let mut lines = Lines::default();
    let readers: [fn(&mut Cells<'_>, usize) -> Option<usize>; 3] =
        [http::read, segments::message, csv::table];
    let mut i = 0;
    while i < scan.text.len() {
        let begins = i == 0 || before(scan.text, i) == b'\n';
        let end = if begins { readers.iter().find_map(|read| read(&mut cells, i)) } else { None };
        if end.is_none() && begins {
            lines.line(&mut cells, i);
        }
        i = match end {
            Some(end) => end.max(i + 1),
            None => line(&mut cells, i, begins),
        };
    }
    cells.marks.settle()
}

/// Reads the markup or the JSON, or else the statements, in the line that begins or goes on at `start`, and answers where to
/// go on.
fn line(cells: &mut Cells<'_>, start: usize, begins: bool) -> usize {
    let text = cells.text;
    let mut i = start;
    loop {
        i = run(text, i, usize::MAX, |b| !matches!(b, b'<' | b'{' | b'[' | b'\n'));
        match at(text, i) {
            b'<' if i < cells.closes && xml::begins(text, i) => break,
            // A text that is JSON as a whole and came here is malformed.
            b'{' | b'[' if (1..cells.braces).contains(&i) && embedded::begins(text, i) => break,
            b'<' | b'{' | b'[' => i += 1,
            _ => return sql::line(cells, start),
        }
    }
    // A statement may hold either; then it is masked as a literal.
    let next = if begins && i > start { sql::line(cells, start) } else { start };
    if cells.marks.end() > i {
        return next;
    }
    let end = if at(text, i) == b'<' {
        let end = xml::read(cells, i);
        cells.closes = end.map_or(0, |_| cells.closes);
        end
    } else {
        let end = embedded::end(text, i);
        match end {
            Some(end) => cells.add("", ("", Key::Plain), i..end, Spelling::Raw),
            None => cells.braces = 0,
        }
        end
    };
    end.unwrap_or(next).max(start + 1)
}

impl<'a> Cells<'a> {
    pub(super) fn new(text: &'a str, look: Look<'a>) -> Self {
        Self { text, look, marks: Marks::default(), closes: 0, braces: 0, dollars: false }
    }

    /// Notes what goes as it stands.
    pub(super) fn mark(&mut self, range: Range<usize>, kind: Kind, detector: &'static str) {
        self.marks.add(range, kind, detector);
    }

    /// Whether the policy says something of what is called `name`.
    pub(super) fn says(&self, name: &str) -> bool {
        self.look.under(name).named != Named::default()
    }

    /// [`Self::add`] where a name or a spelling may hide something; else the detectors see the cell where it stands.
    pub(super) fn add_hidden(
        &mut self,
        place: &str,
        column: (&str, Key),
        range: Range<usize>,
        spelling: Spelling,
    ) {
        let raw = part(self.text, range.clone());
        let escaped = matches!(spelling, Spelling::Quoted(quote) if raw.contains(quote));
        let nested = raw.starts_with(['{', '[', '"', '<']) || raw.contains('\n');
        if column.1 != Key::Plain || escaped || nested || self.says(column.0) {
            self.add(place, column, range, spelling);
        }
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
        let look = self.look.under(name);
        let plain = spelling.read(raw);
        if let Some(mut masked) = value::mask(key, &plain, look) {
            masked.text = spelling.write(masked.text);
            // Too short a word to hold anything.
            let word = name.len() < 16 && name.bytes().all(is_url_safe);
            let shown = if word { None } else { value::mask(Key::Plain, name, self.look) };
            let name = shown.map_or(Cow::Borrowed(name), |name| Cow::Owned(name.text));
            let step = if name.is_empty() { place.to_owned() } else { format!("{place}{}", step(&name)) };
            self.put(range, step, masked);
        }
    }

    /// Masks the base64 in `range`, lines or one: it goes whole if anything in it must go, and is shown by its size where it
    /// is no text.
    pub(super) fn wrapped(&mut self, (name, key): (&str, Key), range: Range<usize>) {
        if is_masked(part(self.text, range.clone())) {
            return;
        }
        let written: String = part(self.text, range.clone()).split_ascii_whitespace().collect();
        let inside = match wrapped::decode(&written) {
            Some(plain) => value::mask(key, &plain, self.look.under(name)).map(|inner| Masked {
                text: self.look.masker.stand_in(Kind::Secret, None, &written),
                ..inner
            }),
            None => Some(binary(written.len())),
        };
        if let Some(masked) = inside {
            self.put(range, step(name), masked);
        }
    }

    fn put(&mut self, range: Range<usize>, step: String, masked: Masked) {
        self.marks.put(Mark::cell(range, step, masked));
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
            Self::Entities | Self::QuotedPrintable => {
                let leads: &[u8] = if self == Self::Entities { b"&" } else { b"=" };
                escapes::read(raw, leads).map_or(Cow::Borrowed(raw), |plain| Cow::Owned(plain.text))
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
            Self::Entities => escapes::to_xml(&text),
            Self::QuotedPrintable => text.replace('=', "=3D"),
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
