//! What reviewers may agree to beyond one request: the same again, so often and for so long at most.
//!
//! Off where nothing is written. A class that the defaults list under `always_ask` is never offered, whatever a rule says, and
//! a rule that names such a class and says `scoped` refuses to load. Where several rules hold a call, all of them must say
//! `scoped`, and the narrowest bounds count. The defaults themselves, a tunnel, a batch of several actions and a body that
//! cannot be read are never offered.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Held, Judgement, MatchDoc, PolicyError, Span, Terms, compile::Place, terms::union};
use crate::action::Class;

/// The most uses that a rule may allow.
const MOST_USES: u32 = 1_000;
/// The longest time that a rule may allow.
const LONGEST: Span = Span::from_ms(24 * 3_600_000);

/// `scoped` of a rule: upper bounds of what reviewers may agree to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopedDoc {
    /// How often at most, the first request included.
    pub uses: u32,
    /// For how long at most.
    #[serde(rename = "for")]
    pub span: Span,
}

/// The bounds, compiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scoped {
    /// How often at most, the first request included.
    pub uses: u32,
    /// For how long at most, in milliseconds.
    pub for_ms: u64,
    /// Classes of actions that are asked for one by one.
    pub always_ask: Vec<Class>,
}

impl Scoped {
    pub(super) fn compile(
        written: Option<&ScopedDoc>,
        matches: &MatchDoc,
        always_ask: &[Class],
        place: &Place<'_>,
    ) -> Result<Option<Self>, PolicyError> {
        let Some(ScopedDoc { uses, span }) = written else { return Ok(None) };
        if !(2..=MOST_USES).contains(uses) {
            let sentence =
                format!("`uses` ({uses}) must be 2 to {MOST_USES}: the first request is one of them");
            return Err(place.error(&["scoped", "uses"], sentence));
        }
        if *span == Span::from_ms(0) || *span > LONGEST {
            return Err(
                place.error(&["scoped", "for"], format!("`for` ({span}) must be `1s` to `{LONGEST}`"))
            );
        }
        let named = matches.action.as_ref().and_then(|action| action.class.as_ref());
        let asked = named.and_then(|classes| classes.0.iter().find(|class| always_ask.contains(class)));
        if let Some(class) = asked {
            let class = class.as_str();
            let sentence =
                format!("`{class}` is under `defaults.always_ask`, so its requests are asked for one by one");
            return Err(place.error(&["scoped"], sentence));
        }
        Ok(Some(Self { uses: *uses, for_ms: span.ms(), always_ask: union(always_ask.to_vec(), &[]) }))
    }

    /// What both allow.
    pub(super) fn join(a: Option<Self>, b: Option<&Self>) -> Option<Self> {
        let (a, b) = (a?, b?);
        Some(Self {
            uses: a.uses.min(b.uses),
            for_ms: a.for_ms.min(b.for_ms),
            always_ask: union(a.always_ask, &b.always_ask),
        })
    }

    /// Whether reviewers may agree to more than one action of this class.
    pub fn offers(&self, class: Class) -> Offers {
        if self.always_ask.contains(&class) { Offers::No } else { Offers::Yes }
    }
}

/// Whether more than one request may be agreed to at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offers {
    /// It may.
    Yes,
    /// Each is asked for.
    No,
}

/// The same judgement where nothing beyond the one request may be agreed to.
pub(super) fn one_by_one(judgement: Judgement) -> Judgement {
    match judgement {
        Judgement::Hold(held) if held.terms.scoped.is_some() => {
            let terms = Arc::new(Terms { scoped: None, ..Terms::clone(&held.terms) });
            Judgement::Hold(Held { terms, ..held })
        }
        Judgement::Hold(_) | Judgement::Pass(_) | Judgement::Deny(_) | Judgement::NeedsBody => judgement,
    }
}
