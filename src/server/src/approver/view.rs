//! One request as a person sees it: the single model behind the web pages, the JSON API and the command line.
//!
//! Built from a task of the service (in `read.rs`), it holds only masked and [`Inert`] text, so whoever prints it cannot be tricked by
//! what an agent wrote. It says in words what is unverified, cut or hidden. It does not decide anything.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    BreakGlass,
    after::{Earlier, Revoked, Unknown},
    scope::{Alike, Scope, Under},
    sentence::{class_words, short_name},
    text::Inert,
};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Reviewers are wanted.
    Pending,
    /// A reviewer asked something and waits for the answer; others may still decide.
    NeedsContext,
    /// Approved, not yet sent.
    Approved,
    /// Approved and sent: the grant is used up.
    Consumed,
    /// Approved and sent, and nobody knows what became of it.
    OutcomeUnknown,
    /// Approved, and taken back before it was sent.
    Revoked,
    /// A reviewer said no.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// The requester's side withdrew it.
    Cancelled,
}

/// Whether the action can be undone, as the decoder knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reversible {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// Nobody said.
    Unknown,
}

/// One request for approval.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Request {
    /// The task's id.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// What will happen, in one sentence made from the decoded action.
    pub sentence: Inert,
    /// The word and number that requester and reviewer both see.
    pub code: Inert,
    /// Grows with every change.
    pub version: i64,
    /// A decision must echo this: the digest of exactly what is shown.
    pub display_digest: String,
    /// When it was asked, RFC 3339.
    pub created_at: String,
    /// When it expires if nobody decides, RFC 3339.
    pub expires_at: String,
    /// The same in Unix milliseconds.
    pub created_at_ms: i64,
    /// The same in Unix milliseconds.
    pub expires_at_ms: i64,
    /// When it was decided, Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at_ms: Option<i64>,
    /// Whether anybody waits for the decision; missing where that is not known, or it is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// Who asks, and for whom.
    pub who: Who,
    /// Why, as the agent says; never verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Inert>,
    /// What is done.
    pub action: Action,
    /// To what.
    pub resource: Resource,
    /// Where it is a batch: everything in it. It is approved as a whole or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
    /// Where it goes.
    pub destination: Destination,
    /// Which rule asks for consent.
    pub policy: Policy,
    /// Whose consent, and how far that is.
    pub quorum: Quorum,
    /// What will be sent, masked.
    pub payload: Payload,
    /// Where the data comes from and goes to.
    pub lineage: Lineage,
    /// Names of secrets that the release puts in.
    pub secrets: Vec<Inert>,
    /// The latest open question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// What the requester's side answered; never verified.
    pub answers: Vec<Answer>,
    /// What reviewers said, oldest first.
    pub votes: Vec<Vote>,
    /// The grant, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What happened upstream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Where its outcome was not reported in time, or reported as unknown: why, and what somebody found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
    /// The same request was released before: what a reviewer must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Earlier>,
    /// The grant was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revoked>,
    /// Where the decision stands in the audit log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// That one person decided alone in an emergency, where it was so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
    /// The requests that wait and differ from this one in nothing but the body; each is decided on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alike: Option<Alike>,
    /// What you may agree to beyond this one request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The standing approval it was approved under, where nobody was asked for this very request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Under>,
}

/// Whether anybody waits for the decision, as far as the filter tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waiting {
    /// Whether a call is held for it now.
    pub here: Here,
    /// Since when it is not, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_since_ms: Option<i64>,
}

/// Whether a call is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Here {
    /// It is: an approval releases it at once.
    Yes,
    /// It is not: an approval is used when the agent comes again.
    No,
}

/// Who asks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Who {
    /// The workload as the proxy proved it.
    pub workload: Inert,
    /// The agent.
    pub agent: Inert,
    /// For whom, nearest first; empty where no human is known.
    pub humans: Vec<Human>,
    /// Who owns the agent, where a source says so. They may not review.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Human>,
    /// Who started the run, where a source says so. They may not review.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggered_by: Vec<Human>,
    /// The filter that holds the request.
    pub client: Inert,
}

/// One hop of those for whom an agent acts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Human {
    /// Who.
    pub sub: Inert,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<Inert>,
}

/// What is done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Action {
    /// The class, such as `data_export`.
    pub class: Inert,
    /// How it was spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Inert>,
    /// HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Inert>,
    /// The service that was recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Inert>,
    /// Its operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Inert>,
    /// Whether it can be undone.
    pub reversible: Reversible,
}

/// To what it is done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Resource {
    /// What kind of thing.
    pub kind: Inert,
    /// Its full name.
    pub id: Inert,
    /// Labels such as `pii`.
    pub labels: Vec<Inert>,
}

/// What a batch holds.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Batch {
    /// How many requests.
    pub total: u64,
    /// What they do.
    pub members: Vec<BatchMember>,
    /// How many more there are that only read and are not listed.
    pub more_reads: u64,
}

/// One thing that a batch does.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BatchMember {
    /// The class, such as `data_delete`.
    pub class: Inert,
    /// The same in words.
    pub words: Inert,
    /// The operation, in the protocol's words.
    pub operation: Inert,
    /// What kind of thing it is done to.
    pub kind: Inert,
    /// Its name.
    pub id: Inert,
    /// How many requests do just this.
    pub count: u64,
}

