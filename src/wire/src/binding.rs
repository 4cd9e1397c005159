//! What "the same request" means (protocol 1.4): the members that are bound, and their keyed digest.

use crate::{
    digest::BindingKey,
    json::jcs_of,
    parties::{ActionName, Entity},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// `B` of the protocol. Every member is always present, empty where there is nothing; only `content_form` may be absent.
#[derive(Clone, Debug, Serialize)]
pub struct Binding {
    /// Always 1.
    pub v: u8,
    /// As sent.
    pub method: String,
    /// From the configuration, never from the agent.
    pub scheme: String,
    /// Lower case, default port removed.
    pub authority: String,
    /// As sent, without the query, nothing decoded.
    pub path: String,
    /// As sent, with its leading `?`, or empty.
    pub query: String,
    /// The content type as sent, or empty.
    pub content_type: String,
    /// RFC 9530 digest over the bytes to be sent; that of the empty string where there is no body.
    pub content_digest: String,
    /// `jcs-jsonrpc` where the digest is over the canonical form without volatile members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_form: Option<String>,
    /// Headers that select the action, and those the rule lists; repeated ones joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// Names of the secrets the request uses.
    pub secrets: Vec<String>,
    /// Who asks.
    pub subject: Entity,
    /// The action's name.
    pub action: ActionName,
    /// What it is done to.
    pub resource: Entity,
    /// The rule that asks.
    pub policy: BoundPolicy,
}

/// The part of a policy reference that is bound.
#[derive(Clone, Debug, Serialize)]
pub struct BoundPolicy {
    /// The policy's name.
    pub id: String,
    /// The rule's name.
    pub rule: String,
    /// Digest of the compiled rule.
    pub rule_digest: String,
    /// The commit as well, where the rule is `strict_commit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// Headers bound whenever they are present, because they select or change what the request does, to what, or in whose name
/// (protocol part 4). `content-type` is a member of its own. What is not named here or by the rule is volatile: credentials,
/// dates, traces, ids of requests and sessions, what a client says of itself.
pub const SELECTING_HEADERS: [&str; 41] = [
    "content-encoding",
    "content-language",
    "x-http-method-override",
    "x-method-override",
    "x-http-method",
    "x-amz-target",
    "soapaction",
    "mcp-method",
    "mcp-name",
    "range",
    "if-match",
    "if-none-match",
    "prefer",
    // The same for dates.
    "if-modified-since",
    "if-unmodified-since",
    // WebDAV (RFC 4918 section 10): where a COPY or MOVE goes, and what becomes of what is there.
    "destination",
    "depth",
    "overwrite",
    "lock-token",
    // What an object store copies from, and whom it gives access.
    "x-amz-copy-source",
    "x-amz-copy-source-range",
    "x-amz-acl",
    "x-amz-bypass-governance-retention",
    "x-goog-copy-source",
    "x-goog-acl",
    "x-ms-copy-source",
    "x-ms-rename-source",
    "x-ms-delete-snapshots",
    "x-ms-blob-public-access",
    // In which catalog, schema and role a statement runs.
    "x-trino-catalog",
    "x-trino-schema",
    "x-trino-role",
    "x-presto-catalog",
    "x-presto-schema",
    "x-presto-role",
    // Whose account, organisation or name space is meant.
    "stripe-account",
    "openai-organization",
    "openai-project",
    "x-vault-namespace",
    "x-goog-user-project",
    "x-scope-orgid",
];

/// The same for headers of which only the beginning is fixed: Kubernetes' impersonation, and grants of object stores.
pub const SELECTING_PREFIXES: [&str; 2] = ["impersonate-", "x-amz-grant-"];

/// The content form of JSON-RPC and MCP bodies.
pub const JCS_JSONRPC: &str = "jcs-jsonrpc";

impl Binding {
    /// The digest that an approval is worth something for. The unbound `properties` are dropped first.
    pub fn request_digest(&self, key: &BindingKey) -> String {
        let bound = Self {
            subject: self.subject.bound(),
            action: self.action.bound(),
            resource: self.resource.bound(),
            ..self.clone()
        };
        key.request_digest(&jcs_of(&bound))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::digest::{Secret, content_digest};

    fn vector() -> Binding {
        Binding {
            v: 1,
            method: "POST".into(),
            scheme: "https".into(),
            authority: "api.thirdparty.example".into(),
            path: "/v2/import".into(),
            query: String::new(),
            content_type: "application/json".into(),
            content_digest: content_digest(
                br#"{"dataset":"prod.public.customers","format":"csv","rows":48210}"#,
            ),
            content_form: None,
            headers: BTreeMap::new(),
            secrets: vec!["thirdparty-api-key".into()],
            subject: Entity::new("workload", "spiffe://prod.example/ns/agents/sa/report-bot"),
            action: ActionName::new("data_export"),
            resource: Entity::new("dataset", "postgres://db.prod.example:5432/prod.public.customers"),
            policy: BoundPolicy {
                id: "export-guard".into(),
                rule: "pii-export".into(),
                rule_digest: "sha-256:Wtq50yYdPAZrqyHiqKk66NKurdw4k9JnL4364WZ3Uuw".into(),
                commit: None,
            },
        }
    }

    fn key() -> BindingKey {
        let bytes: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        BindingKey::new("bk1".into(), Secret::new(bytes))
    }

    #[test]
    fn the_published_vector_comes_out_byte_for_byte() {
        let canonical = String::from_utf8(jcs_of(&vector())).unwrap();
        assert_eq!(canonical, include_str!("../vectors/request_binding.json").trim_end());
        let expected = "hmac-sha-256:bk1:UkCGLkmvayI1RhKGl7vVpBMRLsxA-0IU1BdHapAYkJc";
        assert_eq!(vector().request_digest(&key()), expected);
    }

    #[test]
    fn properties_are_not_bound_and_everything_else_is() {
        let mut same = vector();
        same.resource.properties.insert("labels".into(), "pii".into());
        assert_eq!(same.request_digest(&key()), vector().request_digest(&key()));

        let changes: [fn(&mut Binding); 12] = [
            |b| b.method = "PUT".into(),
            |b| b.scheme = "http".into(),
            |b| b.authority.push_str(":8443"),
            |b| b.path.push('/'),
            |b| b.query = "?".into(),
            |b| b.content_type.push_str("; charset=utf-8"),
            |b| b.content_digest = content_digest(b""),
            |b| b.content_form = Some(JCS_JSONRPC.into()),
            |b| drop(b.headers.insert("range".into(), "bytes=0-1".into())),
            |b| b.subject.id.push('x'),
            |b| b.resource.kind = "table".into(),
            |b| b.policy.rule_digest.push('x'),
        ];
        for (n, change) in changes.iter().enumerate() {
            let mut other = vector();
            change(&mut other);
            assert_ne!(other.request_digest(&key()), vector().request_digest(&key()), "change {n}");
        }
    }
}
