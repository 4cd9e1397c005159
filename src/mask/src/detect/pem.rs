//! Private keys in blocks: PEM (RFC 7468), OpenSSH, PGP (RFC 9580), PuTTY's `Private-Lines`, SSH2's four dashes, and .NET's
//! `<RSAKeyValue>` with a `<D>`. Certificates and public keys stay.

use crate::bytes::{at, before, part, rest, run};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// A block whose end is missing goes as far as a key's own characters go: half a key is a key.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if before(text, i) == b'-' {
        return None;
    }
    let dashes = run(text, i, 6, |b| b == b'-') - i;
    let block = rest(text, i + dashes).trim_start_matches(' ').strip_prefix("BEGIN ");
    let title = block?;
    let title = title.get(..title.floor_char_boundary(56)).and_then(|head| head.split("---").next())?;
    if !(4..=5).contains(&dashes) || !title.to_ascii_uppercase().contains("PRIVATE KEY") {
        return None;
    }
    let end = rest(text, i)
        .find("-END ")
        .and_then(|end| {
            let tail = rest(text, i + end);
            let close = tail.get(..tail.floor_char_boundary(64))?.rfind("---")?;
            Some(run(text, i + end + close, 5, |b| b == b'-'))
        })
        .unwrap_or_else(|| {
            run(text, i, usize::MAX, |b| {
                b.is_ascii_alphanumeric()
                    || b.is_ascii_whitespace()
                    || matches!(b, b'+' | b'/' | b'=' | b'-' | b':' | b',' | b'\\' | b'.' | b'(' | b')')
            })
        });
    marks.add(i..end, Kind::Secret, "private_key");
    Some(end)
}

/// What opens a private part that has no dashes, and what closes it.
const PARTS: &[(&str, &str)] = &[("Private-Lines: ", "\nPrivate-MAC"), ("RSAKeyValue>", "</RSAKeyValue>")];

/// `i` is at the first letter of one of [`PARTS`].
pub(super) fn part_of_file(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !matches!(at(text, i), b'P' | b'R') {
        return None;
    }
    let (open, close) = PARTS.iter().find(|(open, _)| rest(text, i).starts_with(open))?;
    let start = i + open.len();
    let end = rest(text, start).find(close).map_or(text.len(), |length| start + length);
    let inside = part(text, start..end);
    // After the number of lines.
    let start = if at(text, i) == b'P' { run(text, start, 4, |b| b.is_ascii_digit()) } else { start };
    let private = at(text, i) == b'P' || inside.contains("<D>");
    if !private || before(text, i) == b'/' || part(text, start..end).trim().starts_with('[') {
        return None;
    }
    marks.add(start..end, Kind::Secret, "private_key");
    Some(end)
}
