//! What the service says about tasks and people, for the approver side, the inbox and tests.

use countersign_wire::submission::Submission;

use super::{Demands, Fate, Proof, Released, Revoked, Waiter};

/// A human who is logged in. Who belongs to which group is looked up when it matters; [`Person::groups`] is what was
/// true at login and is for display only.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Person {
    /// Issuer of the identity.
    pub iss: String,
    /// The person's id at that issuer; (`iss`, `sub`) names an account.
    pub sub: String,
    /// Used to block and to collapse people, never to authorise.
    pub email: Option<String>,
    /// What others call them.
    pub name: String,
    /// Reviewer groups, for display.
    pub groups: Vec<String>,
}

/// Where a decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The web inbox.
    Web,
    /// The approver API with a bearer session.
    Api,
    /// The command line.
    Cli,
    /// A window in Slack.
    Slack,
    /// A card in Microsoft Teams.
    Teams,
}

impl Channel {
    /// The word that stands in grants and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Slack => "slack",
            Self::Teams => "teams",
        }
    }
}

/// What a reviewer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// Let it go out.
    Approve,
    /// Do not.
    Deny,
    /// Not before the requester has answered a question.
    Ask,
    /// Let it go out, decided alone in an emergency.
    BreakGlass,
}

impl Choice {
    /// The word that stands in the store and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Ask => "ask",
            Self::BreakGlass => "break_glass",
        }
    }
}

/// A decision that one person made alone, and what a second human makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glass {
    /// Who; their groups are those that may.
    pub by: Person,
    /// Why, masked.
    pub reason: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// By when a second human must have looked, Unix milliseconds.
    pub review_by_ms: i64,
    /// When it was noted that nobody had, Unix milliseconds.
    pub overdue_at_ms: Option<i64>,
    /// The second look, once there is one.
    pub look: Option<Look>,
}

/// A second human's look at a broken glass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Who.
    pub by: Person,
    /// What they say.
    pub verdict: Verdict,
    /// Why, masked.
    pub reason: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// A second look as it arrives.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What the second human says.
    pub verdict: Verdict,
    /// Why. At most 1,000 characters; never empty.
    pub reason: String,
    /// What they were looking at; anything else than the task's own is a stale page.
    pub display_digest: String,
}

/// What a second human says of a broken glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It was right.
    Confirm,
    /// It was not.
    Contest,
}

impl Verdict {
    /// The word that stands in the store and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Contest => "contest",
        }
    }

    /// Reads the word; `None` where it is none.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Confirm, Self::Contest].into_iter().find(|verdict| verdict.as_str() == word)
    }
}

/// One decision as it arrives.
#[derive(Clone, Debug)]
pub struct Vote {
    /// What the reviewer says.
    pub choice: Choice,
    /// Why, or the question itself when asking. At most 1,000 characters; never empty.
    pub reason: String,
    /// What the reviewer was looking at; anything else than the task's own is a stale page.
    pub display_digest: String,
    /// The word and number the reviewer compared; checked when given.
    pub code: Option<String>,
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Reviewers are still wanted.
    Pending,
    /// The quorum said yes.
    Approved,
    /// A reviewer said no.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// The requester's side withdrew it.
    Cancelled,
}

impl Status {
    /// The protocol's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the protocol's word; `None` where it is none.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Denied, Self::Expired, Self::Cancelled]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// Which tasks to list; newest first.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these states; empty means all.
    pub status: Vec<Status>,
    /// At most this many; `None` means 200.
    pub limit: Option<u32>,
}

