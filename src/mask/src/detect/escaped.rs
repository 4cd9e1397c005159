//! What is written in escapes: `bob%40corp.example`, `bob&#64;corp.example`, `\u0070assword`, `password=3Dx`, also twice
//! (`%2540`); and text written as hexadecimal digits. It is read, looked into, and what is found there is masked where it is
//! written.
//!
//! Each stretch of a line is read once, however many escapes it has; escapes in escapes are followed as deep as other
//! wrappings are.

use crate::bytes::{at, ends_word, part, rest, run, run_back};
use crate::detect::{Scan, scan};
use crate::kind::Kind;
use crate::marks::{Mark, Marks};
use crate::structure::escapes;

/// How far before an escape something may begin that it belongs to, and how far from it that is followed.
const BACK: usize = 128;
const AHEAD: usize = 2048;

/// Shortest text in hexadecimal digits that is worth a look.
const SHORTEST: usize = 16;

pub(super) fn find(outer: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = outer.text;
    let hex = |from: usize| at(text, from).is_ascii_hexdigit() && at(text, from + 1).is_ascii_hexdigit();
    let escape = match at(text, i) {
        b'%' => hex(i + 1),
        b'\\' => matches!(at(text, i + 1), b'u' | b'x') && hex(i + 2),
        b'&' => at(text, i + 1) == b'#' || at(text, i + 1).is_ascii_lowercase(),
        // Elsewhere `=` before two digits is no escape.
        _ => matches!(part(text, i..i + 3), "=40" | "=3D"),
    };
    if !escape || i < marks.read {
        return None;
    }
    let look = outer.look.inside()?;
    let blank = |b: u8| !b.is_ascii_whitespace() && !matches!(b, b'?' | b'"' | b'<' | b'>');
    let start = run_back(text, i, BACK, blank).max(marks.read);
    let start = text.floor_char_boundary(start);
    // A query is read by its own rules.
    let end = text.floor_char_boundary(run(text, i, AHEAD, |b| !matches!(b, b'\n' | b'?')));
    marks.read = end;
    let leads: &[u8] = if at(text, i) == b'=' { b"=" } else { b"%&\\" };
    let plain = escapes::read(part(text, start..end), leads)?;
    for mark in scan(Scan { text: &plain.text, look }).settle() {
        let range = start + plain.written(mark.range.start)..start + plain.written(mark.range.end);
        marks.put(Mark { range, ..mark });
    }
    None
}

/// Text as hexadecimal digits, perhaps after `0x`, goes whole if there is anything in it.
pub(super) fn hexadecimal(outer: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = outer.text;
    let start = if rest(text, i).starts_with("0x") { i + 2 } else { i };
    // The first character of a text is a printable one.
    if !(b'2'..=b'7').contains(&at(text, start)) {
        return None;
    }
    let mut plain = String::new();
    let mut end = start;
    while let (Some(high), Some(low)) =
        (char::from(at(text, end)).to_digit(16), char::from(at(text, end + 1)).to_digit(16))
    {
        let c = char::from_u32(high * 16 + low).filter(|c| matches!(c, ' '..='~' | '\n' | '\r' | '\t'))?;
        plain.push(c);
        end += 2;
    }
    if end - start < SHORTEST || !ends_word(text, end) {
        return None;
    }
    let look = outer.look.inside()?;
    let inside = scan(Scan { text: &plain, look });
    if inside.is_empty() {
        return None;
    }
    marks.add(start..end, Kind::Secret, "hexadecimal");
    Some(end)
}
