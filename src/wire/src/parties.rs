//! Who and what a task is about, in the shapes of AuthZEN: subject, resource, action, and the chain of actors.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A subject or a resource: what is bound of it is its type and id, `properties` are for the reviewer only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// What kind of thing it is, such as `workload` or `dataset`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name, at most 512 characters.
    pub id: String,
    /// Descriptive members; never bound.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
}

impl Entity {
    /// An entity without properties.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into(), properties: Map::new() }
    }

    /// The same entity as it is bound: without properties.
    #[must_use]
    pub fn bound(&self) -> Self {
        Self::new(self.kind.clone(), self.id.clone())
    }
}

/// The action: what is bound of it is its name, the class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionName {
    /// The class of the action, such as `data_export`.
    pub name: String,
    /// Descriptive members; never bound.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
}

impl ActionName {
    /// An action without properties.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), properties: Map::new() }
    }

    /// The same action as it is bound: without properties.
    #[must_use]
    pub fn bound(&self) -> Self {
        Self::new(self.name.clone())
    }
}

/// The agent that acts, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The agent's name.
    pub id: String,
    /// What it is, such as `ai_agent`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The human or service it acts for, and for whom that one acts, and so on (RFC 8693 section 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// Who owns the agent: an extension member, absent where no source says. They ask as much as the agent does.
    #[serde(rename = "urn:countersign:owners", default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Act>,
    /// Who started the run this call belongs to: an extension member, absent where no source says. They ask, too.
    #[serde(rename = "urn:countersign:triggered_by", default, skip_serializing_if = "Vec::is_empty")]
    pub triggered_by: Vec<Act>,
}

/// One hop of the chain of those for whom an agent acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Who, as the issuer names them.
    pub sub: String,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// For whom that one acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Act>>,
}

impl Actor {
    /// Every hop of the act chain, nearest first.
    pub fn chain(&self) -> impl Iterator<Item = &Act> {
        std::iter::successors(self.act.as_ref(), |act| act.act.as_deref())
    }
}

/// Which rule of which policy asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRef {
    /// The policy's name.
    pub id: String,
    /// The rule's name.
    pub rule: String,
    /// The commit the policy was loaded from: 40 or 64 hexadecimal digits.
    pub commit: String,
    /// Digest of the compiled rule: editing the rule voids its outstanding approvals.
    pub rule_digest: String,
    /// Digest of the whole document.
    pub digest: String,
    /// Where the policy can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo_url: Option<String>,
    /// Who wrote the policy, by name or address; sent where the rule keeps them from reviewing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
}
