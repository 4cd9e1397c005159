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
    if at(text, close) != b'>' || !part(text, i..close).contains('@') {
        return None;
    }
    let mut end = run_back(text, i, 2, |b| b == b' ');
    let quoted = before(text, end) == b'"';
    while matches!(before(text, end), b'"' | b'\\') {
        end -= 1;
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
