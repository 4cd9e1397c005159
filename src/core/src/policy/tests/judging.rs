use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn post<'a>(policy: &Policy, path: &str, body: impl Into<Option<&'a str>>) -> String {
    let body = body.into().map_or(Body::Unread, |text| Body::Read(text.as_bytes()));
    short(&judge(policy, &call("POST", "a.example", path, &[JSON]), body))
}

#[test]
fn without_rules_reads_pass_and_everything_else_is_held() {
    let policy = policy(json!([]));
    assert_eq!(verdict(&policy, "GET", "a.example", "/x"), "pass");
    for method in ["POST", "PUT", "PATCH", "DELETE", "BREW"] {
        assert_eq!(verdict(&policy, method, "a.example", "/x"), "hold:default", "{method}");
    }
    assert_eq!(verdict(&policy, "GET", "a.example", "/users/delete?id=7"), "hold:default");
    assert_eq!(post(&policy, "/x", "{"), "hold:default");
}

#[test]
fn the_strictest_effect_wins_in_every_order() {
    let rule = |name: &str, effect: &str| json!({"name": name, "match": {"host": "a.example", "method": "POST"}, "effect": effect});
    let all = [rule("a", "allow"), rule("o", "observe"), rule("h", "hold"), rule("d", "deny")];
    let expected = ["pass:a", "pass:o", "hold:h", "deny:d"];
    for strictest in 0..4 {
        let chosen = &all[..=strictest];
        for order in permutations(chosen.len()) {
            let rules: Vec<&Value> = order.iter().map(|place| &chosen[*place]).collect();
            let policy = policy(json!(rules));
            assert_eq!(verdict(&policy, "POST", "a.example", "/x"), expected[strictest], "{order:?}");
        }
    }
}

fn permutations(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![Vec::new()];
    }
    let insert = |shorter: Vec<usize>| {
        (0..of).map(move |place| {
            let mut longer = shorter.clone();
            longer.insert(place, of - 1);
            longer
        })
    };
    permutations(of - 1).into_iter().flat_map(insert).collect()
}

#[test]
fn holds_that_match_together_lose_no_demand() {
    let rules = [
        json!({"name": "b", "match": {"path": "/x"}, "effect": "hold", "reviewers": {"groups": ["data-owners"]},
               "hold": "30s", "expiry": "10m", "grant": "1h", "bind_headers": ["X-Tenant"], "digest": "plain"}),
        json!({"name": "a", "match": {"host": "a.example"}, "effect": "hold",
               "reviewers": {"groups": ["security"], "quorum": 1, "veto": false}, "expiry": "20m", "reason": "required"}),
    ];
    let one = policy(json!([rules[0], rules[1]]));
    let other = policy(json!([rules[1], rules[0]]));
    let of = |policy: &Policy| terms(judge(policy, &call("PUT", "a.example", "/x", &[]), Body::Absent));
    let found = of(&one);
    assert_eq!(found, of(&other));
    assert_eq!(found.rule, "a+b");
    assert_eq!(found.quorum.groups, ["data-owners", "security"]);
    assert_eq!((found.quorum.required, found.quorum.veto), (2, true));
    assert_eq!((found.hold_ms, found.expires_ms, found.grant_ms), (30_000, 600_000, 300_000));
    assert_eq!((found.reason, found.content_digest), (Need::Required, ContentDigest::Keyed));
    assert_eq!(found.bind_headers, ["x-tenant"]);
    let alone = terms(judge(&one, &call("PUT", "b.example", "/x", &[]), Body::Absent));
    assert_ne!(alone.rule_digest, found.rule_digest);
}

#[test]
fn an_allow_rule_releases_only_what_it_matches_to_the_letter() {
    let policy = policy(json!([
        {"name": "a", "match": {"host": "a.example", "method": "POST", "path": "/v1/Things/"}, "effect": "allow"}]));
    assert_eq!(verdict(&policy, "POST", "a.example", "/v1/Things/"), "pass:a");
    for (method, host, path) in [
        ("POST", "a.example", "/v1/things/"),
        ("POST", "a.example", "/v1/Things"),
        ("POST", "a.example", "/v1/Things/x"),
        ("PUT", "a.example", "/v1/Things/"),
        ("POST", "b.example", "/v1/Things/"),
    ] {
        assert_eq!(verdict(&policy, method, host, path), "hold:default", "{method} {host} {path}");
    }
    let overridden = call("POST", "a.example", "/v1/Things/", &[("x-http-method-override", "DELETE")]);
    assert_eq!(short(&judge(&policy, &overridden, Body::Absent)), "hold:default");
}

