use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What is wrong with a document whose only rule is `rule` over these members.
fn refused(members: &Value) -> (String, String) {
    let mut rule = json!({"name": "r", "effect": "hold"});
    for (name, value) in members.as_object().unwrap() {
        rule[name] = value.clone();
    }
    let error = compile(document(json!([rule]))).unwrap_err();
    let steps = error.at.iter().map(|step| match step {
        Step::Member(name) => name.clone(),
        Step::Item(number) => number.to_string(),
    });
    (error.to_string(), steps.collect::<Vec<_>>().join("."))
}

#[test]
fn impossible_rules_are_refused_by_name_and_place() {
    for (members, sentence, at) in [
        (
            json!({"match": {"host": "*."}}),
            "rule `r`: bad host pattern `*.`: a label is empty",
            "rules.0.match.host",
        ),
        (
            json!({"match": {"path": "v2"}}),
            "rule `r`: bad path pattern `v2`: a path starts with `/`",
            "rules.0.match.path",
        ),
        (
            json!({"match": {"method": []}}),
            "rule `r`: the list is empty: nothing would match",
            "rules.0.match.method",
        ),
        (
            json!({"match": {"headers": {"a b": "x"}}}),
            "rule `r`: bad header name `a b`",
            "rules.0.match.headers.a b",
        ),
        (
            json!({"match": {"arguments": [{"pointer": "a", "equals": 1}]}}),
            "rule `r`: bad pointer `a`: a JSON Pointer starts with `/`, and `~` is written `~0`",
            "rules.0.match.arguments",
        ),
        (
            json!({"match": {"arguments": [{"pointer": "/a"}]}}),
            "rule `r`: the argument `/a` has no comparison, or several: write exactly one of `equals`, `one_of`, \
          `greater_than`, `less_than`, `matches`, `exists`",
            "rules.0.match.arguments",
        ),
        (
            json!({"reviewers": {"groups": ["security", "data-owners"], "quorum": 1}}),
            "rule `r`: the quorum 1 is below the 2 people that `groups` name",
            "rules.0.reviewers.quorum",
        ),
        (
            json!({"reviewers": {"groups": ["nobody"]}}),
            "rule `r`: unknown group `nobody`: declare it under `groups`",
            "rules.0.reviewers.groups",
        ),
        (json!({"reviewers": {"groups": []}}), "rule `r`: no group reviews", "rules.0.reviewers.groups"),
        (json!({"hold": "0s"}), "rule `r`: `hold` must be at least `1s`", "rules.0.hold"),
        (
            json!({"hold": "15m", "expiry": "15m"}),
            "rule `r`: `hold` (15m) must be shorter than `expiry` (15m)",
            "rules.0.expiry",
        ),
        (json!({"grant": "25h"}), "rule `r`: `grant` (25h) must be at most `24h`", "rules.0.grant"),
        (json!({"bind_headers": ["a:b"]}), "rule `r`: bad header name `a:b`", "rules.0.bind_headers"),
        (json!({"mask": ["a"]}), "rule `r`: bad pointer `a`: a JSON Pointer starts with `/`", "rules.0.mask"),
        (
            json!({"effect": "deny", "hold": "5s"}),
            "rule `r`: `hold` is for rules that hold, this one says `deny`",
            "rules.0.hold",
        ),
        (
            json!({"name": "default"}),
            "rule `default`: `default` names what holds where no rule matches",
            "rules.0.name",
        ),
        (
            json!({"name": "a+b"}),
            "rule `a+b`: bad rule name: a name has 1 to 128 letters, digits, `-`, `_` and `.`",
            "rules.0.name",
        ),
    ] {
        assert_eq!(refused(&members), (sentence.to_owned(), at.to_owned()), "{members}");
    }
}

#[test]
fn nobody_gets_a_blanket_permission() {
    for effect in ["allow", "observe"] {
        for matches in [
            json!({}),
            json!({"method": "POST"}),
            json!({"host": "a.example"}),
            json!({"host": "**", "method": "POST"}),
            json!({"host": "**.com", "method": "POST"}),
            json!({"host": ["a.example", "*.com"], "method": "POST"}),
            json!({"host": "a.example", "path": "/**"}),
            json!({"host": "a.example", "path": ["/x", "/{any}"]}),
            json!({"host": "a.example", "action": {"operation": "*"}}),
            json!({"host": "a.example", "action": {"protocol": "mcp"}}),
            json!({"host": "a.example", "requester": {"actor": "bot"}}),
        ] {
            let (sentence, at) = refused(&json!({"effect": effect, "match": matches}));
            assert!(sentence.contains("blanket permission"), "{matches}: {sentence}");
            assert_eq!(at, "rules.0.match");
        }
    }
    let mut whole = document(json!([]));
    whole["defaults"]["write"] = json!("pass");
    assert!(compile(whole).unwrap_err().to_string().contains("blanket permission"));
}