/// One task as a reviewer may see it. Everything in it is masked.
#[derive(Clone, Debug)]
pub struct TaskView {
    /// The task's id.
    pub id: String,
    /// Where it stands.
    pub status: Status,
    /// The open question, if one is open.
    pub needs_context: Option<Question>,
    /// Grows with every change.
    pub version: i64,
    /// When it was submitted, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it expires if nobody decides, Unix milliseconds.
    pub expires_at_ms: i64,
    /// When it left `pending`, Unix milliseconds.
    pub decided_at_ms: Option<i64>,
    /// What the filter submitted, with the service's own masking on top.
    pub submission: Submission,
    /// What a decision must echo.
    pub display_digest: String,
    /// The word and number that both sides see.
    pub code: String,
    /// The filter that submitted it.
    pub client: String,
    /// What reviewers said, oldest first.
    pub votes: Vec<VoteView>,
    /// What the requester answered, oldest first; not verified.
    pub answers: Vec<Answer>,
    /// The grant, once there is one.
    pub approval: Option<ApprovalView>,
    /// What happened upstream, once reported.
    pub outcome: Option<OutcomeView>,
    /// What is known of it since its release, where its end was not reported in time.
    pub fate: Option<Fate>,
    /// The same request by the same subject was released before, and that is not over: see [`Fate`].
    pub earlier: Option<Released>,
    /// Whether its grant was taken back.
    pub revoked: Option<Revoked>,
    /// The decision's record in the audit log.
    pub record: Option<RecordRef>,
    /// That one person decided alone, where it was so.
    pub glass: Option<Glass>,
    /// Whether anybody waits for the decision; `None` where that is not known, or the task is not pending.
    pub waiter: Option<Waiter>,
    /// How many distinct people have approved, with one for each group where that is asked.
    pub progress: Progress,
    /// The requests that wait and differ from this one in nothing but the body.
    pub alike: Option<Alike>,
    /// The standing approval it was approved under, where nobody was asked for this very request.
    pub standing: Option<UnderStanding>,
    /// What an approval takes beyond a click.
    pub demands: Demands,
}

/// Requests of one requester for the same on the same, whatever their bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The group's name.
    pub group: String,
    /// How many of it wait, counted up to 100.
    pub waiting: i64,
}

/// What a request was approved under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderStanding {
    /// The standing approval.
    pub id: String,
    /// Which use of it this is; the request that people decided is the first.
    pub number: i64,
}

/// A question to the requester.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question, masked.
    pub text: String,
    /// Name of the reviewer who asked.
    pub asked_by: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// An answer by the requester's side: untrusted text, masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question it answers.
    pub question: String,
    /// What was said.
    pub text: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// What one reviewer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteView {
    /// Who.
    pub person: Person,
    /// The group this vote counts for.
    pub group: String,
    /// Approve or deny; questions stand in [`TaskView::needs_context`] and [`TaskView::answers`].
    pub choice: Choice,
    /// Why, masked.
    pub reason: String,
    /// Where.
    pub channel: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// What they agreed to beyond this one request.
    pub again: Option<Agreed>,
}

/// What a reviewer agreed to beyond the one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// How often, this request included.
    pub uses: i64,
    /// Until when, Unix milliseconds.
    pub until_ms: i64,
}

/// A grant's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalView {
    /// The grant's id.
    pub jti: String,
    /// When it ends, Unix milliseconds.
    pub approved_until_ms: i64,
    /// How often it was redeemed: 0 or 1.
    pub used: i64,
}

/// What the filter reported after the release.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OutcomeView {
    /// `completed`, `upstream_error`, `release_abandoned` or `unknown`.
    pub state: String,
    /// The upstream's status.
    pub status: Option<u16>,
    /// Bytes sent upstream.
    pub request_bytes: u64,
    /// Bytes that came back.
    pub response_bytes: Option<u64>,
    /// How long it took, milliseconds.
    pub duration_ms: Option<u64>,
    /// When it was reported, Unix milliseconds.
    pub at_ms: i64,
}

/// Where a record stands in the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRef {
    /// The chain.
    pub chain: String,
    /// The place in the chain.
    pub seq: i64,
    /// The record's hash, 64 hexadecimal digits.
    pub hash: String,
    /// The place in the Merkle log over all chains.
    pub leaf: i64,
}

/// How far a quorum has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many distinct people are wanted.
    pub required: u32,
    /// How many have approved.
    pub approved: u32,
    /// The groups that still miss somebody.
    pub awaiting: Vec<String>,
}

/// Somebody should look at this task again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskChanged {
    /// The task.
    pub id: String,
    /// Where it stands now.
    pub status: Status,
}

impl TaskChanged {
    /// Changes may have been missed: everybody looks again. It names a task that nobody has.
    pub(crate) fn everything() -> Self {
        Self { id: String::new(), status: Status::Pending }
    }

    /// Whether it is [`TaskChanged::everything`].
    pub fn is_everything(&self) -> bool {
        self.id.is_empty()
    }
}

/// A human session as the store knows it; the token itself is kept only as a digest.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub person: Person,
    /// What a form must send back.
    pub csrf: String,
    /// Unix milliseconds.
    pub expires_at_ms: i64,
    /// How and when its person was asked who they are.
    pub proof: Proof,
}

/// A session just opened; the one time the token is seen.
#[derive(Clone)]
pub struct OpenedSession {
    /// The bearer token or cookie value: 256 random bits.
    pub token: String,
    /// What a form must send back.
    pub csrf: String,
}