#[test]
fn a_guard_matches_as_a_lenient_server_reads() {
    let policy = policy(json!([
        {"name": "d", "match": {"host": "a.example", "method": "DELETE", "path": "/v1/{id}"}, "effect": "deny"}]));
    for path in ["/v1/x", "/V1/x", "/v1/x/", "/%761/x"] {
        assert_eq!(verdict(&policy, "DELETE", "a.example", path), "deny:d", "{path}");
        assert_eq!(verdict(&policy, "DELETE", "A.EXAMPLE.:443", path), "deny:d", "{path}");
    }
    let overridden = call("POST", "a.example", "/v1/x", &[("x-http-method-override", "delete")]);
    assert_eq!(short(&judge(&policy, &overridden, Body::Absent)), "deny:d");
}

#[test]
fn a_form_is_read_before_its_method_is_believed() {
    let policy = policy(json!([
        {"name": "a", "match": {"host": "a.example", "method": "POST", "path": "/x"}, "effect": "allow"},
        {"name": "d", "match": {"host": "a.example", "method": "DELETE"}, "effect": "deny"}]));
    let form = call("POST", "a.example", "/x", &[("content-type", "application/x-www-form-urlencoded")]);
    assert_eq!(short(&judge(&policy, &form, Body::Unread)), "body");
    assert_eq!(short(&judge(&policy, &form, Body::Read(b"a=b"))), "pass:a");
    assert_eq!(short(&judge(&policy, &form, Body::Read(b"_method=delete"))), "deny:d");
    assert_eq!(short(&judge(&policy, &form, Body::Read(b"x=\xff&_method=delete"))), "deny:d");
    let kind = |kind: &str, more: &[(&str, &str)]| {
        let headers: Vec<_> = [("content-type", kind)].iter().chain(more).copied().collect();
        call("POST", "a.example", "/x", &headers)
    };
    let json = kind("application/json", &[]);
    assert_eq!(short(&judge(&policy, &json, Body::Unread)), "body");
    assert_eq!(short(&judge(&policy, &json, Body::Read(br#"{"a":1}"#))), "pass:a");
    assert_eq!(short(&judge(&policy, &json, Body::Read(br#"{"_method":"DELETE"}"#))), "deny:d");
    assert_eq!(short(&judge(&policy, &json, Body::Read(br#"{"\u005fmethod":"DELETE"}"#))), "deny:d");
    let parts = kind("multipart/form-data; boundary=b", &[]);
    assert_eq!(short(&judge(&policy, &parts, Body::Unread)), "body");
    assert_eq!(short(&judge(&policy, &parts, Body::Read(b"--b\r\n\r\nx"))), "pass:a");
    let field = b"--b\r\nContent-Disposition: form-data; name=_Method\r\n\r\nDELETE";
    assert_eq!(short(&judge(&policy, &parts, Body::Read(field))), "deny:d");
    let zipped = kind("application/x-www-form-urlencoded", &[("content-encoding", "gzip")]);
    assert_eq!(short(&judge(&policy, &zipped, Body::Read(b"\x1f\x8b"))), "deny:d");
}

#[test]
fn json_in_the_name_of_a_form_hides_no_argument() {
    let rules = json!([{"name": "bulk", "match": {"arguments": [{"pointer": "/rows", "greater_than": 9}]}, "effect": "deny"}]);
    let policy = policy(rules);
    let form = call("POST", "a.example", "/x", &[("content-type", "application/x-www-form-urlencoded")]);
    assert_eq!(short(&judge(&policy, &form, Body::Read(br#"{"rows":99}"#))), "deny:bulk");
    assert_eq!(short(&judge(&policy, &form, Body::Read(b"rows=99"))), "deny:bulk");
    assert_eq!(short(&judge(&policy, &form, Body::Read(b"rows=7"))), "hold:default");
}

#[test]
fn an_ambiguous_call_is_refused_where_anything_guards_and_passes_as_a_harmless_read_elsewhere() {
    let guarded =
        policy(json!([{"name": "h", "match": {"host": "*.a.example", "path": "/x"}, "effect": "hold"}]));
    for path in ["/a/../b", "/a%2fb", "/a//b", "/a;b", "/a%2561"] {
        assert_eq!(verdict(&guarded, "GET", "w.a.example", path), "deny:ambiguous_request", "{path}");
        assert_eq!(verdict(&guarded, "GET", "b.example", path), "pass", "{path}");
        assert_eq!(verdict(&guarded, "POST", "b.example", path), "deny:ambiguous_request", "{path}");
    }
    assert_eq!(verdict(&guarded, "GET", "u@b.example", "/"), "deny:ambiguous_request");
    assert_eq!(verdict(&guarded, "get", "b.example", "/"), "deny:ambiguous_request");
    let two = call("GET", "b.example", "/", &[("host", "w.a.example")]);
    assert_eq!(short(&judge(&guarded, &two, Body::Absent)), "deny:ambiguous_request");
    let everywhere = policy(json!([{"name": "h", "match": {"method": "PUT"}, "effect": "hold"}]));
    assert_eq!(verdict(&everywhere, "GET", "b.example", "/a//b"), "deny:ambiguous_request");
}

#[test]
fn a_tunnel_to_a_guarded_host_needs_a_rule_that_holds_tunnels() {
    let rules = json!([
        {"name": "h", "match": {"host": "a.example", "path": "/x", "method": "POST"}, "effect": "hold"},
        {"name": "t", "match": {"host": "t.example", "action": {"operation": ["connect", "upgrade"]}}, "effect": "hold", "connect": "hold"},
        {"name": "ok", "match": {"host": "free.example", "method": ["CONNECT", "GET"]}, "effect": "allow"},
        {"name": "no", "match": {"host": "a.example", "method": "CONNECT"}, "effect": "allow"}]);
    let policy = policy(rules);
    let connect = |host: &str| short(&judge(&policy, &call("CONNECT", host, "", &[]), Body::Unread));
    let upgrade = |host: &str| {
        short(&judge(&policy, &call("GET", host, "/ws", &[("upgrade", "websocket")]), Body::Absent))
    };
    assert_eq!(
        (connect("a.example"), upgrade("a.example")),
        ("deny:tunnel_refused".into(), "deny:tunnel_refused".into())
    );
    assert_eq!((connect("t.example"), upgrade("t.example")), ("hold:t".into(), "hold:t".into()));
    assert_eq!((connect("free.example"), upgrade("free.example")), ("pass:ok".into(), "pass:ok".into()));
    assert_eq!(connect("unknown.example"), "deny:tunnel_refused");
}

#[test]
fn what_cannot_be_decoded_matches_every_guard_and_no_release() {
    let rules = json!([
        {"name": "no-export", "match": {"host": "a.example", "action": {"class": "data_export"}}, "effect": "deny"},
        {"name": "writes", "match": {"host": "a.example", "action": {"class": ["data_write", "read_only"]}}, "effect": "allow"}]);
    let policy = policy(rules);
    assert_eq!(post(&policy, "/x", r#"{"a":1}"#), "pass:writes");
    assert_eq!(post(&policy, "/x", r#"{"a":1,"a":2,"a":3}"#), "deny:no-export");
}

#[test]
fn a_condition_on_an_argument_holds_for_every_reading_of_a_body() {
    let small = json!({"pointer": "/amount", "less_than": 10});
    let rules = json!([
        {"name": "no", "match": {"host": "a.example", "path": "/no", "arguments": [{"pointer": "/to", "equals": "mallory"}]}, "effect": "deny"},
        {"name": "small", "match": {"host": "a.example", "method": "POST", "arguments": [small]}, "effect": "allow"},
        {"name": "large", "match": {"host": "a.example", "arguments": [{"pointer": "/amount", "greater_than": 9}]}, "effect": "hold"}]);
    let policy = policy(rules);
    assert_eq!(post(&policy, "/x", r#"{"amount":1,"amount":2}"#), "pass:small");
    assert_eq!(post(&policy, "/x", r#"{"amount":1,"amount":99}"#), "hold:large");
    assert_eq!(post(&policy, "/x", r#"{"amount":99,"\u0061mount":1}"#), "hold:large");
    assert_eq!(post(&policy, "/x", r#"{"amount":1,"Amount":99}"#), "hold:large");
    assert_eq!(post(&policy, "/no", r#"{"to":"mallory","to":"alice","amount":1}"#), "deny:no");
    assert_eq!(post(&policy, "/no", r#"{"to":"alice","to":"mallory","amount":1}"#), "deny:no");
    let form = call("POST", "a.example", "/x", &[("content-type", "application/x-www-form-urlencoded")]);
    let paid = |body: &str| short(&judge(&policy, &form, Body::Read(body.as_bytes())));
    assert_ne!(paid("amount=1&amount=99"), "pass:small");
}

#[test]
fn the_strictest_member_of_a_batch_decides() {
    let rules = json!([
        {"name": "calls", "match": {"host": "a.example", "action": {"operation": "tools/call", "resource": "create_*"}}, "effect": "allow"},
        {"name": "no", "match": {"host": "a.example", "action": {"protocol": "mcp", "resource": "delete_*"}}, "effect": "deny"},
        {"name": "pay", "match": {"host": "a.example", "action": {"resource": "pay_*"}}, "effect": "hold"},
        {"name": "wire", "match": {"host": "a.example", "action": {"resource": "wire_*"}}, "effect": "hold"}]);
    let policy = policy(rules);
    let tool =
        |name: &str| json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name}});
    let of = |names: &[&str]| {
        let batch: Vec<Value> = names.iter().map(|name| tool(name)).collect();
        post(&policy, "/mcp", json!(batch).to_string().as_str())
    };
    assert_eq!(post(&policy, "/mcp", None), "body");
    assert_eq!(of(&["create_x", "create_y"]), "pass:calls");
    assert_eq!(of(&["get_x", "create_y"]), "pass:calls");
    assert_eq!(of(&["create_x", "frob"]), "hold:default");
    assert_eq!(of(&["create_x", "pay_x"]), "hold:pay");
    assert_eq!(of(&["pay_x", "wire_x", "get_x"]), "hold:pay+wire");
    assert_eq!(of(&["pay_x", "frob"]), "hold:default+pay");
    assert_eq!(of(&["get_x", "delete_x", "pay_x"]), "deny:no");
}

#[test]
fn a_hint_that_differs_from_the_body_is_refused() {
    let policy = policy(json!([]));
    let call = call("POST", "a.example", "/mcp", &[JSON, ("mcp-method", "tools/list")]);
    let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_x"}}"#;
    assert_eq!(short(&judge(&policy, &call, Body::Read(body))), "deny:header_mismatch");
}

#[test]
fn arguments_are_compared_in_every_spelling_that_guards() {
    let rules = json!([{"name": "bulk", "effect": "deny", "match": {"path": "/x",
        "arguments": [{"pointer": "/params/rows", "greater_than": 1000}]}}]);
    let policy = policy(rules);
    for (rows, expected) in [
        ("1001", "deny:bulk"),
        ("1e9", "deny:bulk"),
        ("\"1001\"", "deny:bulk"),
        ("[1001]", "deny:bulk"),
        ("null", "deny:bulk"),
        ("1000", "hold:default"),
        ("\"7\"", "hold:default"),
    ] {
        assert_eq!(
            post(&policy, "/x", format!(r#"{{"params":{{"rows":{rows}}}}}"#).as_str()),
            expected,
            "{rows}"
        );
    }
    assert_eq!(post(&policy, "/x", r#"{"Params":{"ROWS":5000}}"#), "deny:bulk");
    assert_eq!(post(&policy, "/x", r#"{"params":{}}"#), "hold:default");
    assert_eq!(post(&policy, "/x", "not json"), "deny:bulk");
    assert_eq!(post(&policy, "/y", r#"{"params":{"rows":5000}}"#), "hold:default");
    let unread = call("POST", "a.example", "/x", &[("content-type", "text/csv")]);
    assert_eq!(short(&judge(&policy, &unread, Body::Unread)), "body");
    assert_eq!(short(&judge(&policy, &unread, Body::Read(b"a,b"))), "deny:bulk");
}

#[test]
fn every_comparison_releases_only_the_exact_member() {
    for (comparison, fits, fails) in [
        (json!({"equals": "a"}), json!("a"), json!("A")),
        (json!({"equals": 1}), json!(1.0), json!("1")),
        (json!({"one_of": ["a", 2]}), json!(2), json!(3)),
        (json!({"less_than": 3}), json!(2), json!("2")),
        (json!({"greater_than": 3}), json!(4), json!(3)),
        (json!({"matches": "pub-*"}), json!("pub-1"), json!("Pub-1")),
        (json!({"exists": true}), json!(null), json!({})),
    ] {
        let mut argument = comparison.clone();
        argument["pointer"] = json!("/a/*/b");
        let policy = policy(json!([{"name": "ok", "effect": "allow",
            "match": {"host": "a.example", "method": "POST", "arguments": [argument]}}]));
        let body = |value: &Value| json!({"a": [{"b": value}]}).to_string();
        assert_eq!(post(&policy, "/x", body(&fits).as_str()), "pass:ok", "{comparison}");
        let other =
            if comparison["exists"].is_null() { body(&fails) } else { json!({"a": [fails]}).to_string() };
        assert_eq!(post(&policy, "/x", other.as_str()), "hold:default", "{comparison}");
        let mixed = json!({"a": [{"b": fits}, {"b": fails}]}).to_string();
        if comparison["exists"].is_null() {
            assert_eq!(post(&policy, "/x", mixed.as_str()), "hold:default", "{comparison}");
        }
    }
}

#[test]
fn the_body_is_asked_for_only_while_it_can_change_the_answer() {
    let rules = json!([
        {"name": "no", "match": {"path": "/no"}, "effect": "deny"},
        {"name": "ok", "match": {"host": "a.example", "path": "/ok"}, "effect": "allow"},
        {"name": "but", "match": {"path": "/but", "action": {"class": "data_export"}}, "effect": "deny"},
        {"name": "fine", "match": {"host": "a.example", "path": "/but"}, "effect": "allow"}]);
    let policy = policy(rules);
    assert_eq!(post(&policy, "/no", None), "deny:no");
    assert_eq!(post(&policy, "/ok", None), "pass:ok");
    assert_eq!(post(&policy, "/but", None), "body");
    assert_eq!(post(&policy, "/but", "{}"), "pass:fine");
    assert_eq!(post(&policy, "/else", None), "body");
    let csv = call("POST", "a.example", "/else", &[("content-type", "text/csv")]);
    assert_eq!(short(&judge(&policy, &csv, Body::Unread)), "hold:default");
}

#[test]
fn requesters_are_matched_and_an_unknown_one_only_by_guards() {
    let rules = json!([
        {"name": "mine", "effect": "allow", "match": {"host": "a.example", "method": "POST", "path": "/x", "requester": {"actor": "bot"}}},
        {"name": "not-hers", "effect": "deny", "match": {"path": "/y", "requester": {"human": "alice@*"}}},
        {"name": "not-theirs", "effect": "deny", "match": {"path": "/z", "requester": {"subject": "spiffe://other/**"}}}]);
    let policy = policy(rules);
    assert_eq!(post(&policy, "/x", "{}"), "pass:mine");
    assert_eq!(post(&policy, "/y", "{}"), "deny:not-hers");
    assert_eq!(post(&policy, "/z", "{}"), "hold:default");
    let unnamed = |path: &str| {
        let call = call("POST", "a.example", path, &[JSON]);
        short(&policy.judge(&call, Body::Read(b"{}"), &mut || Err(NoRequester::Unnamed)))
    };
    assert_eq!(unnamed("/x"), "deny:no_requester");
    assert_eq!(unnamed("/y"), "deny:not-hers");
    assert_eq!(unnamed("/z"), "deny:not-theirs");
}

#[test]
fn without_a_known_human_two_must_approve_or_nobody_may() {
    let rules = json!([
        {"name": "h", "match": {"path": "/h"}, "effect": "hold"},
        {"name": "k", "match": {"path": "/k"}, "effect": "hold", "known_principal": "required"}]);
    let policy = policy(rules);
    let of = |path: &str| {
        policy.judge(&call("PUT", "a.example", path, &[]), Body::Absent, &mut || Ok(nobody_known()))
    };
    assert_eq!(terms(of("/h")).quorum.required, 2);
    assert_eq!(short(&of("/k")), "deny:no_known_principal");
    assert_eq!(terms(judge(&policy, &call("PUT", "a.example", "/h", &[]), Body::Absent)).quorum.required, 1);
}

#[test]
fn a_read_that_nothing_matches_asks_nobody_and_keeps_nothing() {
    let policy = policy(json!([{"name": "d", "match": {"host": "b.example"}, "effect": "deny"}]));
    let call = call("GET", "a.example", "/x?y=z", &[]);
    let judgement = policy.judge(&call, Body::Absent, &mut || panic!("the requester was asked"));
    assert_eq!(
        judgement,
        Judgement::Pass(Passed { action: None, rule: None, record: Recording::Counted, anonymise: None })
    );
}

#[test]
fn observed_and_recorded_calls_say_what_they_do() {
    let mut document = document(json!([
        {"name": "o", "match": {"host": "a.example", "path": "/x"}, "effect": "observe"}]));
    let of = |document: &Value, path: &str| match judge(
        &compile(document.clone()).unwrap(),
        &call("GET", "a.example", path, &[]),
        Body::Absent,
    ) {
        Judgement::Pass(passed) => (passed.action.is_some(), passed.record),
        other => panic!("{other:?}"),
    };
    assert_eq!(of(&document, "/x"), (true, Recording::Recorded));
    assert_eq!(of(&document, "/y"), (false, Recording::Counted));
    document["defaults"]["allowed"] = json!("recorded");
    assert_eq!(of(&document, "/y"), (true, Recording::Recorded));
}

#[test]
fn defaults_may_be_stricter() {
    let mut document = document(json!([]));
    document["defaults"] = json!({"read": "hold", "write": "deny", "reviewers": {"groups": ["security"]}});
    let policy = compile(document).unwrap();
    assert_eq!(verdict(&policy, "GET", "a.example", "/"), "hold:default");
    assert_eq!(verdict(&policy, "POST", "a.example", "/"), "deny:denied_by_default");
}

#[test]
fn headers_and_destinations_narrow_a_rule() {
    let rules = json!([
        {"name": "h", "match": {"headers": {"X-Env": "prod*"}}, "effect": "deny"},
        {"name": "p", "match": {"destination": {"port": 8443, "scheme": "https"}}, "effect": "deny"}]);
    let policy = policy(rules);
    let with = |value: &str| {
        short(&judge(&policy, &call("GET", "a.example", "/", &[("x-env", value)]), Body::Absent))
    };
    assert_eq!((with("PROD-1"), with("test")), ("deny:h".into(), "pass".into()));
    assert_eq!(verdict(&policy, "GET", "a.example:8443", "/"), "deny:p");
    assert_eq!(verdict(&policy, "GET", "a.example", "/"), "pass");
}

#[test]
fn an_explanation_says_the_same_as_the_judgement() {
    let policy = policy(json!([
        {"name": "d", "match": {"host": "a.example", "method": "POST", "path": "/x"}, "effect": "hold"},
        {"name": "e", "match": {"host": "b.example", "method": "POST"}, "effect": "deny"}]));
    let call = call("POST", "a.example", "/x", &[JSON]);
    let found = policy.explain(&call, Body::Read(b"{}"), &mut || Ok(alice()));
    assert_eq!((found.judgement.effect, found.judgement.rule.as_deref()), ("hold", Some("d")));
    let matched: Vec<_> = found.rules.iter().map(|rule| (rule.rule.as_str(), rule.matches)).collect();
    assert_eq!(matched, [("d", Matches::Yes), ("e", Matches::No)]);
    let host = Looked { condition: "host".into(), fits: Fit::No };
    assert!(found.rules[1].conditions.contains(&host));
}
