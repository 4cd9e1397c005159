//! Refusals as problem details (RFC 9457), with ARAP's types where it has one.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_wire::problem::{MEDIA_TYPE, Problem, arap, urn};

use crate::{
    approver::problem::RECORD_CONFLICT,
    service::{Asked, Fault, Over},
};

/// A refusal on its way out.
#[derive(Debug)]
pub(super) struct Refused(Problem);

impl From<Asked> for Refused {
    fn from(asked: Asked) -> Self {
        let detail = asked.to_string();
        let (kind, title, status) = match &asked {
            Asked::Unauthenticated(_) | Asked::Replayed => {
                (urn::UNAUTHENTICATED, "Not signed by a known filter", 401)
            }
            Asked::WrongClient { .. } => (arap::INVALID_DENIAL_BINDING, "Not your client", 403),
            Asked::Malformed(_) => (urn::MALFORMED, "Not of the protocol's shape", 400),
            Asked::Duplicate => (arap::DUPLICATE_REQUEST, "Idempotency key used before", 409),
            Asked::DigestMismatch => (urn::DIGEST_MISMATCH, "Digest mismatch", 409),
            Asked::NotRequestable(_) => (arap::NOT_REQUESTABLE, "Nobody could decide this", 422),
            Asked::ExpiredDenial => (arap::EXPIRED_DENIAL, "The denial is too old", 422),
            Asked::TooMany(over) => return Self::too_many(over, detail),
            Asked::UnknownTask(_) => (arap::UNKNOWN_TASK, "No such task", 404),
            Asked::InvalidState(_) => (arap::INVALID_TASK_STATE, "Not in this state", 409),
            Asked::RecordRefused(_) => (RECORD_CONFLICT, "Record refused", 409),
            Asked::Fault(fault) => {
                // Which file or which statement is nobody's business but the operator's.
                tracing::error!(%fault, "a call failed");
                let detail = match fault {
                    Fault::Closing => "the service is shutting down",
                    Fault::Store(_) | Fault::Corrupt(_) => "the service failed; nothing was changed",
                };
                return Self(Problem::new(urn::APPROVAL_UNAVAILABLE, "Unavailable", 503, detail));
            }
        };
        tracing::debug!(status, kind, detail, "a call was refused");
        Self(Problem::new(kind, title, status, detail))
    }
}

impl Refused {
    /// A limit that is reached: which, how far, and when to come again.
    fn too_many(over: &Over, detail: String) -> Self {
        tracing::warn!(limit = over.limit, current = over.current, most = over.most, "a limit is reached");
        let mut problem = Problem::new(urn::TOO_MANY, "Too many requests for approval", 429, detail);
        let numbers = [("current", over.current), ("most", over.most), ("retry_after", over.retry_after_s)];
        problem.extra.insert("limit".to_owned(), over.limit.into());
        problem.extra.extend(numbers.map(|(name, number)| (name.to_owned(), number.into())));
        Self(problem)
    }

    /// A body over the limit.
    pub(super) fn too_large(limit: usize) -> Self {
        Self(Problem::new(urn::TOO_LARGE, "Too large", 413, format!("a body has at most {limit} bytes here")))
    }

    /// Too many calls from one address that no known filter signed.
    pub(super) fn braked() -> Self {
        let detail =
            "too many calls from this address were not signed by a known filter; come again in a minute";
        Self(Problem::new(urn::TOO_MANY, "Too many bad signatures", 429, detail))
    }

    /// A body that did not arrive.
    pub(super) fn incomplete() -> Self {
        Self(Problem::new(urn::MALFORMED, "Incomplete", 400, "the body did not arrive whole"))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut answer = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            let again = self.0.extra.get("retry_after").and_then(serde_json::Value::as_u64).unwrap_or(5);
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(again));
        }
        answer.extensions_mut().insert(crate::approver::problem::kind(&self.0));
        answer
    }
}

/// Nothing is served at this path.
pub(super) async fn not_here() -> Refused {
    Refused(Problem::new("about:blank", "Not Found", 404, "nothing is served at this path"))
}

/// This path has other methods.
pub(super) async fn method() -> Refused {
    Refused(Problem::new("about:blank", "Method Not Allowed", 405, "this path has other methods"))
}
