//! What stands in for a value in traffic that programs read: of the same type, and never somebody else's value.
//!
//! - A pseudonymous e-mail address is `k7f3a2x4qz@pseudonym.invalid`; mail to `.invalid` goes nowhere (RFC 2606, 2).
//! - A number, card, phone or other value that is all digits keeps its digits' count and its separators. It begins with
//!   `000`, or with `999` after a `+` (E.164 has no such country) and as a JSON number, and from twelve digits on its Luhn
//!   check digit is wrong, so that it is nobody's card. A value of less than eight digits has no room for that: a text
//!   becomes a label, a JSON number keeps only its count of digits.
//! - Anything else is a label in brackets, as people are shown it.
//!
//! `null` stands in for a JSON number that is removed, labelled or made coarser.

use core::iter::repeat_n;

use super::Slot;
use crate::detect::number::luhn;
use crate::kind::Kind;
use crate::strategy::{MOST_KEPT, PSEUDONYM, PseudonymKey, Strategy, stand_in};

/// The domain of pseudonymous addresses.
const DOMAIN: &str = "@pseudonym.invalid";

/// Digits of a value that has room for a beginning that nobody's number has.
const ROOM: usize = 8;

/// Digits from which a value may be taken for a card.
const CARD: usize = 12;

/// What stands in for `value`; `None` is JSON's `null`.
pub(super) fn of(
    strategy: Strategy,
    key: Option<&PseudonymKey>,
    kind: Kind,
    value: &str,
    slot: Slot,
) -> Option<String> {
    let typed = match strategy {
        Strategy::Remove | Strategy::Label | Strategy::Generalise => None,
        Strategy::KeepLast(most) => digits(value, slot, &Fill::Kept(most)),
        Strategy::Pseudonym => key.and_then(|key| match kind {
            Kind::Email => Some(format!("{}{DOMAIN}", key.pseudonym(kind, value))),
            Kind::Secret
            | Kind::Phone
            | Kind::Name
            | Kind::Address
            | Kind::Card
            | Kind::BankAccount
            | Kind::NationalId
            | Kind::BirthDate
            | Kind::IpAddress
            | Kind::Wallet
            | Kind::Vehicle => digits(value, slot, &Fill::Keyed(key.digest(kind, value))),
        }),
    };
    match slot {
        Slot::Text => typed.or_else(|| Some(stand_in(strategy, key, kind, value))),
        Slot::Number => typed.filter(|text| !text.contains('@')),
    }
}

/// Whether `text` is a pseudonymous address.
pub(super) fn is_address(text: &str) -> bool {
    text.strip_suffix(DOMAIN).is_some_and(|name| {
        name.len() == PSEUDONYM && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
    })
}

/// What digits are filled with.
enum Fill {
    /// Zeros or nines, and the last digits as they were.
    Kept(u8),
    /// Digits made of this.
    Keyed([u8; 32]),
}

/// The value with other digits; `None` where it has more than digits and their separators, or no room.
fn digits(value: &str, slot: Slot, fill: &Fill) -> Option<String> {
    let count = value.bytes().filter(u8::is_ascii_digit).count();
    let separator = |b: u8| matches!(b, b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'+');
    let room = count >= ROOM;
    let fits = value.bytes().all(|b| b.is_ascii_digit() || separator(b)) && count > 0;
    if !fits || (slot == Slot::Text && !room) {
        return None;
    }
    let (filler, kept) = match fill {
        Fill::Kept(most) => (None, usize::from(*most.min(&MOST_KEPT)).min(count / 4)),
        Fill::Keyed(digest) => (Some(digest), 0),
    };
    let abroad = value.trim_start().starts_with('+');
    let first = if slot == Slot::Number || abroad { b'9' } else { b'0' };
    let beginning = if room { 3 } else { 0 };
    let keyed = filler.map(|digest| digest.iter().map(|byte| b'0' + byte % 10).collect::<Vec<u8>>());
    let made = keyed.unwrap_or_else(|| vec![first]);
    let mut fresh: Vec<u8> =
        repeat_n(first, beginning).chain(made.into_iter().cycle()).take(count - kept).collect();
    fresh.extend(value.bytes().filter(u8::is_ascii_digit).skip(fresh.len()));
    if let Some(digit) = fresh.first_mut()
        && *digit == b'0'
        && slot == Slot::Number
        && count > 1
    {
        *digit = b'9';
    }
    if count >= CARD
        && !abroad
        && luhn(&fresh, 0)
        && let Some(digit) = fresh.first_mut()
    {
        // Another first digit always makes another check digit.
        *digit = if *digit == b'9' { b'8' } else { *digit + 1 };
    }
    let mut fresh = fresh.into_iter();
    Some(
        value
            .chars()
            .map(|c| if c.is_ascii_digit() { fresh.next().map_or(c, char::from) } else { c })
            .collect(),
    )
}
