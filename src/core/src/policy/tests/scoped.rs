//! `scoped` and `always_ask`: what loads, and what edits void.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::policy::{Document, Policy};
use serde_json::{Value, json};

fn policy(defaults: &Value, rule: &Value) -> Result<Policy, String> {
    let mut all = json!({"reviewers": {"groups": ["g"]}});
    all.as_object_mut().unwrap().extend(defaults.as_object().unwrap().clone());
    let mut whole = json!({"name": "r", "effect": "hold"});
    whole.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
    let document = json!({"apiVersion": "countersign.dev/v1", "name": "p", "groups": {"g": {}},
        "defaults": all, "rules": [whole]});
    let document: Document = serde_json::from_value(document).map_err(|error| error.to_string())?;
    Policy::compile(document).map_err(|error| error.to_string())
}

#[test]
fn bounds_that_bound_nothing_do_not_load() {
    let load = |scoped: Value| policy(&json!({}), &json!({"scoped": scoped})).map(drop);
    assert_eq!(load(json!({"uses": 2, "for": "1s"})), Ok(()));
    assert_eq!(load(json!({"uses": 1000, "for": "24h"})), Ok(()));
    for (scoped, sentence) in [
        (json!({"uses": 1, "for": "1h"}), "`uses` (1) must be 2 to 1000"),
        (json!({"uses": 1001, "for": "1h"}), "`uses` (1001) must be"),
        (json!({"uses": 10, "for": "0s"}), "`for` (0s) must be"),
        (json!({"uses": 10, "for": "25h"}), "`for` (25h) must be"),
        (json!({"uses": 10}), "missing field"),
        (json!({"for": "1h"}), "missing field"),
        (json!({"uses": 10, "for": "1h", "classes": []}), "unknown field"),
    ] {
        let error = load(scoped.clone()).unwrap_err();
        assert!(error.contains(sentence), "{scoped}: {error}");
    }
}

#[test]
fn a_rule_for_what_is_always_asked_cannot_be_scoped() {
    let scoped = json!({"uses": 10, "for": "1h"});
    let defaults = json!({"always_ask": ["privilege_change", "data_delete"]});
    let rule = |class: &str| json!({"match": {"action": {"class": ["data_write", class]}}, "scoped": scoped});
    let error = policy(&defaults, &rule("data_delete")).unwrap_err();
    assert!(
        error.contains("rule `r`") && error.contains("`data_delete` is under `defaults.always_ask`"),
        "{error}"
    );
    assert!(policy(&defaults, &rule("data_export")).is_ok());
}

#[test]
fn only_a_rule_that_holds_is_scoped() {
    let error =
        policy(&json!({}), &json!({"effect": "deny", "scoped": {"uses": 10, "for": "1h"}})).unwrap_err();
    assert!(error.contains("`scoped` is for rules that hold"), "{error}");
}

#[test]
fn what_may_be_agreed_to_is_part_of_the_rule_that_was_agreed_to() {
    let digest = |defaults: &Value, rule: &Value| {
        let policy = policy(defaults, rule).unwrap();
        policy.rules.first().map(|rule| rule.reference.digest.to_string()).unwrap()
    };
    let none = json!({});
    let ten = json!({"scoped": {"uses": 10, "for": "1h"}});
    let asked = json!({"always_ask": ["data_delete"]});
    assert_ne!(digest(&none, &none), digest(&none, &ten));
    assert_ne!(digest(&none, &ten), digest(&none, &json!({"scoped": {"uses": 11, "for": "1h"}})));
    assert_ne!(digest(&none, &ten), digest(&asked, &ten));
    assert_eq!(digest(&none, &none), digest(&asked, &none), "a rule that offers nothing is as it was");
}
