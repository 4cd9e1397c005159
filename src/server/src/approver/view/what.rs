//! What is done, to what, where it goes, with which data, and what of the body is shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::approver::text::Inert;

/// Whether the action can be undone, as the decoder knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reversible {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// Nobody said.
    Unknown,
}

/// What is done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Action {
    /// The class, such as `data_export`.
    pub class: Inert,
    /// How it was spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Inert>,
    /// HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Inert>,
    /// The service that was recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Inert>,
    /// Its operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Inert>,
    /// Whether it can be undone.
    pub reversible: Reversible,
}

/// To what it is done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Resource {
    /// What kind of thing.
    pub kind: Inert,
    /// Its full name.
    pub id: Inert,
    /// Labels such as `pii`.
    pub labels: Vec<Inert>,
}

/// What a batch holds.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Batch {
    /// How many requests.
    pub total: u64,
    /// What they do.
    pub members: Vec<BatchMember>,
    /// How many more there are that only read and are not listed.
    pub more_reads: u64,
}

/// One thing that a batch does.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BatchMember {
    /// The class, such as `data_delete`.
    pub class: Inert,
    /// The same in words.
    pub words: Inert,
    /// The operation, in the protocol's words.
    pub operation: Inert,
    /// What kind of thing it is done to.
    pub kind: Inert,
    /// Its name.
    pub id: Inert,
    /// How many requests do just this.
    pub count: u64,
}

/// Where it goes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Destination {
    /// `http` or `https`.
    pub scheme: Inert,
    /// Host and port.
    pub authority: Inert,
    /// Path and query, masked.
    pub path: Inert,
}

/// What will be sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Payload {
    /// Media type as sent; empty where there is none.
    pub media_type: Inert,
    /// Bytes of the whole body.
    pub size: u64,
    /// Whether the excerpt is less than the whole.
    pub truncated: bool,
    /// Masked text; empty where the body is not understood.
    pub excerpt: Inert,
    /// What was masked, and where.
    pub masked: Vec<Masked>,
    /// What a policy lets stay although it looks as if it should be masked, and where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Masked>,
    /// The masking in numbers; filters of others may not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masking: Option<Masking>,
}

/// The masking in numbers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Masking {
    /// The set of detectors, by the name that the filter's build gives it.
    pub detectors: Inert,
    /// How many values of each kind were masked.
    pub counts: Vec<Counted>,
    /// Bytes of headers, path, query and body that were looked at.
    pub seen: u64,
    /// Bytes of those that no reading was found for; they are shown by size and type only.
    pub not_understood: u64,
    /// What a second look still found: zero, or the service has masked it again and raised an alarm.
    pub residual: u64,
}

/// How many values of one kind.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Counted {
    /// The kind, in words.
    pub kind: Inert,
    /// How many.
    pub count: u64,
}

/// One masked place.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Masked {
    /// Where.
    pub path: Inert,
    /// Which detector found it.
    pub detector: Inert,
    /// The same in words.
    pub words: Inert,
    /// How many values were masked there.
    pub count: u64,
}

/// Where data comes from and goes to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Lineage {
    /// `policy`, `resolver` or `claimed`; what is claimed is the agent's word and not verified.
    pub source: Inert,
    /// Read.
    pub inputs: Vec<Inert>,
    /// Written.
    pub outputs: Vec<Inert>,
    /// The run this belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Inert>,
}
