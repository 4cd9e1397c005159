use super::*;
use countersign_wire::people::{Seats, Separation, Way};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The terms of one rule with these members, over groups `a`, `b`, `c` and `d`.
fn read(members: &Value) -> Result<Terms, String> {
    let mut rule = json!({"name": "r", "effect": "hold"});
    for (name, value) in members.as_object().unwrap() {
        rule[name] = value.clone();
    }
    let policy = compile(four(json!([rule]))).map_err(|error| error.to_string())?;
    Ok(terms(judge(&policy, &call("PUT", "a.example", "/x", &[]), Body::Absent)))
}

fn four(rules: Value) -> Value {
    let mut document = document(rules);
    document["groups"] = json!({"a": {}, "b": {}, "c": {}, "d": {}, "security": {}});
    document["authors"] = json!(["bob@example.com"]);
    document
}

fn quorum(groups: &Value) -> Quorum {
    read(&json!({"reviewers": {"groups": groups}})).unwrap().quorum
}

fn refused(groups: &Value) -> String {
    read(&json!({"reviewers": {"groups": groups}})).unwrap_err()
}

fn seats(people: u8, of: &[&str]) -> Seats {
    Seats { people, of: of.iter().map(|name| (*name).to_owned()).collect() }
}

#[test]
fn what_groups_alone_can_say_is_said_by_groups_alone() {
    for (groups, required, names) in [
        (json!(["b", "a"]), 2, vec!["a", "b"]),
        (json!([{"group": "a"}]), 1, vec!["a"]),
        (json!([{"group": "a", "at_least": 3}]), 3, vec!["a"]),
        (json!([{"any": ["a"]}, "b"]), 2, vec!["a", "b"]),
        (json!([{"all": ["a", {"any": ["b"]}]}]), 2, vec!["a", "b"]),
        (json!([{"any": ["a"], "at_least": 2}]), 2, vec!["a"]),
    ] {
        let quorum = quorum(&groups);
        assert_eq!((quorum.required, quorum.ways.len()), (required, 0), "{groups}");
        assert_eq!(quorum.groups, names, "{groups}");
        // Nothing but what was there before there were ways is in its bytes.
        let bytes = serde_json::to_value(&quorum).unwrap();
        assert_eq!(bytes, json!({"required": required, "groups": names, "veto": true}));
    }
}

#[test]
fn or_and_numbers_become_ways() {
    let cases: Vec<(Value, u8, Vec<Way>)> = vec![
        (json!([{"any": ["b", "a"]}]), 1, vec![vec![seats(1, &["a", "b"])]]),
        (json!([{"any": ["a", "b"], "at_least": 2}]), 2, vec![vec![seats(2, &["a", "b"])]]),
        (json!(["a", {"group": "b", "at_least": 2}]), 3, vec![vec![seats(1, &["a"]), seats(2, &["b"])]]),
        (
            json!([{"any": ["a", {"group": "b", "at_least": 2}]}]),
            1,
            vec![vec![seats(1, &["a"])], vec![seats(2, &["b"])]],
        ),
        (
            json!([{"any": ["a", {"all": ["b", "c"]}]}, "d"]),
            2,
            vec![
                vec![seats(1, &["a"]), seats(1, &["d"])],
                vec![seats(1, &["b"]), seats(1, &["c"]), seats(1, &["d"])],
            ],
        ),
        // Two different people, one of whom is of `a`.
        (json!(["a", {"any": ["a", "b"]}]), 2, vec![vec![seats(1, &["a"]), seats(1, &["a", "b"])]]),
    ];
    for (groups, required, ways) in cases {
        let quorum = quorum(&groups);
        assert_eq!((quorum.required, quorum.ways), (required, ways), "{groups}");
    }
    assert_eq!(quorum(&json!([{"any": ["c", {"all": ["b", "a"]}]}])).groups, ["a", "b", "c"]);
}

