//! Whether a value under a telling name is what the name says.

use crate::detect::{card, number, whole_token};
use crate::keys::Key;
use crate::kind::Kind;
use crate::looks;

/// What to do with a value under a telling name: nothing, or mask it as what, seen by which detector.
pub(crate) fn judge(key: Key, value: &str) -> Option<(Kind, &'static str)> {
    let value = value.trim();
    let kind = match key {
        Key::Plain | Key::Authorization | Key::Cookie => return None,
        Key::Perhaps if !looks::random(value) => return None,
        Key::Perhaps => Kind::Secret,
        Key::Holds(kind) => kind,
    };
    if looks::harmless(value) {
        return None;
    }
    match kind {
        Kind::Secret => Some(whole_token(value).unwrap_or("secret_field")),
        Kind::Card => card::plausible(value).then_some("payment_card"),
        Kind::BankAccount => {
            let digits = value.bytes().filter(u8::is_ascii_digit).count();
            ((15..=42).contains(&value.len()) && digits > 8).then_some("iban")
        }
        Kind::NationalId => number::plausible_id(value).then_some("national_id"),
        Kind::Phone => number::plausible_phone(value).then_some("phone"),
        Kind::Email
        | Kind::Name
        | Kind::Address
        | Kind::BirthDate
        | Kind::IpAddress
        | Kind::Wallet
        | Kind::Vehicle => None,
    }
    .map(|detector| (kind, detector))
}
