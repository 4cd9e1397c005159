//! Secrets of a policy: where each may go, and what becomes of placeholders.

use super::*;
use crate::call::{Destinations, HeaderMap, Scheme};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const KEY: (&str, &str) = ("authorization", "Bearer {{countersign:api-key}}");

fn written(secrets: Value) -> Value {
    let mut document = document(json!([
        {"name": "held", "match": {"host": "api.test", "path": "/held"}, "effect": "hold"},
        {"name": "other", "match": {"host": "api.test", "path": ["/other", "/both"]}, "effect": "hold"},
        {"name": "both", "match": {"host": "api.test", "path": "/both"}, "effect": "hold"},
        {"name": "denied", "match": {"host": "api.test", "path": "/denied"}, "effect": "deny"},
        {"name": "open", "match": {"host": "api.test", "path": "/open", "method": ["GET", "POST"]}, "effect": "allow"},
        {"name": "big", "match": {"host": "api.test", "path": "/body", "method": "POST",
            "arguments": [{"pointer": "/rows", "greater_than": 9}]}, "effect": "hold"},
        {"name": "small", "match": {"host": "api.test", "path": "/body", "method": "POST"}, "effect": "allow"},
    ]));
    document["secrets"] = secrets;
    document
}

fn secrets() -> Policy {
    let known = json!({
        "api-key": {"authority": ["API.test", "api.test:8443"], "header": ["Authorization", "x-api-key"], "rules": ["held", "both", "big"]},
        "any": {"authority": "api.test", "header": "x-api-key"},
    });
    compile(written(known)).unwrap()
}

fn says(method: &str, host: &str, path: &str, headers: &[(&str, &str)]) -> String {
    short(&judge(&secrets(), &call(method, host, path, headers), Body::Absent))
}

#[test]
fn a_placeholder_is_held_with_its_call_where_the_policy_lets_its_secret_go() {
    assert_eq!(says("POST", "api.test", "/held", &[KEY]), "hold:held");
    assert_eq!(says("POST", "API.test:443", "/held", &[KEY]), "hold:held");
    assert_eq!(
        says("POST", "api.test:8443", "/held", &[("x-api-key", "{{countersign:api-key}}")]),
        "hold:held"
    );
    // One of the rules that hold it is enough: its reviewers are heard in any case.
    assert_eq!(says("POST", "api.test", "/both", &[KEY]), "hold:both+other");
    let any = ("x-api-key", "{{countersign:any}}");
    assert_eq!(says("POST", "api.test", "/other", &[any]), "hold:other");
    assert_eq!(says("DELETE", "api.test", "/else", &[any]), "hold:default");
    assert_eq!(says("POST", "api.test", "/held", &[any, KEY]), "hold:held");
}

#[test]
fn a_placeholder_for_anything_else_is_refused() {
    let elsewhere = "deny:secret_not_for_this";
    assert_eq!(says("POST", "other.test", "/held", &[KEY]), elsewhere);
    assert_eq!(says("POST", "sub.api.test", "/held", &[KEY]), elsewhere);
    assert_eq!(says("POST", "api.test.", "/held", &[KEY]), elsewhere);
    assert_eq!(says("POST", "api.test:444", "/held", &[KEY]), elsewhere);
    assert_eq!(says("POST", "api.test", "/other", &[KEY]), elsewhere);
    assert_eq!(says("DELETE", "api.test", "/else", &[KEY]), elsewhere);
    assert_eq!(says("POST", "api.test", "/held", &[("x-other", KEY.1)]), elsewhere);
    assert_eq!(
        says("POST", "api.test", "/held", &[("x-api-key", "{{countersign:nobody}}")]),
        "deny:unknown_secret"
    );
    assert_eq!(
        says("POST", "api.test", "/held", &[KEY, ("x-api-key", "{{countersign:}}")]),
        "deny:placeholder_refused"
    );
    assert_eq!(says("POST", "api.test", "/held?k={{countersign:api-key}}", &[]), "deny:placeholder_refused");
    assert_eq!(says("POST", "api.test", "/denied", &[KEY]), "deny:denied");
}

#[test]
fn a_placeholder_on_a_call_that_nobody_is_asked_about_is_refused() {
    assert_eq!(says("GET", "api.test", "/open", &[]), "pass:open");
    assert_eq!(says("GET", "api.test", "/open", &[KEY]), "deny:placeholder_refused");
    assert_eq!(
        says("GET", "api.test", "/plain-read", &[("x-api-key", "{{countersign:any}}")]),
        "deny:placeholder_refused"
    );
    // Also where a policy knows no secret at all.
    let none = policy(json!([]));
    let read = call("GET", "a.test", "/x", &[KEY]);
    assert_eq!(short(&judge(&none, &read, Body::Absent)), "deny:unknown_secret");
}

