//! A stand-in for the approval service that holds the real keys: honest by default, and a liar where the input says so. It keeps
//! a list of all that it ever signed.

use countersign_core::service::{Answer, Dispatch};
use countersign_wire::{
    digest::Secret,
    evaluation::Redeem,
    grant::GrantClaims,
    jws::Issuer,
    names,
    record::Record,
    sealed::{Envelope, Plain, Sealed},
    submission::Submission,
};
use serde_json::{Value, json};

use crate::bytes::Bytes;

/// Who signs.
pub const ISSUER: &str = "https://approvals.test";
/// For whom.
pub const CLIENT: &str = "urn:countersign:pep:test";

/// The service.
pub struct Service {
    issuer: Issuer,
    stranger: Issuer,
    /// Claims of every decision under the real key.
    pub grants: Vec<Value>,
    /// Claims of every receipt under the real key.
    pub receipts: Vec<Value>,
    next: usize,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            issuer: Issuer::from_seed(&[7; 32]),
            stranger: Issuer::from_seed(&[3; 32]),
            grants: Vec::new(),
            receipts: Vec::new(),
            next: 0,
        }
    }
}

/// An answer of 200 with this document.
pub fn ok(body: &Value) -> Answer {
    Answer::Http { status: 200, retry_after_s: None, body: body.to_string().into_bytes() }
}

/// The path of a call.
pub fn path(dispatch: &Dispatch) -> &str {
    dispatch.headers.iter().find(|(name, _)| *name == ":path").map_or("", |(_, path)| path.as_str())
}

impl Service {
    /// The public key.
    pub fn jwk(&self) -> Value {
        json!(self.issuer.jwk())
    }

    /// Answers a call: as it should be in some state of the task, which the input chooses.
    pub fn answer(
        &mut self,
        dispatch: &Dispatch,
        sent: Option<&Submission>,
        now_s: i64,
        choose: &mut Bytes,
    ) -> Answer {
        if path(dispatch) == names::EVALUATION_PATH {
            return self.redeem(dispatch, now_s, choose);
        }
        // The task of a submission is the same for the same digest, as the service promises.
        let tid = sent.map_or_else(|| "arq_0".to_owned(), |sent| task_id(&sent.context.request_digest));
        let task = |status: &str| json!({"task": {"id": tid, "status": status}});
        match choose.below(8) {
            0 => ok(&task("pending")),
            1..4 => self.decide(&tid, sent, now_s, choose),
            4 => ok(
                &json!({"task": {"id": tid, "status": "pending", "progress": {"step_name": "needs_context"},
                "display": {"urn:countersign:v1": {"question": "which vendor?"}}}}),
            ),
            5 => ok(&task(choose.of(&["expired", "cancelled", "failed", "granted", "denied"]))),
            6 => Answer::Http { status: 304, retry_after_s: Some(choose.number()), body: Vec::new() },
            _ => {
                let mut body = task("pending").to_string().into_bytes();
                choose.mutate(&mut body);
                Answer::Http { status: 200, retry_after_s: None, body }
            }
        }
    }

    /// A decision on a task, honest or not.
    fn decide(&mut self, tid: &str, sent: Option<&Submission>, now_s: i64, choose: &mut Bytes) -> Answer {
        let jti = choose.of(&["apr_1", "apr_2", "apr_3"]);
        let mut claims = claims(tid, jti, sent, now_s);
        let lies = choose.byte();
        if lies >= 128 {
            lie(&mut claims, choose);
        }
        let mut token = self.sign(names::GRANT_TYP, &claims, choose);
        if lies % 16 == 15 {
            token = altered(token, choose);
        }
        let approval = json!({"id": claims["jti"].as_str().unwrap_or(jti), "state": token});
        let result = match claims["decision"].as_str() {
            Some("denied") => json!({"denial": {"state": token}}),
            _ => json!({"mode": "reevaluate", "approval": approval}),
        };
        let status = if result.get("denial").is_some() { "denied" } else { "approved" };
        ok(&json!({"task": {"id": tid, "status": status, "result": result}}))
    }

