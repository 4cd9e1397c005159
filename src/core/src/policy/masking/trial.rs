//! Trying a document's detectors on the texts that its author wrote for them, and saying what of it means less than it
//! seems. For policy authors; the filter never calls it.

use countersign_mask::{Kind, Strategy};

use super::{DetectorDoc, MaskingDoc, compile, strategies};
use crate::policy::{Document, PolicyError, Step, compile::Place};

/// What a trial found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// A test that does not hold.
    Fails(PolicyError),
    /// What loads, and is hardly meant.
    Warns(PolicyError),
}

/// What a trial of all detectors came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// How many tests there are.
    pub tests: usize,
    /// What is wrong, in the document's order.
    pub found: Vec<Tried>,
}

impl Document {
    /// What it says about masking, where that can be read.
    pub fn masking(&self) -> Option<MaskingDoc> {
        let top = Place { rule: None, steps: Vec::new() };
        MaskingDoc::read(self.masking.as_ref()?, &top.below("masking")).ok()
    }

    /// Runs the tests of every detector. The document compiles.
    pub fn try_masking(&self) -> Trial {
        let mut trial = Trial::default();
        let top = Place { rule: None, steps: Vec::new() };
        if let Some(masking) = self.masking() {
            let place = top.below("masking");
            trial.idle(&masking.strategies, &place);
            for (number, detector) in masking.detectors.iter().enumerate() {
                let mut place = place.below("detectors");
                place.steps.push(Step::from(number));
                trial.detector(detector, &place);
            }
        }
        for (number, rule) in self.rules.iter().enumerate() {
            let place =
                Place { rule: Some(&rule.name), steps: vec![Step::from("rules"), Step::from(number)] };
            let place = place.below("masking");
            let own = rule.masking.as_ref().and_then(|masking| strategies(masking, &place).ok());
            trial.idle(&own.unwrap_or_default(), &place);
        }
        trial
    }
}

impl Trial {
    fn detector(&mut self, document: &DetectorDoc, place: &Place<'_>) {
        let name = &document.name;
        let own: Vec<_> = document.strategy.iter().map(|strategy| (document.kind, *strategy)).collect();
        self.idle(&own, place);
        let missing = match (document.masks.is_empty(), document.keeps.is_empty()) {
            (true, true) => Some("has no tests: write under `tests` what it `masks` and what it `keeps`"),
            (true, false) => Some("has no test of what it finds: write some under `masks`"),
            (false, true) => Some("has no test of what it leaves alone: write some under `keeps`"),
            (false, false) => None,
        };
        if let Some(missing) = missing {
            self.found.push(Tried::Warns(place.error(&["name"], format!("detector `{name}` {missing}"))));
        }
        let Ok(detector) = compile::detector(document, place) else { return };
        let place = place.below("tests");
        for (list, texts) in [("masks", &document.masks), ("keeps", &document.keeps)] {
            for (number, text) in texts.iter().enumerate() {
                self.tests += 1;
                let happened = match (list, detector.finds(text).first()) {
                    ("masks", None) => "it masks nothing there".to_owned(),
                    ("keeps", Some(value)) => format!("it masks `{value}` there"),
                    _ => continue,
                };
                let mut place = place.below(list);
                place.steps.push(Step::from(number));
                let sentence =
                    format!("detector `{name}` fails its test `{text}` under `{list}`: {happened}");
                self.found.push(Tried::Fails(place.error(&[], sentence)));
            }
        }
    }

    /// Warns of strategies that are the label.
    fn idle(&mut self, strategies: &[(Kind, Strategy)], place: &Place<'_>) {
        for (kind, strategy) in strategies {
            if *strategy == Strategy::Generalise && !kind.has_coarser() {
                let kind = kind.as_str();
                let sentence =
                    format!("there is nothing coarser than a `{kind}`: `generalise` shows its label");
                self.found.push(Tried::Warns(place.error(&["strategies", kind], sentence)));
            }
        }
    }
}
