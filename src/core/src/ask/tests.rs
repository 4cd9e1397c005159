//! Promises of what a reviewer is shown by a policy that says how to mask.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

mod batches;

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

/// What is asked for a POST of `body`.
fn composed(
    config: &Config,
    headers: &[(&str, &str)],
    body: &[u8],
    seed: u8,
) -> Result<Submission, Unaskable> {
    let requester = Requester {
        subject: Entity::new("workload", "spiffe://td/sa/b"),
        actor: countersign_wire::parties::Actor { id: "bot".into(), ..Default::default() },
        known_human: Human::Unknown,
        source: Source::Mtls,
    };
    let call = call("POST", "h.test", "/bob@example.com", headers);
    let judgement = config.policy.judge(&call, Body::Read(body), &mut || Ok(requester.clone()));
    let Judgement::Hold(held) = judgement else { panic!("{judgement:?}") };
    let case = Case { call: &call, body, held: &held, requester: &requester, told: None };
    let now = Now { mono_ms: 0, unix_ms: 1_700_000_000_000 };
    Ask::compose(case, Surroundings::default(), config, &mut Entropy::new([seed; 32]), now)
        .map(|ask| ask.submission)
}

/// The submission of a POST of `body`.
fn asked(config: &Config, media_type: &str, body: &str, seed: u8) -> Submission {
    composed(config, &[("content-type", media_type)], body.as_bytes(), seed).unwrap()
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
fn what_the_policy_declares_as_lineage_is_its_own_word_and_no_incident() {
    let declared = json!({"inputs": [{"namespace": "mail", "name": "inbox of help@example.com"}]});
    let sent = asked(&config("02", &json!({}), &json!({"lineage": declared})), "application/json", "{}", 1);
    let v1 = sent.context.v1;
    assert_eq!(v1.lineage.unwrap().inputs[0].name, "inbox of help@example.com");
    let allowed = &v1.payload.allowed;
    assert_eq!((allowed.len(), allowed[0].path.as_str(), allowed[0].detector.as_str()), (1, "$", "email"));
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

/// A request and what the refusal of it says.
type Unshown<'a> = (&'a [(&'a str, &'a str)], &'a [u8], &'a str);

const JSON: (&str, &str) = ("content-type", "application/json");
const DEFLATE: (&str, &str) = ("content-encoding", "deflate");

#[test]
fn a_rule_that_wants_all_of_it_shown_refuses_what_cannot_be_and_asks_for_the_rest() {
    let whole = config("02", &json!({}), &json!({"display": "complete"}));
    let part = config("02", &json!({}), &json!({}));
    let long = format!(r#"{{"rows":"{}"}}"#, "ab ".repeat(2000));
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n7\r\n--x\r\n\
        Content-Disposition: form-data; name=\"f\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    let attached = [multipart.as_bytes(), &[0, 159, 146, 150], b"\r\n--x--\r\n"].concat();
    let cases: [Unshown; 5] = [
        (&[JSON], long.as_bytes(), "its beginning"),
        (&[("content-type", "application/octet-stream")], &[0, 1, 2, 255], "by size and type"),
        (&[JSON, ("content-encoding", "br")], b"whatever", "by size and type"),
        (&[("content-type", "multipart/form-data; boundary=x")], &attached, "parts of it"),
        (&[JSON], b"{\"a\":\"\xc3(\"}", "by size and type"),
    ];
    for (headers, body, why) in cases {
        let refused = composed(&whole, headers, body, 1).err().map(|fault| fault.to_string());
        assert!(refused.as_ref().is_some_and(|sentence| sentence.contains(why)), "{headers:?}: {refused:?}");
        let payload = composed(&part, headers, body, 1).unwrap().context.v1.payload;
        assert!(payload.truncated && !payload.masking.unwrap().is_complete(), "{headers:?}");
    }
    for (headers, body) in [(&[JSON][..], br#"{"to":"bob@example.com","n":7}"#.as_slice()), (&[], b"")] {
        let payload = composed(&whole, headers, body, 1).unwrap().context.v1.payload;
        assert!(!payload.truncated && payload.masking.unwrap().is_complete(), "{headers:?}");
    }
    // Of two rules the stricter counts, and what a rule does not say changes nothing of its digest.
    assert_ne!(
        composed(&part, &[], b"", 1).unwrap().context.v1.policy.rule_digest,
        composed(&whole, &[], b"", 1).unwrap().context.v1.policy.rule_digest
    );
    let said = config("02", &json!({}), &json!({"display": "partial"}));
    assert_eq!(
        composed(&part, &[], b"", 1).unwrap().context.v1.policy.rule_digest,
        composed(&said, &[], b"", 1).unwrap().context.v1.policy.rule_digest
    );
}

#[test]
fn an_encoded_body_is_shown_as_what_it_says_and_its_proof_counts_what_was_read() {
    let config = config("02", &json!({}), &json!({"display": "complete"}));
    let text = r#"{"to":"bob@example.com","rows":7}"#;
    let wide: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 6);
    let utf16 = ("content-type", "application/json; charset=utf-16");
    for (headers, body) in [(&[JSON, DEFLATE][..], packed.as_slice()), (&[utf16], &wide)] {
        let payload = composed(&config, headers, body, 1).unwrap().context.v1.payload;
        assert_eq!(payload.masked_excerpt, r#"{"to":"[email]","rows":7}"#, "{headers:?}");
        assert_eq!(
            (payload.size, payload.truncated),
            (body.len() as u64, false),
            "the size is that of what is sent"
        );
        let proof = payload.masking.unwrap();
        assert!(proof.is_complete() && proof.seen > text.len() as u64, "{proof:?}");
    }
    // What says that it is packed and is not is shown by its size.
    let refused = composed(&config, &[JSON, DEFLATE], text.as_bytes(), 1).err();
    assert!(matches!(refused, Some(Unaskable::NotShown(_))), "{refused:?}");
}
