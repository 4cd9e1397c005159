//! What "the same again" means: everything that must be equal for a standing approval to be used, and its keyed digest.
//!
//! It is [`Binding`] without the body, over raw names instead of masked ones, with the agent and what the decoder read. Two
//! requests that look alike because the same things are masked in them have different digests; two that differ in anything
//! but the body have, too. The key is known to filters only, so the service can compare scopes and neither read nor make one.

use crate::{
    binding::Binding,
    digest::BindingKey,
    json::jcs_of,
    parties::{Actor, Entity},
    submission::Dataset,
};
use serde::Serialize;
use serde_json::{Value, json};

/// What must be the same again. Only the body may differ.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The first request as it is bound; its body does not count.
    pub binding: &'s Binding,
    /// The agent, and every hop of those it acts for.
    pub actor: &'s Actor,
    /// What is done to what, as it was decoded.
    pub operation: Operation<'s>,
}

/// What is done, in raw names.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Operation<'s> {
    /// How it was written.
    pub protocol: &'s str,
    /// Whose operation it is.
    pub service: &'s str,
    /// Its own name, such as `POST` or `tools/call`.
    pub name: &'s str,
}

/// What it is done to, in raw names.
#[derive(Clone, Debug)]
pub struct Data {
    /// The resource.
    pub resource: Entity,
    /// Datasets read.
    pub reads: Vec<Dataset>,
    /// Datasets written.
    pub writes: Vec<Dataset>,
}

impl Scope<'_> {
    /// The digest by which the same again is known: HMAC over the canonical form, under `countersign-scope-v1`.
    pub fn digest(&self, data: &Data, key: &BindingKey) -> String {
        let mut whole = serde_json::to_value(self.binding).unwrap_or_default();
        if let Value::Object(members) = &mut whole {
            members.remove("content_digest");
            members.remove("content_form");
            members.insert("actor".to_owned(), json!(self.actor));
            members.insert("operation".to_owned(), json!(self.operation));
            members.insert("subject".to_owned(), json!(self.binding.subject.bound()));
            members.insert("action".to_owned(), json!(self.binding.action.bound()));
            members.insert("resource".to_owned(), json!(data.resource.bound()));
            members.insert("reads".to_owned(), json!(data.reads));
            members.insert("writes".to_owned(), json!(data.writes));
        }
        key.scope_digest(&jcs_of(&whole))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{
        binding::BoundPolicy,
        digest::{Secret, content_digest},
        parties::{Act, ActionName},
    };
    use std::collections::BTreeMap;

    struct Case {
        binding: Binding,
        actor: Actor,
        protocol: String,
        service: String,
        name: String,
        data: Data,
    }

    fn case() -> Case {
        Case {
            binding: Binding {
                v: 1,
                method: "POST".into(),
                scheme: "https".into(),
                authority: "api.example".into(),
                path: "/v2/import".into(),
                query: "?a=1".into(),
                content_type: "application/json".into(),
                content_digest: content_digest(b"one"),
                content_form: None,
                headers: BTreeMap::new(),
                secrets: Vec::new(),
                subject: Entity::new("workload", "spiffe://p/sa/bot"),
                action: ActionName::new("data_export"),
                resource: Entity::new("dataset", "[email]"),
                policy: BoundPolicy {
                    id: "p".into(),
                    rule: "r".into(),
                    rule_digest: "sha-256:x".into(),
                    commit: None,
                },
            },
            actor: Actor {
                id: "bot".into(),
                act: Some(Act { sub: "alice".into(), iss: None, act: None }),
                ..Actor::default()
            },
            protocol: "http".into(),
            service: "api.example".into(),
            name: "POST".into(),
            data: Data {
                resource: Entity::new("dataset", "bob@example.com"),
                reads: Vec::new(),
                writes: Vec::new(),
            },
        }
    }

    fn digest(change: impl FnOnce(&mut Case)) -> String {
        let mut case = case();
        change(&mut case);
        let operation = Operation { protocol: &case.protocol, service: &case.service, name: &case.name };
        let key = BindingKey::new("bk1".into(), Secret::new([7; 32]));
        Scope { binding: &case.binding, actor: &case.actor, operation }.digest(&case.data, &key)
    }

    #[test]
    fn another_body_is_the_same_again() {
        let other = digest(|case| {
            case.binding.content_digest = content_digest(b"two");
            case.binding.content_form = Some("jcs-jsonrpc".into());
        });
        assert_eq!(digest(|_| {}), other);
    }

    #[test]
    fn anything_else_that_differs_is_not_the_same_again() {
        let set = || Dataset { namespace: "n".into(), name: "d".into() };
        let changes: [fn(&mut Case); 19] = [
            |c| c.binding.method = "PUT".into(),
            |c| c.binding.scheme = "http".into(),
            |c| c.binding.authority = "api.example:8443".into(),
            |c| c.binding.path = "/v2/Import".into(),
            |c| c.binding.query = String::new(),
            |c| c.binding.content_type = "text/csv".into(),
            |c| drop(c.binding.headers.insert("x-amz-target".into(), "DeleteTable".into())),
            |c| c.binding.secrets.push("key".into()),
            |c| c.binding.subject.id.push('2'),
            |c| c.binding.action.name = "data_delete".into(),
            |c| c.binding.policy.rule_digest.push('y'),
            |c| c.actor.id = "other".into(),
            |c| c.actor.act = None,
            |c| c.actor.owners.push(Act { sub: "olga".into(), iss: None, act: None }),
            |c| c.actor.triggered_by.push(Act { sub: "tom".into(), iss: None, act: None }),
            |c| c.protocol = "mcp".into(),
            |c| c.service = "other".into(),
            |c| c.name = "DropTable".into(),
            |c| c.binding.policy.rule = "s".into(),
        ];
        let own = digest(|_| {});
        for (n, change) in changes.into_iter().enumerate() {
            assert_ne!(own, digest(change), "change {n}");
        }
        assert_ne!(own, digest(|c| c.data.reads.push(set())));
        assert_ne!(own, digest(|c| c.data.writes.push(set())));
    }

    #[test]
    fn what_is_masked_alike_is_not_the_same_again() {
        let other = digest(|case| case.data.resource.id = "carol@example.com".into());
        assert_ne!(digest(|_| {}), other);
    }
}
