//! Why the service did not do what it was asked.

use countersign_wire::people::Separation;

/// The service itself failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(String),
    /// What the store holds does not read as what was written.
    #[error("the store holds something unreadable: {0}")]
    Corrupt(String),
    /// The service is shutting down.
    #[error("the service is shutting down")]
    Closing,
}

/// Why a decision was refused. Nothing but a record of the attempt was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The requester, or somebody the request acts for.
    #[error("you asked for this, or it acts for you; somebody else must decide")]
    SelfApproval,
    /// In none of the groups the rule names.
    #[error("you are in none of the groups that may decide this: {}", groups.join(", "))]
    NotEligible {
        /// The groups that may.
        groups: Vec<String>,
    },
    /// The rule keeps them from it, although they do not ask.
    #[error("{}", separated(*by))]
    Separated {
        /// Why.
        by: Separation,
    },
    /// The rule lets nobody decide alone.
    #[error("the rule lets nobody break the glass here")]
    NoBreakGlass,
    /// Whoever broke the glass, under whatever account.
    #[error("you broke this glass; somebody else must look at it")]
    SecondHuman,
    /// No glass is broken, or somebody has looked at it.
    #[error("nothing here waits for a second look")]
    NothingToLookAt,
    /// The page shows something else than the task now is.
    #[error("what you saw is not what this task is now; look again")]
    StaleView,
    /// Somebody was faster, or time ran out.
    #[error("this task is already {}", status.as_str())]
    NotPending {
        /// Where it stands.
        status: super::Status,
    },
    /// What would go out needs a fresher sign-in than this one, or one of another kind.
    #[error("{}", again(*max_age_s))]
    SignInAgain {
        /// How long ago it may have been, in seconds.
        max_age_s: i64,
        /// One of these must be how; any, where empty.
        acr: Vec<String>,
    },
    /// No such task.
    #[error("there is no task `{id}`")]
    Unknown {
        /// What was asked for.
        id: String,
    },
    /// A decision without a reason.
    #[error("a decision needs a reason")]
    ReasonRequired,
    /// A reason longer than 1,000 characters.
    #[error("a reason has at most 1000 characters")]
    ReasonTooLong,
    /// The same request was released before, and nobody knows what became of it.
    #[error(
        "the same request was released before, as `{earlier}`, and nobody knows yet what became of it; whoever finds out says \
         so there, and then this can be approved"
    )]
    OutcomeUnknown {
        /// The task that was released.
        earlier: String,
    },
    /// The outcome of this task is not unknown, or not unknown any more.
    #[error("the outcome of this task is not unknown, so there is nothing to settle")]
    OutcomeKnown,
    /// There is no grant that could be taken back.
    #[error("this task has no grant that could be taken back: it was used, is over, or there never was one")]
    NothingToRevoke,
    /// The rule lets nobody agree to more than this one request.
    #[error("only this one request can be approved; its rule allows nothing beyond it")]
    OneByOne,
    /// More than the rule allows.
    #[error("the rule allows 2 to {uses} times and at most {seconds} s, this request included")]
    TooWide {
        /// How often at most.
        uses: u32,
        /// For how many seconds at most.
        seconds: i64,
    },
    /// The word and number are not the task's.
    #[error("the code you compared is not this task's")]
    WrongCode,
    /// The operator wants the code typed.
    #[error("to approve this, type its code")]
    CodeRequired,
    /// The operator lets nobody approve what was not understood or shown whole.
    #[error("nobody may approve this: not all of it was understood and shown, and the rule demands that")]
    NotUnderstood,
    /// The service failed.
    #[error("{0}")]
    Fault(String),
}

fn again(max_age_s: i64) -> String {
    format!(
        "this may only be let out by somebody who signed in within the last {} min, and in the way that is wanted for it; sign in \
         again in the web inbox or with `countersign login`, and decide then",
        (max_age_s + 59) / 60
    )
}

fn separated(by: Separation) -> &'static str {
    match by {
        Separation::PolicyAuthor => {
            "you wrote the policy that asks for this; its rule wants somebody else to decide"
        }
        Separation::LastApprover => {
            "you approved the last request of this requester under this rule; it wants somebody else this time"
        }
    }
}

impl Refusal {
    /// The word under which an attempt is on record: those that say something about a person; a lost race or a stale page
    /// is none.
    pub(super) fn recorded_as(&self) -> Option<&'static str> {
        match self {
            Self::SelfApproval => Some("self-approval"),
            Self::NotEligible { .. } => Some("not-eligible"),
            Self::Separated { by: Separation::PolicyAuthor } => Some("policy-author"),
            Self::Separated { by: Separation::LastApprover } => Some("last-approver"),
            Self::NoBreakGlass => Some("break-glass-not-allowed"),
            Self::SecondHuman => Some("second-human-required"),
            Self::OutcomeUnknown { .. } => Some("outcome-unknown"),
            Self::SignInAgain { .. } => Some("sign-in-again"),
            Self::NothingToLookAt
            | Self::OutcomeKnown
            | Self::NothingToRevoke
            | Self::OneByOne
            | Self::TooWide { .. }
            | Self::StaleView
            | Self::WrongCode
            | Self::CodeRequired
            | Self::NotUnderstood
            | Self::NotPending { .. }
            | Self::Unknown { .. }
            | Self::ReasonRequired
            | Self::ReasonTooLong
            | Self::Fault(_) => None,
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault.to_string())
    }
}

/// Why a filter's call was refused. Nothing was changed, except that its nonce is spent.
#[derive(Debug, thiserror::Error)]
pub enum Asked {
    /// Not signed by a known filter.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The nonce came before.
    #[error("this signature was used before")]
    Replayed,
    /// The filter may not speak for this client.
    #[error("key `{keyid}` may not speak for client `{client}`")]
    WrongClient {
        /// Whose key signed.
        keyid: String,
        /// Who was named.
        client: String,
    },
    /// Not of the protocol's shape.
    #[error("{0}")]
    Malformed(String),
    /// The same idempotency key with another body.
    #[error("this idempotency key came with another body before")]
    Duplicate,
    /// What the reviewers would see is not what the digest says.
    #[error("display_digest is not that of what was submitted")]
    DigestMismatch,
    /// Nobody could ever decide it.
    #[error("{0}")]
    NotRequestable(String),
    /// The denial is too old to ask about.
    #[error("the denial expired before it was submitted")]
    ExpiredDenial,
    /// A limit is reached.
    #[error("{0}")]
    TooMany(super::Over),
    /// No such task, or another filter's.
    #[error("there is no task `{0}`")]
    UnknownTask(String),
    /// The task is not in a state for this.
    #[error("{0}")]
    InvalidState(String),
    /// Another record stands in this one's place, or its chain does not allow it.
    #[error("{0}")]
    RecordRefused(String),
    /// The service failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why the service does not start: one sentence for the person who started it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);
