//! Forms and queries: `name=value` joined by `&`, both percent-encoded (WHATWG URL, 5.1).

use std::borrow::Cow;

use crate::bytes::at;
use crate::keys::{Key, classify};
use crate::marks::Kind;
use crate::masked::{Found, Masked, step};
use crate::structure::value;

/// Whether `text` looks like a form: no blanks, and each piece has a name and a `=`.
pub(crate) fn is_form(text: &str) -> bool {
    text.len() < 1 << 20
        && text.contains('=')
        && text.split('&').all(|piece| {
            let name = piece.split('=').next().unwrap_or("");
            let plain = |b: u8| {
                b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'%' | b'[' | b']' | b'+')
            };
            piece.contains('=')
                && !name.is_empty()
                && name.bytes().all(plain)
                && piece.bytes().all(|b| {
                    b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\' | b'<' | b'>' | b'`' | b';')
                })
        })
}

/// Masks the values of a form. Pieces with nothing to mask stay as they were, byte for byte.
pub(crate) fn mask(text: &str, depth: u8) -> Masked {
    let mut out = String::with_capacity(text.len());
    let mut found = Found::default();
    for (n, piece) in text.split('&').enumerate() {
        if n > 0 {
            out.push('&');
        }
        let (raw_name, raw_value) = piece.split_once('=').unwrap_or((piece, ""));
        let name = decode(raw_name);
        let shown_name = name.as_deref().and_then(|name| value::mask(Key::Plain, name, depth));
        let path = step(shown_name.as_ref().map_or(name.as_deref().unwrap_or("?"), |masked| &masked.text));
        write(raw_name, shown_name, &path, &mut out, &mut found);
        if piece.len() > raw_name.len() {
            out.push('=');
        }
        let key = classify(name.as_deref().unwrap_or(""));
        if let Some(plain) = decode(raw_value) {
            write(raw_value, value::mask(key, &plain, depth), &path, &mut out, &mut found);
        } else {
            // Not text once decoded: nobody can say what it is, and a reviewer could not read it either.
            out.push_str(Kind::Secret.label());
            found.add(path, "not_text");
        }
    }
    Masked { text: out, found }
}

/// Writes a piece as it was, or masked.
fn write(raw: &str, masked: Option<Masked>, path: &str, out: &mut String, found: &mut Found) {
    if let Some(masked) = masked {
        encode(&masked.text, out);
        found.adopt(path, masked.found);
    } else {
        out.push_str(raw);
    }
}

/// The text behind the percent-encoding; none if it is not UTF-8. A `%` that encodes nothing stays.
pub(crate) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.contains(['%', '+']) {
        return Some(Cow::Borrowed(raw));
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut i = 0;
    while i < raw.len() {
        let byte = at(raw, i);
        let pair = (byte == b'%').then(|| hex(at(raw, i + 1)).zip(hex(at(raw, i + 2)))).flatten();
        if let Some((high, low)) = pair {
            out.push(high * 16 + low);
            i += 3;
        } else {
            out.push(if byte == b'+' { b' ' } else { byte });
            i += 1;
        }
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

/// Writes masked text so that the form stays a form; masks stay readable.
pub(crate) fn encode(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for c in text.chars() {
        match c {
            ' ' => out.push('+'),
            '%'
            | '&'
            | '='
            | '+'
            | '#'
            | ';'
            | '"'
            | '\''
            | '<'
            | '>'
            | '\\'
            | '`'
            | '\0'..='\x1f'
            | '\x7f' => {
                let code = usize::try_from(u32::from(c)).unwrap_or(0);
                out.push('%');
                for digit in [code >> 4, code & 15] {
                    out.push(DIGITS.get(digit).copied().map_or('0', char::from));
                }
            }
            c => out.push(c),
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
