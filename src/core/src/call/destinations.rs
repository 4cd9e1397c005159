//! The scheme of each destination: configuration, never the agent's `:scheme`.

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

use super::authority::{Authority, has_port};

/// How a destination is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    #[default]
    Https,
}

impl Scheme {
    /// `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port where none is written.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// The other one.
    fn other(self) -> Self {
        match self {
            Self::Http => Self::Https,
            Self::Https => Self::Http,
        }
    }
}

/// A host in the list of destinations that is no plain host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad destination `{0}`: not a host name or an IP address without a port")]
pub struct BadHost(pub String);

/// Which hosts are reached by which scheme.
#[derive(Clone, Debug, Default)]
pub struct Destinations {
    default: Scheme,
    exceptions: HashSet<String>,
}

impl Destinations {
    /// Every host is reached by `default`, these `exceptions` (hosts without a port) by the other scheme.
    ///
    /// # Errors
    /// [`BadHost`] for an exception that is no plain host.
    pub fn new<H: AsRef<str>>(
        default: Scheme,
        exceptions: impl IntoIterator<Item = H>,
    ) -> Result<Self, BadHost> {
        let plain = Self { default, exceptions: HashSet::new() };
        let mut read = HashSet::new();
        for host in exceptions {
            let host = host.as_ref();
            match Authority::read(host, &plain) {
                (authority, _, None) if !has_port(host) => {
                    read.insert(authority.host().to_owned());
                }
                _ => return Err(BadHost(host.to_owned())),
            }
        }
        Ok(Self { default, exceptions: read })
    }

    /// The scheme of a host in its matching form (lower case, no port).
    pub fn scheme_of(&self, host: &str) -> Scheme {
        if !self.exceptions.is_empty() && self.exceptions.contains(host) {
            self.default.other()
        } else {
            self.default
        }
    }
}
