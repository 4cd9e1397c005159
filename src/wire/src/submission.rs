//! The request for approval as the filter sends it (protocol 1.3), and the digest of what a reviewer is shown.
//!
//! ARAP allows extension members only under registered names or URIs, so everything of ours stands under two keys of
//! `context`: the request digest, which authorises, and `urn:countersign:v1`, which describes.

use crate::{
    digest::tagged,
    json::jcs_of,
    masking::Masking,
    parties::{ActionName, Actor, Entity, PolicyRef},
    people::{Requesters, Separation, Wanted, Way},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The body of `POST /access/v1/requests`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Submission {
    /// Who asks.
    pub subject: Entity,
    /// What it is done to.
    pub resource: Entity,
    /// What is done.
    pub action: ActionName,
    /// The digest and the description.
    pub context: Context,
    /// How long the task may live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_access: Option<RequestedAccess>,
    /// The filter and the agent behind it.
    pub client: Client,
    /// The denial that makes this request possible, as ARAP words it.
    pub denial: Denial,
}

/// `context` of a submission.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Context {
    /// What the agent says it wants this for; untrusted, at most 1000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_justification: Option<String>,
    /// The one member that authorises.
    #[serde(rename = "urn:countersign:request_digest")]
    pub request_digest: String,
    /// What describes.
    #[serde(rename = "urn:countersign:v1")]
    pub v1: Description,
}

/// Everything descriptive; what a reviewer relies on is in the display digest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Description {
    /// Plain digest of the body; only where the rule says `content_digest: plain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_digest: Option<String>,
    /// Where it would go.
    pub destination: Destination,
    /// Which rule asks.
    pub policy: PolicyRef,
    /// The masked body.
    pub payload: Payload,
    /// Where the request is a batch: what is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
    /// Where data comes from and goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
    /// Who must agree.
    pub quorum: QuorumAsk,
    /// Names of secrets the request uses.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// The word and number shown to the agent's user and to the reviewer alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Trace context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// The record `approval.requested` this submission belongs to.
    pub audit: RecordRef,
}

/// Where the request would go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// `http` or `https`.
    pub scheme: String,
    /// Host and port.
    pub authority: String,
    /// Path and query, masked.
    pub path: String,
    /// Envoy's cluster, where known; not part of the display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
}

/// The masked body and how much of it that is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Payload {
    /// As sent, or empty.
    pub media_type: String,
    /// Bytes of the whole body.
    pub size: u64,
    /// Whether the excerpt is less than the whole.
    pub truncated: bool,
    /// Masked text, at most 4 KiB; empty where the body is not understood.
    pub masked_excerpt: String,
    /// What was masked, and where.
    pub masked: Vec<Masked>,
    /// The masking in numbers. The grant repeats it, so it is no part of the display.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masking: Option<Masking>,
    /// What looks as if it should be masked and stays because the policy says so: where, and which detector sees it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Masked>,
    /// The digest of the display.
    pub display_digest: String,
}

/// One masked place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masked {
    /// Where, as a JSONPath-like text.
    pub path: String,
    /// Which detector found it.
    pub detector: String,
    /// What it is: `email`, `secret` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How many values were masked there, where it is not one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Where the first begins, in bytes of the body or the header's value as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
}

/// What a batch holds. It is approved as a whole or not at all, so a reviewer must see each thing that it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// How many requests.
    pub total: u64,
    /// What they do, in their order; what is alike is one entry.
    pub members: Vec<BatchMember>,
    /// How many are not listed. These only read, and none of them needs consent by itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub more_reads: u64,
}

/// One thing that a batch does. Masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchMember {
    /// The class, such as `data_delete`.
    pub class: String,
    /// The operation, in the protocol's words.
    pub operation: String,
    /// What it is done to.
    pub resource: Entity,
    /// How many of the requests do just this.
    pub count: u64,
}

