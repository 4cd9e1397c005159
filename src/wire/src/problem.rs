//! Problem details (RFC 9457) and the types of this protocol.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A problem document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// A URN.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every occurrence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here, and how to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// This occurrence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Extension members.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Problem types of our own.
pub mod urn {
    /// Nobody has decided yet.
    pub const APPROVAL_PENDING: &str = "urn:countersign:problem:approval-pending";
    /// A person said no, or the policy did.
    pub const APPROVAL_DENIED: &str = "urn:countersign:problem:approval-denied";
    /// Nobody decided in time.
    pub const APPROVAL_EXPIRED: &str = "urn:countersign:problem:approval-expired";
    /// A reviewer asks something.
    pub const APPROVAL_NEEDS_CONTEXT: &str = "urn:countersign:problem:approval-needs-context";
    /// The service cannot be asked, or the record cannot be written.
    pub const APPROVAL_UNAVAILABLE: &str = "urn:countersign:problem:approval-unavailable";
    /// A grant that does not verify.
    pub const APPROVAL_INVALID: &str = "urn:countersign:problem:approval-invalid";
    /// One of those who ask.
    pub const SELF_APPROVAL: &str = "urn:countersign:problem:self-approval";
    /// Not of a required group.
    pub const NOT_ELIGIBLE: &str = "urn:countersign:problem:not-eligible";
    /// The rule keeps this person from deciding, although they do not ask: they wrote the policy, or approved last time.
    pub const SEPARATION: &str = "urn:countersign:problem:separation";
    /// The rule lets nobody decide alone.
    pub const NO_BREAK_GLASS: &str = "urn:countersign:problem:break-glass-not-allowed";
    /// Whoever broke the glass cannot be the second human who looks at it.
    pub const SECOND_HUMAN: &str = "urn:countersign:problem:second-human-required";
    /// The reviewer saw something else.
    pub const STALE_VIEW: &str = "urn:countersign:problem:stale-view";
    /// Used up.
    pub const ALREADY_REDEEMED: &str = "urn:countersign:problem:already-redeemed";
    /// Another request.
    pub const DIGEST_MISMATCH: &str = "urn:countersign:problem:digest-mismatch";
    /// The same request was released before, and nobody knows what became of it.
    pub const OUTCOME_UNKNOWN: &str = "urn:countersign:problem:outcome-unknown";
    /// A decision needs a reason.
    pub const REASON_REQUIRED: &str = "urn:countersign:problem:reason-required";
    /// To approve this, its code must be typed.
    pub const CODE_REQUIRED: &str = "urn:countersign:problem:code-required";
    /// Not all of it was understood, and then nobody may approve it.
    pub const NOT_UNDERSTOOD: &str = "urn:countersign:problem:not-understood";
    /// The rule lets nobody agree to more than one request.
    pub const NOT_SCOPED: &str = "urn:countersign:problem:not-scoped";
    /// More than the rule allows.
    pub const TOO_WIDE: &str = "urn:countersign:problem:scope-too-wide";
    /// The caller is not who it must be.
    pub const UNAUTHENTICATED: &str = "urn:countersign:problem:unauthenticated";
    /// The body is not what it must be.
    pub const MALFORMED: &str = "urn:countersign:problem:malformed";
    /// The call cannot be judged safely.
    pub const AMBIGUOUS: &str = "urn:countersign:problem:ambiguous-request";
    /// Too much.
    pub const TOO_LARGE: &str = "urn:countersign:problem:too-large";
    /// The upstream executed the call, and its answer is not handed on.
    pub const RESPONSE_WITHHELD: &str = "urn:countersign:problem:response-withheld";
    /// Too often.
    pub const TOO_MANY: &str = "urn:countersign:problem:too-many-requests";
}

/// ARAP's problem types.
pub mod arap {
    /// The policy does not allow this to be requested.
    pub const NOT_REQUESTABLE: &str = "urn:openid:authzen:access-request:error:not_requestable";
    /// The denial is too old.
    pub const EXPIRED_DENIAL: &str = "urn:openid:authzen:access-request:error:expired_denial";
    /// The denial is not ours.
    pub const INVALID_DENIAL_BINDING: &str = "urn:openid:authzen:access-request:error:invalid_denial_binding";
    /// The same key with another body.
    pub const DUPLICATE_REQUEST: &str = "urn:openid:authzen:access-request:error:duplicate_request";
    /// No such task.
    pub const UNKNOWN_TASK: &str = "urn:openid:authzen:access-request:error:unknown_task";
    /// The task is over.
    pub const TASK_EXPIRED: &str = "urn:openid:authzen:access-request:error:task_expired";
    /// Not in this state.
    pub const INVALID_TASK_STATE: &str = "urn:openid:authzen:access-request:error:invalid_task_state";
}

impl Problem {
    /// A problem without extensions.
    pub fn new(kind: &str, title: &str, status: u16, detail: impl Into<String>) -> Self {
        let (kind, title, detail) = (kind.to_owned(), title.to_owned(), Some(detail.into()));
        Self { kind, title, status, detail, instance: None, extra: Map::new() }
    }
}
