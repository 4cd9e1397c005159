//! What opens a wallet: seed phrases of twelve and more words (BIP 39), and private keys in wallet import format.
//!
//! A phrase is told by its words alone. The 2,048 words of the English list are kept as a filter of 8,192 bits, so
//! made that half of the words of English prose are foreign to it; twelve in a row are not all known by chance.
//! Lists in other languages are not known, nor is the checksum looked at: a phrase with a word out of place is still one.

use crate::bytes::{at, before, part, run};
use crate::detect::Scan;
use crate::kind::Kind;
use crate::marks::Marks;

/// A bit for each hash that a word of the list has; the test below says how they are made.
const WORDS: &[u8; 1024] = include_bytes!("seed.bits");

/// Fewest words of a phrase, and most that are read.
const FEWEST: usize = 12;
const MOST: usize = 25;

/// `i` is at the first word.
pub(super) fn phrase(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let (mut count, mut from, mut end) = (0, i, i);
    while count < MOST {
        let word_end = run(text, from, 9, |b| b.is_ascii_lowercase());
        if !is_word(part(text, from..word_end)) || at(text, word_end).is_ascii_alphanumeric() {
            break;
        }
        count += 1;
        end = word_end;
        // A blank, a comma, quotes, or a number before each: `1. abandon 2. ability`.
        from = run(text, end, 8, |b| {
            matches!(b, b' ' | b',' | b'"' | b'\'' | b'\n' | b'\t' | b'.' | b')' | b'+' | b'-' | b'\\')
                || b.is_ascii_digit()
        });
        if from == end {
            break;
        }
    }
    if count < FEWEST {
        return None;
    }
    marks.add(i..end, Kind::Secret, "seed_phrase");
    Some(end)
}

fn is_word(word: &str) -> bool {
    let hash = hash(word);
    (3..=8).contains(&word.len()) && WORDS.get(hash >> 3).is_some_and(|bits| bits >> (hash & 7) & 1 == 1)
}

fn hash(word: &str) -> usize {
    let mixed = word
        .bytes()
        .fold(0_usize, |hash, b| hash.wrapping_mul(167).wrapping_add(usize::from(b.wrapping_sub(b'a' - 1))));
    (mixed ^ (mixed >> 7)) % (WORDS.len() * 8)
}

/// A private key in wallet import format: base58 of a fixed length, the first character by network and compression.
/// <https://en.bitcoin.it/wiki/Wallet_import_format>
pub(super) fn wif(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let length = match at(text, i) {
        b'5' | b'9' => 51,
        b'K' | b'L' | b'c' => 52,
        _ => return None,
    };
    let end = run(text, i, 53, |b| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l'));
    let key = part(text, i..end);
    let mixed = key.bytes().any(|b| b.is_ascii_digit())
        && key.bytes().any(|b| b.is_ascii_lowercase())
        && key.bytes().any(|b| b.is_ascii_uppercase());
    let alone = !at(text, end).is_ascii_alphanumeric() && !matches!(at(text, end), b'/' | b'+' | b'=');
    if key.len() != length || !mixed || !alone || matches!(before(text, i), b'/' | b'+') {
        return None;
    }
    marks.add(i..end, Kind::Secret, "wallet_key");
    Some(end)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn the_filter_knows_the_words_of_the_list_and_few_others() {
        // The first, the last, and some between; all of them were checked when the bits were made.
        for word in [
            "abandon", "ability", "zoo", "zone", "legal", "winner", "thank", "yellow", "letter", "advice",
            "cage",
        ] {
            assert!(is_word(word), "{word}");
        }
        let set: u32 = WORDS.iter().map(|bits| bits.count_ones()).sum();
        assert!((1700..=2048).contains(&set), "{set}");
    }
}
