//! `secrets:` and `vault:` of `server.yaml` as they are typed.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::config::document::{SecretFrom, Span};

/// Where a secret is: exactly one of `file`, `kubernetes`, `env` and `vault`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretAt {
    /// In this file, readable by its owner only.
    pub file: Option<String>,
    /// In this file of a mounted Kubernetes secret.
    pub kubernetes: Option<String>,
    /// In this environment variable.
    pub env: Option<String>,
    /// In this field in Vault.
    pub vault: Option<VaultField>,
    /// The filters that may have it; every one where nothing is written.
    pub clients: Option<BTreeSet<String>>,
    /// The authorities that it may be sent to, whatever the filters' policies say.
    pub authorities: Option<BTreeSet<String>>,
}

/// A field in Vault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultField {
    /// The path of the secret, without mount and `data`.
    pub path: String,
    /// The field in it.
    pub field: String,
}

/// HashiCorp Vault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultAt {
    /// Its address, such as `https://vault.example.com:8200`.
    pub address: String,
    /// Where the token is; a file is read anew each time, so that an agent may renew it.
    pub token: SecretFrom,
    /// The namespace.
    pub namespace: Option<String>,
    /// Where the key-value engine is mounted: `secret` where nothing is written.
    pub mount: Option<String>,
    /// The engine's version, 1 or 2: 2 where nothing is written.
    pub version: Option<u8>,
    /// How long one read may take: 3 seconds where nothing is written.
    pub timeout: Option<Span>,
    /// A PEM file with the authorities that sign its certificate; Mozilla's where nothing is written.
    pub ca: Option<String>,
}
