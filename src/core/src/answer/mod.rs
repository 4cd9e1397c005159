//! What the agent is told, in its own protocol (protocol part 3).
//!
//! One table says what a [`Situation`] means; one module per protocol says it. No answer ever looks like success: an
//! agent that reads only the status must understand that nothing was executed, or, in the one case where something was,
//! that its answer is not there.

pub mod grpc;
pub mod json;
pub mod speech;

use crate::{busy::Busy, config::AnswersDoc, policy::reason};
use countersign_wire::problem::urn;
use speech::Speech;

/// Why a call does not leave now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Situation {
    /// Nobody has decided yet; an identical retry finds the task again.
    Pending,
    /// A reviewer asks something.
    NeedsContext {
        /// What they ask; written by a person, shown to the agent.
        question: String,
    },
    /// A person said no.
    Denied {
        /// Why, in words that are safe for the agent.
        reason: Option<String>,
    },
    /// Nobody decided in time, or the task was withdrawn, or the grant can no longer be used.
    Expired,
    /// The service cannot be asked, or the record cannot be made durable.
    Unavailable {
        /// What is missing, in the operator's words.
        what: &'static str,
    },
    /// The service takes no more for now.
    Busy(Busy),
    /// A grant or receipt that does not verify.
    Invalid,
    /// The grant was used before.
    AlreadyUsed,
    /// The policy refuses, without asking anybody.
    Blocked {
        /// The word for programs.
        code: &'static str,
        /// The sentence for people.
        detail: String,
    },
    /// The call left and was answered, and the answer is not handed on.
    Withheld {
        /// Why.
        why: String,
    },
    /// The request is larger than this proxy looks at or holds.
    TooLarge {
        /// Which bound.
        limit: Limit,
        /// The bound.
        most: usize,
    },
    /// This proxy has as much on its hands as it may.
    Full {
        /// Which bound.
        limit: Limit,
        /// The bound.
        most: usize,
    },
}

/// A bound of the filter's configuration that a request is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of a body.
    Body,
    /// Headers of one request, pseudo-headers included.
    Headers,
    /// Bytes of the names and values of headers.
    HeaderBytes,
    /// Requests that one worker holds, or whose bodies it awaits.
    Held,
    /// Bytes of heads and bodies of those.
    HeldBytes,
}

impl Limit {
    /// The key that raises it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Body => "limits.body_bytes",
            Self::Headers => "limits.headers",
            Self::HeaderBytes => "limits.header_bytes",
            Self::Held => "limits.held",
            Self::HeldBytes => "limits.held_bytes",
        }
    }

    /// The word in records.
    pub fn code(self) -> &'static str {
        match self {
            Self::Body => "too_large",
            Self::Headers => "too_many_headers",
            Self::HeaderBytes => "headers_too_large",
            Self::Held => "too_many_held",
            Self::HeldBytes => "too_much_held",
        }
    }
}

/// What the agent may know of its task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticket {
    /// The opaque name.
    pub handle: Option<String>,
    /// What people match.
    pub code: Option<String>,
    /// RFC 3339.
    pub expires_at: Option<String>,
    /// The page for people.
    pub link: Option<String>,
    /// When to come again, in seconds.
    pub retry_after_s: u64,
    /// What a recent MCP client carries to its next try.
    pub state: Option<String>,
}

/// An answer to send instead of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers, lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; with gRPC the message.
    pub body: Vec<u8>,
    /// The gRPC status; `None` for other protocols.
    pub grpc_status: Option<u8>,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) urn: &'static str,
    pub(crate) title: &'static str,
    pub(crate) status: u16,
    pub(crate) grpc: u8,
    pub(crate) jsonrpc: i32,
    /// `ErrorInfo.reason` and GraphQL's `extensions.code`.
    pub(crate) reason: &'static str,
    pub(crate) state: &'static str,
    pub(crate) next_action: &'static str,
}

/// The state of a call that was executed.
pub(crate) const EXECUTED: &str = "executed";

/// The table. HTTP statuses are argued in protocol 3.1, gRPC's in 3.2, JSON-RPC's codes in 3.3.
mod table {
    use super::{EXECUTED, Row, urn};

    const fn row(
        (urn, title): (&'static str, &'static str),
        (status, grpc, jsonrpc): (u16, u8, i32),
        reason: &'static str,
        (state, next_action): (&'static str, &'static str),
    ) -> Row {
        Row { urn, title, status, grpc, jsonrpc, reason, state, next_action }
    }

