//! Rules that have the traffic anonymised.

use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn rule(name: &str, effect: &str, path: &str) -> Value {
    json!({"name": name, "effect": effect, "match": {"host": "a.test", "path": path, "method": ["GET", "POST"]},
           "anonymise": {"request": [{"kind": "email"}]}})
}

fn plain(name: &str, effect: &str, path: &str) -> Value {
    let mut rule = rule(name, effect, path);
    rule.as_object_mut().unwrap().remove("anonymise");
    rule
}

fn by(policy: &Policy, path: &str) -> Option<String> {
    let anonymise = match judge(policy, &call("POST", "a.test", path, &[JSON]), Body::Read(b"{}")) {
        Judgement::Pass(passed) => passed.anonymise,
        Judgement::Hold(held) => held.anonymise,
        other => panic!("{other:?}"),
    };
    anonymise.map(|anonymise| anonymise.rule.clone())
}

#[test]
fn a_rules_wish_is_not_lost_beside_a_stricter_rule_or_an_equal_one() {
    let policy = policy(json!([
        rule("b", "allow", "/x/**"),
        rule("a", "observe", "/x/**"),
        plain("held", "hold", "/x/held"),
        plain("wide", "allow", "/**"),
    ]));
    assert_eq!(by(&policy, "/x/y"), Some("a+b".into()));
    assert_eq!(by(&policy, "/x/held"), Some("a+b".into()));
    assert_eq!(by(&policy, "/y"), None);
}

#[test]
fn a_rule_that_allows_and_anonymises_counts_in_every_spelling_for_its_wish_alone() {
    let policy = policy(json!([rule("narrow", "allow", "/Export"), plain("wide", "allow", "/**")]));
    assert_eq!(by(&policy, "/export"), Some("narrow".into()));
    assert_eq!(by(&policy, "/other"), None);
}

#[test]
fn what_is_anonymised_is_recorded_even_a_read() {
    let policy = policy(json!([rule("r", "allow", "/**")]));
    match judge(&policy, &call("GET", "a.test", "/x", &[]), Body::Absent) {
        Judgement::Pass(passed) => {
            assert_eq!(passed.record, Recording::Recorded);
            assert!(passed.anonymise.is_some());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tunnel_that_would_have_to_be_anonymised_is_refused() {
    let policy = policy(json!([rule("r", "allow", "/**")]));
    let upgrade = call("GET", "a.test", "/ws", &[("upgrade", "websocket"), ("connection", "upgrade")]);
    assert_eq!(short(&judge(&policy, &upgrade, Body::Absent)), "deny:r");
}

#[test]
fn several_rules_fields_are_joined_and_the_stricter_bounds_count() {
    let mut a = rule("a", "allow", "/**");
    a["anonymise"]["response"] = json!({"fields": [{"kind": "card"}], "limit": "64KiB", "otherwise": "pass"});
    let mut b = rule("b", "allow", "/**");
    b["anonymise"] = json!({"response": {"fields": [{"name": "ssn", "with": {"keep_last": 4}}]}});
    let policy = policy(json!([b, a]));
    let Judgement::Pass(passed) = judge(&policy, &call("POST", "a.test", "/x", &[]), Body::Absent) else {
        panic!()
    };
    let anonymise = passed.anonymise.unwrap();
    let response = anonymise.response.clone().unwrap();
    assert_eq!((anonymise.rule.as_str(), response.fields.iter().count(), response.limit), ("a+b", 2, 65_536));
    assert_eq!(response.otherwise, Otherwise::Refuse);
}

#[test]
fn editing_what_is_anonymised_voids_a_rules_approvals() {
    let digest = |rule: Value| {
        terms(judge(&policy(json!([rule])), &call("POST", "a.test", "/x", &[]), Body::Absent)).rule_digest
    };
    let without = digest(plain("r", "hold", "/**"));
    let with = digest(rule("r", "hold", "/**"));
    let mut other = rule("r", "hold", "/**");
    other["anonymise"]["request"][0]["with"] = json!("remove");
    let other = digest(other);
    assert!(without != with && with != other);
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_sentence() {
    for (anonymise, effect, sentence) in [
        (
            json!({"request": [{"kind": "email"}]}),
            "deny",
            "`anonymise` is for calls that leave, this one says `deny`",
        ),
        (json!({}), "allow", "`anonymise` names nothing in the `request` and no `response`"),
        (json!({"request": [{}]}), "allow", "a field has a `kind`, a place (`at`) or a `name`"),
        (
            json!({"request": [{"at": "/a", "name": "b"}]}),
            "allow",
            "a field has a `kind`, a place (`at`) or a `name`",
        ),
        (json!({"request": [{"at": ""}]}), "allow", "bad pointer ``"),
        (json!({"request": [{"at": "a"}]}), "allow", "bad pointer `a`: a JSON Pointer starts with `/`"),
        (json!({"request": [{"name": " "}]}), "allow", "the `name` of a field is empty"),
        (
            json!({"request": [{"kind": "email", "with": {"keep_last": 9}}]}),
            "allow",
            "`keep_last` is a whole number from 1 to 4",
        ),
        (json!({"response": {"fields": []}}), "allow", "the response's `fields` name nothing"),
        (
            json!({"response": {"fields": [{"kind": "card"}], "limit": "65MiB"}}),
            "allow",
            "bad `limit` `65MiB`",
        ),
        (json!({"request": [{"kind": "mail"}]}), "allow", "unknown variant `mail`, expected one of `secret`"),
        (json!({"request": [{"kind": "email", "wiht": "label"}]}), "allow", "unknown field `wiht`"),
        (
            json!({"response": {"fields": [{"kind": "card"}], "otherwise": "hold"}}),
            "allow",
            "bad `otherwise` `hold`",
        ),
    ] {
        let mut one = rule("r", effect, "/**");
        one["anonymise"] = anonymise;
        let error = compile(document(json!([one]))).unwrap_err();
        assert!(error.sentence.starts_with(sentence), "{} instead of {sentence}", error.sentence);
    }
}
