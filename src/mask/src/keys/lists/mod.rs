//! The names of fields, by what they say: in lower case, without accents and without breaks between words.
//!
//! `~` before a name: it may also end a longer one that is written without a break (`dbpassword`). A name may be in one
//! list only. Names are the usual ones of forms, interfaces and directories in some forty languages; sources are named
//! with each list.

mod contact;
mod identity;
mod money;
mod other;
mod people;
mod secrets;

use crate::keys::{Key, Word};
use crate::kind::Kind;

/// A list's names, and what they say.
pub(super) const LISTS: &[(Word, &str)] = &[
    (Word::Key(Key::Authorization), secrets::AUTHORIZATION),
    (Word::Key(Key::Cookie), secrets::COOKIE),
    (Word::Key(Key::SECRET), secrets::SECRET),
    (Word::Key(Key::SECRET), secrets::CODES),
    (Word::Key(Key::Maybe(Kind::Secret)), secrets::DIGITS),
    (Word::Key(Key::Perhaps), secrets::PERHAPS),
    (Word::Key(Key::Holds(Kind::Name)), people::NAME),
    (Word::Key(Key::Maybe(Kind::Name)), people::MAYBE_NAME),
    (Word::Key(Key::Name), people::UNCERTAIN),
    (Word::Human, people::HUMAN),
    (Word::Person, people::PERSON),
    (Word::Thing, people::THING),
    (Word::Other, people::OTHER),
    (Word::Key(Key::Holds(Kind::Email)), contact::EMAIL),
    (Word::Key(Key::Holds(Kind::Phone)), contact::PHONE),
    (Word::Key(Key::Holds(Kind::Address)), contact::ADDRESS),
    (Word::Key(Key::Maybe(Kind::Address)), contact::MAYBE_ADDRESS),
    (Word::Key(Key::Holds(Kind::BirthDate)), identity::BIRTH_DATE),
    (Word::Key(Key::Holds(Kind::NationalId)), identity::NATIONAL_ID),
    (Word::Key(Key::Maybe(Kind::NationalId)), identity::MAYBE_ID),
    (Word::Key(Key::Holds(Kind::Vehicle)), identity::VEHICLE),
    (Word::Key(Key::Holds(Kind::Card)), money::CARD),
    (Word::Key(Key::Maybe(Kind::Card)), money::EXPIRY),
    (Word::Key(Key::Holds(Kind::BankAccount)), money::ACCOUNT),
    (Word::Key(Key::Holds(Kind::Wallet)), money::WALLET),
    (Word::Harmless, other::HARMLESS),
    (Word::Filler, other::FILLER),
    (Word::Number, other::NUMBER),
    (Word::Type, other::TYPE),
    (Word::Inside, other::INSIDE),
];
