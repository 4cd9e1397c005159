//! Promises of what is offered beyond one call, and of what a claim to the same again is worth.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{
    ask::{Ask, Surroundings},
    call::{Body, sample::call},
    entropy::Entropy,
    policy::Judgement,
    requester::{Human, Requester, Source},
};
use countersign_wire::{
    grant::Approver,
    jws::Issuer,
    parties::{Act, Actor},
};
use serde_json::{Value, json};
use std::rc::Rc;

const NOW: Now = Now { mono_ms: 0, unix_ms: 1_700_000_000_000 };
const AT: i64 = 1_700_000_000;

fn config(defaults: &Value, rules: &Value) -> Rc<Config> {
    let mut all = json!({"reviewers": {"groups": ["security"]}});
    all.as_object_mut().unwrap().extend(defaults.as_object().unwrap().clone());
    let document = json!({
        "client_id": "urn:countersign:pep:test",
        "approval": {"cluster": "a", "authority": "a.test", "issuer": "https://a.test",
            "jwks": {"keys": [Issuer::from_seed(&[7; 32]).jwk()]}},
        "signing_key": {"keyid": "pep", "env": "SIGNING"},
        "binding_key": {"kid": "bk1", "env": "BINDING"},
        "policy": {"apiVersion": "countersign.dev/v1", "name": "tests", "groups": {"security": {}},
            "defaults": all, "rules": rules},
    });
    let environment = |name: &str| match name {
        "SIGNING" => Some("01".repeat(32)),
        "BINDING" => Some("02".repeat(32)),
        _ => None,
    };
    Config::load(document.to_string().as_bytes(), &environment).unwrap()
}

fn scoped() -> Rc<Config> {
    let scoped = json!({"uses": 10, "for": "1h"});
    config(&json!({}), &json!([{"name": "r", "effect": "hold", "scoped": scoped}]))
}

struct Sent<'a> {
    path: &'a str,
    content_type: &'a str,
    body: &'a [u8],
    human: &'a str,
}

