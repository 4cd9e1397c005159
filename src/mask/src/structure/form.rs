//! Forms and queries: `name=value` joined by `&`, both percent-encoded (WHATWG URL, 5.1).

use std::borrow::Cow;

use crate::bytes;
use crate::keys::{Key, Noun, classify, inside, noun};
use crate::kind::Kind;
use crate::looks;
use crate::masked::{Masked, Rewrite, step};
use crate::masker::Look;
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
pub(crate) fn mask(text: &str, look: Look<'_>) -> Masked {
    let mut rewrite = Rewrite::new(text);
    let mut personal = None;
    let mut at = 0;
    for piece in text.split('&') {
        let (raw_name, raw_value) = piece.split_once('=').unwrap_or((piece, ""));
        let name = decode(raw_name);
        let shown_name = name.as_deref().and_then(|name| value::mask(Key::Plain, name, look));
        let path = step(shown_name.as_ref().map_or(name.as_deref().unwrap_or("?"), |masked| &masked.text));
        if let Some(masked) = shown_name {
            rewrite.adopt(at..at + raw_name.len(), &path, masked, encode);
        }
        let mut key = classify(name.as_deref().unwrap_or(""));
        let range = at + piece.len() - raw_value.len()..at + piece.len();
        if let Some(plain) = decode(raw_value) {
            // Whose a plain name is, the field around it says, or the fields beside it.
            if key == Key::Name && looks::person(&plain, 1) {
                let around =
                    name.as_deref().unwrap_or("").rsplit_once(['[', '.']).map_or("", |(around, _)| around);
                key = match noun(around) {
                    Noun::Person => Key::Holds(Kind::Name),
                    Noun::Same | Noun::Unknown
                        if *personal.get_or_insert_with(|| text.split('&').any(is_personal)) =>
                    {
                        Key::Holds(Kind::Name)
                    }
                    Noun::Thing | Noun::Same | Noun::Unknown => key,
                };
            }
            let look = look.under(name.as_deref().unwrap_or(""));
            if let Some(masked) = value::mask(key, &plain, look) {
                rewrite.adopt(range, &path, masked, encode);
            }
        } else {
            // Not text once decoded: nobody can say what it is, and a reviewer could not read it either.
            rewrite.found.unread(raw_value.len());
            rewrite.found.add(path, Kind::Secret, "not_text".into(), range.start);
            rewrite.replace(range, |out| out.push_str(Kind::Secret.label()));
        }
        at += piece.len() + 1;
    }
    rewrite.finish()
}

/// Whether only a person has what is called as `piece` is.
fn is_personal(piece: &str) -> bool {
    decode(piece.split('=').next().unwrap_or("")).is_some_and(|name| inside("", &name).is_personal())
}

/// The text behind the percent-encoding; none if it is not UTF-8. A `%` that encodes nothing stays.
pub(crate) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.contains(['%', '+']) {
        return Some(Cow::Borrowed(raw));
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut i = 0;
    while i < raw.len() {
        let byte = bytes::at(raw, i);
        let pair =
            (byte == b'%').then(|| hex(bytes::at(raw, i + 1)).zip(hex(bytes::at(raw, i + 2)))).flatten();
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
