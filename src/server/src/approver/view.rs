//! One request as a person sees it: the single model behind the web pages, the JSON API and the command line.
//!
//! Built from a task of the service (in `read.rs`), it holds only masked and [`Inert`] text, so whoever prints it cannot be tricked by
//! what an agent wrote. It says in words what is unverified, cut or hidden. It does not decide anything.

mod consent;
mod what;
mod who;

pub use consent::{Answer, Approval, Outcome, Policy, Question, Quorum, Record, Vote};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
pub use what::{
    Action, Batch, BatchMember, Counted, Destination, Lineage, Masked, Masking, Payload, Resource, Reversible,
};
pub use who::{Here, Human, Waiting, Who};

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
    /// Whoever approves types the code, and a program must have its user type it.
    #[serde(default)]
    pub typed_code: bool,
    /// Why nobody may approve it as it is, where that is so; it can still be denied, or asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_approvable: Option<String>,
    /// The standing approval it was approved under, where nobody was asked for this very request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Under>,
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
