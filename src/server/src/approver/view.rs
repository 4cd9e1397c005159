//! One request as a person sees it: the single model behind the web pages, the JSON API and the command line.
//!
//! Built from a task of the service, it holds only masked and [`Inert`] text, so whoever prints it cannot be tricked by
//! what an agent wrote. It says in words what is unverified, cut or hidden. It does not decide anything.

use countersign_wire::{clock::rfc3339_s, submission::Submission};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    sentence::{class_words, sentence, short_name},
    text::{Inert, inert, inert_block, inert_short},
};
use crate::service::{Status, TaskView, VoteView};

/// Longest name of anything outside the payload, in characters; the wire allows no more.
const NAME: usize = 2048;

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
    /// Who asks, and for whom.
    pub who: Who,
    /// Why, as the agent says; never verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Inert>,
    /// What is done.
    pub action: Action,
    /// To what.
    pub resource: Resource,
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
    /// Where the decision stands in the audit log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
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
    /// Each group must be among them.
    pub groups: Vec<Inert>,
    /// The groups that still miss somebody.
    pub awaiting: Vec<Inert>,
    /// Whether one denial denies.
    pub veto: bool,
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
    /// What a person may see of `task`.
    pub fn of(task: &TaskView) -> Self {
        let submission = &task.submission;
        let v1 = &submission.context.v1;
        Self {
            id: task.id.clone(),
            state: state(task),
            sentence: sentence(&submission.action, &submission.resource, &v1.destination.authority),
            code: inert_short(&task.code, 32),
            version: task.version,
            display_digest: task.display_digest.clone(),
            created_at: rfc3339_s(task.created_at_ms),
            expires_at: rfc3339_s(task.expires_at_ms),
            created_at_ms: task.created_at_ms,
            expires_at_ms: task.expires_at_ms,
            decided_at_ms: task.decided_at_ms,
            who: who(submission, &task.client),
            why: submission
                .context
                .business_justification
                .as_deref()
                .filter(|why| !why.trim().is_empty())
                .map(|why| inert_short(why, 1000)),
            action: action(submission),
            resource: resource(submission),
            destination: Destination {
                scheme: name(&v1.destination.scheme),
                authority: name(&v1.destination.authority),
                path: name(&v1.destination.path),
            },
            policy: Policy {
                id: name(&v1.policy.id),
                rule: name(&v1.policy.rule),
                commit: name(&v1.policy.commit),
                rule_digest: name(&v1.policy.rule_digest),
                repo_url: v1.policy.repo_url.as_deref().map(name),
            },
            quorum: Quorum {
                required: task.progress.required,
                approved: task.progress.approved,
                groups: names(&v1.quorum.groups),
                awaiting: names(&task.progress.awaiting),
                veto: v1.quorum.veto,
            },
            payload: payload(submission),
            lineage: lineage(submission),
            secrets: names(&v1.secrets),
            question: task.needs_context.as_ref().map(|question| Question {
                text: inert_block(&question.text),
                by: name(&question.asked_by),
                at_ms: question.at_ms,
            }),
            answers: task
                .answers
                .iter()
                .map(|answer| Answer {
                    question: inert_block(&answer.question),
                    text: inert_block(&answer.text),
                    at_ms: answer.at_ms,
                })
                .collect(),
            votes: task.votes.iter().map(vote).collect(),
            approval: task.approval.as_ref().map(|approval| Approval {
                jti: approval.jti.clone(),
                approved_until_ms: approval.approved_until_ms,
                used: approval.used,
            }),
            outcome: task.outcome.as_ref().map(|outcome| Outcome {
                state: name(&outcome.state),
                status: outcome.status,
                request_bytes: outcome.request_bytes,
                response_bytes: outcome.response_bytes,
                duration_ms: outcome.duration_ms,
                at_ms: outcome.at_ms,
            }),
            record: task.record.as_ref().map(|record| Record {
                chain: record.chain.clone(),
                seq: record.seq,
                hash: record.hash.clone(),
                leaf: record.leaf,
            }),
        }
    }

    /// Whether reviewers are still wanted.
    pub fn is_open(&self) -> Open {
        match self.state {
            State::Pending | State::NeedsContext => Open::Yes,
            State::Approved | State::Consumed | State::Denied | State::Expired | State::Cancelled => Open::No,
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
        match self.state {
            State::Pending if self.quorum.approved == 0 && self.quorum.required == 1 => {
                format!("needs {}", groups(&self.quorum.awaiting))
            }
            State::Pending if self.quorum.approved == 0 => {
                format!("needs {} of {}", self.quorum.required, groups(&self.quorum.groups))
            }
            State::Pending => format!("{} of {} approved", self.quorum.approved, self.quorum.required),
            State::NeedsContext => "waits for an answer".to_owned(),
            State::Approved => "approved, not sent yet".to_owned(),
            State::Consumed => "approved and sent".to_owned(),
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

fn name(text: &str) -> Inert {
    inert_short(text, NAME)
}

fn names(texts: &[String]) -> Vec<Inert> {
    texts.iter().map(|text| inert(text)).collect()
}

fn state(task: &TaskView) -> State {
    match task.status {
        Status::Pending if task.needs_context.is_some() => State::NeedsContext,
        Status::Pending => State::Pending,
        Status::Approved if task.approval.as_ref().is_some_and(|approval| approval.used > 0) => {
            State::Consumed
        }
        Status::Approved => State::Approved,
        Status::Denied => State::Denied,
        Status::Expired => State::Expired,
        Status::Cancelled => State::Cancelled,
    }
}

fn who(submission: &Submission, client: &str) -> Who {
    let actor = &submission.client.actor;
    Who {
        workload: name(&submission.subject.id),
        agent: name(&actor.id),
        humans: actor
            .chain()
            .take(16)
            .map(|act| Human { sub: name(&act.sub), iss: act.iss.as_deref().map(name) })
            .collect(),
        client: name(client),
    }
}

fn action(submission: &Submission) -> Action {
    let properties = &submission.action.properties;
    let word = |key: &str| properties.get(key).and_then(Value::as_str).map(|text| inert_short(text, 120));
    Action {
        class: inert_short(&submission.action.name, 64),
        protocol: word("protocol"),
        method: word("method"),
        service: word("service"),
        operation: word("operation"),
        reversible: match properties.get("reversible") {
            Some(Value::Bool(true)) => Reversible::Yes,
            Some(Value::Bool(false)) => Reversible::No,
            Some(Value::String(said)) => match said.as_str() {
                "yes" => Reversible::Yes,
                "no" => Reversible::No,
                _ => Reversible::Unknown,
            },
            _ => Reversible::Unknown,
        },
    }
}

fn resource(submission: &Submission) -> Resource {
    let labels = submission.resource.properties.get("labels").and_then(Value::as_array);
    Resource {
        kind: inert_short(&submission.resource.kind, 64),
        id: name(&submission.resource.id),
        labels: labels
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .take(12)
            .map(|label| inert_short(label, 32))
            .collect(),
    }
}

fn payload(submission: &Submission) -> Payload {
    let payload = &submission.context.v1.payload;
    Payload {
        media_type: inert_short(&payload.media_type, 200),
        size: payload.size,
        truncated: payload.truncated,
        excerpt: inert_block(&payload.masked_excerpt),
        masked: payload
            .masked
            .iter()
            .map(|hidden| Masked {
                path: inert_short(&hidden.path, 200),
                detector: inert_short(&hidden.detector, 64),
                words: inert_short(&hidden.detector.replace('_', " "), 64),
            })
            .collect(),
    }
}

fn lineage(submission: &Submission) -> Lineage {
    let Some(lineage) = &submission.context.v1.lineage else {
        return Lineage { source: inert("policy"), inputs: Vec::new(), outputs: Vec::new(), run: None };
    };
    let dataset = |set: &countersign_wire::submission::Dataset| {
        inert_short(&format!("{} {}", scheme(&set.namespace), set.name), 200)
    };
    Lineage {
        source: inert_short(&lineage.source, 32),
        inputs: lineage.inputs.iter().take(20).map(dataset).collect(),
        outputs: lineage.outputs.iter().take(20).map(dataset).collect(),
        run: lineage.parent_run.as_ref().map(|run| {
            inert_short(&format!("{} run {}", run.name, run.run_id.get(..8).unwrap_or(&run.run_id)), 120)
        }),
    }
}

/// `postgres` of `postgres://db:5432`, else the namespace itself.
fn scheme(namespace: &str) -> &str {
    match namespace.split_once("://") {
        Some(("http" | "https", host)) => host,
        Some((scheme, _)) => scheme,
        None => namespace,
    }
}

fn vote(vote: &VoteView) -> Vote {
    Vote {
        person: name(&vote.person.name),
        iss: name(&vote.person.iss),
        sub: name(&vote.person.sub),
        group: name(&vote.group),
        choice: vote.choice.as_str().to_owned(),
        reason: inert_block(&vote.reason),
        channel: name(&vote.channel),
        at_ms: vote.at_ms,
    }
}
