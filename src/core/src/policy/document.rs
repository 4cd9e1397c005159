//! A policy document as people write it. What it means is compiled once, by [`super::Policy::compile`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BreakGlassDoc, ReviewersDoc, duration::Span, many::Many, scoped::ScopedDoc};
use crate::{
    action::{Class, Protocol},
    call::Scheme,
    catalog::CatalogDoc,
    requester::RequesterDoc,
};

/// The version this build reads.
pub const API_VERSION: &str = "countersign.dev/v1";

/// A policy document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// [`API_VERSION`].
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// The policy's name.
    pub name: String,
    /// The commit it was taken from, stamped by `countersign policy bundle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Where the policy can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Who wrote it, by name or address. A rule may keep them from reviewing; then `countersign policy bundle` adds the
    /// author of the commit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// What holds where no rule says otherwise.
    #[serde(default)]
    pub defaults: DefaultsDoc,
    /// Who asks.
    #[serde(default)]
    pub requester: RequesterDoc,
    /// Reviewer groups by name.
    #[serde(default)]
    pub groups: BTreeMap<String, GroupDoc>,
    /// Endpoints whose protocol the path does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<EndpointDoc>,
    /// The catalogs of operations in force: all that come with the filter, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog: Option<CatalogDoc>,
    /// What is masked besides what is masked anyway, and what comes in its place: see [`super::MaskingDoc`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masking: Option<Value>,
    /// Secrets that agents hold as placeholders, by name: which authority each is sent to, in which header, by which rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Value>,
    /// The rules; their order means nothing.
    #[serde(default)]
    pub rules: Vec<RuleDoc>,
}

/// What holds where no rule says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultsDoc {
    /// What a read gets that no rule matches: `pass` where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<DefaultEffect>,
    /// What everything else gets: `hold` where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<DefaultEffect>,
    /// How long a call is held before the agent is handed off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Span>,
    /// How long a task waits for reviewers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Span>,
    /// How long a grant may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Span>,
    /// Who reviews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewers: Option<ReviewersDoc>,
    /// Whether what passes is counted or recorded one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Recording>,
    /// Classes of actions that are asked for one by one, whatever a rule's `scoped` says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub always_ask: Vec<Class>,
}

/// What a call gets that no rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefaultEffect {
    /// It passes.
    Pass,
    /// It is held.
    Hold,
    /// It is refused.
    Deny,
}

/// What is kept of a call that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recording {
    /// A count.
    Counted,
    /// A record of its own.
    Recorded,
}

/// A reviewer group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupDoc {
    /// Who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// An endpoint whose protocol the path does not tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointDoc {
    /// Its host.
    pub host: String,
    /// Its path; every path of the host where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What is spoken there.
    pub protocol: Protocol,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDoc {
    /// Its name, unique in the document.
    pub name: String,
    /// When it matches: every member written must; nothing written matches every call.
    #[serde(default, rename = "match")]
    pub matches: MatchDoc,
    /// What it asks.
    pub effect: Effect,
    /// Who reviews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewers: Option<ReviewersDoc>,
    /// Who may decide alone in an emergency; nobody where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlassDoc>,
    /// Whether a reviewer must give a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Need>,
    /// How long a call is held before the agent is handed off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Span>,
    /// How long a task waits for reviewers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Span>,
    /// How long a grant may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Span>,
    /// Request headers that an approval binds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bind_headers: Vec<String>,
    /// JSON Pointers into the body that are masked besides what is masked anyway.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mask: Vec<String>,
    /// What is changed in the traffic itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymise: Option<Value>,
    /// Under `strategies`, what comes in the place of values, over what the document says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masking: Option<Value>,
    /// Whether a reviewer must be shown all of the request, or may decide on less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<Display>,
    /// What reviewers may agree to beyond the one request; nothing where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scoped: Option<ScopedDoc>,
    /// Which data the call moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<LineageDoc>,
    /// Whether the plain digest of the body is shown, or only the keyed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<ContentDigest>,
    /// Whether the human behind the agent must be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_principal: Option<Need>,
    /// What becomes of the task when the agent disconnects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_disconnect: Option<OnDisconnect>,
    /// Whether CONNECT and upgrades are refused at the head or held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<Tunnels>,
}

