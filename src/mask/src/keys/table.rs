//! The table of names: a hash of each, and which list it is from.
//!
//! The lists are read while this crate is compiled, so that the module carries four bytes for a name and no text. A name
//! that is in no list is taken for one that is by a chance of one in ten thousand; then its value must still look like what
//! that list is about.

use crate::keys::Word;
use crate::keys::lists::LISTS;

/// FNV-1a, 32 bit, from the last byte to the first: the ends of names are what is looked for.
pub(super) const START: u32 = 0x811c_9dc5;

pub(super) const fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

/// The low bits of an entry: the number of its list, and whether the name may also end a longer one without a break
/// (`dbpassword`). The rest is the hash.
const LOW: u32 = 63;
const JOINS: u32 = 1;

const COUNT: usize = count();

static TABLE: [u32; COUNT] = sorted(read());

/// Where the entries of each first byte of a hash begin.
static STARTS: [u16; 257] = starts(&TABLE);

/// What a name of that hash says; one inside a longer word only if it may `join`.
pub(super) fn find(hash: u32, place: Place) -> Option<Word> {
    let hash = hash & !LOW;
    let [first, ..] = hash.to_be_bytes();
    let first = usize::from(first);
    let (start, end) = (STARTS.get(first).copied()?, STARTS.get(first + 1).copied()?);
    let entry = *TABLE.get(start.into()..end.into())?.iter().find(|entry| *entry & !LOW >= hash)?;
    let known = entry & !LOW == hash && (place == Place::Word || entry & JOINS != 0);
    let list = usize::try_from((entry & LOW) >> 1).ok().filter(|_| known)?;
    LISTS.get(list).map(|list| list.0)
}

/// Where a name is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// As whole words.
    Word,
    /// As the end of a longer word.
    End,
}

const fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\n'
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index is an error")]
const fn count() -> usize {
    let (mut list, mut count) = (0, 0);
    while list < LISTS.len() {
        let bytes = LISTS[list].1.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            if !is_blank(bytes[i]) && (i == 0 || is_blank(bytes[i - 1])) {
                count += 1;
            }
            i += 1;
        }
        list += 1;
    }
    count
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index is an error")]
#[expect(clippy::cast_possible_truncation, reason = "there are fewer lists than 32, as asserted")]
#[expect(clippy::large_stack_arrays, reason = "the compiler's stack, not the module's")]
const fn read() -> [u32; COUNT] {
    const { assert!(LISTS.len() <= 32, "five bits number a list") };
    let mut table = [0; COUNT];
    let (mut list, mut count) = (0, 0);
    while list < LISTS.len() {
        let bytes = LISTS[list].1.as_bytes();
        let mut end = bytes.len();
        while end > 0 {
            if is_blank(bytes[end - 1]) {
                end -= 1;
                continue;
            }
            let (mut hash, mut joins) = (START, 0);
            while end > 0 && !is_blank(bytes[end - 1]) {
                end -= 1;
                if bytes[end] == b'~' {
                    joins = JOINS;
                } else {
                    hash = step(hash, bytes[end]);
                }
            }
            table[count] = hash & !LOW | (list as u32) << 1 | joins;
            count += 1;
        }
        list += 1;
    }
    table
}

/// Heapsort: a compiler evaluates it in a moment, where an insertion sort takes seconds.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index is an error")]
const fn sorted(mut table: [u32; COUNT]) -> [u32; COUNT] {
    let (mut unsorted, mut next) = (COUNT, COUNT / 2);
    while unsorted > 1 {
        if next > 0 {
            next -= 1;
        } else {
            unsorted -= 1;
            (table[0], table[unsorted]) = (table[unsorted], table[0]);
        }
        let mut parent = next;
        loop {
            let mut child = 2 * parent + 1;
            if child >= unsorted {
                break;
            }
            if child + 1 < unsorted && table[child] < table[child + 1] {
                child += 1;
            }
            if table[parent] >= table[child] {
                break;
            }
            (table[parent], table[child]) = (table[child], table[parent]);
            parent = child;
        }
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index is an error")]
#[expect(clippy::cast_possible_truncation, reason = "there are fewer names than 65,536")]
const fn starts(table: &[u32; COUNT]) -> [u16; 257] {
    const { assert!(COUNT < 1 << 16, "a place in the table has 16 bits") };
    let mut starts = [0; 257];
    let (mut i, mut first) = (0, 0);
    while first < 257 {
        while i < COUNT && ((table[i] >> 24) as usize) < first {
            i += 1;
        }
        starts[first] = i as u16;
        first += 1;
    }
    starts
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::keys::spelling::Words;

    #[test]
    fn every_name_is_written_as_it_is_looked_up() {
        for (word, names) in LISTS {
            for name in names.split_ascii_whitespace() {
                let name = name.trim_start_matches('~');
                assert_eq!(Words::new("", name).bytes(), name.as_bytes(), "{name} {word:?}");
            }
        }
    }

    #[test]
    fn no_name_is_in_two_lists() {
        let mut seen = HashMap::new();
        for (word, names) in LISTS {
            for name in names.split_ascii_whitespace() {
                let name = name.trim_start_matches('~');
                let hash = name.bytes().rev().fold(START, step) & !LOW;
                assert_eq!(seen.insert(hash, name), None, "{name} {word:?}");
            }
        }
    }
}
