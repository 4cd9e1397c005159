//! Catalog documents, as operators write them too. STAND-IN: `countersign_core::catalog` replaces this file.

use countersign_core::action::Class;
use serde::{Deserialize, Serialize};

/// The operations of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceDoc {
    pub(crate) service: String,
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    #[serde(default)]
    pub(crate) anywhere: bool,
    pub(crate) operations: Vec<OperationDoc>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationDoc {
    pub(crate) on: String,
    pub(crate) name: String,
    pub(crate) class: Class,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) access: Option<Access>,
    #[serde(default)]
    pub(crate) reversible: Reversible,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) arguments: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<Source>,
}

/// How the source of a catalog words the access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Access {
    Read,
    List,
    Write,
    Tagging,
    Permissions,
}

/// Whether it can be undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reversible {
    Yes,
    No,
    #[default]
    Unknown,
}

/// Where the judgement of the class comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    AccessLevel,
    Permission,
    Scope,
    Verb,
    Name,
    Curated,
}

/// The packed form.
pub(crate) fn pack(docs: &[ServiceDoc]) -> Vec<u8> {
    serde_json::to_vec(docs).unwrap_or_default()
}
