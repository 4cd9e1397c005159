//! Payment card numbers: a known issuer range, a length it uses, and the Luhn check (ISO/IEC 7812-1). Near the word
//! "card" the check is enough. What stands beside a number goes with it: its expiry and its security code.

use crate::bytes::{at, before, ends_word, part, rest, run, starts_with_any_case};
use crate::detect::Scan;
use crate::detect::number::{Near, Run, luhn};
use crate::kind::Kind;
use crate::marks::Marks;

/// The first four digits from and to, and the shortest and longest number of that range. From what the networks publish:
/// Visa, Mastercard, American Express, Diners Club, JCB, Discover, `UnionPay`, Maestro, Mir, `RuPay`, Elo, Troy, Verve, Humo,
/// `UzCard`, Napas, Mada, Dankort.
const ISSUERS: &[(u16, u16, usize, usize)] = &[
    (4000, 4999, 16, 16),
    (4000, 4999, 19, 19),
    (2200, 2205, 16, 19),
    (2221, 2720, 16, 16),
    (5100, 5599, 16, 16),
    (3400, 3499, 15, 15),
    (3700, 3799, 15, 15),
    (1800, 1800, 15, 15),
    (2131, 2131, 15, 15),
    (3000, 3059, 14, 14),
    (3000, 3059, 16, 16),
    (3095, 3095, 14, 16),
    (3600, 3699, 14, 14),
    (3600, 3699, 16, 16),
    (3800, 3999, 14, 14),
    (3800, 3999, 16, 16),
    (3528, 3589, 16, 19),
    (6011, 6011, 16, 19),
    (6200, 6299, 16, 19),
    (6440, 6599, 16, 19),
    (8100, 8199, 16, 19),
    (5018, 5020, 12, 19),
    (5038, 5038, 12, 19),
    (5893, 5893, 12, 19),
    (6304, 6304, 12, 19),
    (6759, 6759, 12, 19),
    (6761, 6763, 12, 19),
    (5041, 5041, 16, 16),
    (5060, 5090, 16, 19),
    (6060, 6085, 16, 16),
    (6277, 6277, 16, 16),
    (6360, 6370, 16, 16),
    (8171, 8201, 16, 16),
    (8600, 8600, 16, 16),
    (9704, 9704, 16, 19),
    (9792, 9792, 16, 16),
    (9860, 9860, 16, 16),
    (5888, 5888, 16, 16),
    (9682, 9682, 16, 16),
];

/// Words that say card.
const WORDS: &str = "card|cards|credit|debit|visa|mastercard|master card|amex|american express|maestro|discover|diners|jcb|unionpay|rupay|\
    pan|cc|cc no|karte|kreditkarte|carte|tarjeta|carta|cartao|kaart|karta|kort|kortti|kartya|kart|карт|κάρτα|银行卡|信用卡|カード|카드|\
    कार्ड|بطاقة|כרטיס|บัตรเครดิต|thẻ";

/// How many of the run's digits are a card's number, the run beginning at `i`.
pub(super) fn digits(run: &Run, text: &str, i: usize) -> Option<usize> {
    let leading = run.digits();
    if before(text, i) == b'.' || leading.len() < 12 {
        return None;
    }
    let mut near = None;
    // Other digits may follow after a separator; the longest number wins.
    (12..=leading.len().min(19)).rev().find(|&count| {
        let number = leading.get(..count).unwrap_or_default();
        let end = i + run.length(count);
        run.stops >> count & 1 == 1
            && run.is_even(count)
            && number.iter().any(|d| number.first() != Some(d))
            && luhn(number, 0)
            && (is_issued(number)
                || before(text, i) != b'/' && near.get_or_insert_with(|| Near::new(text, i, end)).says(WORDS))
    })
}

fn is_issued(number: &[u8]) -> bool {
    let head = number.iter().take(4).fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    ISSUERS
        .iter()
        .any(|&(from, to, least, most)| (from..=to).contains(&head) && (least..=most).contains(&number.len()))
}

