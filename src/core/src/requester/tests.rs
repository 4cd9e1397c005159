use std::collections::BTreeMap;

use serde_json::json;

use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What a host knows, for tests.
#[derive(Default)]
struct Known {
    properties: BTreeMap<String, Vec<u8>>,
    environment: BTreeMap<String, String>,
}

impl Known {
    fn with(mut self, path: &str, value: &[u8]) -> Self {
        self.properties.insert(path.to_owned(), value.to_vec());
        self
    }
    fn claim(self, path: &str, value: &str) -> Self {
        self.with(
            &format!("metadata|filter_metadata|envoy.filters.http.jwt_authn|jwt_payload|{path}"),
            value.as_bytes(),
        )
    }
    fn mtls(self, uri: &str) -> Self {
        self.with("connection|mtls", &[1]).with("connection|uri_san_peer_certificate", uri.as_bytes())
    }
    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }
}

impl Facts for Known {
    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.properties.get(&path.join("|")).cloned()
    }
    fn environment(&self, name: &str) -> Option<String> {
        self.environment.get(name).cloned()
    }
}

fn sources(document: serde_json::Value) -> Sources {
    Sources::new(serde_json::from_value(document).unwrap())
}

fn delegated() -> Known {
    Known::default()
        .claim("sub", "alice@example.com")
        .claim("iss", "https://idp.example.com")
        .claim("act|sub", "report-bot")
        .claim("act|act|sub", "scheduler")
        .claim("act|act|iss", "urn:scheduler")
}

#[test]
fn the_first_source_that_has_a_subject_names_it() {
    let all = sources(json!([{"mtls": {}}, {"proxy": {}}, {"static": {"id": "fallback"}}]));
    let who = all.resolve(&Known::default().mtls("spiffe://td/ns/a/sa/b")).unwrap();
    assert_eq!((who.subject.id.as_str(), who.source), ("spiffe://td/ns/a/sa/b", Source::Mtls));
    let istio = Known::default().variable("POD_NAMESPACE", "a").variable("SERVICE_ACCOUNT", "b");
    let who = all.resolve(&istio.variable("TRUST_DOMAIN", "td")).unwrap();
    assert_eq!((who.subject.id.as_str(), who.source), ("spiffe://td/ns/a/sa/b", Source::Proxy));
    let who = all.resolve(&Known::default().with("xds|node|id", b"sidecar~1")).unwrap();
    assert_eq!(who.subject.id, "node:sidecar~1");
    let who = all.resolve(&Known::default()).unwrap();
    assert_eq!((who.subject.id.as_str(), who.source), ("fallback", Source::Static));
}

#[test]
fn a_certificate_that_was_not_verified_names_nobody() {
    let mtls = sources(json!([{"mtls": {}}]));
    let facts = Known::default().with("connection|uri_san_peer_certificate", b"spiffe://td/x");
    assert_eq!(mtls.resolve(&facts), Err(NoRequester::Unnamed));
    assert_eq!(mtls.resolve(&facts.with("connection|mtls", &[0])), Err(NoRequester::Unnamed));
}

#[test]
fn a_delegated_token_names_agent_human_and_every_hop() {
    let who = sources(json!([{"jwt": {"payload": "jwt_payload"}}])).resolve(&delegated()).unwrap();
    assert_eq!(who.subject, Entity::new("workload", "report-bot"));
    assert_eq!(
        (who.actor.id.as_str(), who.actor.issuer.as_deref()),
        ("report-bot", Some("https://idp.example.com"))
    );
    let hops: Vec<_> = who.actor.chain().map(|act| (act.sub.as_str(), act.iss.as_deref().unwrap())).collect();
    assert_eq!(hops, [("alice@example.com", "https://idp.example.com"), ("scheduler", "urn:scheduler")]);
    assert_eq!(who.known_human, Human::Known);
}

#[test]
fn the_human_of_a_token_is_where_the_policy_says() {
    let resolve = |human: &str, facts: &Known| {
        let who =
            sources(json!([{"jwt": {"payload": "jwt_payload", "human": human}}])).resolve(facts).unwrap();
        (who.known_human, who.actor.act.map(|act| act.sub))
    };
    let own = Known::default().claim("sub", "alice").claim("iss", "i");
    assert_eq!(resolve("delegated", &own), (Human::Unknown, None));
    assert_eq!(resolve("sub", &own), (Human::Known, Some("alice".into())));
    assert_eq!(resolve("act", &delegated()), (Human::Known, Some("report-bot".into())));
    // Not a human, and still nobody who may review.
    assert_eq!(resolve("none", &delegated()), (Human::Unknown, Some("report-bot".into())));
}

