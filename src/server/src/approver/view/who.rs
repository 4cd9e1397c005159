//! Who asks, for whom, and whether anybody waits for the answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::approver::text::Inert;

/// Whether anybody waits for the decision, as far as the filter tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waiting {
    /// Whether a call is held for it now.
    pub here: Here,
    /// Since when it is not, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_since_ms: Option<i64>,
}

/// Whether a call is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Here {
    /// It is: an approval releases it at once.
    Yes,
    /// It is not: an approval is used when the agent comes again.
    No,
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
    /// Who owns the agent, where a source says so. They may not review.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Human>,
    /// Who started the run, where a source says so. They may not review.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggered_by: Vec<Human>,
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
