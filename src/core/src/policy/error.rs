//! Why a document is no policy.

use std::fmt;

/// A place in a document, from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member by name.
    Member(String),
    /// An item by number, from 0.
    Item(usize),
}

impl From<&str> for Step {
    fn from(name: &str) -> Self {
        Self::Member(name.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Item(index)
    }
}

/// What is wrong, in one sentence that names the rule, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The rule it is about.
    pub rule: Option<String>,
    /// Where it stands.
    pub at: Vec<Step>,
    /// What is wrong.
    pub sentence: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Some(rule) => write!(f, "rule `{rule}`: {}", self.sentence),
            None => f.write_str(&self.sentence),
        }
    }
}

impl std::error::Error for PolicyError {}
