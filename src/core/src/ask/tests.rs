//! Promises of what a reviewer is shown by a policy that says how to mask.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{
    call::sample::call,
    policy::Judgement,
    requester::{Human, Source},
};
use countersign_wire::jws::Issuer;
use serde_json::{Value, json};
use std::rc::Rc;

fn config(key: &str, masking: &Value, rule: &Value) -> Rc<Config> {
    let mut rule = rule.clone();
    rule["name"] = json!("r");
    rule["effect"] = json!("hold");
    let document = json!({
        "client_id": "urn:countersign:pep:test",
        "approval": {"cluster": "a", "authority": "a.test", "issuer": "https://a.test",
            "jwks": {"keys": [Issuer::from_seed(&[7; 32]).jwk()]}},
        "signing_key": {"keyid": "pep", "env": "SIGNING"},
        "binding_key": {"kid": "bk1", "env": "BINDING"},
        "policy": {"apiVersion": "countersign.dev/v1", "name": "tests", "groups": {"security": {}},
            "defaults": {"reviewers": {"groups": ["security"]}}, "masking": masking, "rules": [rule]},
    });
    let environment = |name: &str| match name {
        "SIGNING" => Some("01".repeat(32)),
        "BINDING" => Some(key.repeat(32)),
        _ => None,
    };
    Config::load(document.to_string().as_bytes(), &environment).unwrap()
}

/// The submission of a POST of `body`.
fn asked(config: &Config, media_type: &str, body: &str, seed: u8) -> Submission {
    let requester = Requester {
        subject: Entity::new("workload", "spiffe://td/sa/b"),
        actor: countersign_wire::parties::Actor { id: "bot".into(), kind: None, issuer: None, act: None },
        known_human: Human::Unknown,
        source: Source::Mtls,
    };
    let call = call("POST", "h.test", "/bob@example.com", &[("content-type", media_type)]);
    let body = body.as_bytes();
    let judgement = config.policy.judge(&call, Body::Read(body), &mut || Ok(requester.clone()));
    let Judgement::Hold(held) = judgement else { panic!("{judgement:?}") };
    let case = Case { call: &call, body, held: &held, requester: &requester, told: None };
    let mut entropy = Entropy::new([seed; 32]);
    Ask::compose(
        case,
        Surroundings::default(),
        config,
        &mut entropy,
        Now { mono_ms: 0, unix_ms: 1_700_000_000_000 },
    )
    .unwrap()
    .submission
}

#[test]
fn a_reviewer_sees_the_same_pseudonym_from_every_worker_with_the_same_key_and_from_no_other() {
    let masking = json!({"strategies": {"email": "pseudonym"}});
    let shown = |key, rule: Value, seed| {
        let sent =
            asked(&config(key, &masking, &rule), "application/json", r#"{"to":"Bob@example.com"}"#, seed);
        (
            sent.context.v1.payload.masked_excerpt.clone(),
            sent.context.v1.destination.path.clone(),
            sent.resource.id,
        )
    };
    let (excerpt, path, resource) = shown("02", json!({}), 1);
    assert_eq!(shown("02", json!({}), 2), (excerpt.clone(), path.clone(), resource.clone()));
    let name = path.trim_start_matches('/');
    assert!(
        name.starts_with("[email:") && excerpt.contains(name) && resource.contains(name),
        "{excerpt} {path}"
    );
    assert_ne!(shown("03", json!({}), 1).0, excerpt);
    // What a rule says is over it.
    let rule = json!({"masking": {"strategies": {"email": "label"}}});
    assert_eq!(shown("02", rule, 1).0, r#"{"to":"[email]"}"#);
}

#[test]
fn what_the_policy_lets_stay_is_shown_and_said() {
    let masking = json!({"allow": ["help@example.*"], "names": {"token": "plain"}});
    let body = r#"{"to":"help@example.com","from":"bob@example.com","token":"USDC12345"}"#;
    let sent = asked(&config("02", &masking, &json!({})), "application/json", body, 1);
    let payload = sent.context.v1.payload;
    assert_eq!(payload.masked_excerpt, body.replace("bob@example.com", "[email]"));
    let allowed: Vec<&str> = payload.allowed.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(allowed, ["$.to", "$.token"]);
    let silent = asked(&config("02", &json!({}), &json!({})), "application/json", body, 1);
    assert!(silent.context.v1.payload.allowed.is_empty());
}

#[test]
fn pointers_take_values_out_of_json_and_nothing_else_is_shown() {
    let rule = json!({"mask": ["/customer/plan"]});
    let config = config("02", &json!({}), &rule);
    let sent = asked(&config, "application/json", r#"{"customer":{"plan":"gold","id":7}}"#, 1);
    let payload = sent.context.v1.payload;
    assert!(payload.masked_excerpt.contains("[masked]") && !payload.masked_excerpt.contains("gold"));
    assert!(payload.masked.iter().any(|one| one.path == "/customer/plan" && one.detector == "policy"));
    for (media_type, body) in [
        ("application/xml", "<customer><plan>gold</plan></customer>"),
        ("application/x-www-form-urlencoded", "plan=gold"),
        ("text/csv", "plan,id\ngold,7\n"),
    ] {
        let payload = asked(&config, media_type, body, 1).context.v1.payload;
        assert!(payload.masked_excerpt.is_empty() && payload.truncated, "{media_type}");
    }
}
