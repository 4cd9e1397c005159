//! Which rule asks, whose consent it wants, what reviewers and the requester said, and what came of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::groups;
use crate::approver::text::Inert;

/// Which rule asks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Policy {
    /// The policy.
    pub id: Inert,
    /// The rule.
    pub rule: Inert,
    /// The commit it was loaded from.
    pub commit: Inert,
    /// Digest of the compiled rule.
    pub rule_digest: Inert,
    /// Where it can be read, if the policy says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo_url: Option<Inert>,
}

/// Whose consent is needed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Quorum {
    /// Distinct people.
    pub required: u32,
    /// How many have approved.
    pub approved: u32,
    /// Each group must be among them, where `wanted` does not say otherwise.
    pub groups: Vec<Inert>,
    /// The demand in words, where one person of each group is not what it is: `1 of platform or security + legal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Inert>,
    /// The groups that still miss somebody.
    pub awaiting: Vec<Inert>,
    /// Whether one denial denies.
    pub veto: bool,
    /// Who may not decide besides those who ask: `policy_author`, `last_approver`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub separation: Vec<Inert>,
    /// The groups of which one person may decide alone in an emergency; absent where nobody may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub break_glass: Vec<Inert>,
}

impl Quorum {
    /// Whose consent is needed, in words.
    pub fn words(&self) -> String {
        self.wanted.as_ref().map_or_else(|| groups(&self.groups), ToString::to_string)
    }
}

/// A question to the requester.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Question {
    /// The question.
    pub text: Inert,
    /// Who asked.
    pub by: Inert,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// An answer by the requester's side.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// The question it answers.
    pub question: Inert,
    /// What was said.
    pub text: Inert,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// What one reviewer said.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Vote {
    /// The reviewer's name.
    pub person: Inert,
    /// Who vouches for that name.
    pub iss: Inert,
    /// The reviewer's id there.
    pub sub: Inert,
    /// The group this counts for.
    pub group: Inert,
    /// `approve`, `deny` or `ask`.
    pub choice: String,
    /// Why.
    pub reason: Inert,
    /// Where: `web`, `api`, `cli`.
    pub channel: Inert,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// What they agreed to beyond this one request, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
}

/// A grant's state.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Approval {
    /// The grant's id.
    pub jti: String,
    /// When it ends, Unix milliseconds.
    pub approved_until_ms: i64,
    /// How often it was used.
    pub used: i64,
}

/// What happened upstream.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// `completed`, `upstream_error`, `release_abandoned` or `unknown`.
    pub state: Inert,
    /// The upstream's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Bytes sent.
    pub request_bytes: u64,
    /// Bytes that came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_bytes: Option<u64>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// When it was reported, Unix milliseconds.
    pub at_ms: i64,
}

/// Where a record stands in the audit log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Record {
    /// The chain.
    pub chain: String,
    /// The place in the chain.
    pub seq: i64,
    /// The record's hash.
    pub hash: String,
    /// The place in the log over all chains.
    pub leaf: i64,
}
