//! What the approver side answers when it does not do what it was asked: RFC 9457 problem documents.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_wire::problem::{MEDIA_TYPE, Problem, arap, urn};

use crate::{
    observe::Kind,
    service::{Fault, Over, Refusal},
};

/// A request that is from another site, or without the form token.
pub const FORGED: &str = "urn:countersign:problem:forged-request";

/// A record that contradicts what is stored.
pub const RECORD_CONFLICT: &str = "urn:countersign:problem:record-conflict";
/// What needs a fresh sign-in.
pub const SIGN_IN_AGAIN: &str = "urn:countersign:problem:sign-in-again";

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No session, or one that ended.
    NotLoggedIn,
    /// The development login is not for this peer.
    LoginClosed,
    /// A browser sent it from another site, or does not say from where.
    Elsewhere,
    /// The form token is missing or not this session's.
    Forged,
    /// The body is not what it must be.
    Malformed(String),
    /// The body is too large.
    TooLarge {
        /// The most bytes.
        most: usize,
    },
    /// Too many calls within a minute.
    TooMany(Over),
    /// The idempotency key was used before.
    Duplicate(Duplicate),
    /// The service refused the decision.
    Refused(Refusal),
    /// The service itself failed.
    Failed(String),
}

/// How an idempotency key was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicate {
    /// With another body.
    Other,
    /// With the same one, and that call is still under way.
    UnderWay,
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(fault) => Self::Failed(fault),
            other @ (Refusal::SelfApproval
            | Refusal::NotEligible { .. }
            | Refusal::Separated { .. }
            | Refusal::NoBreakGlass
            | Refusal::SecondHuman
            | Refusal::NothingToLookAt
            | Refusal::StaleView
            | Refusal::OutcomeUnknown { .. }
            | Refusal::OutcomeKnown
            | Refusal::NothingToRevoke
            | Refusal::WrongCode
            | Refusal::SignInAgain { .. }
            | Refusal::CodeRequired
            | Refusal::NotUnderstood
            | Refusal::NotPending { .. }
            | Refusal::Unknown { .. }
            | Refusal::ReasonRequired
            | Refusal::ReasonTooLong
            | Refusal::OneByOne
            | Refusal::TooWide { .. }) => Self::Refused(other),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault.to_string())
    }
}

impl Trouble {
    /// The document. What went wrong inside the service goes to its log, not to the caller.
    pub fn problem(&self) -> Problem {
        let (kind, title, status, detail) = match self {
            Self::NotLoggedIn => (
                urn::UNAUTHENTICATED,
                "A human session is needed",
                401,
                "log in as a reviewer; filters and agents have no access here".to_owned(),
            ),
            Self::LoginClosed => (
                urn::UNAUTHENTICATED,
                "The development login is closed",
                403,
                "it is open only with --dev, and only to this machine under its own name".to_owned(),
            ),
            Self::Elsewhere => (
                FORGED,
                "The request came from elsewhere",
                403,
                "a decision by cookie must come from the inbox itself; programs send a bearer session"
                    .to_owned(),
            ),
            Self::Forged => (
                FORGED,
                "The form token is missing or wrong",
                403,
                "open the page again and repeat what you did".to_owned(),
            ),
            Self::Malformed(why) => (urn::MALFORMED, "The request does not read", 400, why.clone()),
            Self::TooLarge { most } => {
                (urn::TOO_LARGE, "Too large", 413, format!("a body has at most {most} bytes here"))
            }
            Self::TooMany(over) => return too_many(over),
            Self::Duplicate(Duplicate::Other) => (
                arap::DUPLICATE_REQUEST,
                "Idempotency key used before",
                409,
                "this idempotency key came with another body before; a new call needs a new key".to_owned(),
            ),
            Self::Duplicate(Duplicate::UnderWay) => (
                arap::DUPLICATE_REQUEST,
                "The first one is under way",
                409,
                "the first call with this idempotency key is not answered yet; repeat it in a second"
                    .to_owned(),
            ),
            Self::Refused(refusal) => {
                let (kind, title, status) = words(refusal);
                (kind, title, status, refusal.to_string())
            }
            Self::Failed(_) => (
                urn::APPROVAL_UNAVAILABLE,
                "The approval service failed",
                503,
                "nothing was decided; try again, and tell whoever runs the service if it stays".to_owned(),
            ),
        };
        Problem::new(kind, title, status, detail)
    }

