//! Values of several words without quotes: `Name: Ann Lee, phone: +44 20 7946 0854`, `suser=Ann Lee src=..` (CEF).
//!
//! Where such a value ends only what it is can tell: this gives its possible ends, the likeliest first, and the caller takes
//! the first that is plausible.

use core::ops::Range;

use crate::bytes::{at, before, part, run, run_back};
use crate::keys::is_letter;
use crate::kind::Kind;
use crate::looks;

/// Longest value of several words.
const LONGEST: usize = 160;

/// The values that may begin at `start`.
pub(super) fn candidates(text: &str, start: usize, kind: Kind) -> [Range<usize>; 3] {
    let whole = trim(text, start..end(text, start));
    let clause = trim(text, start..start + part(text, whole.clone()).find([',', '(']).unwrap_or(whole.len()));
    // Up to the first word in small letters: `Ann Lee called`, `+44 20 7946 0854 or`.
    let mut upto = start;
    for word in part(text, whole.clone()).split_inclusive(' ') {
        let small = word.starts_with(|c: char| c.is_ascii_lowercase()) && !looks::is_particle(word.trim());
        if small {
            break;
        }
        upto += word.len();
    }
    let capitals = trim(text, start..upto);
    match kind {
        Kind::Address | Kind::BirthDate => [whole, clause, capitals],
        Kind::Secret
        | Kind::Email
        | Kind::Phone
        | Kind::Name
        | Kind::Card
        | Kind::BankAccount
        | Kind::NationalId
        | Kind::IpAddress
        | Kind::Wallet
        | Kind::Vehicle => {
            let first = trim(text, start..capitals.end.min(clause.end));
            [first, clause, whole]
        }
    }
}

/// Where the value at `start` ends at the latest: at the line's end, at brackets and quotes, at the end of a sentence, or
/// where the next name begins.
fn end(text: &str, start: usize) -> usize {
    let inside = |b: u8| {
        !matches!(
            b,
            b'\n'
                | b'\r'
                | b'\t'
                | b'"'
                | b'<'
                | b'>'
                | b'{'
                | b'}'
                | b'|'
                | b';'
                | b'&'
                | b'\\'
                | b'`'
                | b'['
                | b']'
        )
    };
    let most = text.floor_char_boundary(run(text, start, LONGEST, inside));
    let mut i = start;
    while i < most {
        let byte = at(text, i);
        let next = at(text, i + 1);
        match byte {
            b':' | b'=' if i > start && named(text, i) => {
                // The name may be of several words after a comma or a stop, else it is the last word.
                let label = part(text, start..i);
                let cut =
                    label.rfind([',', '.', '/']).or_else(|| label.rfind("  ")).or_else(|| label.rfind(' '));
                return start + cut.unwrap_or(0);
            }
            b' ' if next == b' ' || (matches!(next, b'-' | b'#' | b'/') && at(text, i + 2) == b' ') => {
                return i;
            }
            b'.' | b'!' | b'?'
                if next == b' ' && i - run_back(text, i, 5, |b| b.is_ascii_alphanumeric()) > 3 =>
            {
                return i;
            }
            _ => {}
        }
        i += 1;
    }
    most
}

/// Whether the sign at `i` follows a name: letters right before it, and no `//` or digits behind it.
fn named(text: &str, i: usize) -> bool {
    let previous = before(text, i);
    (previous.is_ascii_alphabetic() || previous >= 0x80) && at(text, i + 1) != b'/'
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let shown = part(text, range.clone());
    let kept = shown.trim_end_matches(|c: char| !is_letter(c) && c != ')');
    range.start..range.start + kept.len()
}
