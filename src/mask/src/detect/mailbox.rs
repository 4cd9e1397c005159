//! Names before addresses: `"Ann Lee" <ann@b.example>` (RFC 5322, 3.4), in mail headers, commits, lists of authors.

use crate::bytes::{at, before, part, run, run_back};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::looks;
use crate::marks::{Marks, is_masked};

/// Longest name that is read.
const LONGEST: usize = 80;

/// `i` is at the `<`. The address is found by its own detector.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let close =
        run(text, i + 1, 254, |b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"') || b >= 0x80);
    if at(text, close) != b'>'
        || !(part(text, i..close).contains('@') || part(text, i..close).contains("tel:"))
    {
        return None;
    }
    let mut end = run_back(text, i, 2, |b| b == b' ');
    let quoted = before(text, end) == b'"';
    while matches!(before(text, end), b'"' | b'\\') {
        end -= 1;
    }
    // `=?UTF-8?Q?J=C3=B6rg?= <j@b.example>` (RFC 2047)
    let encoded =
        |b: u8| (b.is_ascii_graphic() || b.is_ascii_whitespace()) && !matches!(b, b',' | b'>' | b':' | b';');
    let word = part(text, run_back(text, end, 2 * LONGEST, encoded)..end);
    if word.ends_with("?=")
        && let Some(begins) = word.find("=?")
    {
        marks.add(end - word.len() + begins..end, Kind::Name, "display_name");
        return None;
    }
    let inside: fn(u8) -> bool = if quoted {
        |b| !matches!(b, b'"' | b'\n' | b'<' | b'>')
    } else {
        |b| b.is_ascii_alphabetic() || b >= 0x80 || matches!(b, b' ' | b'.' | b'\'' | b'-')
    };
    let back = text.ceil_char_boundary(run_back(text, end, LONGEST, inside));
    let start = if quoted { back } else { end - looks::name_at_end(part(text, back..end)).len() };
    if start < end && !is_masked(part(text, start..end)) {
        marks.add(start..end, Kind::Name, "display_name");
    }
    None
}
