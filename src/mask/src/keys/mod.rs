//! What a field's name says about its value.
//!
//! A name is split into words (`X-Api-Key`, `dbPassword`, `client_secret`), and its *last* words decide: `token` is a
//! secret, `token_count` is a number. The longest name that they make counts, so that a special case beats the general one.
//! Names are data in [`lists`], not code.
//!
//! What it cannot know: what a plain `name` or `address` is of. Such a name says [`Key::Name`] or [`Key::Maybe`]; what
//! stands around it, and the value, say the rest.

mod lists;
mod spelling;
mod table;

use crate::kind::Kind;
use spelling::Words;
use table::{Place, START, find, step};

/// What a value under a name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Key {
    /// Nothing known.
    #[default]
    Plain,
    /// A secret if it looks like one (long and random).
    Perhaps,
    /// The value of an `Authorization` header: a scheme, then the secret.
    Authorization,
    /// Cookies: names, then the secrets.
    Cookie,
    /// A name; a person's where what stands around it says so.
    Name,
    /// Something of this kind if it looks exactly like that.
    Maybe(Kind),
    /// Something of this kind, if it is plausible at all.
    Holds(Kind),
}

impl Key {
    /// A secret, whatever it looks like.
    pub(crate) const SECRET: Self = Self::Holds(Kind::Secret);
}

/// What a list of names is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// The value is this.
    Key(Key),
    /// The value is nothing to mask, although a shorter name would say so.
    Harmless,
    /// Says nothing at the end of a name.
    Filler,
    /// Says at the end of a name that what is named before is known by a number.
    Number,
    /// Somebody who is named by that word alone.
    Human,
    /// Somebody, or a firm.
    Person,
    /// Something that has a name, and is no person.
    Thing,
    /// Not part of a person's name.
    Other,
    /// A type instead of a value.
    Type,
    /// An object that is what the object around it is.
    Inside,
}

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) key: Key,
    /// Whether the name is nothing but that: `email`, not `owner_email`.
    pub(crate) whole: bool,
}

impl Said {
    pub(crate) const NOTHING: Self = Self { key: Key::Plain, whole: false };

    /// Whether it says that what it stands in is about a person.
    pub(crate) fn is_personal(self) -> bool {
        self.whole
            && matches!(
                self.key,
                Key::Holds(Kind::Email | Kind::Phone | Kind::Name | Kind::BirthDate | Kind::NationalId)
            )
    }
}

/// Who or what a noun is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noun {
    Person,
    Thing,
    /// A cryptographic key (RFC 7517).
    Key,
    /// What the object around it is.
    Same,
    Unknown,
}

/// Longest name that is looked at; a longer one is no name.
pub(crate) const LONGEST_NAME: usize = 96;

/// Most bytes of a name that are compared with the table.
const LONGEST_ENTRY: usize = 80;

/// Shortest name that may end a longer one without a break.
const SHORTEST_JOINED: usize = 4;

/// What `name` says about its value.
pub(crate) fn classify(name: &str) -> Key {
    inside("", name).key
}

/// What `name` says about its value, standing inside of something called `parent`: `first` in `name`, `number` in `card`.
pub(crate) fn inside(parent: &str, name: &str) -> Said {
    let words = Words::new(parent, name);
    let mut end = words.bytes().len();
    loop {
        let start = words.last(end);
        let filler = || words.is(start, end, Word::Filler);
        let digits = || words.before(end).iter().skip(start).all(u8::is_ascii_digit);
        if start == 0 || !(digits() || filler()) {
            break;
        }
        end = start - 1;
    }
    words.known(end).map_or(Said::NOTHING, |found| words.said(found))
}

/// Whether a name says secret: also one that may be of something else, when its value is not of digits.
pub(crate) fn is_secret(name: &str) -> bool {
    matches!(classify(name), Key::Holds(Kind::Secret) | Key::Maybe(Kind::Secret))
}