    pub(super) const PENDING: Row = row(
        (urn::APPROVAL_PENDING, "Waiting for human approval"),
        (428, 9, 42_801),
        "APPROVAL_PENDING",
        ("pending", "retry"),
    );
    pub(super) const NEEDS_CONTEXT: Row = row(
        (urn::APPROVAL_NEEDS_CONTEXT, "A reviewer asks for more context"),
        (428, 9, 42_801),
        "APPROVAL_NEEDS_CONTEXT",
        ("needs_context", "retry_with_justification"),
    );
    pub(super) const DENIED: Row =
        row((urn::APPROVAL_DENIED, "Denied"), (403, 7, 40_301), "APPROVAL_DENIED", ("denied", "none"));
    pub(super) const EXPIRED: Row = row(
        (urn::APPROVAL_EXPIRED, "Approval expired"),
        (403, 7, 40_301),
        "APPROVAL_EXPIRED",
        ("expired", "request"),
    );
    pub(super) const UNAVAILABLE: Row = row(
        (urn::APPROVAL_UNAVAILABLE, "Approval cannot be asked for"),
        (503, 14, 50_301),
        "APPROVAL_UNAVAILABLE",
        ("unavailable", "retry"),
    );
    pub(super) const BUSY: Row = row(
        (urn::TOO_MANY, "Too many requests for approval"),
        (429, 8, 42_901),
        "APPROVAL_LIMIT",
        ("limited", "retry"),
    );
    pub(super) const INVALID: Row = row(
        (urn::APPROVAL_INVALID, "Approval not valid"),
        (403, 7, 40_301),
        "APPROVAL_INVALID",
        ("invalid", "request"),
    );
    pub(super) const ALREADY_USED: Row = row(
        (urn::ALREADY_REDEEMED, "Approval already used"),
        (409, 10, 40_901),
        "APPROVAL_ALREADY_USED",
        ("already_used", "request"),
    );
    pub(super) const AMBIGUOUS: Row = row(
        (urn::AMBIGUOUS, "Ambiguous request"),
        (403, 7, 40_301),
        "REQUEST_AMBIGUOUS",
        ("blocked", "none"),
    );
    /// MCP 2026-07-28: a header that contradicts the body is a bad request of its own kind.
    pub(super) const HEADER_MISMATCH: Row =
        row((urn::AMBIGUOUS, "Header mismatch"), (400, 3, -32_020), "HEADER_MISMATCH", ("blocked", "none"));
    pub(super) const BLOCKED: Row = row(
        (urn::APPROVAL_DENIED, "Denied by policy"),
        (403, 7, 40_301),
        "POLICY_DENIED",
        ("blocked", "none"),
    );
    /// Nobody's fault but the answer's: the status of a gateway that cannot use what it got.
    pub(super) const WITHHELD: Row = row(
        (urn::RESPONSE_WITHHELD, "Executed, and the answer is withheld"),
        (502, 13, 50_201),
        "RESPONSE_WITHHELD",
        (EXECUTED, "none"),
    );
    pub(super) const TOO_LARGE: Row = row(
        (urn::TOO_LARGE, "Too large to be approved"),
        (413, 8, 40_301),
        "REQUEST_TOO_LARGE",
        ("blocked", "none"),
    );
    /// RFC 6585 section 5.
    pub(super) const HEAD_TOO_LARGE: Row = Row { status: 431, title: "Header fields too large", ..TOO_LARGE };
}

impl Situation {
    pub(crate) fn row(&self, answers: &AnswersDoc) -> Row {
        match self {
            Self::Pending => {
                Row { status: answers.pending_status, grpc: answers.pending_grpc_status, ..table::PENDING }
            }
            Self::NeedsContext { .. } => table::NEEDS_CONTEXT,
            Self::Denied { .. } => table::DENIED,
            Self::Expired => table::EXPIRED,
            Self::Unavailable { .. } | Self::Full { .. } => table::UNAVAILABLE,
            Self::Busy(_) => table::BUSY,
            Self::Invalid => table::INVALID,
            Self::AlreadyUsed => table::ALREADY_USED,
            Self::Blocked { code: reason::AMBIGUOUS, .. } => table::AMBIGUOUS,
            Self::Blocked { code: reason::HEADER_MISMATCH, .. } => table::HEADER_MISMATCH,
            Self::Blocked { .. } => table::BLOCKED,
            Self::Withheld { .. } => table::WITHHELD,
            Self::TooLarge { limit: Limit::Headers | Limit::HeaderBytes, .. } => table::HEAD_TOO_LARGE,
            Self::TooLarge { limit: Limit::Body | Limit::Held | Limit::HeldBytes, .. } => table::TOO_LARGE,
        }
    }

