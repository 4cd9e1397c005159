//! Tokens that say who issued them: one of the prefixes in [`super::shapes`], then what its provider puts there.
//!
//! Which shapes begin with three given bytes is worked out when this is compiled, so most words are declined at one look.
//! What is not known: a token whose provider gives it no shape of its own. Those are found by their names.

use crate::bytes::{at, ends_word, part, rest};
use crate::detect::Scan;
use crate::detect::shapes::{ANY, SHAPES, Tail};
use crate::kind::Kind;
use crate::looks;
use crate::marks::Marks;

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let (end, detector) = matching(scan.text, i)?;
    marks.add(i..end, Kind::Secret, detector);
    Some(end)
}

/// The detector's name, if `value` as a whole is a token.
pub(crate) fn whole(value: &str) -> Option<&'static str> {
    matching(value, 0).filter(|(end, _)| *end == value.len()).map(|(_, detector)| detector)
}

/// Enough of a tail to decide on. A longer one is only read to its end once it is a token, so a text is read once.
const TELLING: usize = 128;

/// One prefix: which shape it is of, where in the shape's list it stands, and the next one of the same hash.
#[derive(Clone, Copy)]
struct Entry {
    shape: u16,
    place: u16,
    next: u16,
}

const BUCKETS: usize = 1024;
const NONE: u16 = u16::MAX;

/// Of three bytes, the last zero for a prefix of two.
const fn hash(a: u8, b: u8, c: u8) -> usize {
    let mixed = (a as usize) * 31 * 31 + (b as usize) * 31 + c as usize;
    (mixed ^ (mixed >> 7)) % BUCKETS
}

#[expect(clippy::indexing_slicing, reason = "this runs in the compiler, which refuses a wrong index")]
const fn count() -> usize {
    let (mut count, mut shape) = (0, 0);
    while shape < SHAPES.len() {
        let bytes = SHAPES[shape].prefixes.as_bytes();
        let mut place = 0;
        while place < bytes.len() {
            if place == 0 || bytes[place - 1] == b' ' {
                count += 1;
            }
            place += 1;
        }
        shape += 1;
    }
    count
}

const ENTRIES: usize = count();

#[expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "the table is small, and this runs in the compiler"
)]
const fn index() -> ([u16; BUCKETS], [Entry; ENTRIES]) {
    let mut heads = [NONE; BUCKETS];
    let mut entries = [Entry { shape: 0, place: 0, next: NONE }; ENTRIES];
    let (mut count, mut shape) = (0, 0);
    while shape < SHAPES.len() {
        let bytes = SHAPES[shape].prefixes.as_bytes();
        let mut place = 0;
        while place < bytes.len() {
            if place == 0 || bytes[place - 1] == b' ' {
                let third =
                    if place + 2 < bytes.len() && bytes[place + 2] != b' ' { bytes[place + 2] } else { 0 };
                let bucket = hash(bytes[place], bytes[place + 1], third);
                entries[count] = Entry { shape: shape as u16, place: place as u16, next: heads[bucket] };
                heads[bucket] = count as u16;
                count += 1;
            }
            place += 1;
        }
        shape += 1;
    }
    (heads, entries)
}

static INDEX: ([u16; BUCKETS], [Entry; ENTRIES]) = index();

/// Where the token at `i` ends, and what it is. Of several prefixes the longest that fits names it.
fn matching(text: &str, i: usize) -> Option<(usize, &'static str)> {
    let (first, second, third) = (at(text, i), at(text, i + 1), at(text, i + 2));
    let mut best = None;
    let mut longest = 0;
    for bucket in [hash(first, second, third), hash(first, second, 0)] {
        let mut next = INDEX.0.get(bucket).copied().unwrap_or(NONE);
        while let Some(entry) = INDEX.1.get(usize::from(next)) {
            next = entry.next;
            let Some(shape) = SHAPES.get(usize::from(entry.shape)) else { break };
            let place = usize::from(entry.place);
            if at(shape.prefixes, place) != first || at(shape.prefixes, place + 1) != second {
                continue;
            }
            let prefix = rest(shape.prefixes, place).split(' ').next().unwrap_or("");
            if prefix.len() > longest
                && rest(text, i).starts_with(prefix)
                && let Some(end) = tail(text, i + prefix.len(), shape.tail, shape.least, shape.most)
            {
                longest = prefix.len();
                best = Some((end, shape.detector));
            }
        }
    }
    best
}

/// Where what follows a prefix ends, if it is what the shape says.
fn tail(text: &str, start: usize, tail: Tail, least: u8, most: u8) -> Option<usize> {
    let alphabet = tail.alphabet();
    let head = alphabet.run(text, start, TELLING);
    let shown = part(text, start..head);
    let long = usize::from(least) <= shown.len() && (most == ANY || shown.len() <= usize::from(most));
    let fits = match tail {
        Tail::Number => at(text, start).is_ascii_digit(),
        Tail::Uuid => looks::is_uuid(shown),
        Tail::Hex | Tail::Upper | Tail::Alnum => ends_word(text, head) || head - start == TELLING,
        Tail::Url | Tail::Wide => true,
    };
    if !long || !fits || placeholder(shown) {
        return None;
    }
    let end = if head - start == TELLING { alphabet.run(text, head, usize::MAX) } else { head };
    Some(start + part(text, start..end).trim_end_matches(['.', ':', '/', '=']).len())
}

/// Whether a tail is one character again and again, or words (`sk-the-name-of-a-long-css-class`,
/// `hf_requiredTypesForDisplay`): a placeholder or a name. Words have more vowels than chance has.
fn placeholder(tail: &str) -> bool {
    let (mut letters, mut vowels, mut digits) = (0_usize, 0_usize, 0_usize);
    let mut seen = 0_u64;
    for b in tail.bytes() {
        seen |= 1 << (b & 63);
        letters += usize::from(b.is_ascii_alphabetic());
        digits += usize::from(b.is_ascii_digit());
        vowels += usize::from(matches!(b | 32, b'a' | b'e' | b'i' | b'o' | b'u'));
    }
    let distinct = if tail.len() < 16 { 3 } else { 6 };
    let words = digits == 0 && vowels * 10 >= letters * 3;
    seen.count_ones() < distinct || words
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn every_shape_finds_a_token_of_its_own_and_none_of_one_letter() {
        for shape in SHAPES {
            let random = match shape.tail {
                Tail::Hex => "0a1b2c3d4e5f60718293a4b5c6d7e8f9".repeat(4),
                Tail::Upper => "A1B2C3D4E5F6G7H8J9K0L1M2N3P4Q5R6".repeat(4),
                Tail::Uuid => "c3cf491e-d2c5-4536-b276-9286cb260ef7".to_owned(),
                Tail::Alnum | Tail::Url | Tail::Number | Tail::Wide => {
                    "7nVLWkM6YCrELqocD2Eo4C0Na1ayAKs0".repeat(4)
                }
            };
            let tail = random.get(..usize::from(shape.least)).unwrap_or_default();
            for prefix in shape.prefixes.split(' ') {
                let token = format!("{prefix}{tail}");
                assert!(whole(&token).is_some(), "{token}");
                assert_eq!(whole(&format!("{prefix}{}", "x".repeat(tail.len()))), None, "{prefix}");
            }
        }
    }
}
