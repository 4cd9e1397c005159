//! Base64 and hexadecimal that hide something: decoded to a bounded depth, and masked whole when the inside has anything to mask.

use crate::bytes::{before, is_base64, part, run};
use crate::detect::{Scan, scan};
use crate::kind::Kind;
use crate::marks::Marks;

/// Shorter than this no wrapped value is worth a decode.
const SHORTEST: usize = 12;

pub(super) fn find(outer: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = outer.text;
    let look = outer.look.inside()?;
    if is_base64(before(text, i)) {
        return None;
    }
    let bare = run(text, i, usize::MAX, is_base64);
    if bare - i < SHORTEST {
        return None;
    }
    let end = run(text, bare, 2, |b| b == b'=');
    let wrapped = part(text, i..bare);
    let (plain, detector) = match unhex(wrapped) {
        Some(plain) => (plain, "hex"),
        None => (decode(wrapped)?, "base64"),
    };
    if scan(Scan { text: &plain, look }).is_empty() {
        return None;
    }
    marks.add(i..end, Kind::Secret, detector);
    Some(end)
}

/// The text in `value`, if it is hexadecimal of readable ASCII.
fn unhex(value: &str) -> Option<String> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = String::new();
    if value.len() % 2 == 1 {
        return None;
    }
    for pair in value.as_bytes().chunks_exact(2) {
        let &[high, low] = pair else { return None };
        let byte = digit(high)? << 4 | digit(low)?;
        if !(b' '..0x7f).contains(&byte) && !matches!(byte, b'\n' | b'\r' | b'\t') {
            return None;
        }
        out.push(char::from(byte));
    }
    Some(out)
}

/// The text in `value`, if it is base64 (either alphabet, padded or not) of readable text.
pub(super) fn decode(value: &str) -> Option<String> {
    let value = value.trim_end_matches('=');
    if value.len() % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(value.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in value.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            let [.., byte] = (bits >> held).to_be_bytes();
            if byte < b' ' && !byte.is_ascii_whitespace() {
                return None;
            }
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}
