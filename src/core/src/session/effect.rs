//! What a session says to do, in the order in which it is to be done.

use crate::{anonymise::Edit, answer::Reply, permit::Permit, service::Dispatch};
use countersign_wire::sealed::Plain;

/// Numbers the dispatches of one session, so that a late answer is known as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serial(pub u32);

/// What the shell must do.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Print a line of the audit chain.
    Record(String),
    /// Remove these headers from the request.
    Strip(Vec<String>),
    /// Set or remove a header.
    Header(Side, Edit),
    /// Set a header of the request to this, which nobody may see.
    Inject(String, Plain),
    /// Say [`Event::Done`] if all of this batch was done as told. Last where it stands.
    Confirm,
    /// Forward this body instead of the one that came; said only in answer to [`Event::BodyEnds`] or trailers.
    ReplaceBody(Vec<u8>, Length),
    /// Hand this body on instead of the upstream's; said in answer to [`Event::ResponseEnds`], [`Event::ResponseRest`] and
    /// [`Event::ResponseBody`], in place of what came with it.
    ReplaceResponse(Vec<u8>),
    /// Answer the agent instead of handing the upstream's answer on. The call left before.
    Withhold(Reply),
    /// Show the verdict in filter state.
    Verdict(Verdict),
    /// Show more beside the verdict.
    Label(Label, String),
    /// Call the service and bring the answer back under this number.
    Dispatch(Serial, Dispatch),
    /// Call the service; nobody waits for the answer.
    Notify(Dispatch),
    /// Call the service on behalf of a stream that is over; the answer goes to [`Worker::withdrawn`].
    Withdraw(Dispatch),
    /// Count.
    Measure(Measure),
    /// Answer the agent instead of forwarding. Terminal.
    Reply(Reply),
    /// Let the call leave. Terminal, and last.
    Resume(Permit),
}

/// Whose header it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The request's.
    Request,
    /// The response's.
    Response,
    /// The response's trailers.
    Trailers,
}

/// Whether a request declares the length of its body, which must then be mended with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// By `content-length`.
    Declared,
    /// By its framing only.
    Framed,
}

/// Names of what the access log can show beside the verdict: `%FILTER_STATE(wasm.<name>:PLAIN)%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// The rule that held or refused the call.
    Rule,
    /// The task at the approval service.
    Task,
}

impl Label {
    /// The name of the filter state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "countersign_rule",
            Self::Task => "countersign_task",
        }
    }
}

/// What the access log shows of a call that did not simply pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Waiting.
    Held,
    /// Left with a permit.
    Released,
    /// Answered "ask again".
    HandedOff,
    /// Refused by the policy.
    Blocked,
    /// A person said no.
    Denied,
    /// Too late.
    Expired,
    /// The service could not be asked.
    Unavailable,
    /// Something did not verify.
    Invalid,
    /// Left, and the answer was not handed on.
    Withheld,
    /// The client left.
    Abandoned,
}

impl Verdict {
    /// The word in access logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::HandedOff => "handed_off",
            Self::Blocked => "blocked",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Unavailable => "unavailable",
            Self::Invalid => "invalid",
            Self::Withheld => "withheld",
            Self::Abandoned => "abandoned",
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// A call is held from now on.
    HoldBegins,
    /// It was held so long, in milliseconds, and ended so.
    HoldEnds(u64, Verdict),
    /// A call was refused without being held, or its answer withheld.
    Refused(Verdict),
}