/// What `name` says about its value inside of something called `parent`, which also tells whose a plain `name` is.
pub(crate) fn under(parent: &str, name: &str) -> Key {
    match inside(parent, name).key {
        Key::Name if noun(parent) == Noun::Person => Key::Maybe(Kind::Name),
        key @ (Key::Plain
        | Key::Perhaps
        | Key::Authorization
        | Key::Cookie
        | Key::Name
        | Key::Maybe(_)
        | Key::Holds(_)) => key,
    }
}

/// Who or what the last words of `name` are.
pub(crate) fn noun(name: &str) -> Noun {
    let words = Words::new("", name);
    let end = words.bytes().len();
    let found = words.longest(end).or_else(|| words.longest(words.singular(end)));
    match found.map(|found| found.word) {
        Some(Word::Person | Word::Human) => Noun::Person,
        Some(Word::Thing) => Noun::Thing,
        Some(Word::Inside | Word::Filler | Word::Key(Key::Maybe(Kind::NationalId))) => Noun::Same,
        Some(Word::Key(_) | Word::Harmless | Word::Number | Word::Other | Word::Type) | None => Noun::Unknown,
    }
}

/// Whether a word of a value cannot be part of a person's name.
pub(crate) fn is_no_name(word: &str) -> bool {
    let words = Words::new("", word);
    let whole = words.longest(words.bytes().len()).filter(|found| found.start == 0);
    match whole.map(|found| found.word) {
        Some(Word::Thing | Word::Other | Word::Type | Word::Number | Word::Person | Word::Harmless) => true,
        Some(Word::Key(_) | Word::Filler | Word::Human | Word::Inside) | None => false,
    }
}

/// Whether a value is the name of a type: `string`, `varchar(64)`.
pub(crate) fn is_type(value: &str) -> bool {
    let word = value.split('(').next().unwrap_or("");
    !word.contains(' ') && word.len() <= 16 && {
        let words = Words::new("", word);
        words.is(0, words.bytes().len(), Word::Type)
    }
}

/// The words of a name, as they are compared: lower case, without accents, `_` between them.
pub(crate) fn words(name: &str) -> String {
    String::from_utf8_lossy(Words::new("", name).bytes()).into_owned()
}

