//! Addresses of crypto wallets: base58 with its double SHA-256 (Bitcoin, Litecoin, Dogecoin, Tron, XRP, Tezos, ...), bech32
//! and bech32m with their checksum (BIP 173, BIP 350: Bitcoin, Litecoin, Cardano, Cosmos and its like), Ethereum's forty
//! hexadecimal digits, Monero's and Stellar's shapes, and others where words nearby name them.
//!
//! The names and hashes of transactions have other lengths and stay. What it cannot know: whose the address is, a
//! contract's or a person's.

use countersign_wire::digest::{tagged_hex, unhex};

use crate::bytes::{at, before, part, run};
use crate::detect::Scan;
use crate::detect::number::Near;
use crate::kind::Kind;
use crate::marks::Marks;

/// Bitcoin's alphabet, and XRP's.
const BASE58: [&[u8; 58]; 2] = [
    b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz",
];

/// The alphabet of bech32.
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Beginnings of bech32 that name no wallet: keys, notes, invoices.
const OTHERS: &[&str] = &["age1", "npub1", "note1", "nprofile1", "nevent1", "naddr1"];

/// Words that name a wallet whose address has no check that is known here.
const WORDS: &str = "solana|sol|phantom|wallet|crypto|polkadot|dot|kusama|substrate|ton|toncoin|algorand|algo|filecoin|near|\
    hedera|bitcoin cash|bitcoincash|bch|btc|bitcoin|monero|xmr|deposit address|payout address|usdt|usdc|spl";

const SHORTEST: usize = 26;
const LONGEST: usize = 120;

pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    let end = run(text, i, LONGEST, |b| b.is_ascii_alphanumeric());
    let word = part(text, i..end);
    if word.len() < SHORTEST
        || matches!(at(text, end), b'_' | b'=' | b'+')
        || matches!(before(text, i), b'_' | b'+')
    {
        return None;
    }
    let detector = if is_ethereum(word) {
        "ethereum_address"
    } else if is_bech32(word) {
        "bech32_address"
    } else if is_base58check(word) {
        "base58_address"
    } else if is_long(word)
        || (mixed(word) && (32..=66).contains(&word.len()) && Near::new(text, i, end).says(WORDS))
    {
        "wallet_address"
    } else {
        return None;
    };
    marks.add(i..end, Kind::Wallet, detector);
    Some(end)
}

/// `0x` and forty digits. A transaction or a block has sixty-four.
fn is_ethereum(word: &str) -> bool {
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("xdc")).unwrap_or("");
    digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()) && digits.bytes().any(|b| b != b'0')
}

/// Monero's 95 or 106 base58 characters, Stellar's 56 of base32.
fn is_long(word: &str) -> bool {
    let monero = matches!(word.len(), 95 | 106) && word.starts_with(['4', '8']) && mixed(word);
    let stellar = word.len() == 56
        && word.starts_with('G')
        && word.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    monero || stellar
}

/// Base58 letters of both cases, and digits.
fn mixed(word: &str) -> bool {
    let [bitcoin, _] = BASE58;
    word.bytes().all(|b| bitcoin.contains(&b))
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_lowercase())
        && word.bytes().any(|b| b.is_ascii_uppercase())
}

/// Whether the last four bytes are those that two rounds of SHA-256 give over the others.
fn is_base58check(word: &str) -> bool {
    if word.len() > 36 || !mixed(word) {
        return false;
    }
    BASE58.into_iter().any(|alphabet| {
        let Some(bytes) = base58(word, alphabet) else { return false };
        let Some((payload, check)) = bytes.split_last_chunk::<4>() else { return false };
        let Some(once) = unhex(&tagged_hex("", payload)) else { return false };
        unhex(&tagged_hex("", &once)).is_some_and(|twice| twice.starts_with(check))
    })
}

/// The bytes that `word` stands for.
fn base58(word: &str, alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    // The last byte first.
    let mut bytes: Vec<u8> = Vec::with_capacity(28);
    let mut zeros = 0;
    for letter in word.bytes() {
        let mut carry = alphabet.iter().position(|b| *b == letter)?;
        if carry == 0 && bytes.is_empty() {
            zeros += 1;
        }
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            let [low, ..] = carry.to_le_bytes();
            *byte = low;
            carry >>= 8;
        }
        if carry > 0 {
            let [low, ..] = carry.to_le_bytes();
            bytes.push(low);
        }
    }
    bytes.resize(bytes.len() + zeros, 0);
    bytes.reverse();
    Some(bytes)
}

/// Whether the last six characters are bech32's checksum over the others, or bech32m's.
fn is_bech32(word: &str) -> bool {
    let Some(gap) = word.rfind('1').filter(|gap| (2..=16).contains(gap)) else { return false };
    let (upper, lower) =
        (word.bytes().any(|b| b.is_ascii_uppercase()), word.bytes().any(|b| b.is_ascii_lowercase()));
    if upper && lower || word.len() < gap + 7 || OTHERS.iter().any(|other| word.starts_with(other)) {
        return false;
    }
    let step = |sum: u32, value: u32| {
        [0x3b6a_57b2_u32, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| sum >> (25 + bit) & 1 == 1)
            .fold((sum & 0x01ff_ffff) << 5 ^ value, |sum, (_, term)| sum ^ term)
    };
    let head = || word.bytes().take(gap).map(|b| u32::from(b.to_ascii_lowercase()));
    let sum = head().map(|b| b >> 5).chain([0]).chain(head().map(|b| b & 31)).fold(1, step);
    let sum = word.bytes().skip(gap + 1).try_fold(sum, |sum, b| {
        let place = BECH32.iter().position(|letter| *letter == b.to_ascii_lowercase())?;
        Some(step(sum, u32::try_from(place).unwrap_or(0)))
    });
    matches!(sum, Some(1 | 0x2bc8_30a3))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn addresses_are_told_by_their_checksums() {
        for word in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        ] {
            assert!(is_base58check(word), "{word}");
            assert!(!is_base58check(&word.replace('9', "8").replace('7', "6")), "{word}");
        }
        for word in [
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        ] {
            assert!(is_bech32(word), "{word}");
            assert!(!is_bech32(&word.replace('8', "7")), "{word}");
        }
    }

    #[test]
    fn transactions_and_plain_tokens_are_no_addresses() {
        for shown in [
            "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060",
            "0x0000000000000000000000000000000000000000",
            "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
            "internationalizationframeworks",
        ] {
            assert_eq!(crate::text(shown).0.as_str(), shown);
        }
    }
}
