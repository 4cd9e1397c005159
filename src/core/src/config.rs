//! The filter's configuration: what was typed, and what it means.
//!
//! The document is JSON in a `StringValue` of the plugin configuration (a `Struct` arrives as protobuf and loses numbers,
//! see `envoy.md` 9). Keys come from the environment of the VM and never stand in it. Whatever is wrong refuses to load
//! with one sentence: no filter is better than one that means something else than its author.

use crate::{
    call::{Destinations, Scheme},
    policy::{Document as PolicyDoc, Policy},
};
use countersign_wire::{
    digest::{BindingKey, Secret},
    jws::{Jwks, JwksDocument},
    signature::PepKey,
};
use serde::Deserialize;
use std::rc::Rc;

/// The configuration as it is typed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigDoc {
    /// This filter's id, the audience of its grants.
    pub client_id: String,
    /// The approval service.
    pub approval: ApprovalDoc,
    /// The key that signs requests to the service.
    pub signing_key: SigningKeyDoc,
    /// The key that binds requests; the service must not know it.
    pub binding_key: BindingKeyDoc,
    /// How destinations are reached.
    #[serde(default)]
    pub destinations: DestinationsDoc,
    /// Bounds.
    #[serde(default)]
    pub limits: LimitsDoc,
    /// What pending answers look like.
    #[serde(default)]
    pub answers: AnswersDoc,
    /// The policy.
    pub policy: PolicyDoc,
}

/// `approval:`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalDoc {
    /// Envoy's name of the cluster; it should speak HTTP/2.
    pub cluster: String,
    /// What the filter puts into `:authority`; the cluster must not rewrite it.
    pub authority: String,
    /// The `iss` of grants and receipts.
    pub issuer: String,
    /// The keys that grants and receipts are verified with. Pinned here: the service's network path cannot change them.
    pub jwks: JwksDocument,
    /// How held calls wait.
    #[serde(default)]
    pub poll: Poll,
}

/// How held calls wait for their decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Poll {
    /// Each its own long poll while few are held on a worker, one watch for all when many are.
    #[default]
    Auto,
    /// Each its own long poll.
    Stream,
    /// One watch per worker.
    Batch,
}

/// `signing_key:`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningKeyDoc {
    /// The id it goes by at the service.
    pub keyid: String,
    /// The environment variable that holds 64 hexadecimal digits.
    pub env: String,
}

/// `binding_key:`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BindingKeyDoc {
    /// The id it goes by in digests.
    pub kid: String,
    /// The environment variable that holds 64 hexadecimal digits.
    pub env: String,
}

/// `destinations:`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationsDoc {
    /// How hosts are reached that are not listed.
    #[serde(default)]
    pub default_scheme: Scheme,
    /// Hosts reached by `http` where the default is `https`.
    #[serde(default)]
    pub http: Vec<String>,
    /// Hosts reached by `https` where the default is `http`.
    #[serde(default)]
    pub https: Vec<String>,
}

/// `limits:`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsDoc {
    /// The largest body of a held call, in bytes. Envoy's own buffer limit must be at least this.
    pub body_bytes: usize,
    /// How long a held body may take to arrive, in milliseconds.
    pub body_ms: u64,
    /// How many calls one worker holds at once, and of how many more it awaits the body.
    pub held: usize,
    /// Bytes of heads and bodies of all those on one worker.
    pub held_bytes: usize,
    /// How many headers a request may have, pseudo-headers included.
    pub headers: usize,
    /// Bytes of the names and values of a request's headers.
    pub header_bytes: usize,
}

impl Default for LimitsDoc {
    fn default() -> Self {
        // Envoy's own defaults for a head are 100 headers and 60 KiB: below these.
        Self {
            body_bytes: 1024 * 1024,
            body_ms: 15_000,
            held: 10_000,
            held_bytes: 256 * 1024 * 1024,
            headers: 200,
            header_bytes: 96 * 1024,
        }
    }
}

/// `answers:`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswersDoc {
    /// The HTTP status of a pending hand-off.
    pub pending_status: u16,
    /// The gRPC status of a pending hand-off.
    pub pending_grpc_status: u8,
    /// One JSON-RPC error code for all answers, for gateways that expect it.
    pub jsonrpc_denial_code: Option<i32>,
}

impl Default for AnswersDoc {
    fn default() -> Self {
        Self { pending_status: 428, pending_grpc_status: 9, jsonrpc_denial_code: None }
    }
}

