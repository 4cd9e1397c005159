//! What a member is by what stands around it: the name of the object it is in (`name` in `customer`), and its siblings,
//! which may come later (an `email` beside a `name`, `{"value": "x", "type": "phone"}`).
//!
//! Members that only a later sibling can tell are held until their object closes; a bounded number of them, the others stay.

use std::borrow::Cow;

use crate::custom::Named;
use crate::keys::{Key, Noun, Said, classify, noun};
use crate::kind::Kind;
use crate::looks;
use crate::structure::json::Walk;
use crate::structure::json::strings::quote;
use crate::structure::rows::Row;
use crate::structure::value;
use crate::traffic::Track;

/// Most members of one object that wait for what a later sibling says.
pub(super) const MOST_HELD: usize = 64;

/// Names of members that say what their sibling called `value` is: `{"type": "phone", "value": "..."}`, and a JSON Patch's
/// `path` (RFC 6902).
const LABELS: &[&str] = &[
    "name",
    "key",
    "field",
    "type",
    "kind",
    "system",
    "header",
    "label",
    "attribute",
    "property",
    "column",
    "param",
    "parameter",
    "question",
    "path",
    "id",
    "k",
    "fieldname",
    "title",
    "setting",
    "variable",
    "option",
    "item",
    "metric",
    "env",
];

/// Names of members whose sibling may say what they are.
const VALUES: &[&str] = &[
    "value",
    "val",
    "content",
    "new",
    "old",
    "text",
    "answer",
    "newvalue",
    "oldvalue",
    "data",
    "from",
    "to",
    "v",
    "default",
    "stringvalue",
    "before",
    "after",
];

/// The members of a JSON Web Key that are its private part (RFC 7518, 6), which only `kty` beside them tells.
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "k"];

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// An object or array that is open.
#[derive(Debug)]
pub(super) struct Level<'a> {
    pub(super) is: Is,
    /// The name that it stands under.
    pub(super) parent: Cow<'a, str>,
    /// The name of the current member; in an array, the array's.
    pub(super) name: Cow<'a, str>,
    /// What that name says.
    pub(super) said: Said,
    /// What the policy says of it.
    pub(super) named: Named,
    /// Which places of the traffic's fields lead to this object or array, and which to the member at hand.
    pub(super) track: [Track; 2],
    /// The step to the current member or element.
    pub(super) step: String,
    /// What a sibling says of the member called `value`: `{"name": "DB_PASSWORD", "value": "x"}`.
    pub(super) label: (Key, Named),
    /// Whom a plain `name` is of.
    pub(super) about: Noun,
    pub(super) held: Vec<Waiting>,
    /// What it is as a row, how many elements came before, and where it begins.
    pub(super) row: Row,
    pub(super) place: usize,
    pub(super) start: usize,
}

/// A member that a later sibling may tell to be something to mask.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) held: usize,
    /// Where its string begins.
    pub(super) start: usize,
    pub(super) path: String,
    /// What it is if what it awaits is said.
    pub(super) key: Key,
    pub(super) awaits: Awaits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaits {
    /// A `name`, whether it is a person's.
    Person,
    /// A `value`, what it is.
    Label,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    Object,
    Array,
}

impl<'a> Level<'a> {
    pub(super) fn track(&self) -> Track {
        let [_, at_hand] = self.track;
        at_hand
    }

    /// The current member is called `name`, which says this; `above` is what the column says that the object is a cell of.
    pub(super) fn member(&mut self, name: Cow<'a, str>, said: Said, named: Named, above: Option<Key>) {
        self.said = said;
        self.named = named;
        if self.label != (Key::Plain, Named::default()) && is_one_of(VALUES, &name) {
            let own = matches!(said.key, Key::Holds(_) | Key::Maybe(_));
            if !own || matches!(self.label.0, Key::Holds(_)) {
                self.said = Said { key: self.label.0, whole: false };
            }
            self.named = self.label.1;
        }
        if name == "kty" {
            self.about = Noun::Key;
        }
        if self.about == Noun::Key && PRIVATE.contains(&&*name) {
            self.said.key = Key::SECRET;
        }
        if self.said.key == Key::Plain && name == "v" {
            self.said.key = above.unwrap_or_default();
        }
        self.name = name;
    }

    /// Whether the current member is a value that a later sibling may tell.
    pub(super) fn awaits_label(&self) -> bool {
        self.is == Is::Object && self.label == (Key::Plain, Named::default()) && is_one_of(VALUES, &self.name)
    }
}

/// What a value under a name that says `said` is if it is of a person.
pub(super) fn of_person(said: Key, plain: &str) -> Option<Key> {
    match said {
        Key::Name if looks::person(plain, 1) => Some(Key::Holds(Kind::Name)),
        Key::Maybe(kind @ (Kind::NationalId | Kind::Name)) => Some(Key::Holds(kind)),
        Key::Plain
        | Key::Perhaps
        | Key::Authorization
        | Key::Cookie
        | Key::Name
        | Key::Maybe(_)
        | Key::Holds(_) => None,
    }
}

impl Walk<'_> {
    /// Learns from the current member, which may say what its siblings are: `{"type": "phone", "value": "..."}`,
    /// `{"resourceType": "Patient", ...}`.
    pub(super) fn label(&mut self, plain: &str) {
        let Some(level) = self.levels.last_mut().filter(|level| level.is == Is::Object) else { return };
        let typed = level.name.to_ascii_lowercase().ends_with("type");
        if !typed && !is_one_of(LABELS, &level.name) {
            return;
        }
        let own = self.look.under(plain).named;
        let label = match classify(plain) {
            Key::Name => Key::Maybe(Kind::Name),
            _ if plain.contains("://") => Key::Plain,
            key @ (Key::Plain
            | Key::Perhaps
            | Key::Authorization
            | Key::Cookie
            | Key::Maybe(_)
            | Key::Holds(_)) => key,
        };
        if (label, own) != (Key::Plain, Named::default()) {
            level.label = (label, own);
            self.release(Awaits::Label, own);
        }
        if typed && noun(plain) == Noun::Person {
            self.personal();
        }
    }

    /// Learns from the name of the current member, which has a value, whom the object is about.
    pub(super) fn tell(&mut self) {
        if let Some(level) = self.levels.last_mut()
            && level.about == Noun::Unknown
            && level.said.is_personal()
        {
            self.personal();
        }
    }

    /// The current object is about a person.
    fn personal(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.about = Noun::Person;
            self.release(Awaits::Person, Named::default());
        }
    }

    /// Leaves the string at the cursor as it is until a sibling says more.
    pub(super) fn hold(&mut self, end: usize, key: Key, awaits: Awaits) {
        let (start, path) = (self.i, self.path());
        if let Some(level) = self.levels.last_mut()
            && level.held.len() < MOST_HELD
        {
            let held = self.rewrite.hold(start..end);
            level.held.push(Waiting { held, start, path, key, awaits });
        }
    }

    /// Masks what was held in the current object until this was said.
    fn release(&mut self, awaits: Awaits, named: Named) {
        let Some(level) = self.levels.last_mut() else { return };
        let label = level.label.0;
        for waiting in core::mem::take(&mut level.held) {
            if waiting.awaits != awaits {
                if let Some(level) = self.levels.last_mut() {
                    level.held.push(waiting);
                }
            } else if let key = if awaits == Awaits::Label { label } else { waiting.key }
                && let Ok((_, plain)) = self.string(waiting.start)
                && let Some(masked) = value::mask(key, &plain, self.look.said(named))
            {
                self.rewrite.release(waiting.held, (waiting.start, &waiting.path), masked, quote);
            }
        }
    }
}