/// Whether `words` is `name` or ends with it at a word's start.
pub(crate) fn ends_with_words(words: &str, name: &str) -> bool {
    words.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

/// Letters and digits of any alphabet, told without Unicode tables, which would be a tenth of this crate's size.
pub(crate) fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// A name of the table that was found, and where it begins.
#[derive(Clone, Copy)]
struct Found {
    word: Word,
    start: usize,
}

impl Words {
    /// Where the last word before `end` begins.
    fn last(&self, end: usize) -> usize {
        self.before(end).iter().rposition(|b| *b == b'_').map_or(0, |gap| gap + 1)
    }

    fn before(&self, end: usize) -> &[u8] {
        self.bytes().get(..end).unwrap_or_default()
    }

    /// Whether all between `start` and `end` is a name of `word`.
    fn is(&self, start: usize, end: usize, word: Word) -> bool {
        self.longest(end).is_some_and(|found| found.start == start && found.word == word)
    }

    /// The longest name that ends at `end` and begins where a word does.
    fn longest(&self, end: usize) -> Option<Found> {
        let before = self.before(end);
        let mut hash = START;
        let mut longest = None;
        for (start, &byte) in before.iter().enumerate().rev().take(LONGEST_ENTRY) {
            if byte == b'_' {
                continue;
            }
            hash = step(hash, byte);
            let first = start.checked_sub(1).is_none_or(|i| before.get(i) == Some(&b'_'));
            // Scripts that put no space between words, and those close to them in Unicode: any letter may begin one.
            if (first || byte >= 0xe0)
                && let Some(word) = find(hash, Place::Word)
                // What stands around a name takes nothing away from what it says.
                && !(word == Word::Harmless && start < self.own)
            {
                longest = Some(Found { word, start });
            }
        }
        longest
    }

    /// The longest name that ends at `end` inside of a word, and may.
    fn joined(&self, end: usize) -> Option<Found> {
        let mut hash = START;
        let mut longest = None;
        let first = self.last(end);
        for (start, &byte) in self.before(end).iter().enumerate().skip(first).rev().take(LONGEST_ENTRY) {
            hash = step(hash, byte);
            if end - start >= SHORTEST_JOINED
                && let Some(word) = find(hash, Place::End)
            {
                longest = Some(Found { word, start });
            }
        }
        longest
    }

    /// The end without what makes a name one of several: `phones`, `email2`.
    fn singular(&self, end: usize) -> usize {
        let text = self.before(end);
        let digits = text.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 { end - digits } else { end - usize::from(text.ends_with(b"s")) }
    }

    /// What the words before `end` say.
    fn known(&self, end: usize) -> Option<Found> {
        let start = self.last(end);
        let singular = self.singular(end);
        // `address1` is a name of its own, but `email_address1` is an `email_address`.
        let found = match (self.longest(end), self.longest(singular)) {
            (Some(found), Some(other)) if other.start < found.start => Some(other),
            (Some(found), _) => Some(found),
            (None, other) => other,
        };
        match found {
            // `passport_no`, but not `token_no`
            Some(Found { word: Word::Number, .. }) if start > 0 => {
                self.longest(start - 1).filter(|found| match found.word {
                    Word::Key(Key::Holds(kind) | Key::Maybe(kind)) => match kind {
                        Kind::Phone | Kind::Card | Kind::BankAccount | Kind::NationalId | Kind::Vehicle => {
                            true
                        }
                        Kind::Secret
                        | Kind::Email
                        | Kind::Name
                        | Kind::Address
                        | Kind::BirthDate
                        | Kind::IpAddress
                        | Kind::Wallet => false,
                    },
                    Word::Key(_)
                    | Word::Harmless
                    | Word::Filler
                    | Word::Number
                    | Word::Human
                    | Word::Person
                    | Word::Thing
                    | Word::Other
                    | Word::Type
                    | Word::Inside => false,
                })
            }
            Some(found) => Some(found),
            None if singular == end => self.joined(end),
            None => self.joined(singular).or_else(|| self.joined(end)),
        }
    }

    /// What `found` says about the value, with the words before it.
    fn said(&self, found: Found) -> Said {
        let Found { word, start } = found;
        let key = match word {
            Word::Key(key) => key,
            Word::Human => Key::Maybe(Kind::Name),
            Word::Person => Key::Name,
            Word::Harmless
            | Word::Filler
            | Word::Number
            | Word::Thing
            | Word::Other
            | Word::Type
            | Word::Inside => Key::Plain,
        };
        // `my address`
        let article = || self.longest(start.saturating_sub(1)).is_some_and(|found| found.word == Word::Other);
        let whole = start == 0 || start <= self.own || article();
        let of_person = || {
            let found = self.longest(start.saturating_sub(1));
            matches!(found, Some(Found { word: Word::Person | Word::Human, .. }))
        };
        let key = match key {
            Key::Name if whole => Key::Name,
            // `customer_name` is a person's, `bucket_name` is none.
            Key::Name if word != Word::Person && of_person() => Key::Holds(Kind::Name),
            Key::Name => Key::Plain,
            Key::Maybe(Kind::Address) if start > 0 && of_person() => Key::Holds(Kind::Address),
            Key::Maybe(Kind::Address) if !whole => Key::Plain,
            Key::Plain | Key::Perhaps | Key::Authorization | Key::Cookie | Key::Maybe(_) | Key::Holds(_) => {
                key
            }
        };
        Said { key, whole }
    }
}

#[cfg(test)]
mod tests;
