//! Characters written as something else: `%40` (RFC 3986), `&#64;` and `&amp;` (XML, HTML), `\u0040` and `\x40` (JSON,
//! JavaScript, shells), `=40` (quoted-printable, RFC 2045).
//!
//! Each stands for itself wherever it is, so reading is local: every byte of the plain text knows where it came from, and
//! what is found in the plain text is masked in the written one. Bounded by its caller; what is no escape stays.

use crate::bytes::{at, part, run};

/// Entities that HTML and XML have names for, as far as they can hide something.
const ENTITIES: &[(&str, u8)] = &[
    ("amp", b'&'),
    ("lt", b'<'),
    ("gt", b'>'),
    ("quot", b'"'),
    ("apos", b'\''),
    ("nbsp", b' '),
    ("commat", b'@'),
    ("period", b'.'),
    ("colon", b':'),
    ("equals", b'='),
    ("plus", b'+'),
    ("lowbar", b'_'),
    ("hyphen", b'-'),
    ("sol", b'/'),
];

/// A text without its escapes.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) text: String,
    /// Where each byte of it was written, and the end of what was written.
    from: Vec<usize>,
}

impl Plain {
    /// Where what is at `i` of the plain text was written.
    pub(crate) fn written(&self, i: usize) -> usize {
        self.from.get(i).or(self.from.last()).copied().unwrap_or(0)
    }
}

/// `text` without the escapes that begin with one of `leads`; none if there are none, or if what they say is no text.
pub(crate) fn read(text: &str, leads: &[u8]) -> Option<Plain> {
    let mut out = Vec::with_capacity(text.len());
    let mut from = Vec::with_capacity(text.len() + 1);
    let mut found = false;
    let mut i = 0;
    while i < text.len() {
        let byte = at(text, i);
        let width = if leads.contains(&byte) { escape(text, i, &mut out) } else { 0 };
        found |= width > 0;
        if width == 0 {
            out.push(byte);
        }
        from.resize(out.len(), i);
        i += width.max(1);
    }
    from.push(text.len());
    String::from_utf8(out).ok().filter(|_| found).map(|text| Plain { text, from })
}

/// Writes what the escape at `i` stands for and answers its width; none is no escape.
fn escape(text: &str, i: usize, out: &mut Vec<u8>) -> usize {
    let code = |digits: &str, base| u32::from_str_radix(digits, base).ok();
    let (code, width) = match (at(text, i), at(text, i + 1)) {
        // A soft line break.
        (b'=', b'\n') => return 2,
        (b'=', b'\r') => return 3,
        (b'%' | b'=', _) => (code(hex(text, i + 1, 2), 16), 3),
        (b'\\', b'x') => (code(hex(text, i + 2, 2), 16), 4),
        // Not what this crate makes visible; and a surrogate is no letter that a detector asks for.
        (b'\\', b'u') => (code(hex(text, i + 2, 4), 16).filter(|code| is_shown(*code)), 6),
        (b'&', b'#') => {
            let hexadecimal = at(text, i + 2) | 0x20 == b'x';
            let (start, base, digit): (_, _, fn(u8) -> bool) = if hexadecimal {
                (i + 3, 16, |b| b.is_ascii_hexdigit())
            } else {
                (i + 2, 10, |b| b.is_ascii_digit())
            };
            let end = run(text, start, 8, digit);
            (code(part(text, start..end), base), end + usize::from(at(text, end) == b';') - i)
        }
        (b'&', _) => {
            let end = run(text, i + 1, 8, |b| b.is_ascii_alphabetic());
            let name = part(text, i + 1..end);
            let known = ENTITIES.iter().find(|(one, _)| *one == name).filter(|_| at(text, end) == b';');
            (known.map(|(_, byte)| u32::from(*byte)), end + 1 - i)
        }
        _ => return 0,
    };
    let byte = matches!(at(text, i), b'%' | b'=') || at(text, i + 1) == b'x';
    match code {
        Some(code) if byte => out.extend(u8::try_from(code)),
        Some(code) => {
            let c = char::from_u32(code).unwrap_or('\u{fffd}');
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        None => return 0,
    }
    width
}

/// Whether `code` is a character that is shown: no control, no formatting, no surrogate.
fn is_shown(code: u32) -> bool {
    code >= 0x20 && !(0x2000..0x2070).contains(&code) && !(0xd800..0xe000).contains(&code)
}

/// The `most` hexadecimal digits at `i`, or nothing.
fn hex(text: &str, i: usize, most: usize) -> &str {
    let digits = part(text, i..i + most);
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) { digits } else { "" }
}

/// Writes `text` so that it is text in XML and in an attribute. Masks stay readable.
pub(crate) fn to_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}