    /// The answer to a redeem, honest or not.
    fn redeem(&mut self, dispatch: &Dispatch, now_s: i64, choose: &mut Bytes) -> Answer {
        let Ok(redeem) = serde_json::from_slice::<Redeem>(&dispatch.body) else { return Answer::Lost };
        let kind = choose.byte();
        if kind % 8 == 7 {
            let details =
                ["already_redeemed", "revoked", "expired", "digest_mismatch", "secret_unavailable", "what"];
            let detail = choose.of(&details);
            return ok(&json!({"decision": false, "context": {"urn:countersign:v1": {"detail": detail}}}));
        }
        let Ok(record) = Record::from_value(redeem.context.v1.record.clone(), 0) else { return Answer::Lost };
        let mut claims = json!({"iss": ISSUER, "aud": CLIENT, "iat": now_s, "exp": now_s + 30,
            "jti": redeem.context.approval.id, "request_digest": redeem.context.request_digest,
            "nonce": redeem.context.v1.nonce, "audit": record.name()});
        if kind >= 128 {
            lie(&mut claims, choose);
        }
        let mut token = self.sign(names::RECEIPT_TYP, &claims, choose);
        if kind % 16 == 14 {
            token = altered(token, choose);
        }
        let key = Secret::new([1; 32]);
        let jti = redeem.context.approval.id.as_str();
        let envelope = Envelope { key: &key, jti, request_digest: &redeem.context.request_digest };
        let value = Plain::value(b"sk-fuzz-0123456789".to_vec()).expect("a value");
        let sealed = |name: &str| envelope.seal(name, "1", &value, [kind; 12]).expect("sealed");
        let used = redeem.context.v1.record["secrets"].as_array().cloned().unwrap_or_default();
        let mut secrets: Vec<Sealed> = used.iter().filter_map(Value::as_str).map(sealed).collect();
        match kind % 16 {
            12 => secrets.push(sealed("other")),
            13 => secrets.clear(),
            _ => {}
        }
        ok(
            &json!({"decision": true, "context": {"urn:countersign:v1": {"receipt": token, "secrets": secrets}}}),
        )
    }

    fn sign(&mut self, typ: &str, claims: &Value, choose: &mut Bytes) -> String {
        self.next += 1;
        match choose.byte() {
            255 => self.stranger.sign(typ, claims),
            254 => self.issuer.sign("JWT", claims),
            _ => {
                let list = if typ == names::GRANT_TYP { &mut self.grants } else { &mut self.receipts };
                list.push(claims.clone());
                self.issuer.sign(typ, claims)
            }
        }
    }
}

/// A task's id: one for each digest.
fn task_id(digest: &str) -> String {
    let tail: String = digest.chars().rev().filter(char::is_ascii_alphanumeric).take(20).collect();
    format!("arq_{tail}")
}

/// The claims of an honest approval of what was submitted.
fn claims(tid: &str, jti: &str, sent: Option<&Submission>, now_s: i64) -> Value {
    let vector = include_str!("../../src/wire/vectors/approval_claims.json");
    let mut claims: Value = serde_json::from_str(vector).expect("the vector is JSON");
    let own = json!({"iss": ISSUER, "aud": CLIENT, "iat": now_s, "nbf": now_s, "exp": now_s + 300, "jti": jti, "tid": tid,
        "quorum": {"required": 1, "groups": ["security"], "distinct": true},
        "release": {"secrets": sent.map(|sent| sent.context.v1.secrets.clone()).unwrap_or_default()},
        "approvers": [{"iss": "https://idp.test", "sub": "bob", "email": "bob@people.test", "group": "security", "at": now_s}]});
    merge(&mut claims, own);
    if let Some(sent) = sent {
        let v1 = &sent.context.v1;
        merge(
            &mut claims,
            json!({"request_digest": sent.context.request_digest, "display_digest": sent.display_digest(),
            "masking": v1.payload.masking, "subject": sent.subject.bound(), "action": sent.action.bound(),
            "resource": sent.resource.bound(), "actor": sent.client.actor,
            "policy": {"id": v1.policy.id, "rule": v1.policy.rule, "commit": v1.policy.commit,
                "rule_digest": v1.policy.rule_digest, "digest": v1.policy.digest}}),
        );
    }
    debug_assert!(serde_json::from_value::<GrantClaims>(claims.clone()).is_ok(), "honest claims are claims");
    claims
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// What a service with the right key could say that is not so.
fn lie(claims: &mut Value, choose: &mut Bytes) {
    let alice =
        json!([{"iss": "https://idp.test", "sub": "alice@people.test", "group": "security", "at": 1}]);
    let lies: [(&str, Value); 20] = [
        ("approvers", json!([])),
        ("approvers", alice),
        ("request_digest", json!("hmac-sha-256:bk1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("display_digest", json!("sha-256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("aud", json!("urn:countersign:pep:other")),
        ("iss", json!("https://other.test")),
        ("exp", json!(1)),
        ("exp", json!(i64::MAX)),
        ("iat", json!(i64::MIN)),
        ("nbf", json!(i64::MAX)),
        ("decision", json!("denied")),
        ("max_uses", json!(2)),
        ("tid", json!("arq_other")),
        ("jti", json!("apr_9")),
        ("nonce", json!("AAECAwQFBgcICQoLDA0ODw")),
        ("subject", json!({"type": "workload", "id": "another"})),
        ("action", json!({"name": "read_only"})),
        ("binding_context_members", json!([])),
        ("audit", json!({"chain": "c", "seq": 1, "hash": "h"})),
        ("policy", json!({})),
    ];
    for _ in 0..=choose.below(2) {
        let (name, value) = &lies[choose.below(lies.len())];
        claims[*name] = value.clone();
    }
}

/// A token with some of its characters changed.
fn altered(token: String, choose: &mut Bytes) -> String {
    let mut bytes = token.into_bytes();
    choose.mutate(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
