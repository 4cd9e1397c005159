//! What a policy says about masking: what comes in the place of values, what it finds besides what this build finds, and
//! what is harmless.
//!
//! Strategies go with the terms of a hold, those of the document filled in, so that a rule's digest tells them; of several
//! rules the stricter of each kind counts. Detectors, names and allowed values are the document's and hold everywhere: also
//! in the records of calls that pass or are refused.

mod compile;
mod document;
mod trial;

pub(super) use compile::compile;
pub use document::{DetectorDoc, MaskingDoc};
pub(super) use document::{Members, kind, strategies, strategy};
pub use trial::{Trial, Tried};

use countersign_mask::{Custom, Masker, PseudonymKey};
pub use countersign_mask::{Kind, Strategy};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// What comes in the place of values, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strategies(Vec<(Kind, Chosen)>);

/// A strategy, and who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chosen {
    strategy: Strategy,
    by: By,
}

/// Whose word a strategy is: a rule's is also over what a detector says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Document,
    Rule,
}

impl Strategies {
    /// Whether every kind has its label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each kind that has one written, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, Strategy)> {
        self.0.iter().map(|(kind, chosen)| (*kind, chosen.strategy))
    }

    pub(super) fn of_document(strategies: &[(Kind, Strategy)]) -> Self {
        let mut all = Self::default();
        all.set(strategies, By::Document);
        all
    }

    /// The same with what a rule says over it.
    pub(super) fn with(mut self, strategies: &[(Kind, Strategy)]) -> Self {
        self.set(strategies, By::Rule);
        self
    }

    fn set(&mut self, strategies: &[(Kind, Strategy)], by: By) {
        for (kind, strategy) in strategies {
            let chosen = Chosen { strategy: *strategy, by };
            if let Some((_, known)) = self.0.iter_mut().find(|(one, _)| one == kind) {
                *known = chosen;
            } else {
                let place = self.0.iter().take_while(|(one, _)| one < kind).count();
                self.0.insert(place, (*kind, chosen));
            }
        }
    }

    fn of(&self, kind: Kind) -> Option<Chosen> {
        self.0.iter().find_map(|(one, chosen)| (*one == kind).then_some(*chosen))
    }

    /// For each kind the stricter of both. What nobody chose is the label.
    pub(super) fn join(&self, other: &Self) -> Self {
        let stricter = |kind| {
            let (a, b) = (self.of(kind), other.of(kind));
            let by = [a, b].iter().flatten().any(|chosen| chosen.by == By::Rule);
            let strategy = |chosen: Option<Chosen>| chosen.map_or(Strategy::Label, |chosen| chosen.strategy);
            let chosen = Chosen {
                strategy: strategy(a).stricter(strategy(b)),
                by: if by { By::Rule } else { By::Document },
            };
            (a.is_some() || b.is_some()).then_some((kind, chosen))
        };
        Self(Kind::ALL.into_iter().filter_map(stricter).collect())
    }
}

impl Serialize for Strategies {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let mut written = Map::new();
        for (kind, strategy) in self.iter() {
            written.insert(kind.as_str().to_owned(), document::written(strategy));
        }
        Value::Object(written).serialize(writer)
    }
}

/// How a policy masks.
#[derive(Clone, Debug)]
pub struct Masking {
    /// By the document alone, where no rule speaks.
    plain: Masker,
    custom: Custom,
    key: Option<PseudonymKey>,
    strategies: Strategies,
}

impl Masking {
    fn new(strategies: Strategies, custom: Custom) -> Self {
        let mut masking = Self { plain: Masker::plain().clone(), custom, key: None, strategies };
        masking.plain = masking.masker(&masking.strategies);
        masking
    }

    /// The document's own strategies.
    pub(super) fn strategies(&self) -> &Strategies {
        &self.strategies
    }

    /// The same with pseudonyms by `key`; without one they are labels.
    pub(super) fn with_key(mut self, key: PseudonymKey) -> Self {
        self.key = Some(key);
        self.plain = self.masker(&self.strategies);
        self
    }

    /// The masker of what no rule speaks of.
    pub fn plain(&self) -> &Masker {
        &self.plain
    }

    /// The masker of calls whose terms have these strategies.
    pub fn masker(&self, strategies: &Strategies) -> Masker {
        let mut masker = Masker::new(self.custom.clone());
        for (kind, Chosen { strategy, by }) in &strategies.0 {
            masker = match by {
                By::Document => masker.with(*kind, *strategy),
                By::Rule => masker.firmly(*kind, *strategy),
            };
        }
        match &self.key {
            Some(key) => masker.with_key(key.clone()),
            None => masker,
        }
    }
}