/// Marks what stands right behind a card's number that ends at `end`: ` 04/29 123`, `, exp 04/2029, CVV: 123`. Answers
/// where to go on.
pub(super) fn beside(text: &str, end: usize, marks: &mut Marks) -> usize {
    let no_digit = |b: u8| !b.is_ascii_digit() && !matches!(b, b'\n' | b'"' | b'{' | b'<');
    let start = run(text, end, 28, no_digit);
    let month = run(text, start, 3, |b| b.is_ascii_digit());
    let slash = run(text, month, 3, |b| matches!(b, b' ' | b'/' | b'-'));
    let year = run(text, slash, 5, |b| b.is_ascii_digit());
    let is_month =
        matches!((at(text, start), at(text, start + 1)), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'));
    let joined = part(text, month..slash).contains(['/', '-']);
    if !is_month
        || !joined
        || !matches!(year - slash, 2 | 4)
        || !ends_word(text, year)
        || at(text, year) == b'/'
    {
        return end;
    }
    marks.add(start..year, Kind::Card, "card_expiry");
    let code = run(text, year, 4, |b| matches!(b, b' ' | b',' | b'/' | b';' | b'|'));
    let done = run(text, code, 5, |b| b.is_ascii_digit());
    if code > year && matches!(done - code, 3 | 4) && ends_word(text, done) {
        marks.add(code..done, Kind::Secret, "card_security_code");
        return done;
    }
    year
}

/// A security code under its name: `cvv 123`, `CVC2 is 123`.
pub(super) fn find(scan: Scan<'_>, i: usize, marks: &mut Marks) -> Option<usize> {
    let text = scan.text;
    if !matches!(at(text, i), b'c' | b'C') {
        return None;
    }
    ["cvv", "cvc", "cvn", "csc", "cav", "cid"]
        .into_iter()
        .find(|name| starts_with_any_case(rest(text, i), name))?;
    let name = run(text, i + 3, 1, |b| b == b'2');
    let gap = run(text, name, 8, |b| matches!(b, b' ' | b':' | b'=' | b'#' | b'(' | b'i' | b's'));
    let end = run(text, gap, 5, |b| b.is_ascii_digit());
    if gap == name || !matches!(end - gap, 3 | 4) || !ends_word(text, end) {
        return None;
    }
    marks.add(gap..end, Kind::Secret, "card_security_code");
    Some(end)
}

/// Whether a value that a field's name calls a card number is one: the digits are enough.
pub(crate) fn plausible(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let others = value.bytes().filter(|b| !b.is_ascii_digit() && !matches!(b, b' ' | b'-' | b'.')).count();
    (12..=19).contains(&digits) && others == 0
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn is_card(number: &str) -> bool {
        luhn(number.as_bytes(), 0) && is_issued(number.as_bytes())
    }

    #[test]
    fn a_card_needs_issuer_length_and_check_digit() {
        for number in [
            "4111111111111111",
            "378282246310005",
            "5555555555554444",
            "6011111111111117",
            "30569309025904",
            "9792030000000000",
            "2200000000000004",
        ] {
            assert!(is_card(number), "{number}");
        }
        for number in
            ["4111111111111112", "4856078328001447", "0000000000000000", "9999999999999995", "411111111111"]
        {
            assert!(!is_card(number), "{number}");
        }
    }

    #[test]
    fn of_random_ids_only_those_with_issuer_and_check_digit_are_taken_for_cards() {
        let mut seed = 7_u64;
        for _ in 0..2000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let id = format!("{:016}", (seed >> 8) % 10_000_000_000_000_000);
            let shown = format!("batch {id} done");
            assert_eq!(crate::text(&shown).0.as_str() == shown, !is_card(&id), "{shown}");
        }
    }

    #[test]
    fn expiry_and_code_go_with_the_card() {
        for (shown, masked) in [
            ("4111 1111 1111 1111 exp 04/29 cvv 123 ok", "[card] exp [card] cvv [secret] ok"),
            ("4111-1111-1111-1111 04/2029 123", "[card] [card] [secret]"),
            ("the CVC2 is 1234.", "the CVC2 is [secret]."),
            ("cvv 12, cvc 12345, cid x", "cvv 12, cvc 12345, cid x"),
        ] {
            assert_eq!(crate::text(shown).0.as_str(), masked);
        }
    }
}
