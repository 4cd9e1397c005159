//! What the filter tells the service besides asking: outcome, cancel, and the answer to a question (protocol part 4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of `POST /access/v1/requests/{id}/outcome`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OutcomeReport {
    /// How it ended.
    pub state: OutcomeState,
    /// The upstream's HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Bytes of the request's body.
    pub request_bytes: u64,
    /// Bytes of the response's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_bytes: Option<u64>,
    /// From release to the end, in milliseconds.
    pub duration_ms: u64,
    /// RFC 9530 digest of the response's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_digest: Option<String>,
    /// The record that says the same.
    pub record: Value,
}

/// How a released call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeState {
    /// The upstream answered.
    Completed,
    /// The upstream answered with an error, or not at all.
    UpstreamError,
    /// The grant was used up but nothing left.
    ReleaseAbandoned,
    /// Not known.
    Unknown,
}

impl OutcomeState {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::UpstreamError => "upstream_error",
            Self::ReleaseAbandoned => "release_abandoned",
            Self::Unknown => "unknown",
        }
    }
}

/// The body of `POST /access/v1/requests/{id}/cancel`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cancel {
    /// Why.
    pub reason: CancelReason,
}

/// Why a task is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// Nobody waits any more.
    ClientDisconnected,
    /// The rule is not what it was.
    PolicyChanged,
    /// A person withdrew it.
    Operator,
}

/// The body of `POST /access/v1/requests/{id}/context`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ContextAnswer {
    /// What the agent says; untrusted, at most 1000 characters.
    pub justification: String,
}