/// Where it goes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Destination {
    /// `http` or `https`.
    pub scheme: Inert,
    /// Host and port.
    pub authority: Inert,
    /// Path and query, masked.
    pub path: Inert,
}

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

/// What will be sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Payload {
    /// Media type as sent; empty where there is none.
    pub media_type: Inert,
    /// Bytes of the whole body.
    pub size: u64,
    /// Whether the excerpt is less than the whole.
    pub truncated: bool,
    /// Masked text; empty where the body is not understood.
    pub excerpt: Inert,
    /// What was masked, and where.
    pub masked: Vec<Masked>,
    /// What a policy lets stay although it looks as if it should be masked, and where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Masked>,
    /// The masking in numbers; filters of others may not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masking: Option<Masking>,
}

/// The masking in numbers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Masking {
    /// The set of detectors, by the name that the filter's build gives it.
    pub detectors: Inert,
    /// How many values of each kind were masked.
    pub counts: Vec<Counted>,
    /// Bytes of headers, path, query and body that were looked at.
    pub seen: u64,
    /// Bytes of those that no reading was found for; they are shown by size and type only.
    pub not_understood: u64,
    /// What a second look still found: zero, or the service has masked it again and raised an alarm.
    pub residual: u64,
}

/// How many values of one kind.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Counted {
    /// The kind, in words.
    pub kind: Inert,
    /// How many.
    pub count: u64,
}

/// One masked place.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Masked {
    /// Where.
    pub path: Inert,
    /// Which detector found it.
    pub detector: Inert,
    /// The same in words.
    pub words: Inert,
    /// How many values were masked there.
    pub count: u64,
}

/// Where data comes from and goes to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Lineage {
    /// `policy`, `resolver` or `claimed`; what is claimed is the agent's word and not verified.
    pub source: Inert,
    /// Read.
    pub inputs: Vec<Inert>,
    /// Written.
    pub outputs: Vec<Inert>,
    /// The run this belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Inert>,
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

impl Request {
    /// Whether reviewers are still wanted.
    pub fn is_open(&self) -> Open {
        match self.state {
            State::Pending | State::NeedsContext => Open::Yes,
            State::Approved
            | State::Consumed
            | State::OutcomeUnknown
            | State::Revoked
            | State::Denied
            | State::Expired
            | State::Cancelled => Open::No,
        }
    }

    /// The requester in a few words: `report-bot for alice@example.com`.
    pub fn requester(&self) -> String {
        match self.who.humans.first() {
            Some(human) => format!("{} for {}", self.who.agent, human.sub),
            None => format!("{} (no human known)", self.who.agent),
        }
    }

    /// The resource in a few words: `prod.public.customers (pii)`.
    pub fn object(&self) -> String {
        let id = short_name(self.resource.id.as_str());
        if self.resource.labels.is_empty() {
            return id.to_string();
        }
        let labels: Vec<&str> = self.resource.labels.iter().map(Inert::as_str).collect();
        format!("{id} ({})", labels.join(", "))
    }

    /// How far the consent has come, in words.
    pub fn progress(&self) -> String {
        if let Some(broken) = &self.break_glass {
            return broken.state.words().to_owned();
        }
        match self.state {
            State::Pending if self.quorum.approved == 0 && self.quorum.required == 1 => {
                format!("needs {}", groups(&self.quorum.awaiting))
            }
            State::Pending if self.quorum.approved == 0 => {
                format!("needs {} of {}", self.quorum.required, self.quorum.words())
            }
            State::Pending => format!("{} of {} approved", self.quorum.approved, self.quorum.required),
            State::NeedsContext => "waits for an answer".to_owned(),
            State::Approved if self.standing.is_some() => {
                "approved by a standing approval, not sent yet".to_owned()
            }
            State::Consumed if self.standing.is_some() => "sent by a standing approval".to_owned(),
            State::Approved => "approved, not sent yet".to_owned(),
            State::Consumed => "approved and sent".to_owned(),
            State::OutcomeUnknown => "outcome unknown".to_owned(),
            State::Revoked => "taken back".to_owned(),
            State::Denied => "denied".to_owned(),
            State::Expired => "expired".to_owned(),
            State::Cancelled => "withdrawn".to_owned(),
        }
    }

    /// Whether any of what a reviewer searches by contains `query`, whatever the case.
    pub fn matches(&self, query: &str) -> Found {
        let query = query.trim().to_lowercase();
        let hay = [
            self.sentence.as_str(),
            self.who.agent.as_str(),
            self.who.workload.as_str(),
            self.action.class.as_str(),
            class_words(self.action.class.as_str()).as_str(),
            self.policy.id.as_str(),
            self.policy.rule.as_str(),
            self.destination.authority.as_str(),
            self.code.as_str(),
        ]
        .join(" ")
        .to_lowercase();
        let hit = query.split_whitespace().all(|word| hay.contains(word))
            || self.who.humans.iter().any(|human| human.sub.as_str().to_lowercase().contains(&query));
        if hit { Found::Yes } else { Found::No }
    }
}

/// Whether reviewers are still wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// They are.
    Yes,
    /// It is over.
    No,
}

/// Whether a search found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It did.
    Yes,
    /// It did not.
    No,
}

/// Group names in a row: `data-owners + security`.
pub fn groups(names: &[Inert]) -> String {
    let names: Vec<&str> = names.iter().map(Inert::as_str).collect();
    names.join(" + ")
}