#[test]
fn a_demand_that_cannot_be_meant_is_refused() {
    for (groups, sentence) in [
        (json!([{"any": []}]), "rule `r`: `any` of nothing could never be enough"),
        (json!([{"all": []}]), "rule `r`: `all` names what it wants, and takes no `at_least`"),
        (
            json!([{"any": ["a"], "all": ["b"]}]),
            "rule `r`: a part has exactly one of `group`, `any` and `all`",
        ),
        (json!([{"at_least": 2}]), "rule `r`: a part has exactly one of `group`, `any` and `all`"),
        (json!([{"group": "a", "at_least": 0}]), "rule `r`: `at_least` is 1 or more"),
        (json!([{"group": "a", "at_least": 11}]), "rule `r`: the groups want more than 10 people"),
        (json!([{"any": ["x"]}]), "rule `r`: unknown group `x`: declare it under `groups`"),
        (
            json!([{"any": [{"group": "a"}], "at_least": 2}]),
            "rule `r`: `at_least` counts people of groups that `any` names",
        ),
        (
            json!([{"any": [{"any": [{"any": [{"any": [{"any": ["a"]}]}]}]}]}]),
            "rule `r`: parts stand in each other at most 4 deep",
        ),
        (json!(["a", "a"]), "rule `r`: a group is listed twice"),
    ] {
        assert_eq!(refused(&groups), sentence, "{groups}");
    }
    let many: Vec<Value> =
        (1..=5).map(|n| json!({"any": [{"group": "a", "at_least": n}, {"group": "b"}]})).collect();
    assert!(refused(&Value::Array(many)).contains("more than 16 ways"));
    let below = json!({"reviewers": {"groups": [{"group": "a", "at_least": 2}, "b"], "quorum": 2}});
    assert_eq!(read(&below).unwrap_err(), "rule `r`: the quorum 2 is below the 3 people that `groups` name");
    let unknown = serde_json::from_value::<Document>(four(json!([{"name": "r", "effect": "hold",
        "reviewers": {"groups": [{"group": "a", "atleast": 2}]}}])));
    assert!(unknown.is_err());
}

/// What two rules that match together demand.
fn both(one: &Value, other: &Value) -> Quorum {
    let rule =
        |name: &str, reviewers: &Value| json!({"name": name, "effect": "hold", "reviewers": reviewers});
    let policy = compile(four(json!([rule("q", one), rule("r", other)]))).unwrap();
    terms(judge(&policy, &call("PUT", "a.example", "/x", &[]), Body::Absent)).quorum
}

#[test]
fn of_rules_that_match_together_none_loses_its_people() {
    // Two of `a` stay two of `a`, however many others agree.
    let found = both(&json!({"groups": ["a"], "quorum": 2}), &json!({"groups": ["b"]}));
    assert_eq!((found.required, found.ways), (3, vec![vec![seats(1, &["b"]), seats(2, &["a"])]]));
    let found = both(&json!({"groups": [{"any": ["a", "b"]}]}), &json!({"groups": ["c"]}));
    assert_eq!((found.required, found.ways), (2, vec![vec![seats(1, &["a", "b"]), seats(1, &["c"])]]));
    assert_eq!(found.groups, ["a", "b", "c"]);
    let found =
        both(&json!({"groups": [{"any": ["a", {"group": "b", "at_least": 2}]}]}), &json!({"groups": ["a"]}));
    assert_eq!(
        found.ways,
        [vec![seats(1, &["a"])], vec![seats(1, &["a"]), seats(2, &["b"])]],
        "the second rule wants `a` whatever way the first is met"
    );
    // What groups alone said before is said by them still.
    let plain = both(&json!({"groups": ["a", "b"]}), &json!({"groups": ["b", "c"]}));
    assert_eq!((plain.required, plain.ways.len()), (3, 0));
    let same = both(&json!({"groups": ["a"], "quorum": 2}), &json!({"groups": ["a"]}));
    assert_eq!((same.required, same.ways.len()), (2, 0));
    let kept = both(
        &json!({"groups": ["a"], "separation": ["last_approver"]}),
        &json!({"groups": ["a"], "separation": ["policy_author"]}),
    );
    assert_eq!(kept.separation, [Separation::PolicyAuthor, Separation::LastApprover]);
}