#[test]
fn a_bad_document_is_refused() {
    let with = |member: &str, value: Value| {
        let mut whole = document(json!([]));
        whole[member] = value;
        compile(whole).unwrap_err().to_string()
    };
    assert!(with("apiVersion", json!("v2")).contains("`apiVersion: countersign.dev/v1`"));
    assert!(with("name", json!("a b")).contains("bad policy name `a b`"));
    assert!(with("revision", json!("abc")).contains("bad revision `abc`"));
    assert!(with("groups", json!({"a b": {}})).contains("bad group name `a b`"));
    assert!(with("defaults", json!({})).contains("names no `reviewers`"));
    assert!(with("requester", json!({"sources": []})).contains("no source names the requester"));
    assert!(with("endpoints", json!([{"host": "**", "protocol": "mcp"}])).contains("names its host"));
    let twice = json!([{"name": "r", "effect": "hold"}, {"name": "r", "effect": "hold"}]);
    assert_eq!(compile(document(twice)).unwrap_err().to_string(), "rule `r`: another rule has the same name");
}

#[test]
fn an_unknown_key_is_refused_everywhere() {
    for (pointer, rule) in [
        ("", false),
        ("/defaults", false),
        ("/defaults/reviewers", false),
        ("/groups/security", false),
        ("/rules/0", true),
        ("/rules/0/match", true),
        ("/rules/0/match/action", true),
        ("/rules/0/match/arguments/0", true),
        ("/rules/0/match/requester", true),
        ("/rules/0/match/destination", true),
        ("/rules/0/lineage", true),
    ] {
        let mut whole = document(
            json!([{"name": "r", "effect": "hold", "lineage": {}, "match": {"action": {}, "requester": {},
            "destination": {}, "arguments": [{"pointer": "/a", "equals": 1}]}}]),
        );
        assert!(serde_json::from_value::<Document>(whole.clone()).is_ok(), "{pointer} {rule}");
        whole.pointer_mut(pointer).unwrap()["surprise"] = json!(1);
        let error = serde_json::from_value::<Document>(whole).unwrap_err().to_string();
        assert!(error.contains("unknown field `surprise`"), "{pointer}: {error}");
    }
}

#[test]
fn durations_are_whole_seconds_minutes_or_hours() {
    for (text, ms) in [("1s", 1_000), ("15m", 900_000), ("24h", 86_400_000), ("90s", 90_000)] {
        assert_eq!(Span::parse(text).map(Span::ms), Some(ms), "{text}");
    }
    for bad in [
        "",
        "s",
        "1",
        "1.5h",
        "-1s",
        "+1s",
        "1 s",
        "1d",
        "99999999999999999999s",
        "18446744073709551615h",
        "1ß",
    ] {
        assert_eq!(Span::parse(bad), None, "{bad}");
    }
    assert_eq!(Span::from_ms(90_000).to_string(), "90s");
    assert_eq!(Span::from_ms(3_600_000).to_string(), "1h");
}

#[test]
fn a_rule_digest_changes_with_the_rule_and_with_nothing_else() {
    let rule = |path: &str, hold: &str| json!({"name": "r", "match": {"path": path}, "effect": "hold", "hold": hold});
    let digest = |whole: Value| {
        let call = call("PUT", "a.example", "/x", &[]);
        let held = terms(judge(&compile(whole).unwrap(), &call, Body::Absent));
        held.rule_digest
    };
    let first = digest(document(json!([rule("/x", "5s")])));
    assert!(first.starts_with("sha-256:") && first.len() == 51, "{first}");
    assert_eq!(
        first,
        digest(document(json!([{"name": "z", "match": {"path": "/z"}, "effect": "deny"}, rule("/x", "5s")])))
    );
    assert_ne!(first, digest(document(json!([rule("/x", "6s")]))));
    assert_ne!(first, digest(document(json!([rule("/**", "5s")]))));
    let mut whole = document(json!([rule("/x", "5s")]));
    whole["defaults"]["grant"] = json!("1h");
    assert_ne!(first, digest(whole));
}

#[test]
fn the_commit_is_the_revision_or_the_documents_own_digest() {
    let policy = compile(document(json!([]))).unwrap();
    assert_eq!(policy.commit().len(), 64);
    assert!(policy.digest().starts_with("sha-256:"));
    let mut whole = document(json!([]));
    whole["revision"] = json!("0123456789abcdef0123456789abcdef01234567");
    whole["repository"] = json!("https://git.example.com/p");
    let stamped = compile(whole).unwrap();
    assert_eq!(stamped.commit(), "0123456789abcdef0123456789abcdef01234567");
    assert_eq!((stamped.id(), stamped.repo_url()), ("p", Some("https://git.example.com/p")));
    assert_ne!(stamped.digest(), policy.digest());
}

#[test]
fn a_document_is_read_back_as_it_was_written() {
    let written = document(
        json!([{"name": "r", "effect": "hold", "match": {"host": ["a.example"], "method": ["PUT"]}, "hold": "5s"}]),
    );
    let read: Document = serde_json::from_value(written).unwrap();
    let again: Document = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
    assert_eq!(read, again);
}
