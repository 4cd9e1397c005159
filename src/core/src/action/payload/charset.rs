//! The charset of a text: by its byte order mark, else by the `charset` of its content type, else, for what looks like
//! JSON or XML, by where its first zero bytes stand (RFC 4627 section 3), else UTF-8.
//!
//! Promises UTF-8 without a mark. A mark that contradicts the parameter, a charset it does not know, and bytes that the
//! charset does not allow are not read: another reader may find another text in them. ISO-8859-1 is read as
//! windows-1252, as browsers do; the two differ in control characters only.

use std::borrow::Cow;

use super::super::{Obscurity, media::Parameter};

/// A charset that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    Utf8,
    Utf16(Order),
    Utf32(Order),
    Latin,
}

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Big,
    Little,
    /// The mark tells, or the zeros.
    Unsaid,
}

/// The text in UTF-8 without a mark.
pub(super) fn utf8<'a>(text: Cow<'a, [u8]>, named: &Parameter<'_>) -> Result<Cow<'a, [u8]>, Obscurity> {
    let named = match named {
        Parameter::Absent => None,
        Parameter::Is(name) => Some(of_name(name).ok_or(Obscurity::Charset)?),
        Parameter::Unclear => return Err(Obscurity::Charset),
    };
    let (charset, mark) = match (of_mark(&text), named) {
        (Some((marked, length)), None) => (marked, length),
        (Some((marked, length)), Some(named)) if agree(marked, named) => (marked, length),
        (Some(_), Some(_)) => return Err(Obscurity::Charset),
        (None, Some(Charset::Utf16(Order::Unsaid) | Charset::Utf32(Order::Unsaid)) | None) => {
            let guessed = of_zeros(&text).unwrap_or(Charset::Utf8);
            if named.is_some_and(|named| !agree(guessed, named)) {
                return Err(Obscurity::Charset);
            }
            (guessed, 0)
        }
        (None, Some(named)) => (named, 0),
    };
    let unmarked = text.get(mark..).unwrap_or_default();
    let converted = match charset {
        Charset::Utf8 if std::str::from_utf8(unmarked).is_err() => return Err(Obscurity::Charset),
        Charset::Utf8 if mark == 0 => return Ok(text),
        Charset::Utf8 => Some(unmarked.to_vec()),
        Charset::Latin if unmarked.is_ascii() => return Ok(text),
        Charset::Latin => Some(unmarked.iter().map(|b| latin(*b)).collect::<String>().into_bytes()),
        Charset::Utf16(order) => utf16(unmarked, order),
        Charset::Utf32(order) => utf32(unmarked, order),
    };
    converted.map(Cow::Owned).ok_or(Obscurity::Charset)
}

/// Names as IANA and the WHATWG register them, those in use.
fn of_name(name: &str) -> Option<Charset> {
    const NAMES: [(&str, Charset); 18] = [
        ("utf-8", Charset::Utf8),
        ("utf8", Charset::Utf8),
        ("us-ascii", Charset::Utf8),
        ("ascii", Charset::Utf8),
        ("", Charset::Utf8),
        ("utf-16", Charset::Utf16(Order::Unsaid)),
        ("utf16", Charset::Utf16(Order::Unsaid)),
        ("utf-16le", Charset::Utf16(Order::Little)),
        ("utf-16be", Charset::Utf16(Order::Big)),
        ("ucs-2", Charset::Utf16(Order::Unsaid)),
        ("utf-32", Charset::Utf32(Order::Unsaid)),
        ("utf-32le", Charset::Utf32(Order::Little)),
        ("utf-32be", Charset::Utf32(Order::Big)),
        ("iso-8859-1", Charset::Latin),
        ("iso8859-1", Charset::Latin),
        ("latin1", Charset::Latin),
        ("windows-1252", Charset::Latin),
        ("cp1252", Charset::Latin),
    ];
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, charset)| *charset)
}

/// The charset of a mark, and how long the mark is.
fn of_mark(text: &[u8]) -> Option<(Charset, usize)> {
    match text {
        [0xff, 0xfe, 0, 0, ..] => Some((Charset::Utf32(Order::Little), 4)),
        [0, 0, 0xfe, 0xff, ..] => Some((Charset::Utf32(Order::Big), 4)),
        [0xff, 0xfe, ..] => Some((Charset::Utf16(Order::Little), 2)),
        [0xfe, 0xff, ..] => Some((Charset::Utf16(Order::Big), 2)),
        [0xef, 0xbb, 0xbf, ..] => Some((Charset::Utf8, 3)),
        _ => None,
    }
}

