//! US social security numbers written `123-45-6789`. Nine bare digits are one only under a name that says so.

use crate::bytes::{at, before, part};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let number = part(text, i..i + 11);
    let separator = at(text, i + 3);
    let shape = matches!(separator, b'-' | b' ')
        && number.len() == 11
        && number
            .bytes()
            .enumerate()
            .all(|(n, b)| if n == 3 || n == 6 { b == separator } else { b.is_ascii_digit() });
    let joined = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    let goes_on = joined(at(text, i + 11)) && joined(at(text, i + 12));
    let alone = !goes_on && !matches!(before(text, i), b'-' | b'.' | b'+');
    if !(shape && alone && issued(number)) {
        return None;
    }
    marks.add(i..i + 11, Kind::NationalId, "us_ssn");
    Some(i + 11)
}

/// Areas 000, 666 and 9xx, group 00 and serial 0000 are never issued (SSA, "randomization", 2011).
fn issued(number: &str) -> bool {
    let area = part(number, 0..3);
    !matches!(area, "000" | "666")
        && !area.starts_with('9')
        && part(number, 4..6) != "00"
        && part(number, 7..11) != "0000"
}