#[test]
fn the_glass_is_broken_only_where_every_rule_that_matches_lets_somebody() {
    let rule = |name: &str, break_glass: Value| {
        let mut rule = json!({"name": name, "effect": "hold"});
        if !break_glass.is_null() {
            rule["break_glass"] = break_glass;
        }
        rule
    };
    let of = |one: Value, other: Value| {
        let policy = compile(four(json!([rule("q", one), rule("r", other)]))).unwrap();
        terms(judge(&policy, &call("PUT", "a.example", "/x", &[]), Body::Absent)).quorum.break_glass
    };
    let groups = |names: &[&str]| json!({"groups": names});
    assert_eq!(of(groups(&["b", "a"]), groups(&["c", "b"])), ["b"]);
    assert!(of(groups(&["a"]), Value::Null).is_empty());
    assert!(of(groups(&["a"]), groups(&["b"])).is_empty());
    assert!(read(&json!({})).unwrap().quorum.break_glass.is_empty(), "it is off where nothing is written");
    for (bad, sentence) in [
        (json!({"groups": []}), "rule `r`: no group may break the glass: leave `break_glass` out"),
        (json!({"groups": ["x"]}), "rule `r`: unknown group `x`: declare it under `groups`"),
    ] {
        assert_eq!(read(&json!({"break_glass": bad})).unwrap_err(), sentence);
    }
    let denies = json!([{"name": "r", "effect": "deny", "break_glass": {"groups": ["a"]}}]);
    assert!(compile(four(denies)).unwrap_err().to_string().contains("`break_glass` is for rules that hold"));
}

#[test]
fn nobody_decides_alone_where_no_human_is_known() {
    let rules = json!([{"name": "r", "effect": "hold", "reviewers": {"groups": ["a", "b"]},
        "break_glass": {"groups": ["a"]}}]);
    let policy = compile(four(rules)).unwrap();
    let call = call("PUT", "a.example", "/x", &[]);
    let unknown = policy.judge(&call, Body::Absent, &mut || Ok(nobody_known()));
    assert!(terms(unknown).quorum.break_glass.is_empty());
    assert_eq!(terms(judge(&policy, &call, Body::Absent)).quorum.break_glass, ["a"]);
}

#[test]
fn a_rule_that_keeps_authors_out_refuses_while_nobody_knows_them() {
    let rules = json!([{"name": "r", "effect": "hold",
        "reviewers": {"groups": ["a"], "separation": ["policy_author"]}}]);
    let mut document = four(rules);
    let call = call("PUT", "a.example", "/x", &[]);
    let known = compile(document.clone()).unwrap();
    assert_eq!(short(&judge(&known, &call, Body::Absent)), "hold:r");
    document.as_object_mut().unwrap().remove("authors");
    let unknown = compile(document.clone()).unwrap();
    assert_eq!(short(&judge(&unknown, &call, Body::Absent)), "deny:no_known_author");
    for bad in [json!([""]), json!(["a\nb"]), json!(["x".repeat(257)]), Value::Array(vec![json!("x"); 65])] {
        document["authors"] = bad;
        assert!(compile(document.clone()).is_err());
    }
}

#[test]
fn a_plain_rule_has_the_digest_it_always_had() {
    let terms = read(&json!({"reviewers": {"groups": ["a", "b"], "quorum": 2}})).unwrap();
    let whole = serde_json::to_value(&terms).unwrap();
    assert_eq!(whole["quorum"], json!({"required": 2, "groups": ["a", "b"], "veto": true}));
    let other =
        read(&json!({"reviewers": {"groups": ["a", "b"], "quorum": 2}, "break_glass": {"groups": ["a"]}}));
    assert_ne!(
        terms.rule_digest,
        other.unwrap().rule_digest,
        "leave to break the glass voids older approvals"
    );
}
