//! The kinds of privileged action, in order of strictness.

use serde::{Deserialize, Serialize};

/// The kind of an action. The order is the order of strictness, least first: of two readings the greater one counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Reads, and changes nothing.
    #[default]
    ReadOnly,
    /// Writes data.
    DataWrite,
    /// Sends a message, or money, to somebody.
    Communication,
    /// Trains, deploys or changes a model.
    ModelChange,
    /// Changes code or publishes it.
    CodeChange,
    /// Changes machines, networks, configuration.
    InfraChange,
    /// Changes the shape of data.
    SchemaChange,
    /// Deletes data.
    DataDelete,
    /// Takes data out in bulk.
    DataExport,
    /// Reads, makes or changes a secret.
    CredentialAccess,
    /// Changes who may do what.
    PrivilegeChange,
}

impl Class {
    /// Every class, least strict first.
    pub const ALL: [Self; 11] = [
        Self::ReadOnly,
        Self::DataWrite,
        Self::Communication,
        Self::ModelChange,
        Self::CodeChange,
        Self::InfraChange,
        Self::SchemaChange,
        Self::DataDelete,
        Self::DataExport,
        Self::CredentialAccess,
        Self::PrivilegeChange,
    ];

    /// The word in documents, tasks and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::DataWrite => "data_write",
            Self::Communication => "communication",
            Self::ModelChange => "model_change",
            Self::CodeChange => "code_change",
            Self::InfraChange => "infra_change",
            Self::SchemaChange => "schema_change",
            Self::DataDelete => "data_delete",
            Self::DataExport => "data_export",
            Self::CredentialAccess => "credential_access",
            Self::PrivilegeChange => "privilege_change",
        }
    }
}
