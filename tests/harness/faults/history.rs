//! What happened in a run: what agents sent and were told, what arrived upstream, what the service's database says, and what
//! Envoy printed. Four sources that know nothing of each other.

use std::collections::BTreeSet;
use std::time::Duration;

/// What a request is under the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It passes.
    Harmless,
    /// It waits for a person.
    Held,
    /// The policy denies it.
    Forbidden,
}

/// What the reviewers do about a held request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They approve it.
    Approve,
    /// They deny it.
    Deny,
    /// They leave it.
    Nothing,
}

/// What an agent learned from one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// An answer with this status.
    Status(u16),
    /// 403, because what was asked for has expired or was withdrawn: it may be asked for anew.
    Expired,
    /// No answer: the connection ended, or the agent left. It cannot know what became of the request.
    Cut,
}

/// One attempt of an agent.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// In which phase it began.
    pub phase: usize,
    /// In which phase it ended.
    pub until: usize,
    /// What came of it.
    pub told: Told,
    /// How long that took.
    pub took: Duration,
}

/// A request of an agent; all attempts are the same bytes.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Unique in the run; it stands in the path and in the body.
    pub id: u64,
    /// What the policy makes of it.
    pub kind: Kind,
    /// What the reviewers make of it.
    pub verdict: Verdict,
    /// In order.
    pub attempts: Vec<Attempt>,
    /// How often a kept connection turned out to be closed, so that the request was sent again without the agent's notice.
    pub reopened: u32,
}

/// A request that began to arrive upstream.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its id, from the path.
    pub id: u64,
    /// Milliseconds since the run began.
    pub at_ms: u64,
    /// How many grants for it were used up with their record stored, by the service's database, at that moment; only
    /// looked up for what is not harmless.
    pub redeemed: u64,
    /// Whether the body that came is the one that was sent.
    pub body: Body,
}

/// Whether a body is the one that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// It is.
    Same,
    /// It is another one.
    Other,
}

/// A task in the service's database.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id.
    pub tid: String,
    /// The request it is about.
    pub id: u64,
    /// Its grant, once there is one.
    pub grant: Option<Grant>,
}

/// A grant in the service's database.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id.
    pub jti: String,
    /// How often it was redeemed.
    pub used: u64,
    /// What the record says that was stored with the redeem: event, task, grant.
    pub record: Option<(String, String, String)>,
}

/// A record as Envoy printed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The chain.
    pub chain: String,
    /// Its place there.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
    /// What happened.
    pub event: String,
    /// The task it is about.
    pub tid: Option<String>,
}

/// What a phase promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Everything ends as it was decided.
    Well,
    /// Nothing privileged may leave.
    Closed,
    /// Nothing more than at any time.
    Safe,
}

/// A part of the run.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// What it promises.
    pub promise: Promise,
    /// When it began, in milliseconds since the run began; it ends where the next begins.
    pub begins_ms: u64,
    /// Connections that Envoy had opened to the service by then.
    pub connections: u64,
}

/// Everything that happened.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The phases in order.
    pub phases: Vec<Phase>,
    /// What agents sent.
    pub sent: Vec<Sent>,
    /// What arrived, in order.
    pub arrived: Vec<Arrival>,
    /// What the database says.
    pub tasks: Vec<Task>,
    /// What Envoy printed.
    pub printed: Vec<Printed>,
    /// Hashes of the records that the service keeps.
    pub stored: BTreeSet<String>,
    /// Chains of the Envoy that lived to the end.
    pub living: BTreeSet<String>,
}