impl RuleDoc {
    /// A rule that matches everything and says nothing but its effect.
    pub fn silent(name: &str, effect: Effect) -> Self {
        Self {
            name: name.to_owned(),
            matches: MatchDoc::default(),
            effect,
            reviewers: None,
            break_glass: None,
            reason: None,
            hold: None,
            expiry: None,
            grant: None,
            bind_headers: Vec::new(),
            mask: Vec::new(),
            anonymise: None,
            masking: None,
            display: None,
            scoped: None,
            lineage: None,
            digest: None,
            known_principal: None,
            on_disconnect: None,
            connect: None,
        }
    }
}

/// What a rule asks. The order is the order of strictness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The call passes.
    Allow,
    /// The call passes and is recorded.
    Observe,
    /// The call waits for reviewers.
    Hold,
    /// The call is refused.
    Deny,
}

impl Effect {
    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Observe => "observe",
            Self::Hold => "hold",
            Self::Deny => "deny",
        }
    }
}

/// Whether something must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// How much of a request a reviewer must be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Display {
    /// All of it, masked where needed; else the call is refused.
    Complete,
    /// What there is room for, and what can be read.
    Partial,
}

impl Display {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn is_partial(&self) -> bool {
        *self == Self::Partial
    }
}

/// Whether reviewers and backends see the digest of the body itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentDigest {
    /// Only the keyed digest of the request: a short body cannot be guessed from it.
    Keyed,
    /// The plain digest too.
    Plain,
}

/// What becomes of a task when the agent disconnects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDisconnect {
    /// It stays, for a retry.
    Keep,
    /// It is cancelled.
    Cancel,
}

/// What CONNECT and upgrades on a guarded host get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tunnels {
    /// They are refused at the head.
    Refuse,
    /// The handshake is held; what flows after it is opaque.
    Hold,
}

/// Which data a call moves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineageDoc {
    /// What it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<DatasetDoc>,
    /// What it writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<DatasetDoc>,
}

/// A dataset in OpenLineage naming.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetDoc {
    /// Where it lives, such as `postgres://db.prod.example:5432`.
    pub namespace: String,
    /// What it is called there.
    pub name: String,
}

/// When a rule matches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchDoc {
    /// Host patterns, any of which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Many<String>>,
    /// Methods, any of which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Many<String>>,
    /// Path patterns, any of which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Many<String>>,
    /// Header patterns by name, all of which.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What the call does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionDoc>,
    /// Members of the body, all of which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<ArgumentDoc>,
    /// Who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<RequesterMatchDoc>,
    /// How the destination is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<DestinationDoc>,
}

/// What a call must do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionDoc {
    /// Its class, any of which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Many<Class>>,
    /// Its protocol, any of which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Many<Protocol>>,
    /// Patterns of its service, any of which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Many<String>>,
    /// Patterns of its operation, any of which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Many<String>>,
    /// Patterns of its resource, any of which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Many<String>>,
}

/// A comparison on one member of the body; exactly one comparison is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentDoc {
    /// Where the member is: a JSON Pointer (RFC 6901). A `*` segment means any member or item.
    pub pointer: String,
    /// The member is this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<Value>,
    /// The member is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<Value>>,
    /// The member is a greater number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greater_than: Option<f64>,
    /// The member is a smaller number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less_than: Option<f64>,
    /// The member is a text of this pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// The member is there, or is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
}

/// Who must ask.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequesterMatchDoc {
    /// A pattern of the workload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// A pattern of the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// A pattern of the human's `sub`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human: Option<String>,
}

/// How the destination is reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationDoc {
    /// Its scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// Its port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}
