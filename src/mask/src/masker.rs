//! How one policy masks: which stand-ins, which pseudonyms, and what it adds to the detectors.

use crate::custom::{Custom, Named};
use crate::kind::Kind;
use crate::strategy::{PseudonymKey, Strategy, stand_in};
use crate::traffic::Traffic;

/// Masks as one policy wants it. [`Masker::plain`] is what holds without a policy: every kind its label.
#[derive(Clone, Debug)]
pub struct Masker {
    strategies: [Strategy; Kind::ALL.len()],
    /// The kinds whose strategy also counts for detectors that have one of their own.
    firm: [bool; Kind::ALL.len()],
    pub(crate) key: Option<PseudonymKey>,
    /// What the policy adds.
    pub(crate) custom: Custom,
}

static PLAIN: Masker = Masker {
    strategies: [Strategy::Label; Kind::ALL.len()],
    firm: [false; Kind::ALL.len()],
    key: None,
    custom: Custom::NONE,
};

impl Masker {
    /// Labels for everything, no pseudonyms, no detectors beyond those of this crate.
    pub fn plain() -> &'static Self {
        &PLAIN
    }

    /// A masker with these detectors and allow-lists of a policy besides those of this crate.
    pub fn new(custom: Custom) -> Self {
        Self { custom, ..PLAIN.clone() }
    }

    /// Whether it lets something stay that [`crate::residual`] would find.
    pub fn loosens(&self) -> bool {
        self.custom.loosens()
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

    /// The same with `strategy` for `kind`, also for detectors of the policy that have one of their own: what a rule says
    /// of its calls.
    #[must_use]
    pub fn firmly(mut self, kind: Kind, strategy: Strategy) -> Self {
        for (one, place) in Kind::ALL.into_iter().zip(&mut self.firm) {
            *place |= one == kind;
        }
        self.with(kind, strategy)
    }

    /// The same with pseudonyms made by `key`.
    #[must_use]
    pub fn with_key(mut self, key: PseudonymKey) -> Self {
        self.key = Some(key);
        self
    }

    /// What comes in the place of `value`, found by a detector that may have a strategy of its own.
    pub(crate) fn stand_in(&self, kind: Kind, own: Option<Strategy>, value: &str) -> String {
        let strategies = self.strategies.into_iter().zip(self.firm);
        let (strategy, firm) = Kind::ALL
            .into_iter()
            .zip(strategies)
            .find_map(|(one, strategy)| (one == kind).then_some(strategy))
            .unwrap_or_default();
        let strategy = own.filter(|_| !firm).unwrap_or(strategy);
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
    /// What the policy says of the name that the text at hand stands under.
    pub(crate) named: Named,
}

/// How deep text inside text is followed.
const DEEPEST: u8 = 4;

impl<'a> Look<'a> {
    pub(crate) fn new(masker: &'a Masker) -> Self {
        Self { masker, depth: 0, traffic: None, named: Named::default() }
    }

    /// A look at what stands under a field's name.
    pub(crate) fn under(self, name: &str) -> Self {
        self.said(self.masker.custom.named(name))
    }

    /// A look at what stands under a name of which the policy says this.
    pub(crate) fn said(self, named: Named) -> Self {
        Self { named, ..self }
    }

    /// A look into what is wrapped in the text at hand; none where that is too deep to follow.
    pub(crate) fn inside(self) -> Option<Self> {
        (self.depth < DEEPEST).then(|| Self { depth: self.depth + 1, ..self })
    }
}