    /// The status alone.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Every type that an answer of the service may have. `API.md` explains each, and a test compares the two.
pub const TYPES: [&str; 27] = [
    urn::UNAUTHENTICATED,
    urn::MALFORMED,
    urn::TOO_LARGE,
    urn::TOO_MANY,
    urn::APPROVAL_UNAVAILABLE,
    urn::DIGEST_MISMATCH,
    urn::SELF_APPROVAL,
    urn::NOT_ELIGIBLE,
    urn::SEPARATION,
    urn::NO_BREAK_GLASS,
    urn::SECOND_HUMAN,
    urn::STALE_VIEW,
    urn::OUTCOME_UNKNOWN,
    urn::REASON_REQUIRED,
    urn::NOT_SCOPED,
    urn::TOO_WIDE,
    FORGED,
    arap::DUPLICATE_REQUEST,
    arap::UNKNOWN_TASK,
    arap::INVALID_TASK_STATE,
    arap::NOT_REQUESTABLE,
    arap::EXPIRED_DENIAL,
    arap::INVALID_DENIAL_BINDING,
    RECORD_CONFLICT,
    SIGN_IN_AGAIN,
    urn::CODE_REQUIRED,
    urn::NOT_UNDERSTOOD,
];

/// The type of a problem as it is counted; what is not among [`TYPES`] is not told apart.
pub(crate) fn kind(problem: &Problem) -> Kind {
    let known = TYPES.into_iter().find(|known| *known == problem.kind);
    Kind(known.unwrap_or("other"))
}

/// Which limit, how far it is reached, and when to come again.
fn too_many(over: &Over) -> Problem {
    let mut problem = Problem::new(urn::TOO_MANY, "Too many calls", 429, over.to_string());
    let numbers = [("current", over.current), ("most", over.most), ("retry_after", over.retry_after_s)];
    problem.extra.insert("limit".to_owned(), over.limit.into());
    problem.extra.extend(numbers.map(|(name, number)| (name.to_owned(), number.into())));
    problem
}

fn words(refusal: &Refusal) -> (&'static str, &'static str, u16) {
    match refusal {
        Refusal::SelfApproval => (urn::SELF_APPROVAL, "Nobody decides on their own request", 403),
        Refusal::NotEligible { .. } => (urn::NOT_ELIGIBLE, "This is for other reviewers", 403),
        Refusal::Separated { .. } => (urn::SEPARATION, "The rule wants somebody else", 403),
        Refusal::NoBreakGlass => (urn::NO_BREAK_GLASS, "Nobody may decide this alone", 403),
        Refusal::SecondHuman => (urn::SECOND_HUMAN, "A second human must look", 403),
        Refusal::NothingToLookAt => (arap::INVALID_TASK_STATE, "Nothing waits for a second look", 409),
        Refusal::StaleView => (urn::STALE_VIEW, "What you saw is out of date", 409),
        Refusal::OutcomeUnknown { .. } => {
            (urn::OUTCOME_UNKNOWN, "An earlier release is not accounted for", 409)
        }
        Refusal::OutcomeKnown => (arap::INVALID_TASK_STATE, "There is nothing to settle", 409),
        Refusal::NothingToRevoke => (arap::INVALID_TASK_STATE, "There is nothing to take back", 409),
        Refusal::SignInAgain { .. } => (SIGN_IN_AGAIN, "A fresh sign-in is needed", 403),
        Refusal::WrongCode => (urn::STALE_VIEW, "That is another request's code", 409),
        Refusal::CodeRequired => (urn::CODE_REQUIRED, "The code must be typed", 422),
        Refusal::NotUnderstood => (urn::NOT_UNDERSTOOD, "Not all of it was understood", 409),
        Refusal::NotPending { .. } => (arap::INVALID_TASK_STATE, "It is decided already", 409),
        Refusal::Unknown { .. } => (arap::UNKNOWN_TASK, "There is no such request", 404),
        Refusal::ReasonRequired => (urn::REASON_REQUIRED, "A reason is needed", 422),
        Refusal::ReasonTooLong => (urn::TOO_LARGE, "The reason is too long", 422),
        Refusal::OneByOne => (urn::NOT_SCOPED, "Only this one request can be approved", 422),
        Refusal::TooWide { .. } => (urn::TOO_WIDE, "That is more than the rule allows", 422),
        Refusal::Fault(_) => (urn::APPROVAL_UNAVAILABLE, "The approval service failed", 503),
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        if let Self::Failed(why) = &self {
            tracing::error!(%why, "the approver side failed");
        }
        let problem = self.problem();
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let mut answer =
            (self.status(), [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))], body)
                .into_response();
        answer.extensions_mut().insert(kind(&problem));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::TYPES;

    #[test]
    fn every_problem_type_is_explained_and_no_other_is() {
        let page = include_str!("../../API.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `urn:")?.split('`').next());
        let explained: BTreeSet<String> = rows.map(|rest| format!("urn:{rest}")).collect();
        let known: BTreeSet<String> = TYPES.into_iter().map(str::to_owned).collect();
        assert_eq!(explained, known);
    }
}
