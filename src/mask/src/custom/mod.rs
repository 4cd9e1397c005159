//! What a policy adds to the detectors: patterns of its own, names of its own, and what is known to be harmless.
//!
//! It adds and never takes away a detector. What it lets stay (`allow`, a name that is `plain`) is asked for value by value
//! and name by name, so that no pattern opens more than it says.

mod allowed;
mod check;
mod machine;
mod named;
mod pattern;

use std::sync::Arc;

pub use allowed::{Allowed, LEAST_ALLOWED};
pub use check::Check;
pub(crate) use named::{Named, Own};
pub use pattern::{BadPattern, Pattern};

use crate::bytes::part;
use crate::kind::Kind;
use crate::marks::Marks;
use crate::strategy::Strategy;

/// Most detectors of one policy.
pub const MOST_DETECTORS: usize = 32;

/// How far before a match its keywords are looked for, in bytes.
const NEAR: usize = 48;

/// A detector of a policy.
#[derive(Clone, Debug)]
pub struct Detector {
    /// Its name in reports.
    pub name: String,
    /// What it finds.
    pub kind: Kind,
    /// How that is written.
    pub pattern: Pattern,
    /// Words of which one stands in the field's name or up to 48 bytes before the match, whatever their case; none where
    /// the place does not matter.
    pub near: Vec<String>,
    /// The rule that its digits keep.
    pub check: Check,
    /// Matches that are harmless.
    pub allow: Vec<Allowed>,
    /// What comes instead, where it is not what comes instead of its kind.
    pub strategy: Option<Strategy>,
}

/// What one policy adds. Copies share it.
#[derive(Clone, Debug, Default)]
pub struct Custom(Option<Arc<Additions>>);

#[derive(Debug)]
struct Additions {
    detectors: Vec<Detector>,
    allow: Vec<Allowed>,
    names: Vec<(String, Option<Kind>)>,
}

impl Custom {
    /// Nothing added.
    pub(crate) const NONE: Self = Self(None);

    /// These detectors, of which the first [`MOST_DETECTORS`] count; values that may stay; and field names with what they
    /// hold, `None` for a name that says nothing. A kind holds for every name that ends in these words, `None` for exactly
    /// this name.
    pub fn new(
        mut detectors: Vec<Detector>,
        allow: Vec<Allowed>,
        names: impl IntoIterator<Item = (String, Option<Kind>)>,
    ) -> Self {
        detectors.truncate(MOST_DETECTORS);
        let names: Vec<_> =
            names.into_iter().map(|(name, holds)| (crate::keys::words(&name), holds)).collect();
        let nothing = detectors.is_empty() && allow.is_empty() && names.is_empty();
        Self((!nothing).then(|| Arc::new(Additions { detectors, allow, names })))
    }

    /// Whether it lets something stay that would be masked without it.
    pub fn loosens(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|own| !own.allow.is_empty() || own.names.iter().any(|(_, holds)| holds.is_none()))
    }

    /// Marks what the policy's own detectors find, under a field's name.
    pub(crate) fn find(&self, text: &str, named: Named, marks: &mut Marks) {
        let Some(own) = &self.0 else { return };
        for (number, detector) in own.detectors.iter().enumerate() {
            // Matches that overlap are one.
            let mut whole: Option<(usize, usize)> = None;
            let mut add = |range: (usize, usize)| {
                let (start, end) = (text.floor_char_boundary(range.0), text.ceil_char_boundary(range.1));
                marks.add_as(start..end, detector.kind, detector.name.clone(), detector.strategy);
            };
            machine::each(&detector.pattern, text, &mut |start, end| {
                if !detector.means(text, start, end, named.is_near(number)) {
                    return;
                }
                whole = match whole {
                    Some((from, to)) if start < to => Some((from.min(start), to.max(end))),
                    before => {
                        before.into_iter().for_each(&mut add);
                        Some((start, end))
                    }
                };
            });
            whole.into_iter().for_each(add);
        }
    }

    /// Whether the policy lets `value` stay.
    pub(crate) fn allows(&self, value: &str) -> bool {
        self.0.as_ref().is_some_and(|own| own.allow.iter().any(|allowed| allowed.is(value)))
    }

    /// What the policy says of a field's name.
    pub(crate) fn named(&self, name: &str) -> Named {
        let Some(own) = &self.0 else { return Named::default() };
        let near = own.detectors.iter().enumerate().filter(|(_, detector)| detector.is_near(name));
        Named {
            own: named::own(&own.names, name),
            near: near.fold(0, |near, (number, _)| near | 1 << number),
        }
    }
}

impl Detector {
    /// What it finds in running text, for those who write one. Matches that overlap are told one by one.
    pub fn finds<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut all = Vec::new();
        machine::each(&self.pattern, text, &mut |start, end| {
            if self.means(text, start, end, false) {
                all.push(part(text, text.floor_char_boundary(start)..text.ceil_char_boundary(end)));
            }
        });
        all
    }

    /// Whether one of the keywords stands in `text`.
    fn is_near(&self, text: &str) -> bool {
        let text = text.as_bytes();
        self.near.iter().any(|word| {
            text.windows(word.len().max(1)).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        })
    }

    /// Whether a match is what is looked for.
    fn means(&self, text: &str, start: usize, end: usize, named: bool) -> bool {
        let value = part(text, text.floor_char_boundary(start)..text.ceil_char_boundary(end));
        let near = self.near.is_empty() || named || {
            let from = text.floor_char_boundary(start.saturating_sub(NEAR));
            self.is_near(part(text, from..text.floor_char_boundary(start)))
        };
        near && self.check.holds(value) && !self.allow.iter().any(|allowed| allowed.is(value))
    }
}

#[cfg(test)]
mod tests;
