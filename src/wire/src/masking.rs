//! Proof of masking: what goes with the task, the grant and the record, so that each tells what a reviewer could see.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the masking of one request was, in numbers. It never holds a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Masking {
    /// The set of detectors, by the name that the filter's build gives it.
    pub detectors: String,
    /// How many values of each kind were masked: `{"email": 3}`.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// Bytes of headers, path, query and body that were looked at.
    pub seen: u64,
    /// Bytes of those that no reading was found for; they are shown by size and type only.
    pub not_understood: u64,
    /// What a second look at the masked text still found. Anything but zero is a fault.
    pub residual: u64,
    /// How much of the body the reviewer is shown.
    pub shown: Extent,
}

impl Masking {
    /// Whether this is the proof of the same request: all of it but how many bytes were looked at, since an identical retry may
    /// come with other headers that no approval binds.
    pub fn agrees(&self, other: &Self) -> bool {
        Self { seen: 0, ..self.clone() } == Self { seen: 0, ..other.clone() }
    }

    /// Whether a reviewer is shown all of it, masked where needed.
    pub fn is_complete(&self) -> bool {
        self.shown == Extent::All && self.not_understood == 0 && self.residual == 0
    }
}

/// How much of a body is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it.
    All,
    /// The beginning.
    Beginning,
    /// Its size and type.
    Nothing,
}
