//! Why a policy says what it says of one call: every rule, every condition.
//!
//! For policy authors; the filter never calls it. It uses the same matching as [`Policy::judge`] and decides nothing.

use std::ops::ControlFlow;

use serde::Serialize;

use super::{
    Effect, Fit, Judgement, Policy, Recording, Terms, judge,
    rule::{Asker, Condition, Rule, Seen},
};
use crate::{
    action::{Action, Decoded, Member, Overrides, Undecodable},
    call::{Body, Call},
};

/// What a policy makes of one call.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The method as sent.
    pub method: String,
    /// Scheme, authority and path.
    pub url: String,
    /// Why two servers may read the call differently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ambiguity: Option<String>,
    /// What the call does: every member of a batch.
    pub actions: Vec<Action>,
    /// Why it could not be decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obscure: Option<String>,
    /// Every rule of the policy, in its order.
    pub rules: Vec<Considered>,
    /// What it comes to.
    pub judgement: Outcome,
}

/// A rule, and how the call fits it.
#[derive(Clone, Debug, Serialize)]
pub struct Considered {
    /// The rule's name.
    pub rule: String,
    /// What it asks.
    pub effect: Effect,
    /// Whether it matches: what is unknown counts for a rule that guards.
    pub matches: Matches,
    /// Its conditions, one line for each and each action.
    pub conditions: Vec<Looked>,
}

/// Whether a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Matches {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The body will tell.
    Unread,
}

/// A condition, and how the call fits it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Looked {
    /// The member of `match`.
    pub condition: String,
    /// How the call fits it.
    pub fits: Fit,
}

/// What it comes to, in words.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// `pass`, `deny`, `hold` or `needs_body`.
    pub effect: &'static str,
    /// The rule that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Why it is refused, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The same as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What is kept of a call that passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Recording>,
    /// The action that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The rule that has something changed in the traffic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymised_by: Option<String>,
    /// What a held call must meet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
}

impl Policy {
    pub(super) fn account(&self, call: &Call, body: Body<'_>, asker: Asker<'_>) -> Explanation {
        let judgement = Outcome::from(self.judge(call, body, asker));
        let decoded = self.decoders.decode(call, body);
        let overrides = Overrides::of(call, body);
        let (actions, obscure) = match &decoded {
            Decoded::Known(members) => (members.iter().map(|member| member.action.clone()).collect(), None),
            Decoded::Undecodable(Undecodable { action, why }) => {
                (vec![action.clone()], Some(why.to_string()))
            }
            Decoded::Contradiction(contradiction) => (Vec::new(), Some(contradiction.to_string())),
            Decoded::NeedsBody => (Vec::new(), Some("only the body tells".to_owned())),
        };
        let seen: Vec<Seen<'_>> = match &decoded {
            Decoded::Known(members) => members.iter().map(|member: &Member| Seen::Member(member)).collect(),
            Decoded::Undecodable(_) => vec![Seen::Opaque],
            Decoded::Contradiction(_) | Decoded::NeedsBody => vec![Seen::Unread],
        };
        let consider = |rule: &Rule| {
            let mut conditions: Vec<Looked> = Vec::new();
            let mut matches = Matches::No;
            for seen in &seen {
                let sight = judge::sight(call, body, &overrides, *seen);
                let mut whole = Fit::Yes;
                let every: ControlFlow<()> =
                    rule.conditions(&sight, rule.reading(), asker, &mut |condition, fits| {
                        let looked = Looked { condition: words(condition), fits };
                        if !conditions.contains(&looked) {
                            conditions.push(looked);
                        }
                        whole = whole.and(fits);
                        ControlFlow::Continue(())
                    });
                if every.is_continue() {
                    matches = matches.or(matched(rule, whole));
                }
            }
            Considered { rule: rule.reference.name.to_string(), effect: rule.effect, matches, conditions }
        };
        let rules = self.rules.iter().map(consider).collect();
        let ambiguity = call.ambiguity().map(|ambiguity| ambiguity.to_string());
        Explanation {
            method: call.method().to_owned(),
            url: call.url(),
            ambiguity,
            actions,
            obscure,
            rules,
            judgement,
        }
    }
}

impl Matches {
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unread, _) | (_, Self::Unread) => Self::Unread,
            (Self::No, Self::No) => Self::No,
        }
    }
}

fn matched(rule: &Rule, fit: Fit) -> Matches {
    match (fit, rule.effect) {
        (Fit::Yes, _) | (Fit::Unknown, Effect::Hold | Effect::Deny) => Matches::Yes,
        (Fit::No, _) | (Fit::Unknown, Effect::Allow | Effect::Observe) => Matches::No,
        (Fit::Unread, _) => Matches::Unread,
    }
}

fn words(condition: Condition<'_>) -> String {
    let fixed = match condition {
        Condition::Host => "host",
        Condition::Scheme => "destination.scheme",
        Condition::Port => "destination.port",
        Condition::Method => "method",
        Condition::Path => "path",
        Condition::Header(name) => return format!("headers.{name}"),
        Condition::Class => "action.class",
        Condition::Protocol => "action.protocol",
        Condition::Service => "action.service",
        Condition::Operation => "action.operation",
        Condition::Resource => "action.resource",
        Condition::Argument(pointer) => return format!("arguments {pointer}"),
        Condition::Subject => "requester.subject",
        Condition::Actor => "requester.actor",
        Condition::Human => "requester.human",
    };
    fixed.to_owned()
}

impl From<Judgement> for Outcome {
    fn from(judgement: Judgement) -> Self {
        let silent = Self {
            effect: "needs_body",
            rule: None,
            reason: None,
            detail: None,
            record: None,
            action: None,
            anonymised_by: None,
            terms: None,
        };
        match judgement {
            Judgement::NeedsBody => silent,
            Judgement::Pass(passed) => Self {
                effect: "pass",
                rule: passed.rule.map(|rule| rule.name.to_string()),
                record: Some(passed.record),
                anonymised_by: passed.anonymise.map(|anonymise| anonymise.rule.clone()),
                action: passed.action,
                ..silent
            },
            Judgement::Deny(denied) => Self {
                effect: "deny",
                rule: denied.rule.map(|rule| rule.name.to_string()),
                reason: Some(denied.reason),
                detail: Some(denied.detail),
                action: denied.action,
                ..silent
            },
            Judgement::Hold(held) => Self {
                effect: "hold",
                rule: Some(held.terms.rule.clone()),
                anonymised_by: held.anonymise.map(|anonymise| anonymise.rule.clone()),
                action: Some(held.action),
                terms: Some(Terms::clone(&held.terms)),
                ..silent
            },
        }
    }
}