#[test]
fn where_the_body_decides_a_placeholder_waits_for_it() {
    let policy = secrets();
    let call = call("POST", "api.test", "/body", &[KEY, JSON]);
    assert_eq!(short(&judge(&policy, &call, Body::Unread)), "body");
    assert_eq!(short(&judge(&policy, &call, Body::Read(b"{\"rows\":10}"))), "hold:big");
    assert_eq!(short(&judge(&policy, &call, Body::Read(b"{\"rows\":1}"))), "deny:placeholder_refused");
    let inside = Body::Read(b"{\"rows\":10,\"k\":\"{{countersign:api-key}}\"}");
    assert_eq!(short(&judge(&policy, &call, inside)), "deny:placeholder_refused");
}

#[test]
fn a_secret_leaves_only_for_a_destination_that_is_reached_over_tls() {
    let clear = Destinations::new(Scheme::Https, ["api.test"]).unwrap();
    let headers = [(":method", "POST"), (":authority", "api.test"), (":path", "/held"), KEY];
    let call = Call::read(HeaderMap::from_pairs(headers), &clear).unwrap();
    match judge(&secrets(), &call, Body::Absent) {
        Judgement::Deny(denied) => {
            assert_eq!(denied.reason, "secret_not_for_this");
            assert!(
                denied.detail.contains("leaves only over TLS, and `api.test` is reached by http"),
                "{denied:?}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_secret_goes_into_a_tunnel() {
    let upgrade = [KEY, ("upgrade", "websocket"), ("connection", "upgrade")];
    assert!(says("GET", "api.test", "/held", &upgrade).starts_with("deny:"));
    let mut document = written(json!({"any": {"authority": "api.test", "header": "x-api-key"}}));
    document["rules"][0]["connect"] = json!("hold");
    let policy = compile(document).unwrap();
    let upgrade = [("x-api-key", "{{countersign:any}}"), ("upgrade", "websocket")];
    let call = call("GET", "api.test", "/held", &upgrade);
    assert_eq!(short(&judge(&policy, &call, Body::Absent)), "deny:placeholder_refused");
}

#[test]
fn secrets_that_cannot_be_meant_do_not_load_and_the_sentence_says_why() {
    for (bad, why) in [
        (json!([]), "a map is expected here"),
        (json!({"a b": {"authority": "a.test", "header": "x"}}), "bad secret name `a b`"),
        (json!({"k": {"authority": "a.test"}}), "secret `k`: it names no `header`"),
        (json!({"k": {"header": "x"}}), "secret `k`: it names no `authority`"),
        (json!({"k": {"authority": [], "header": "x"}}), "secret `k`: it names no `authority`"),
        (json!({"k": {"authority": "a.test", "header": "x", "value": "v"}}), "unknown field `value`"),
        (json!({"k": {"authority": 7, "header": "x"}}), "a list is expected here"),
        (json!({"k": {"authority": "*.a.test", "header": "x"}}), "secret `k`: bad authority `*.a.test`"),
        (json!({"k": {"authority": "https://a.test", "header": "x"}}), "bad authority `https://a.test`"),
        (json!({"k": {"authority": "u@a.test", "header": "x"}}), "bad authority `u@a.test`"),
        (json!({"k": {"authority": "a.test.", "header": "x"}}), "bad authority `a.test.`"),
        (json!({"k": {"authority": "a.test:0", "header": "x"}}), "bad authority `a.test:0`"),
        (json!({"k": {"authority": "a.test/x", "header": "x"}}), "bad authority `a.test/x`"),
        (json!({"k": {"authority": "a.test", "header": "x y"}}), "secret `k`: bad header name `x y`"),
        (json!({"k": {"authority": "a.test", "header": ":path"}}), "bad header name `:path`"),
        (json!({"k": {"authority": "a.test", "header": "countersign-x"}}), "bad header name `countersign-x`"),
        (
            json!({"k": {"authority": "a.test", "header": "X-Amz-Target"}}),
            "`x-amz-target` is no place for a secret",
        ),
        (json!({"k": {"authority": "a.test", "header": "Host"}}), "`host` is no place for a secret"),
        (json!({"k": {"authority": "a.test", "header": "x", "rules": ["nope"]}}), "there is no rule `nope`"),
        (json!({"k": {"authority": "a.test", "header": "x", "rules": []}}), "it names no `rules`"),
        (
            json!({"k": {"authority": "a.test", "header": "x", "rules": ["open"]}}),
            "rule `open` does not hold",
        ),
    ] {
        let error = compile(written(bad.clone())).unwrap_err();
        assert!(error.sentence.contains(why), "{why:?} in {:?} of {bad}", error.sentence);
        assert_eq!(error.at.first(), Some(&Step::from("secrets")), "{bad}");
    }
    assert!(compile(written(json!({}))).is_ok());
    assert!(compile(written(json!({"k": {"authority": ["a.test", "[::1]:8443", "10.0.0.1"], "header": "x", "rules": "default"}}))).is_ok());
}

#[test]
fn a_policy_without_secrets_has_the_digest_it_had() {
    let plain = policy(json!([]));
    let mut same = document(json!([]));
    same["secrets"] = json!(null);
    assert_eq!(compile(same).unwrap().digest(), plain.digest());
}