    /// One sentence for whoever reads the answer. It always says whether anything was executed.
    pub(crate) fn sentence(&self, ticket: &Ticket) -> String {
        let code = ticket.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
        let seconds = ticket.retry_after_s;
        match self {
            Self::Pending => format!(
                "NOT EXECUTED. Human approval{code} is pending. Continue with other work; repeat the identical request \
                 after {seconds} s. Do not rephrase or split it."
            ),
            Self::NeedsContext { question } => format!(
                "NOT EXECUTED. A reviewer of{code} asks: {question} Repeat the identical request with a \
                 Countersign-Justification header of at most 1000 characters."
            ),
            Self::Denied { reason: Some(reason) } => {
                format!("NOT EXECUTED. DENIED by a human: {reason} Do not retry.")
            }
            Self::Denied { reason: None } => "NOT EXECUTED. DENIED by a human. Do not retry.".to_owned(),
            Self::Expired => format!(
                "NOT EXECUTED. The approval{code} expired or was withdrawn. Sending the request again asks anew."
            ),
            Self::Unavailable { what } => {
                format!("NOT EXECUTED. Approval cannot be asked for now: {what}. Retry after {seconds} s.")
            }
            Self::Busy(busy) => {
                format!("NOT EXECUTED. Too much at once: {}. Retry after {seconds} s.", busy.words())
            }
            Self::Invalid => {
                "NOT EXECUTED. What came back as an approval does not verify for this request.".to_owned()
            }
            Self::AlreadyUsed => {
                "NOT EXECUTED. This approval was already used; each one is good for one request.".to_owned()
            }
            Self::Blocked { detail, .. } => format!("NOT EXECUTED. Refused by policy: {detail}."),
            Self::Withheld { why } => {
                format!("EXECUTED, but the answer is withheld: {why}. Do not repeat the request.")
            }
            Self::TooLarge { limit, most } => {
                let what = match limit {
                    Limit::Headers => {
                        format!("The request has more than the {most} headers that this proxy reads")
                    }
                    Limit::HeaderBytes => {
                        format!("The headers are larger than the {most} bytes that this proxy reads")
                    }
                    Limit::Body | Limit::Held | Limit::HeldBytes => {
                        format!("The body is larger than the {most} bytes that can be held for approval")
                    }
                };
                format!("NOT EXECUTED. {what} (`{}` of the filter).", limit.key())
            }
            Self::Full { limit, most } => {
                let what = match limit {
                    Limit::Body | Limit::Headers | Limit::HeaderBytes | Limit::HeldBytes => {
                        "bytes of requests"
                    }
                    Limit::Held => "requests",
                };
                format!(
                    "NOT EXECUTED. This proxy already holds as much as it may, {most} {what} (`{}` of the filter). \
                     Retry after {seconds} s.",
                    limit.key()
                )
            }
        }
    }

    /// Whether coming again makes sense, and so whether `Retry-After` is sent.
    pub(crate) fn retries(&self) -> Retries {
        match self {
            Self::Pending
            | Self::NeedsContext { .. }
            | Self::Unavailable { .. }
            | Self::Busy(_)
            | Self::Full { .. } => Retries::Yes,
            Self::Denied { .. }
            | Self::Expired
            | Self::Invalid
            | Self::AlreadyUsed
            | Self::Blocked { .. }
            | Self::Withheld { .. }
            | Self::TooLarge { .. } => Retries::No,
        }
    }
}

/// Whether the agent should come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retries {
    Yes,
    No,
}

/// Puts a situation into the agent's own protocol.
pub fn reply(speech: &Speech, situation: &Situation, ticket: &Ticket, answers: &AnswersDoc) -> Reply {
    let row = situation.row(answers);
    let mut reply = match speech {
        Speech::Rest { prefers_async } => json::problem(situation, &row, ticket, *prefers_async),
        Speech::Grpc => grpc::status(situation, &row, ticket),
        Speech::JsonRpc(messages) => json::rpc(situation, &row, ticket, messages, answers),
        Speech::GraphQl(media) => json::graphql(situation, &row, ticket, *media),
    };
    reply.headers.push(("cache-control", "no-store".to_owned()));
    reply.headers.push(("content-language", "en".to_owned()));
    if let Some(handle) = &ticket.handle {
        reply.headers.push(("countersign-request", handle.clone()));
    }
    if reply.grpc_status.is_none() && situation.retries() == Retries::Yes {
        reply.headers.push(("retry-after", ticket.retry_after_s.to_string()));
    }
    reply
}

#[cfg(test)]
mod tests;
