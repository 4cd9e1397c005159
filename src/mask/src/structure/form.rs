//! Forms and queries: `name=value` joined by `&`, both percent-encoded (WHATWG URL, 5.1).

use std::borrow::Cow;

use crate::bytes;
use crate::keys::{Key, classify};
use crate::kind::Kind;
use crate::masked::{Masked, Rewrite, step};
use crate::masker::Look;
use crate::structure::rows::Columns;
use crate::structure::value;
use crate::traffic::Slot;

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
    let write = if look.traffic.is_some() { escape } else { encode };
    let mut fields = Columns::default();
    for piece in text.split('&') {
        fields.add(decode(piece.split('=').next().unwrap_or("")).unwrap_or_default());
    }
    fields.settle();
    let mut at = 0;
    for (place, piece) in text.split('&').enumerate() {
        let (raw_name, raw_value) = piece.split_once('=').unwrap_or((piece, ""));
        let name = decode(raw_name);
        let shown_name = name.as_deref().and_then(|name| value::mask(Key::Plain, name, look));
        let path = step(shown_name.as_ref().map_or(name.as_deref().unwrap_or("?"), |masked| &masked.text));
        if let Some(masked) = shown_name {
            rewrite.adopt(at..at + raw_name.len(), &path, masked, write);
        }
        let key =
            if place < fields.len() { fields.at(place).1 } else { classify(name.as_deref().unwrap_or("")) };
        let range = at + piece.len() - raw_value.len()..at + piece.len();
        if let Some(plain) = decode(raw_value) {
            fields.see(place, &plain);
            let look = look.under(name.as_deref().unwrap_or(""));
            if let Some(field) = look.meant(name.as_deref().unwrap_or("")) {
                if let Some((kind, text)) = look.place(field, key, &plain, Slot::Text) {
                    rewrite.found.add(path, kind, "policy".into(), range.start);
                    rewrite.replace(range, |out| write(text.as_deref().unwrap_or(""), out));
                }
            } else if let Some(masked) = value::mask(key, &plain, look) {
                rewrite.adopt(range, &path, masked, write);
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
    const TELLING: &[u8] = b"%&=+#;\"'<>\\`";
    percent(text, out, |byte| TELLING.contains(&byte) || byte.is_ascii_control());
}

/// Writes text as it goes over the wire (WHATWG URL, 5.2), `@` left as it is.
fn escape(text: &str, out: &mut String) {
    percent(text, out, |byte| !(byte.is_ascii_alphanumeric() || b"*-._@ ".contains(&byte)));
}

fn percent(text: &str, out: &mut String, escaped: fn(u8) -> bool) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for c in text.chars() {
        let mut bytes = [0; 4];
        match &*c.encode_utf8(&mut bytes) {
            " " => out.push('+'),
            plain if !plain.bytes().any(escaped) => out.push_str(plain),
            odd => {
                for byte in odd.bytes() {
                    out.push('%');
                    for digit in [byte >> 4, byte & 15] {
                        out.push(DIGITS.get(usize::from(digit)).copied().map_or('0', char::from));
                    }
                }
            }
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
