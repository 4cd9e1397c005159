//! What a policy says of a call.

use std::sync::Arc;

use countersign_wire::people::{Separation, Way};
use serde::Serialize;

use super::Anonymise;
use super::document::{ContentDigest, DatasetDoc, Display, Need, OnDisconnect, Recording, Tunnels};
use super::masking::Strategies;
use super::members::Listed;
use super::scoped::Scoped;
use crate::action::Action;

/// A dataset in OpenLineage naming.
pub type Dataset = DatasetDoc;

/// What a policy says of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// It may leave.
    Pass(Passed),
    /// It is refused.
    Deny(Denied),
    /// It waits for reviewers.
    Hold(Held),
    /// The body can still change the answer.
    NeedsBody,
}

/// A call that may leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// What it does, where it is to be recorded or had to be decoded anyway.
    pub action: Option<Action>,
    /// The rule that says so; `None` where no rule matches.
    pub rule: Option<RuleRef>,
    /// What is kept of it.
    pub record: Recording,
    /// What is changed in its traffic.
    pub anonymise: Option<Arc<Anonymise>>,
}

/// A call that is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Denied {
    /// What it does, as far as it could be read.
    pub action: Option<Action>,
    /// The rule that says so; `None` where the policy as a whole does.
    pub rule: Option<RuleRef>,
    /// The word for records and answers: see [`reason`].
    pub reason: &'static str,
    /// The same as a sentence, safe for the agent.
    pub detail: String,
}

/// A call that waits for reviewers.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// What it does.
    pub action: Action,
    /// What the rules demand.
    pub terms: Arc<Terms>,
    /// What is changed in its traffic.
    pub anonymise: Option<Arc<Anonymise>>,
    /// Where it is a batch: everything in it.
    pub members: Vec<Listed>,
}

/// Why a call is refused, in one word.
pub mod reason {
    /// A rule says so.
    pub const RULE: &str = "denied_by_policy";
    /// The default says so.
    pub const DEFAULT: &str = "denied_by_default";
    /// Two servers may read the request differently.
    pub const AMBIGUOUS: &str = "ambiguous_request";
    /// `mcp-method` or `mcp-name` is not what the body says.
    pub const HEADER_MISMATCH: &str = "header_mismatch";
    /// A tunnel to a guarded host.
    pub const TUNNEL: &str = "tunnel_refused";
    /// Nobody can be named who asks.
    pub const NO_REQUESTER: &str = "no_requester";
    /// The traffic cannot be anonymised as the rule demands.
    pub const NOT_ANONYMISED: &str = "not_anonymised";
    /// A placeholder for a secret where it means nothing, or on a call that nobody is asked about.
    pub const PLACEHOLDER: &str = "placeholder_refused";
    /// A placeholder for a secret that the policy does not know.
    pub const UNKNOWN_SECRET: &str = "unknown_secret";
    /// A secret that the policy does not send there, or not by this rule.
    pub const SECRET_ELSEWHERE: &str = "secret_not_for_this";
    /// The rule demands a known human, and none is known.
    pub const NO_PRINCIPAL: &str = "no_known_principal";
    /// The rule keeps the authors of the policy from reviewing, and the policy names none.
    pub const NO_AUTHOR: &str = "no_known_author";
}

/// A rule by name, with the digest that voids its approvals when it is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// The rule's name; `default` where no rule matched.
    pub name: Arc<str>,
    /// Its digest.
    pub digest: Arc<str>,
}

/// What a held call must meet. Where several rules match, the demands of all of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Terms {
    /// The rule, several joined by `+`.
    pub rule: String,
    /// Its digest; of several, the digest over the list.
    pub rule_digest: String,
    /// Who must approve.
    pub quorum: Quorum,
    /// How long the call is held before the agent is handed off, in milliseconds.
    pub hold_ms: u64,
    /// How long the task waits for reviewers, in milliseconds.
    pub expires_ms: u64,
    /// How long a grant may be used, in milliseconds.
    pub grant_ms: u64,
    /// Whether a reviewer must give a reason.
    pub reason: Need,
    /// Request headers that an approval binds besides the ones always bound; lower case, sorted.
    pub bind_headers: Vec<String>,
    /// Whether the plain digest of the body is shown.
    pub content_digest: ContentDigest,
    /// What the call reads, by the policy.
    pub lineage_inputs: Vec<Dataset>,
    /// What the call writes, by the policy.
    pub lineage_outputs: Vec<Dataset>,
    /// JSON Pointers that are masked besides what is masked anyway.
    pub mask: Vec<String>,
    /// What comes in the place of values, the document's strategies filled in.
    #[serde(skip_serializing_if = "Strategies::is_empty")]
    pub masking: Strategies,
    /// Whether a reviewer must be shown all of the request.
    #[serde(skip_serializing_if = "Display::is_partial")]
    pub display: Display,
    /// What reviewers may agree to beyond the one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scoped: Option<Scoped>,
    /// Whether the human behind the agent must be known. [`super::Policy::judge`] has already seen to it.
    pub known_principal: Need,
    /// What becomes of the task when the agent disconnects.
    pub on_disconnect: OnDisconnect,
    /// What CONNECT and upgrades get. [`super::Policy::judge`] has already seen to it.
    pub connect: Tunnels,
}

/// Who must approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quorum {
    /// How many distinct people.
    pub required: u8,
    /// The groups that count, each of which must be heard where there are no `ways`; sorted.
    pub groups: Vec<String>,
    /// Whether one denial decides.
    pub veto: bool,
    /// The ways in which it is enough, where one person of each group does not say it; sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<Way>,
    /// Who may not review besides those who ask; sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub separation: Vec<Separation>,
    /// The groups of which one person alone may decide in an emergency; sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub break_glass: Vec<String>,
}