/// The charset in which a document of JSON or XML starts as these bytes do.
fn of_zeros(text: &[u8]) -> Option<Charset> {
    let starts = |byte: &u8| matches!(byte, b'{' | b'[' | b'"' | b'<' | b' ' | b'\t' | b'\r' | b'\n');
    match text {
        [0, 0, 0, first, ..] if starts(first) => Some(Charset::Utf32(Order::Big)),
        [first, 0, 0, 0, ..] if starts(first) => Some(Charset::Utf32(Order::Little)),
        [0, first, ..] if starts(first) => Some(Charset::Utf16(Order::Big)),
        [first, 0, ..] if starts(first) => Some(Charset::Utf16(Order::Little)),
        _ => None,
    }
}

/// Whether what the bytes say is what the name says.
fn agree(found: Charset, named: Charset) -> bool {
    match named {
        Charset::Utf16(Order::Unsaid) => matches!(found, Charset::Utf16(_)),
        Charset::Utf32(Order::Unsaid) => matches!(found, Charset::Utf32(_)),
        Charset::Utf8 | Charset::Utf16(_) | Charset::Utf32(_) | Charset::Latin => found == named,
    }
}

fn utf16(text: &[u8], order: Order) -> Option<Vec<u8>> {
    let (units, []) = text.as_chunks::<2>() else { return None };
    let unit = |unit: &[u8; 2]| match order {
        Order::Big => u16::from_be_bytes(*unit),
        Order::Little | Order::Unsaid => u16::from_le_bytes(*unit),
    };
    char::decode_utf16(units.iter().map(unit)).collect::<Result<String, _>>().ok().map(String::into_bytes)
}

fn utf32(text: &[u8], order: Order) -> Option<Vec<u8>> {
    let (units, []) = text.as_chunks::<4>() else { return None };
    let unit = |unit: &[u8; 4]| match order {
        Order::Big => u32::from_be_bytes(*unit),
        Order::Little | Order::Unsaid => u32::from_le_bytes(*unit),
    };
    units.iter().map(|u| char::from_u32(unit(u))).collect::<Option<String>>().map(String::into_bytes)
}

/// A byte of windows-1252.
fn latin(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let high = byte.checked_sub(0x80).and_then(|place| HIGH.get(usize::from(place)));
    high.copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn read(bytes: &[u8], named: Option<&str>) -> Option<String> {
        let named = named.map_or(Parameter::Absent, Parameter::Is);
        utf8(Cow::Borrowed(bytes), &named).ok().map(|text| String::from_utf8(text.into_owned()).unwrap())
    }

    fn utf_16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn the_same_text_is_found_in_every_charset() {
        let text = "{\"ä\": \"€ 𝄞\"}";
        let (big, little) = (utf_16(text, u16::to_be_bytes), utf_16(text, u16::to_le_bytes));
        let wide: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        for (bytes, named) in [
            (text.as_bytes().to_vec(), None),
            (text.as_bytes().to_vec(), Some("UTF8")),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), None),
            (big.clone(), None),
            (big.clone(), Some("utf-16")),
            (big.clone(), Some("utf-16be")),
            ([b"\xfe\xff", &big[..]].concat(), Some("UTF-16")),
            (little.clone(), None),
            (little.clone(), Some("utf-16le")),
            ([b"\xff\xfe", &little[..]].concat(), None),
            (wide.clone(), None),
            ([b"\0\0\xfe\xff", &wide[..]].concat(), Some("utf-32")),
        ] {
            assert_eq!(read(&bytes, named).as_deref(), Some(text), "{named:?} {bytes:?}");
        }
        assert_eq!(read(b"\x80 \xe4", Some("ISO-8859-1")).as_deref(), Some("€ ä"));
    }

    #[test]
    fn a_text_that_two_readers_read_differently_is_not_read() {
        let little = utf_16("{}", u16::to_le_bytes);
        for (bytes, named) in [
            (&little[..], Some("utf-16be")),
            (&little, Some("latin1")),
            (b"{}", Some("utf-16")),
            (b"{}", Some("utf-7")),
            (b"{}", Some("ibm037")),
            (b"\xff\xfe{\0", Some("utf-8")),
            (b"\xff\xfe{", None),
            (b"\xff\xfe\0\xd8", None),
            (b"\xe4", None),
        ] {
            let read = read(bytes, named);
            assert!(read.is_none() || read.as_deref() != Some("{}"), "{named:?} {bytes:?}");
        }
        assert_eq!(utf8(Cow::Borrowed(b"{}"), &Parameter::Unclear), Err(Obscurity::Charset));
    }
}
