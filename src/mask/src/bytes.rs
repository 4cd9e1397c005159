//! Reading text by byte offset without ever panicking.
//!
//! Detectors work on offsets. Every reader here answers out-of-range or mid-character offsets with "nothing", so a
//! wrong offset can hide text but can neither panic nor show text that was to be masked.

use core::ops::Range;

/// The byte at `i`, or NUL past the end (NUL never occurs in what is scanned: a body with one is not understood).
pub(crate) fn at(text: &str, i: usize) -> u8 {
    text.as_bytes().get(i).copied().unwrap_or(0)
}

/// The byte before `i`, or NUL at the start.
pub(crate) fn before(text: &str, i: usize) -> u8 {
    i.checked_sub(1).map_or(0, |i| at(text, i))
}

/// The text in `range`, or nothing where the range is no range of characters.
pub(crate) fn part(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or("")
}

/// The text from `start` on.
pub(crate) fn rest(text: &str, start: usize) -> &str {
    text.get(start..).unwrap_or("")
}

/// Where the run of bytes that `wanted` accepts ends, looking at `most` bytes at most.
pub(crate) fn run(text: &str, start: usize, most: usize, wanted: fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes().get(start..).unwrap_or_default();
    start + bytes.iter().take(most).take_while(|&&b| wanted(b)).count()
}

/// Where the run of bytes that `wanted` accepts begins, looking back `most` bytes at most.
pub(crate) fn run_back(text: &str, end: usize, most: usize, wanted: fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes().get(..end).unwrap_or_default();
    end - bytes.iter().rev().take(most).take_while(|&&b| wanted(b)).count()
}

/// Whether a word may begin at `i`: nothing alphanumeric stands before it, or what stands there is the tail of an escape
/// (`\n` in text that was escaped once more, `%3D` in a URL).
pub(crate) fn starts_word(text: &str, i: usize) -> bool {
    let previous = before(text, i);
    if !previous.is_ascii_alphanumeric() {
        return true;
    }
    let second = i.checked_sub(2).map_or(0, |i| at(text, i));
    let third = i.checked_sub(3).map_or(0, |i| at(text, i));
    (second == b'\\' && matches!(previous, b'n' | b't' | b'r'))
        || (third == b'%' && second.is_ascii_hexdigit() && previous.is_ascii_hexdigit())
}

/// Whether no word goes on at `i`.
pub(crate) fn ends_word(text: &str, i: usize) -> bool {
    !at(text, i).is_ascii_alphanumeric()
}

/// Whether `text` begins with `prefix` whatever the case of its ASCII letters.
pub(crate) fn starts_with_any_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// `[A-Za-z0-9_-]`, the alphabet of most tokens.
pub(crate) fn is_url_safe(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

/// `[A-Za-z0-9._~+/-]`, the alphabet of RFC 7235's token68 without its padding.
pub(crate) fn is_token68(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'+' | b'/' | b'-')
}

/// Both base64 alphabets without padding.
pub(crate) fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_')
}
