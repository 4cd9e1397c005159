//! Payment card numbers: a known issuer range, a length it uses, and the Luhn check (ISO/IEC 7812-1).

use crate::bytes::{at, before};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// Longest run of digits and separators that is read.
const LONGEST: usize = 40;

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !at(text, i).is_ascii_digit() || before(text, i) == b'.' {
        return None;
    }
    let mut digits = [0_u8; 19];
    let (mut count, mut end, mut separator) = (0, i, 0_u8);
    // Other digits may follow after a separator, so each group's end is a candidate; the longest wins.
    let mut card = None;
    for offset in 0..LONGEST {
        let byte = at(text, i + offset);
        match byte {
            b'0'..=b'9' => {
                let Some(place) = digits.get_mut(count) else { break };
                *place = byte - b'0';
                count += 1;
                end = i + offset + 1;
                let whole = !at(text, end).is_ascii_alphanumeric();
                card = digits.get(..count).filter(|number| whole && is_card(number)).map(|_| end).or(card);
            }
            b' ' | b'-' if (separator == 0 || separator == byte) && end == i + offset => separator = byte,
            _ => break,
        }
    }
    marks.add(i..card?, Kind::Card, "payment_card");
    card
}

/// Whether a value that a field's name calls a card number is one: the digits are enough.
pub(crate) fn plausible(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let others = value.bytes().filter(|b| !b.is_ascii_digit() && !matches!(b, b' ' | b'-')).count();
    (12..=19).contains(&digits) && others == 0
}

fn is_card(number: &[u8]) -> bool {
    let head = |n: usize| number.iter().take(n).fold(0_u32, |sum, d| sum * 10 + u32::from(*d));
    let length = number.len();
    let issuer = match head(4) {
        4000..=4999 => matches!(length, 13 | 16 | 18 | 19),
        2221..=2720 | 5100..=5599 => length == 16,
        3400..=3499 | 3700..=3799 | 1800 | 2131 => length == 15,
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => matches!(length, 14 | 16),
        3528..=3589 | 6011 | 6200..=6299 | 6440..=6599 | 8100..=8199 => (16..=19).contains(&length),
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => (12..=19).contains(&length),
        _ => false,
    };
    issuer && luhn(number) && number.iter().any(|d| number.first() != Some(d))
}

pub(crate) fn luhn(number: &[u8]) -> bool {
    let double = |d: u8| if d > 4 { d * 2 - 9 } else { d * 2 };
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(n, &d)| u32::from(if n % 2 == 1 { double(d) } else { d }))
        .sum();
    sum.is_multiple_of(10)
}

/// For the test of the table above.
#[cfg(test)]
fn read(number: &str) -> bool {
    let digits: Vec<u8> = number.bytes().map(|b| b - b'0').collect();
    is_card(&digits)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_card_needs_issuer_length_and_check_digit() {
        for number in
            ["4111111111111111", "378282246310005", "5555555555554444", "6011111111111117", "30569309025904"]
        {
            assert!(read(number), "{number}");
        }
        for number in
            ["4111111111111112", "4856078328001447", "0000000000000000", "9999999999999995", "411111111111"]
        {
            assert!(!read(number), "{number}");
        }
    }
}
