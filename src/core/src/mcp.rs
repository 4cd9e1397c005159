//! The state that a recent MCP client carries from try to try (MCP 2026-07-28, multi round-trip requests).
//!
//! A pending tool call is answered with `resultType: input_required` and our sealed `requestState`; the client calls again
//! with a new id and the state. The state decides nothing: the identical call finds its task by its digest. It counts the
//! rounds, and it keeps the upstream's own state, which the client can carry only once. It never reaches the upstream.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_wire::{
    digest::{BindingKey, b64url},
    json::{Limits, jcs, strict},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// After so many rounds a client gets a tool result that ends its loop.
pub const MOST_ROUNDS: u32 = 20;
const PREFIX: &str = "cs1.";
const MEMBER: &[u8] = b"\"requestState\"";

/// What a sealed state holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounds {
    /// Tries so far.
    pub rounds: u32,
    /// The upstream's own state, to be given back to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// The request this was sealed for.
    pub request_digest: String,
    /// The subject it was sealed for.
    pub subject: String,
    /// Seconds since the epoch after which it counts for nothing.
    pub exp: i64,
}

/// Seals a state: `cs1.<payload>.<mac>`.
pub fn seal(rounds: &Rounds, key: &BindingKey) -> String {
    let payload = b64url(&serde_json::to_vec(rounds).unwrap_or_default());
    let mac = mac(&payload, key);
    format!("{PREFIX}{payload}.{mac}")
}

/// A body whose state was ours, as the upstream may see it, and what the state held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The body to forward instead.
    pub body: Vec<u8>,
    /// Empty where the state was forged or has expired: it then counts for nothing.
    pub rounds: Rounds,
}

/// What a body carries in `params.requestState`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// Nothing, or the body is no such message.
    Nothing,
    /// The upstream's own state.
    Upstream(String),
    /// Ours.
    Ours(Restored),
}

/// Looks for a state. A body without that member name costs one scan.
pub fn carried(body: &[u8], key: &BindingKey, now_s: i64) -> Carried {
    if !body.windows(MEMBER.len()).any(|part| part == MEMBER) {
        return Carried::Nothing;
    }
    let limits = Limits { size: body.len(), depth: 64 };
    let Ok(mut value) = strict(body, &limits) else { return Carried::Nothing };
    let Some(params) = value.get_mut("params").and_then(Value::as_object_mut) else {
        return Carried::Nothing;
    };
    let Some(state) = params.get("requestState").and_then(Value::as_str).map(str::to_owned) else {
        return Carried::Nothing;
    };
    let Some(sealed) = state.strip_prefix(PREFIX) else { return Carried::Upstream(state) };
    let rounds = open(sealed, key).filter(|rounds| rounds.exp >= now_s).unwrap_or_default();
    match &rounds.upstream {
        Some(upstream) => params.insert("requestState".to_owned(), upstream.clone().into()),
        None => params.remove("requestState"),
    };
    Carried::Ours(Restored { body: jcs(&value), rounds })
}

fn open(sealed: &str, key: &BindingKey) -> Option<Rounds> {
    let (payload, stated) = sealed.split_once('.')?;
    // Nothing is decided by this comparison but a count, so it need not be constant in time.
    (mac(payload, key) == stated).then_some(())?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn mac(payload: &str, key: &BindingKey) -> String {
    let digest = key.request_digest(format!("mcp-state\0{payload}").as_bytes());
    digest.rsplit(':').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_wire::digest::Secret;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn key() -> BindingKey {
        BindingKey::new("bk1".into(), Secret::new([5; 32]))
    }

    fn rounds() -> Rounds {
        Rounds { rounds: 3, upstream: None, request_digest: "d".into(), subject: "s".into(), exp: 100 }
    }

    fn body(state: &str) -> Vec<u8> {
        serde_json::json!({"id": 1, "method": "tools/call", "params": {"name": "x", "requestState": state}})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn our_state_comes_back_and_is_taken_out() {
        let Carried::Ours(restored) = carried(&body(&seal(&rounds(), &key())), &key(), 50) else {
            panic!("ours")
        };
        assert_eq!(restored.rounds, rounds());
        assert_eq!(restored.body, br#"{"id":1,"method":"tools/call","params":{"name":"x"}}"#);
    }

    #[test]
    fn the_upstreams_state_survives_inside_ours() {
        let sealed = seal(&Rounds { upstream: Some("theirs".into()), ..rounds() }, &key());
        let Carried::Ours(restored) = carried(&body(&sealed), &key(), 50) else { panic!("ours") };
        assert!(String::from_utf8(restored.body).unwrap().contains(r#""requestState":"theirs""#));
        assert_eq!(carried(&body("theirs"), &key(), 50), Carried::Upstream("theirs".into()));
    }

    #[test]
    fn a_forged_or_old_state_counts_for_nothing_and_is_taken_out_all_the_same() {
        let sealed = seal(&rounds(), &key());
        for (state, now) in
            [(sealed.replacen("cs1.e", "cs1.f", 1), 50), (format!("{sealed}x"), 50), (sealed, 101)]
        {
            let Carried::Ours(restored) = carried(&body(&state), &key(), now) else { panic!("ours") };
            assert_eq!(restored.rounds, Rounds::default());
            assert!(!String::from_utf8(restored.body).unwrap().contains("requestState"));
        }
    }

    #[test]
    fn a_body_without_a_state_is_left_alone() {
        assert_eq!(carried(b"{\"params\":{}}", &key(), 0), Carried::Nothing);
        assert_eq!(carried(b"\"requestState\" nonsense", &key(), 0), Carried::Nothing);
    }
}
