//! One character of a number, whatever it is written in: ASCII, percent-encoded (`%2B44%20`), full width, Arabic digits,
//! no-break spaces and typographic dashes.

use crate::bytes::at;

/// The ASCII character that stands at `i`, and how many bytes it takes; NUL where it is nothing a number is written with.
pub(crate) fn glyph(text: &str, i: usize) -> (u8, usize) {
    let [a, b, c] = [at(text, i), at(text, i + 1), at(text, i + 2)];
    let plain = match (a, b, c) {
        (b'%', b, c) => {
            let hex = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            return match hex(b).zip(hex(c)).map(|(high, low)| high << 4 | low) {
                Some(byte @ 1..0x80) => (byte, 3),
                Some(_) | None => (0, 1),
            };
        }
        (0xc2, 0xa0, _) | (0xe2, 0x80, 0x80..=0x8a | 0xaf) => b' ',
        (0xe2, 0x80, 0x90..=0x95) | (0xe2, 0x88, 0x92) | (0xef, 0xbc, 0x8d) => b'-',
        (0xd9, 0xa0..=0xa9, _) => b - 0xa0 + b'0',
        (0xdb, 0xb0..=0xb9, _) => b - 0xb0 + b'0',
        // Full width forms from `!` to `_` and from there to `~` mirror ASCII.
        (0xef, 0xbc, 0x81..=0xbf) => c - 0x60,
        (0xef, 0xbd, 0x80..=0x9e) => c - 0x20,
        (0..0x80, _, _) => return (a, 1),
        _ => 0,
    };
    let width = match a {
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    (plain, width)
}
