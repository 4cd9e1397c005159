//! How one policy masks: which stand-ins, which pseudonyms, and what it adds to the detectors.

use crate::custom::Custom;
use crate::kind::Kind;
use crate::strategy::{PseudonymKey, Strategy, stand_in};
use crate::traffic::Traffic;

/// Masks as one policy wants it. [`Masker::plain`] is what holds without a policy: every kind its label.
#[derive(Clone, Debug)]
pub struct Masker {
    strategies: [Strategy; Kind::ALL.len()],
    pub(crate) key: Option<PseudonymKey>,
    /// What the policy adds.
    pub(crate) custom: Custom,
}

static PLAIN: Masker =
    Masker { strategies: [Strategy::Label; Kind::ALL.len()], key: None, custom: Custom::NONE };

impl Masker {
    /// Labels for everything, no pseudonyms, no detectors beyond those of this crate.
    pub fn plain() -> &'static Self {
        &PLAIN
    }

    /// A masker with these detectors and allow-lists of a policy besides those of this crate.
    pub fn new(custom: Custom) -> Self {
        Self { custom, ..PLAIN.clone() }
    }

    /// The same with `strategy` for `kind`.
    #[must_use]
    pub fn with(mut self, kind: Kind, strategy: Strategy) -> Self {
        for (one, place) in Kind::ALL.into_iter().zip(&mut self.strategies) {
            if one == kind {
                *place = strategy;
            }
        }
        self
    }

    /// The same with pseudonyms made by `key`.
    #[must_use]
    pub fn with_key(mut self, key: PseudonymKey) -> Self {
        self.key = Some(key);
        self
    }

    /// What comes in the place of `value`.
    pub(crate) fn stand_in(&self, kind: Kind, value: &str) -> String {
        let strategy = Kind::ALL
            .into_iter()
            .zip(self.strategies)
            .find_map(|(one, strategy)| (one == kind).then_some(strategy))
            .unwrap_or_default();
        stand_in(strategy, self.key.as_ref(), kind, value)
    }
}

/// A masker at work, and how many wrappings have been taken off to get to the text at hand: JSON in a JSON string, base64
/// in base64.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look<'a> {
    pub(crate) masker: &'a Masker,
    pub(crate) depth: u8,
    /// What of the traffic itself is to be changed; none where people are to be shown it.
    pub(crate) traffic: Option<Traffic<'a>>,
}

/// How deep text inside text is followed.
const DEEPEST: u8 = 4;

impl<'a> Look<'a> {
    pub(crate) fn new(masker: &'a Masker) -> Self {
        Self { masker, depth: 0, traffic: None }
    }

    /// A look into what is wrapped in the text at hand; none where that is too deep to follow.
    pub(crate) fn inside(self) -> Option<Self> {
        (self.depth < DEEPEST).then(|| Self { depth: self.depth + 1, ..self })
    }
}