#[test]
fn parts_come_from_different_sources() {
    let document = json!([{"mtls": {}}, {"jwt": {"payload": "jwt_payload"}},
        {"static": {"human": {"iss": "i", "sub": "owner"}}}]);
    let who = sources(document.clone()).resolve(&delegated().mtls("spiffe://td/x")).unwrap();
    assert_eq!((who.subject.id.as_str(), who.actor.id.as_str()), ("spiffe://td/x", "report-bot"));
    assert_eq!(who.actor.act.unwrap().sub, "alice@example.com");
    let who = sources(document).resolve(&Known::default().mtls("spiffe://td/x")).unwrap();
    assert_eq!((who.actor.id.as_str(), who.known_human), ("spiffe://td/x", Human::Known));
    assert_eq!(who.actor.act.unwrap().sub, "owner");
}

#[test]
fn owners_and_starters_are_known_from_every_source_and_make_no_human_known() {
    let document = json!([{"mtls": {}},
        {"jwt": {"payload": "jwt_payload", "human": "none", "owner": "agent_owner", "triggered_by": "run_by"}},
        {"static": {"owner": [{"iss": "i", "sub": "olga"}, {"iss": "https://idp.example.com", "sub": "oscar"}],
            "triggered_by": {"iss": "i", "sub": "trudy"}}}]);
    let facts = Known::default()
        .mtls("spiffe://td/x")
        .claim("sub", "bot")
        .claim("iss", "https://idp.example.com")
        .claim("agent_owner", "oscar")
        .claim("run_by", "ci-user");
    let who = sources(document.clone()).resolve(&facts).unwrap();
    let names = |acts: &[countersign_wire::parties::Act]| {
        let name =
            |act: &countersign_wire::parties::Act| format!("{}@{}", act.sub, act.iss.as_deref().unwrap());
        acts.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(&who.actor.owners), ["oscar@https://idp.example.com", "olga@i"]);
    assert_eq!(names(&who.actor.triggered_by), ["ci-user@https://idp.example.com", "trudy@i"]);
    assert_eq!((who.known_human, who.actor.act), (Human::Unknown, None));
    // A token without the claims names nobody by them; one that names somebody unreadably names nobody at all.
    let who = sources(document.clone()).resolve(&Known::default().mtls("spiffe://td/x")).unwrap();
    assert_eq!(names(&who.actor.owners), ["olga@i", "oscar@https://idp.example.com"]);
    let odd = facts.claim("agent_owner", "a\u{0}b");
    assert_eq!(sources(document).resolve(&odd), Err(NoRequester::Unreadable));
    let crowd: Vec<_> = (0..9).map(|n| json!({"iss": "i", "sub": format!("o{n}")})).collect();
    let crowd = sources(json!([{"static": {"id": "x", "owner": crowd}}]));
    assert_eq!(crowd.resolve(&Known::default()), Err(NoRequester::TooManyHops));
}

#[test]
fn without_owners_and_starters_an_actor_is_the_bytes_it_always_was() {
    let who = sources(json!([{"jwt": {"payload": "jwt_payload"}}])).resolve(&delegated()).unwrap();
    let members = serde_json::to_value(&who.actor).unwrap();
    let names: Vec<&String> = members.as_object().unwrap().keys().collect();
    assert_eq!(names, ["act", "id", "issuer", "type"]);
}

#[test]
fn a_damaged_identity_is_not_a_missing_one() {
    let all = sources(json!([{"mtls": {}}, {"static": {"id": "fallback"}}]));
    for bad in ["a\nb", "\u{85}", &"x".repeat(513)] {
        assert_eq!(all.resolve(&Known::default().mtls(bad)), Err(NoRequester::Unreadable), "{bad}");
    }
    let facts =
        Known::default().with("connection|mtls", &[1]).with("connection|uri_san_peer_certificate", b"\xff");
    assert_eq!(all.resolve(&facts), Err(NoRequester::Unreadable));
}

#[test]
fn an_endless_chain_of_actors_is_refused() {
    let mut facts = Known::default().claim("sub", "alice");
    let mut path = String::new();
    for hop in 0..=MAX_HOPS {
        path.push_str("act|");
        facts = facts.claim(&format!("{path}sub"), &format!("hop{hop}"));
    }
    let jwt = sources(json!([{"jwt": {"payload": "jwt_payload"}}]));
    assert_eq!(jwt.resolve(&facts), Err(NoRequester::TooManyHops));
}

#[test]
fn an_unknown_source_or_member_is_no_document() {
    for bad in [
        json!({"mtls": {"x": 1}}),
        json!({"header": {}}),
        json!({"jwt": {}}),
        json!({"static": {"human": {"sub": "x"}}}),
    ] {
        assert!(serde_json::from_value::<SourceDoc>(bad.clone()).is_err(), "{bad}");
    }
}