const SENT: Sent<'static> =
    Sent { path: "/v1/rows", content_type: "application/json", body: br#"{"rows":7}"#, human: "alice" };

fn submission(config: &Config, sent: &Sent<'_>) -> Submission {
    let act = Act { sub: sent.human.into(), iss: None, act: None };
    let requester = Requester {
        subject: Entity::new("workload", "spiffe://td/sa/b"),
        actor: Actor { id: "bot".into(), act: Some(act), ..Actor::default() },
        known_human: Human::Known,
        source: Source::Mtls,
    };
    let call = call("POST", "h.test", sent.path, &[("content-type", sent.content_type)]);
    let judgement = config.policy.judge(&call, Body::Read(sent.body), &mut || Ok(requester.clone()));
    let Judgement::Hold(held) = judgement else { panic!("{judgement:?}") };
    let case = Case { call: &call, body: sent.body, held: &held, requester: &requester, told: None };
    let mut entropy = Entropy::new([3; 32]);
    Ask::compose(case, Surroundings::default(), config, &mut entropy, NOW).unwrap().submission
}

fn offered(config: &Config, sent: &Sent<'_>) -> Option<ScopedAsk> {
    submission(config, sent).requested_access.unwrap().scoped
}

#[test]
fn a_rule_that_says_so_offers_its_bounds() {
    let offer = offered(&scoped(), &SENT).unwrap();
    assert_eq!((offer.uses, offer.seconds), (10, 3600));
    assert!(offer.digest.starts_with("hmac-sha-256:bk1:"), "{}", offer.digest);
}

#[test]
fn a_rule_that_says_nothing_offers_nothing() {
    let config = config(&json!({}), &json!([{"name": "r", "effect": "hold"}]));
    assert_eq!(offered(&config, &SENT), None);
}

#[test]
fn a_class_that_is_always_asked_for_offers_nothing() {
    let rules = json!([{"name": "r", "effect": "hold", "scoped": {"uses": 10, "for": "1h"}}]);
    let asked = config(&json!({"always_ask": ["data_write", "communication"]}), &rules);
    assert_eq!(offered(&asked, &SENT), None);
    let others = config(&json!({"always_ask": ["privilege_change"]}), &rules);
    assert!(offered(&others, &SENT).is_some());
}

#[test]
fn of_several_rules_all_must_offer_and_the_narrowest_bounds_count() {
    let rule = |name: &str, scoped: Value| json!({"name": name, "effect": "hold", "scoped": scoped});
    let (ten, two) = (json!({"uses": 10, "for": "10m"}), json!({"uses": 2, "for": "1h"}));
    let both = config(&json!({}), &json!([rule("a", ten.clone()), rule("b", two)]));
    let offer = offered(&both, &SENT).unwrap();
    assert_eq!((offer.uses, offer.seconds), (2, 600));
    let one = config(&json!({}), &json!([rule("a", ten), {"name": "b", "effect": "hold"}]));
    assert_eq!(offered(&one, &SENT), None);
}

#[test]
fn a_body_that_nobody_can_read_offers_nothing() {
    let binary = Sent { content_type: "application/octet-stream", body: &[0, 159, 146, 150, 1, 2], ..SENT };
    assert_eq!(offered(&scoped(), &binary), None);
    let empty = Sent { body: b"", ..SENT };
    assert!(offered(&scoped(), &empty).is_some());
}

#[test]
fn a_batch_offers_nothing() {
    let call = |method: &str| json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": {"n": 1}});
    let one = call("deleteRows").to_string();
    let many = json!([call("deleteRows"), call("deleteTables")]).to_string();
    let send = |body: &str| offered(&scoped(), &Sent { path: "/rpc", body: body.as_bytes(), ..SENT });
    assert!(send(&one).is_some());
    assert_eq!(send(&many), None);
}

#[test]
fn only_the_body_may_differ_for_the_same_scope() {
    let config = scoped();
    let digest = |sent: &Sent<'_>| offered(&config, sent).unwrap().digest;
    let own = digest(&SENT);
    assert_eq!(own, digest(&Sent { body: br#"{"rows":8,"more":[1]}"#, ..SENT }));
    assert_ne!(own, digest(&Sent { path: "/v1/rows?x=1", ..SENT }));
    assert_ne!(own, digest(&Sent { path: "/v1/Rows", ..SENT }));
    assert_ne!(own, digest(&Sent { content_type: "text/plain", ..SENT }));
    assert_ne!(own, digest(&Sent { human: "mallory", ..SENT }));
}

#[test]
fn what_looks_alike_because_it_is_masked_has_scopes_of_its_own() {
    let config = scoped();
    let [bob, eve] = ["/v1/users/bob@example.com", "/v1/users/eve@example.net"]
        .map(|path| submission(&config, &Sent { path, ..SENT }));
    assert_eq!(bob.context.v1.destination.path, eve.context.v1.destination.path);
    let digest = |sent: Submission| sent.requested_access.unwrap().scoped.unwrap().digest;
    assert_ne!(digest(bob), digest(eve));
}

#[test]
fn another_tool_under_the_same_path_has_another_scope() {
    let config = scoped();
    let send = |method: &str| {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": {"n": 1}}).to_string();
        offered(&config, &Sent { path: "/rpc", body: body.as_bytes(), ..SENT }).unwrap().digest
    };
    assert_eq!(send("deleteRows"), send("deleteRows"));
    assert_ne!(send("deleteRows"), send("deleteTables"));
}

/// An honest claim to the second of five uses, and what it is changed to.
fn claimed(sent: &Submission, change: impl FnOnce(&mut GrantClaims)) -> Result<(), &'static str> {
    let mut claims: GrantClaims =
        serde_json::from_str(include_str!("../../../wire/vectors/approval_claims.json")).unwrap();
    (claims.iat, claims.nbf, claims.exp) = (AT, AT, AT + 300);
    claims.tid = "arq_2".into();
    claims.approvers = vec![Approver {
        iss: "https://idp.test".into(),
        sub: "bob".into(),
        email: None,
        group: "security".into(),
        channel: None,
        at: AT - 60,
    }];
    let offered = sent.requested_access.as_ref().and_then(|access| access.scoped.as_ref());
    claims.standing = Some(Standing {
        id: "sta_1".into(),
        number: 2,
        uses: 5,
        since: AT - 60,
        until: AT + 1800,
        first: "arq_1".into(),
        scope: offered.map(|offered| offered.digest.clone()).unwrap_or_default(),
    });
    change(&mut claims);
    check(&claims, sent, NOW)
}

/// What is changed in a claim.
type Change = fn(&mut Standing);

#[test]
fn a_claim_within_what_was_offered_is_taken_and_anything_beyond_it_is_not() {
    let sent = submission(&scoped(), &SENT);
    assert_eq!(claimed(&sent, |_| {}), Ok(()));
    assert_eq!(claimed(&sent, |claims| claims.standing = None), Ok(()));
    let changes: [(&str, Change); 11] = [
        ("standing.scope", |it| it.scope.push('x')),
        ("standing", |it| it.id = "a/b".into()),
        ("standing", |it| it.first = "arq_2".into()),
        ("standing.use", |it| it.number = 1),
        ("standing.use", |it| it.number = 6),
        ("standing.use", |it| it.uses = 11),
        ("standing.until", |it| it.until = it.since + 3601),
        ("standing.until", |it| it.until = it.since),
        ("standing.until", |it| it.since = AT + 1),
        ("standing.until", |it| it.until = AT + 299),
        ("standing.until", |it| (it.since, it.until) = (i64::MIN, i64::MAX)),
    ];
    for (n, (claim, change)) in changes.into_iter().enumerate() {
        let outcome = claimed(&sent, |claims| change(claims.standing.as_mut().unwrap()));
        assert_eq!(outcome, Err(claim), "change {n}");
    }
    let late = claimed(&sent, |claims| claims.approvers[0].at = AT - 59);
    assert_eq!(late, Err("standing.until"), "somebody agreed after it stood");
}

#[test]
fn a_claim_under_a_rule_that_offers_nothing_permits_nothing() {
    let config = config(&json!({}), &json!([{"name": "r", "effect": "hold"}]));
    assert_eq!(claimed(&submission(&config, &SENT), |_| {}), Err("standing"));
}

#[test]
fn what_was_offered_is_over_when_its_time_is() {
    let sent = submission(&scoped(), &SENT);
    let over = claimed(&sent, |claims| {
        let standing = claims.standing.as_mut().unwrap();
        (standing.since, standing.until) = (AT - 1000, AT - 40);
        (claims.iat, claims.nbf, claims.exp) = (AT - 900, AT - 900, AT - 600);
        claims.approvers[0].at = AT - 1000;
    });
    assert_eq!(over, Err("standing.until"));
}
