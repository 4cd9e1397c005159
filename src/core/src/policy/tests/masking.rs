//! Promises of what a policy says about masking.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

fn with_masking(masking: Value, rules: Value) -> Value {
    let mut document = document(rules);
    document["masking"] = masking;
    document
}

fn shown(policy: &Policy, host: &str, text: &str) -> String {
    let held = terms(judge(policy, &call("POST", host, "/x", &[]), Body::Absent));
    policy.masker(&held).text(text).0.into_string()
}

#[expect(clippy::needless_pass_by_value, reason = "written as `two(json!(...), json!(...), json!(...))`")]
/// Two rules that hold: `a` on `a.example` with this masking, `b` on every host with that.
fn two(masking: Value, a: Value, b: Value) -> Policy {
    let rules = json!([
        {"name": "a", "match": {"host": "a.example"}, "effect": "hold", "masking": {"strategies": a}},
        {"name": "b", "effect": "hold", "masking": {"strategies": b}},
    ]);
    compile(with_masking(masking, rules)).unwrap()
}

#[test]
fn a_rule_overrides_the_document_and_of_several_rules_the_stricter_counts() {
    let card = "4111 1111 1111 1111";
    let keep = |kept: u8| json!({"card": {"keep_last": kept}});
    let policy = two(json!({"strategies": keep(4)}), json!({}), json!({}));
    assert_eq!(shown(&policy, "a.example", card), "[card \u{2026}1111]");
    let policy = two(json!({"strategies": keep(4)}), keep(1), json!({}));
    assert_eq!(shown(&policy, "b.example", card), "[card \u{2026}1111]");
    assert_eq!(shown(&policy, "a.example", card), "[card \u{2026}1]");
    // What a rule loosens, another that says nothing keeps at the label.
    let policy = two(json!({}), keep(2), json!({}));
    assert_eq!(shown(&policy, "a.example", card), "[card]");
    let policy = two(json!({}), keep(2), json!({"card": "remove"}));
    assert_eq!(shown(&policy, "a.example", card), "");
}

#[test]
fn a_detector_has_its_own_strategy_until_a_rule_speaks() {
    let masking = json!({"strategies": {"national_id": "remove"},
        "detectors": [{"name": "d", "kind": "national_id", "pattern": "E-[0-9]{6}", "strategy": {"keep_last": 1}}]});
    let policy = two(masking, json!({"national_id": "label"}), json!({}));
    assert_eq!(shown(&policy, "b.example", "E-123456"), "[national_id \u{2026}6]");
    assert_eq!(shown(&policy, "a.example", "E-123456"), "");
    assert_eq!(policy.plain_masker().text("E-123456").0.as_str(), "[national_id \u{2026}6]");
}

#[test]
fn pseudonyms_need_a_secret_and_are_those_of_one_policy() {
    let make = |name: &str| {
        let mut document = with_masking(json!({"strategies": {"email": "pseudonym"}}), json!([]));
        document["name"] = json!(name);
        compile(document).unwrap()
    };
    let text = "bob@example.com";
    assert_eq!(shown(&make("p"), "a.example", text), "[email]");
    let named = |name: &str, key: u8| {
        let policy = make(name).with_pseudonyms(&countersign_wire::digest::Secret::new([key; 32]));
        assert_eq!(shown(&policy, "a.example", text), policy.plain_masker().text(text).0.as_str());
        shown(&policy, "a.example", text)
    };
    assert_eq!(named("p", 1), named("p", 1));
    assert!(named("p", 1) != named("q", 1) && named("p", 1) != named("p", 2));
    assert!(named("p", 1).starts_with("[email:"));
}

#[test]
fn a_rules_masking_is_in_its_digest_and_no_others() {
    let digests = |a: Value| {
        let policy = two(json!({}), a, json!({}));
        (policy.rules[0].reference.digest.clone(), policy.rules[1].reference.digest.clone(), policy.digest)
    };
    let (none, other) = (digests(json!({})), digests(json!({"email": "remove"})));
    assert!(none.0 != other.0 && none.1 == other.1 && none.2 != other.2);
    // What nobody writes changes nothing.
    let silent = |rule: Value| policy(json!([rule])).rules[0].reference.digest.clone();
    assert_eq!(
        silent(json!({"name": "r", "effect": "hold"})),
        silent(json!({"name": "r", "effect": "hold", "masking": {}}))
    );
}

#[test]
fn what_a_rule_without_a_word_about_masking_is_called_is_what_it_was() {
    let digest = &policy(json!([{"name": "r", "effect": "hold"}])).rules[0].reference.digest.to_string();
    assert_eq!(digest, "sha-256:qFXtSy4FQOfFloHcgdDvMNhBzrclaNpv589E9fZhksg");
}
