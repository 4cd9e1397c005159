//! What kind of thing a mask stands for.

use serde::Serialize;

/// A kind of sensitive content. Its word is what a policy writes, what a proof counts and what a reviewer reads in the
/// place of the value: `[email]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What opens something: passwords, keys, tokens, cookies, one-time codes, card security codes.
    Secret,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// The name of a person.
    Name,
    /// A postal address, or the part of one that finds a house.
    Address,
    /// A payment card's number or expiry.
    Card,
    /// A bank account: IBAN, account and routing numbers.
    BankAccount,
    /// A number that a state, an insurer or an employer gave a person or a firm: social security, tax, passport, licence.
    NationalId,
    /// A date of birth.
    BirthDate,
    /// A public IP address.
    IpAddress,
    /// The address of a crypto wallet.
    Wallet,
    /// A vehicle's plate or identification number.
    Vehicle,
}

impl Kind {
    /// Every kind, in order.
    pub const ALL: [Self; 12] = [
        Self::Secret,
        Self::Email,
        Self::Phone,
        Self::Name,
        Self::Address,
        Self::Card,
        Self::BankAccount,
        Self::NationalId,
        Self::BirthDate,
        Self::IpAddress,
        Self::Wallet,
        Self::Vehicle,
    ];

    /// The kind's word.
    pub fn as_str(self) -> &'static str {
        self.label().trim_matches(['[', ']'])
    }

    /// The kind of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether [`crate::Strategy::Generalise`] has something coarser to show than the label.
    pub fn has_coarser(self) -> bool {
        match self {
            Self::Email | Self::BirthDate | Self::IpAddress => true,
            Self::Secret
            | Self::Phone
            | Self::Name
            | Self::Address
            | Self::Card
            | Self::BankAccount
            | Self::NationalId
            | Self::Wallet
            | Self::Vehicle => false,
        }
    }

    /// Every kind's word, in order.
    pub const WORDS: &[&str] = &[
        "secret",
        "email",
        "phone",
        "name",
        "address",
        "card",
        "bank_account",
        "national_id",
        "birth_date",
        "ip_address",
        "wallet",
        "vehicle",
    ];

    /// The plain stand-in: the word in brackets.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Secret => "[secret]",
            Self::Email => "[email]",
            Self::Phone => "[phone]",
            Self::Name => "[name]",
            Self::Address => "[address]",
            Self::Card => "[card]",
            Self::BankAccount => "[bank_account]",
            Self::NationalId => "[national_id]",
            Self::BirthDate => "[birth_date]",
            Self::IpAddress => "[ip_address]",
            Self::Wallet => "[wallet]",
            Self::Vehicle => "[vehicle]",
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn every_kind_is_called_by_its_word() {
        let words = Kind::ALL.map(Kind::as_str);
        assert_eq!(words, Kind::WORDS);
        assert!(Kind::ALL.into_iter().all(|kind| Kind::named(kind.as_str()) == Some(kind)));
    }
}
