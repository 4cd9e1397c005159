//! The fields of a rule, compiled: which values of the traffic are meant, and by what they are replaced.

use crate::keys::words;
use crate::kind::Kind;
use crate::strategy::Strategy;
use crate::structure::Format;

/// Most fields of one direction; a set of them is one machine word.
pub const MOST_FIELDS: usize = 64;

/// Which values are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Values of [`Field::kind`] wherever a detector finds them.
    Kind,
    /// The value at a place: the tokens of a JSON Pointer, where `*` is each member or element.
    At(Vec<String>),
    /// Values under this name, however it is written: `tax_id` is `taxId` and `Tax-ID`.
    Name(String),
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which values.
    pub what: What,
    /// What they are; where a place or a name does not say, the value itself does.
    pub kind: Option<Kind>,
    /// By what they are replaced.
    pub strategy: Strategy,
}

/// The fields of one direction; the first that means a value counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<Field>);

/// How far places lead to the value at hand, one bit a field, and the field that means it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Track {
    alive: u64,
    pub(crate) chosen: Option<u8>,
}

impl Track {
    /// All places, at the beginning of a document.
    pub(super) const START: Self = Self { alive: u64::MAX, chosen: None };
}

/// One step into a document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    Name(&'a str),
    Item(usize),
}

impl Fields {
    /// These fields; those past [`MOST_FIELDS`] are refused by returning `None`.
    pub fn new(mut fields: Vec<Field>) -> Option<Self> {
        for field in &mut fields {
            if let What::Name(name) = &mut field.what {
                *name = words(name);
            }
        }
        (fields.len() <= MOST_FIELDS).then_some(Self(fields))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    pub(super) fn get(&self, number: u8) -> Option<&Field> {
        self.0.get(usize::from(number))
    }

    /// What replaces values of `kind` wherever they are found.
    pub(super) fn strategy(&self, kind: Kind) -> Option<Strategy> {
        let meant = |field: &&Field| field.what == What::Kind && field.kind == Some(kind);
        self.0.iter().find(meant).map(|field| field.strategy)
    }

    /// Whether there are names, and no places, which no table has.
    pub(super) fn name_something(&self) -> bool {
        let named = |field: &Field| matches!(field.what, What::Name(_));
        let placed = |field: &Field| matches!(field.what, What::At(_));
        self.0.iter().any(named) && !self.0.iter().any(placed)
    }

    /// Whether every field can be found in a body of this format: places are of JSON, names of JSON and forms.
    pub(super) fn can_read(&self, format: Format) -> bool {
        self.0.iter().all(|field| match (&field.what, format) {
            (What::Kind, _) | (_, Format::Json) | (What::Name(_), Format::Form) => true,
            (What::At(_) | What::Name(_), _) => false,
        })
    }

    /// What is left of `track` after a step from a value that lies `depth` steps deep.
    pub(crate) fn after(&self, track: Track, depth: usize, step: Step<'_>) -> Track {
        let mut next = Track { alive: 0, chosen: track.chosen };
        let mut spelled = None;
        for (number, bit, field) in
            (0_u8..).zip(0_u32..).zip(&self.0).map(|((n, bit), f)| (n, 1_u64 << bit, f))
        {
            match (&field.what, step) {
                (What::At(tokens), _) if track.alive & bit != 0 => {
                    if tokens.get(depth).is_some_and(|token| leads(token, step)) {
                        if tokens.len() == depth + 1 {
                            next.chosen.get_or_insert(number);
                        } else {
                            next.alive |= bit;
                        }
                    }
                }
                (What::Name(wanted), Step::Name(name)) => {
                    if spelled.get_or_insert_with(|| words(name)) == wanted {
                        next.chosen.get_or_insert(number);
                    }
                }
                (What::Kind | What::At(_) | What::Name(_), _) => {}
            }
        }
        next
    }
}

/// Whether a token of a pointer means this step. Names count in any case: to change too much is the safer mistake.
fn leads(token: &str, step: Step<'_>) -> bool {
    token == "*"
        || match step {
            Step::Name(name) => name.eq_ignore_ascii_case(token),
            Step::Item(nth) => token.parse() == Ok(nth),
        }
}