/// Whether there is nothing to write.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Datasets read and written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lineage {
    /// `policy`, `resolver` or `claimed`.
    pub source: String,
    /// The run this belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_run: Option<ParentRun>,
    /// Read.
    #[serde(default)]
    pub inputs: Vec<Dataset>,
    /// Written.
    #[serde(default)]
    pub outputs: Vec<Dataset>,
}

/// An OpenLineage run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentRun {
    /// Namespace of the job.
    pub namespace: String,
    /// Name of the job.
    pub name: String,
    /// A UUID.
    pub run_id: String,
}

/// An OpenLineage dataset name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Where the name is valid, such as `postgres://db:5432`.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// Who must agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuorumAsk {
    /// How many distinct people.
    pub required: u8,
    /// Each group must be represented by a different one of them.
    pub groups: Vec<String>,
    /// Always true.
    pub distinct: bool,
    /// Whether one denial denies.
    #[serde(default)]
    pub veto: bool,
    /// Whether a decision needs a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where one person of each group is not what the rule wants: the ways in which it is enough, any of which. Then
    /// `groups` are all that occur. Absent where `required` and `groups` say it all; a service that does not know this
    /// member asks for more than the rule, and the filter counts by it in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<Way>,
    /// Whom the rule keeps from reviewing, besides those who ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub separation: Vec<Separation>,
    /// The groups of which one person alone may break the glass; absent where nobody may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub break_glass: Vec<String>,
}

impl QuorumAsk {
    /// What is counted by.
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted { required: self.required, groups: &self.groups, ways: &self.ways }
    }
}

/// W3C trace context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// As received or made by the proxy.
    pub traceparent: String,
}

/// Names one audit record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRef {
    /// The chain, a UUID.
    pub chain: String,
    /// Its number in the chain.
    pub seq: u64,
    /// Its hash, 64 hexadecimal digits.
    pub hash: String,
}

/// How long the task may live.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestedAccess {
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_until: Option<String>,
    /// For how many seconds a grant should be good; at most the rule's.
    #[serde(rename = "urn:countersign:grant_seconds", default, skip_serializing_if = "Option::is_none")]
    pub grant_seconds: Option<i64>,
    /// What reviewers may agree to beyond this one request; absent where the rule allows nothing beyond it.
    #[serde(rename = "urn:countersign:scoped", default, skip_serializing_if = "Option::is_none")]
    pub scoped: Option<ScopedAsk>,
    /// For how many seconds from now the filter holds the call, and polls without a break.
    #[serde(rename = "urn:countersign:hold_seconds", default, skip_serializing_if = "Option::is_none")]
    pub hold_seconds: Option<i64>,
    /// What becomes of the task when the agent leaves in the middle of the hold, or the filter dies.
    #[serde(rename = "urn:countersign:on_disconnect", default, skip_serializing_if = "Option::is_none")]
    pub on_disconnect: Option<OnDisconnect>,
}

/// What becomes of a task when nobody waits for it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDisconnect {
    /// It stays for a retry.
    Keep,
    /// It is withdrawn.
    Cancel,
}

/// The bound of a standing approval, and what it would be for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopedAsk {
    /// How often at most, the first request included.
    pub uses: u32,
    /// For how many seconds at most, from the last reviewer's yes.
    pub seconds: i64,
    /// The keyed digest of everything that must be the same: see [`crate::scope::Scope`].
    pub digest: String,
}

/// The filter and the agent behind it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Client {
    /// The filter's id, the audience of every grant.
    pub id: String,
    /// The product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The agent.
    pub actor: Actor,
    /// Session ids and the like.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub source: Map<String, Value>,
}

/// The local denial that ARAP starts from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Denial {
    /// Unique for this judgement.
    pub evaluation_id: String,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluated_at: Option<String>,
    /// RFC 3339.
    pub expires_at: String,
    /// Always `approval_required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// A token of an external decision point, forwarded untouched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding_token: Option<String>,
}

