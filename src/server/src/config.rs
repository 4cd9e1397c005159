//! The service's configuration: what was typed, and what it means.

use std::net::SocketAddr;

use crate::service::StartError;

/// A configuration that was checked.
#[derive(Debug)]
pub struct Config;

/// Whether the local login of `--dev` is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Two local reviewers log in on loopback without a password.
    Dev,
    /// An identity provider says who is who.
    Production,
}

impl Config {
    /// `--dev` without a file: issuer `http://ADDRESS`, one client, reviewers bob and carol.
    pub fn dev(_listen: SocketAddr) -> Self {
        Self
    }

    /// Reads and checks a `server.yaml`.
    pub fn read(_yaml: &str, _listen: SocketAddr, _mode: Mode) -> Result<Self, StartError> {
        Ok(Self)
    }

    /// The issuer of grants.
    pub fn issuer(&self) -> &str {
        ""
    }
}
