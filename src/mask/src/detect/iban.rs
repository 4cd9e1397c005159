//! International bank account numbers: the country's length and the mod-97 check (ISO 13616).

use crate::bytes::{at, part};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// Country and length, from the SWIFT IBAN registry.
const LENGTHS: &[(&[u8; 2], u8)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let country = [at(text, i).to_ascii_uppercase(), at(text, i + 1).to_ascii_uppercase()];
    if !at(text, i + 2).is_ascii_digit() || !at(text, i + 3).is_ascii_digit() {
        return None;
    }
    let &(_, length) = LENGTHS.iter().find(|(name, _)| **name == country)?;
    let (mut count, mut end) = (0_u8, i);
    // The check moves the first four characters behind the others.
    let (mut remainder, mut head) = (0_u32, [0_u8; 4]);
    for (offset, byte) in part(text, i..text.len()).bytes().enumerate() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' if count < length => {
                match head.get_mut(usize::from(count)) {
                    Some(place) => *place = byte,
                    None => remainder = feed(remainder, byte),
                }
                count += 1;
                end = i + offset + 1;
            }
            b' ' | b'-' if end == i + offset && count < length => {}
            _ => break,
        }
    }
    let remainder = head.into_iter().fold(remainder, feed);
    if count != length || at(text, end).is_ascii_alphanumeric() || remainder != 1 {
        return None;
    }
    marks.add(i..end, Kind::BankAccount, "iban");
    Some(end)
}

fn feed(remainder: u32, byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        letter => (remainder * 100 + u32::from(letter.to_ascii_uppercase().wrapping_sub(b'A')) + 10) % 97,
    }
}