impl Submission {
    /// The digest of exactly what a reviewer is shown (protocol part 4, display). It does not read the submitted
    /// `display_digest`: both ends compute it and compare.
    pub fn display_digest(&self) -> String {
        tagged("countersign-display-v1\0", &self.display())
    }

    /// Who wrote the policy, where the rule keeps them from reviewing; nobody elsewhere.
    pub fn barred_authors(&self) -> Requesters {
        let v1 = &self.context.v1;
        if v1.quorum.separation.contains(&Separation::PolicyAuthor) {
            return Requesters::named(&v1.policy.authors);
        }
        Requesters::default()
    }

    /// The canonical bytes the display digest is over.
    pub fn display(&self) -> Vec<u8> {
        let v1 = &self.context.v1;
        let none = Lineage {
            source: "policy".to_owned(),
            parent_run: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        let lineage = v1.lineage.as_ref().unwrap_or(&none);
        let mut display = json!({
            "subject": self.subject.bound(),
            "action": self.action.bound(),
            "resource": self.resource.bound(),
            "destination": {
                "scheme": v1.destination.scheme, "authority": v1.destination.authority, "path": v1.destination.path,
            },
            "lineage": {"source": lineage.source, "inputs": lineage.inputs, "outputs": lineage.outputs},
            "payload": {
                "media_type": v1.payload.media_type, "size": v1.payload.size, "truncated": v1.payload.truncated,
                "masked_excerpt": v1.payload.masked_excerpt, "masked": v1.payload.masked,
            },
            "policy": {"id": v1.policy.id, "rule": v1.policy.rule, "rule_digest": v1.policy.rule_digest},
            "secrets": v1.secrets,
        });
        // A policy that lets nothing stay is shown as it was before there were such policies.
        if !v1.payload.allowed.is_empty()
            && let Some(payload) = display.get_mut("payload").and_then(Value::as_object_mut)
        {
            payload.insert("allowed".to_owned(), json!(v1.payload.allowed));
        }
        // Nor is a request that is no batch shown otherwise than before.
        if let (Some(batch), Some(display)) = (&v1.batch, display.as_object_mut()) {
            display.insert("batch".to_owned(), json!(batch));
        }
        jcs_of(&display)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn vector() -> Submission {
        serde_json::from_str(include_str!("../vectors/approval-request.body").trim_end()).unwrap()
    }

    #[test]
    fn the_published_display_comes_out_byte_for_byte() {
        let display = String::from_utf8(vector().display()).unwrap();
        assert_eq!(display, include_str!("../vectors/display.json").trim_end());
        assert_eq!(vector().display_digest(), vector().context.v1.payload.display_digest);
    }

    #[test]
    fn the_published_submission_survives_reading_and_writing() {
        let before: Value = serde_json::from_str(include_str!("../vectors/approval-request.json")).unwrap();
        assert_eq!(serde_json::to_value(vector()).unwrap(), before);
    }

    #[test]
    fn justification_code_and_times_are_outside_the_display() {
        let mut other = vector();
        other.context.business_justification = Some("something else".into());
        other.context.v1.code = Some("OAK-11".into());
        other.requested_access = None;
        assert_eq!(other.display_digest(), vector().display_digest());
        other.context.v1.payload.size += 1;
        assert_ne!(other.display_digest(), vector().display_digest());
    }

    #[test]
    fn what_a_batch_holds_is_part_of_the_display() {
        let member = BatchMember {
            class: "data_delete".into(),
            operation: "tools/call".into(),
            resource: Entity::new("tool", "delete_user"),
            count: 2,
        };
        let with = |count, more_reads| {
            let mut one = vector();
            let members = vec![BatchMember { count, ..member.clone() }];
            one.context.v1.batch = Some(Batch { total: count + more_reads, members, more_reads });
            one.display_digest()
        };
        assert_ne!(with(2, 0), vector().display_digest());
        assert_ne!(with(2, 0), with(3, 0));
        assert_ne!(with(2, 0), with(2, 1));
    }
}
