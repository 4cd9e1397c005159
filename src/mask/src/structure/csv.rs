//! Tables as text: CSV (RFC 4180) and its relatives with `;`, tabs or `|` between the cells, wherever their lines begin;
//! also what `psql` and Markdown make of them.
//!
//! A table is a line of column names of which at least one is telling, and the lines after it up to an empty one. Without
//! such a line there is a table where lines have as many cells each and an e-mail address in one of them. What looks like a
//! table by accident loses nothing: cells are masked by what their column says, and the detectors see all of it anyway.

use core::ops::Range;

use crate::bytes::{at, before, part, run};
use crate::keys::Key;
use crate::kind::Kind;
use crate::structure::cells::{Cells, Spelling, closing, line_end};
use crate::structure::rows::{Columns, LONGEST_NAME, is_column, name_in};

/// Longest line whose cells are looked at; a cell in quotes may go on beyond it by as much.
const LONGEST: usize = 8192;

/// One record: the cells, without blanks and quotes around them, and where the next record begins.
pub(crate) struct Record {
    pub(crate) cells: Vec<(Range<usize>, Spelling)>,
    pub(crate) next: usize,
}

/// Masks the table that begins at the line at `start`, and answers where it ends; nothing where none begins.
pub(super) fn table(all: &mut Cells<'_>, start: usize) -> Option<usize> {
    let text = all.text;
    let delimiter = delimiter(text, start)?;
    let first = part(
        text,
        start..run(text, start, LONGEST_NAME, |b| !matches!(b, b'\n' | b',' | b';' | b'|' | b'\t')),
    );
    let named = is_column(first.trim().trim_matches('"')) || (delimiter == b'|' && first.trim().is_empty());
    if !named && !part(text, start..line_end(text, start)).contains('@') {
        return None;
    }
    let header = record(text, start, delimiter);
    if header.next >= text.len() {
        return None;
    }
    let mut columns = Columns::default();
    if named
        && header
            .cells
            .iter()
            .all(|(name, _)| is_column(part(text, name.clone())) || (delimiter == b'|' && name.is_empty()))
    {
        for (name, _) in &header.cells {
            columns.add(part(text, name.clone()));
        }
        columns.settle();
        let second = next_record(text, header.next, delimiter);
        let known = header.cells.iter().any(|(name, _)| all.says(part(text, name.clone())));
        if (known || columns.telling())
            && second.cells.len() > 1
            && (second.cells.len() == header.cells.len() || !loose(text, start, delimiter))
        {
            return Some(rows(all, header.next, delimiter, &mut columns));
        }
    }
    let second = record(text, header.next, delimiter);
    let same = header.cells.len() > 2 && second.cells.len() == header.cells.len();
    (same && !loose(text, start, delimiter)).then(|| nameless(all, start, delimiter, header.cells.len()))
}

/// Masks the records from `start` on, up to a line that is no record, and answers where that is.
pub(super) fn rows(all: &mut Cells<'_>, start: usize, delimiter: u8, columns: &mut Columns<'_>) -> usize {
    let mut i = start;
    loop {
        let row = next_record(all.text, i, delimiter);
        if row.cells.len() < 2 {
            return i;
        }
        for (place, (cell, spelling)) in row.cells.into_iter().enumerate() {
            let shown = part(all.text, cell.clone());
            columns.see(place, shown);
            let column = columns.at(place);
            if shown.len() > 2 || !shown.bytes().all(|b| b.is_ascii_digit()) {
                all.add_hidden(".rows[*]", (&column.0, column.1), cell, spelling);
            }
        }
        i = row.next;
    }
}

/// Masks the names of people in records of `count` cells without column names.
fn nameless(all: &mut Cells<'_>, start: usize, delimiter: u8, count: usize) -> usize {
    let mut i = start;
    loop {
        let row = record(all.text, i, delimiter);
        if row.cells.len() != count {
            return i;
        }
        let text = all.text;
        if let Some(place) = name_in(row.cells.iter().map(|(cell, _)| part(text, cell.clone())))
            && let Some((cell, spelling)) = row.cells.into_iter().nth(place)
        {
            all.add(".rows[*]", ("", Key::Holds(Kind::Name)), cell, spelling);
        }
        i = row.next;
    }
}

/// What stands between the cells of the line at `start`, if anything does: the most frequent.
pub(crate) fn delimiter(text: &str, start: usize) -> Option<u8> {
    let (mut commas, mut semicolons, mut tabs, mut bars) = (0, 0, 0, 0);
    for b in text.as_bytes().get(start..)?.iter().take(LONGEST).take_while(|b| **b != b'\n') {
        match b {
            b',' => commas += 1,
            b';' => semicolons += 1,
            b'\t' => tabs += 1,
            b'|' => bars += 1,
            _ => {}
        }
    }
    [(b',', commas), (b';', semicolons), (b'\t', tabs), (b'|', bars)]
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .filter(|(_, count)| *count > 0)
        .map(|(delimiter, _)| delimiter)
}

/// Whether the line is a list in a sentence or in code rather than a record: blanks stand after its commas.
fn loose(text: &str, start: usize, delimiter: u8) -> bool {
    delimiter != b'|'
        && part(text, start..line_end(text, start))
            .contains([char::from(delimiter), ' '].iter().collect::<String>().as_str())
}

/// The record at `i`, lines that only rule the table stepped over.
fn next_record(text: &str, i: usize, delimiter: u8) -> Record {
    let end = line_end(text, i);
    let line = |b: u8| matches!(b, b'-' | b'+' | b'=' | b'|' | b':' | b' ' | b'\r');
    let separates = end > i && delimiter == b'|' && part(text, i..end).bytes().all(line);
    record(text, if separates { end + 1 } else { i }, delimiter)
}

/// The record at `start`.
pub(crate) fn record(text: &str, start: usize, delimiter: u8) -> Record {
    let mut cells = Vec::new();
    let mut i = start;
    loop {
        let blank: fn(u8) -> bool =
            if delimiter == b'\t' { |b| b == b' ' } else { |b| matches!(b, b' ' | b'\t') };
        let mut from = run(text, i, LONGEST, blank);
        let mut spelling = Spelling::Raw;
        let mut until = from;
        if at(text, from) == b'"'
            && let Some(end) = closing(text, from + 1, b'"')
            && end - from < LONGEST
        {
            let after = run(text, end + 1, LONGEST, blank);
            if after >= text.len() || at(text, after) == delimiter || matches!(at(text, after), b'\n' | b'\r')
            {
                (from, until, spelling, i) = (from + 1, end, Spelling::Quoted('"'), after);
            }
        }
        if spelling == Spelling::Raw {
            let left = text.as_bytes().get(from..).unwrap_or_default();
            i = from + left.iter().take_while(|b| **b != delimiter && **b != b'\n').count();
            until = i;
            while until > from && matches!(before(text, until), b' ' | b'\t' | b'\r') {
                until -= 1;
            }
        }
        cells.push((from..until, spelling));
        if at(text, i) == b'\r' {
            i += 1;
        }
        if at(text, i) != delimiter || i >= text.len() {
            return Record { cells, next: i + 1 };
        }
        i += 1;
    }
}
