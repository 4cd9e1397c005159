//! Base64 that hides something: decoded to a bounded depth, and masked whole when the inside has anything to mask.

use crate::bytes::{before, is_base64, part, run};
use crate::detect::{Scan, scan};
use crate::kind::Kind;
use crate::marks::{Mark, Marks};
use crate::masked::Masked;
use crate::report::Report;

/// Shorter than this no wrapped value is worth a decode.
const SHORTEST: usize = 12;

/// From here on base64 that is no text is shown by its size: nobody reads it, and nothing says what is in it.
const LARGE: usize = 4096;

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
    let Some(plain) = decode(part(text, i..bare)) else {
        if bare - i >= LARGE {
            marks.put(Mark::cell(i..end, String::new(), binary(bare - i)));
        }
        // Whatever it is, nothing begins within it.
        return Some(end).filter(|_| bare - i >= LARGE);
    };
    let mut inside = scan(Scan { text: &plain, look });
    look.sift(&plain, &mut inside);
    if inside.is_empty() {
        return None;
    }
    marks.add(i..end, Kind::Secret, "base64");
    Some(end)
}

/// What stands for `length` bytes of base64 that are no text: an image, an archive, something encrypted.
pub(crate) fn binary(length: usize) -> Masked {
    let mut found = Report::default();
    found.unread(length / 4 * 3);
    found.add(String::new(), Kind::Secret, "binary".into(), 0);
    Masked { text: size(length / 4 * 3), found }
}

/// What stands for `bytes` that are no text.
pub(crate) fn size(bytes: usize) -> String {
    if bytes < 1024 { format!("[binary {bytes} bytes]") } else { format!("[binary {} kB]", bytes / 1024) }
}

/// The text in `value`, if it is base64 (either alphabet, padded or not) of readable text.
pub(crate) fn decode(value: &str) -> Option<String> {
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