/// Why a configuration does not load.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not JSON, or not of the published schema.
    #[error("the plugin configuration is not of the published schema: {0}; give JSON in a StringValue")]
    Schema(String),
    /// A text that must not be empty, or is too long.
    #[error("`{0}` must have 1 to 253 visible characters")]
    Text(&'static str),
    /// A key that is not in the environment.
    #[error("`{0}`: the environment variable `{1}` is not set; set it in vm_config.environment_variables")]
    NoKey(&'static str, String),
    /// A key of another form.
    #[error("`{0}`: the environment variable `{1}` does not hold 64 hexadecimal digits")]
    BadKey(&'static str, String),
    /// The same key twice.
    #[error(
        "`binding_key` and `signing_key` are the same secret; the approval service would know the binding key"
    )]
    SameKey,
    /// A key set that cannot be used.
    #[error("`approval.jwks`: {0}")]
    Jwks(#[from] countersign_wire::jws::JwksFault),
    /// A destination that is no host.
    #[error("`destinations`: {0}")]
    Destination(#[from] crate::call::BadHost),
    /// A list that can say nothing.
    #[error("`destinations.{0}` lists hosts but `default_scheme` is already `{0}`")]
    IdleDestinations(&'static str),
    /// A limit nobody can keep.
    #[error("`limits.{0}` must be from {1} to {2}")]
    Limit(&'static str, u64, u64),
    /// A status that would lie.
    #[error("`answers.pending_status` must be 428, 503, 423, 429 or 403: a call that waits was not executed")]
    PendingStatus,
    /// A gRPC status that would lie.
    #[error("`answers.pending_grpc_status` must be 9 (FAILED_PRECONDITION) or 14 (UNAVAILABLE)")]
    PendingGrpcStatus,
    /// A JSON-RPC code of the protocol itself.
    #[error("`answers.jsonrpc_denial_code` must not be one that JSON-RPC itself defines")]
    JsonRpcCode,
    /// The policy.
    #[error("`policy`: {0}")]
    Policy(#[from] crate::policy::PolicyError),
}

/// A configuration that was checked once and is not parsed again.
#[derive(Debug)]
pub struct Config {
    /// The audience of grants.
    pub client_id: String,
    /// Envoy's cluster of the service.
    pub cluster: String,
    /// `:authority` of calls to the service.
    pub authority: String,
    /// `iss` of grants.
    pub issuer: String,
    /// Keys of the service.
    pub jwks: Jwks,
    /// How held calls wait.
    pub poll: Poll,
    /// Signs requests.
    pub signing: PepKey,
    /// Binds requests.
    pub binding: BindingKey,
    /// Schemes.
    pub destinations: Destinations,
    /// Bounds.
    pub limits: LimitsDoc,
    /// Statuses of pending answers.
    pub answers: AnswersDoc,
    /// The compiled policy.
    pub policy: Policy,
    /// Hexadecimal SHA-256 of the configuration's bytes.
    pub digest: String,
}

impl Config {
    /// Reads and compiles a configuration. `environment` looks a variable up.
    ///
    /// # Errors
    /// A [`ConfigError`] that says what, where and how to mend it.
    pub fn load(bytes: &[u8], environment: &dyn Fn(&str) -> Option<String>) -> Result<Rc<Self>, ConfigError> {
        let document: ConfigDoc =
            serde_json::from_slice(bytes).map_err(|error| ConfigError::Schema(error.to_string()))?;
        for (name, text) in [
            ("client_id", &document.client_id),
            ("approval.cluster", &document.approval.cluster),
            ("approval.authority", &document.approval.authority),
            ("approval.issuer", &document.approval.issuer),
            ("signing_key.keyid", &document.signing_key.keyid),
            ("binding_key.kid", &document.binding_key.kid),
        ] {
            let visible = text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
            if !visible || !(1..=253).contains(&text.len()) {
                return Err(ConfigError::Text(name));
            }
        }
        let kid_fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if !document.binding_key.kid.bytes().all(kid_fits) {
            return Err(ConfigError::Text("binding_key.kid"));
        }
        check_limits(&document.limits)?;
        check_answers(&document.answers)?;
        let (signing_hex, signing) = key("signing_key", &document.signing_key.env, environment)?;
        let (binding_hex, binding) = key("binding_key", &document.binding_key.env, environment)?;
        if signing_hex == binding_hex {
            return Err(ConfigError::SameKey);
        }
        let policy = Policy::compile(document.policy)?.with_pseudonyms(&binding);
        Ok(Rc::new(Self {
            jwks: Jwks::try_from(&document.approval.jwks)?,
            destinations: destinations(&document.destinations)?,
            policy,
            client_id: document.client_id,
            cluster: document.approval.cluster,
            authority: document.approval.authority,
            issuer: document.approval.issuer,
            poll: document.approval.poll,
            signing: PepKey { keyid: document.signing_key.keyid, secret: signing },
            binding: BindingKey::new(document.binding_key.kid, binding),
            limits: document.limits,
            answers: document.answers,
            digest: countersign_wire::digest::tagged_hex("", bytes),
        }))
    }
}

/// A key of the environment, as its digits in lower case (to compare) and as a secret.
fn key(
    name: &'static str,
    variable: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<(String, Secret), ConfigError> {
    let digits = environment(variable).ok_or_else(|| ConfigError::NoKey(name, variable.to_owned()))?;
    let digits = digits.trim().to_ascii_lowercase();
    let secret = Secret::from_hex(&digits).ok_or_else(|| ConfigError::BadKey(name, variable.to_owned()))?;
    Ok((digits, secret))
}

fn destinations(document: &DestinationsDoc) -> Result<Destinations, ConfigError> {
    let (exceptions, idle, name) = match document.default_scheme {
        Scheme::Https => (&document.http, &document.https, "https"),
        Scheme::Http => (&document.https, &document.http, "http"),
    };
    if !idle.is_empty() {
        return Err(ConfigError::IdleDestinations(name));
    }
    Ok(Destinations::new(document.default_scheme, exceptions)?)
}

fn check_limits(limits: &LimitsDoc) -> Result<(), ConfigError> {
    const MIB: u64 = 1024 * 1024;
    for (name, value, least, most) in [
        ("body_bytes", limits.body_bytes as u64, 1, 64 * MIB),
        ("body_ms", limits.body_ms, 100, 600_000),
        ("held", limits.held as u64, 1, 100_000),
        ("held_bytes", limits.held_bytes as u64, MIB, 2048 * MIB - 1),
        ("headers", limits.headers as u64, 16, 10_000),
        ("header_bytes", limits.header_bytes as u64, 1024, 8 * MIB),
    ] {
        if !(least..=most).contains(&value) {
            return Err(ConfigError::Limit(name, least, most));
        }
    }
    Ok(())
}

fn check_answers(answers: &AnswersDoc) -> Result<(), ConfigError> {
    if ![428, 503, 423, 429, 403].contains(&answers.pending_status) {
        return Err(ConfigError::PendingStatus);
    }
    if ![9, 14].contains(&answers.pending_grpc_status) {
        return Err(ConfigError::PendingGrpcStatus);
    }
    // MCP 2026-07-28 keeps the standard range for itself, but gateways that ask for -32001 get it.
    let standard = [-32700, -32600, -32601, -32602, -32603];
    if answers.jsonrpc_denial_code.is_some_and(|code| standard.contains(&code)) {
        return Err(ConfigError::JsonRpcCode);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn document() -> Value {
        let key = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        json!({
            "client_id": "urn:countersign:pep:test",
            "approval": {"cluster": "approvals", "authority": "approvals.test", "issuer": "https://approvals.test",
                "jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": key, "kid": kid}]}},
            "signing_key": {"keyid": "pep", "env": "SIGNING"},
            "binding_key": {"kid": "bk1", "env": "BINDING"},
            "policy": {"apiVersion": "countersign.dev/v1", "name": "tests", "groups": {"security": {}},
                "defaults": {"reviewers": {"groups": ["security"], "quorum": 1}}},
        })
    }

    fn load(document: &Value) -> Result<Rc<Config>, ConfigError> {
        Config::load(document.to_string().as_bytes(), &|name| match name {
            "SIGNING" => Some("01".repeat(32)),
            "BINDING" => Some("02".repeat(32)),
            "SHORT" => Some("02".repeat(31)),
            _ => None,
        })
    }

    type Change = fn(&mut Value);

    fn refusal(change: Change) -> String {
        let mut changed = document();
        change(&mut changed);
        load(&changed).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn a_complete_configuration_loads() {
        let config = load(&document()).unwrap();
        assert_eq!(
            (config.poll, config.limits.body_bytes, config.digest.len()),
            (Poll::Auto, 1024 * 1024, 64)
        );
    }

    #[test]
    fn what_cannot_be_meant_refuses_with_a_sentence_that_names_it() {
        let cases: [(Change, &str); 14] = [
            (|d| d["aproval"] = json!({}), "unknown field `aproval`"),
            (|d| d["approval"]["url"] = json!("x"), "unknown field `url`"),
            (|d| d["limits"] = json!({"body": 1}), "unknown field `body`"),
            (|d| d["client_id"] = json!(""), "`client_id` must have 1 to 253 visible characters"),
            (|d| d["signing_key"]["keyid"] = json!("a\"b"), "`signing_key.keyid`"),
            (|d| d["binding_key"]["kid"] = json!("a:b"), "`binding_key.kid`"),
            (|d| d["signing_key"]["env"] = json!("NOWHERE"), "the environment variable `NOWHERE` is not set"),
            (|d| d["signing_key"]["env"] = json!("SHORT"), "does not hold 64 hexadecimal digits"),
            (|d| d["binding_key"]["env"] = json!("SIGNING"), "are the same secret"),
            (|d| d["approval"]["jwks"]["keys"] = json!([]), "the key set is empty"),
            (|d| d["limits"] = json!({"body_bytes": 0}), "`limits.body_bytes` must be from 1 to"),
            (|d| d["answers"] = json!({"pending_status": 200}), "a call that waits was not executed"),
            (|d| d["destinations"] = json!({"https": ["a.test"]}), "`destinations.https` lists hosts"),
            (|d| d["destinations"] = json!({"http": ["a.test:80"]}), "bad destination `a.test:80`"),
        ];
        for (change, expected) in cases {
            let said = refusal(change);
            assert!(said.contains(expected), "{expected:?} in {said:?}");
            assert!(!said.contains("0101"), "a key is never repeated");
        }
        assert!(Config::load(b"{", &|_| None).is_err());
    }
}
