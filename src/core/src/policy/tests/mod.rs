//! Promises of the policy.

mod anonymising;
mod compiling;
mod judging;
mod masking;
mod patterns;
mod reviewers;
mod scoped;
mod secrets;
mod speed;

use serde_json::{Value, json};

use super::*;
use crate::{
    call::sample::call,
    requester::{Human, Source},
};
use countersign_wire::parties::{Act, Actor, Entity};

const JSON: (&str, &str) = ("content-type", "application/json");

#[expect(clippy::needless_pass_by_value, reason = "written as `document(json!(...))`")]
/// A document with these rules, and groups `security` and `data-owners`.
fn document(rules: Value) -> Value {
    json!({
        "apiVersion": "countersign.dev/v1", "name": "p",
        "defaults": {"reviewers": {"groups": ["security"]}},
        "groups": {"security": {}, "data-owners": {}},
        "rules": rules,
    })
}

fn compile(document: Value) -> Result<Policy, PolicyError> {
    Policy::compile(serde_json::from_value(document).unwrap())
}

fn policy(rules: Value) -> Policy {
    compile(document(rules)).unwrap()
}

/// The agent `bot` for `alice`.
fn alice() -> Requester {
    let act = Some(Act { sub: "alice@example.com".into(), iss: Some("i".into()), act: None });
    Requester {
        subject: Entity::new("workload", "spiffe://td/ns/a/sa/b"),
        actor: Actor { id: "bot".into(), act, ..Actor::default() },
        known_human: Human::Known,
        source: Source::Mtls,
    }
}

/// The same without a human.
fn nobody_known() -> Requester {
    let mut who = alice();
    who.actor.act = None;
    who.known_human = Human::Unknown;
    who
}

fn judge(policy: &Policy, call: &Call, body: Body<'_>) -> Judgement {
    policy.judge(call, body, &mut || Ok(alice()))
}

/// The judgement in short: `pass`, `pass:rule`, `deny:rule`, `deny:reason`, `hold:rule`, `body`.
fn short(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Pass(Passed { rule: Some(rule), .. }) => format!("pass:{}", rule.name),
        Judgement::Pass(_) => "pass".into(),
        Judgement::Deny(Denied { rule: Some(rule), .. }) => format!("deny:{}", rule.name),
        Judgement::Deny(denied) => format!("deny:{}", denied.reason),
        Judgement::Hold(held) => format!("hold:{}", held.terms.rule),
        Judgement::NeedsBody => "body".into(),
    }
}

fn verdict(policy: &Policy, method: &str, host: &str, path: &str) -> String {
    short(&judge(policy, &call(method, host, path, &[]), Body::Absent))
}

fn terms(judgement: Judgement) -> Terms {
    match judgement {
        Judgement::Hold(held) => Terms::clone(&held.terms),
        other => panic!("{other:?}"),
    }
}
